//go:build unix

package whiteboard

import (
	"errors"
	"net"
	"syscall"
)

// tryWrite answers a function that writes what the socket takes without waiting, nil when there is none: a TLS connection
// must be asked to wait. An error is only about the connection, not about a full buffer.
func tryWrite(c net.Conn) func(b []byte) (n int, err error) {
	socket, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	return func(b []byte) (n int, err error) {
		failed := raw.Write(func(fd uintptr) bool {
			n, err = syscall.Write(int(fd), b)
			return true
		})
		if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
			n, err = 0, nil
		}
		return max(n, 0), errors.Join(failed, err)
	}
}
