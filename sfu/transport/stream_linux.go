package transport

import (
	"net"

	"golang.org/x/sys/unix"
)

// keepShort lets the kernel take no more than a turn beyond what the link carries at the moment: what waits there cannot be
// overtaken.
func keepShort(c net.Conn) {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, turn)
	})
}
