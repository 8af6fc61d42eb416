package whiteboard

import (
	"errors"
	"io"
	"net"
	"syscall"
	"unsafe"
)

// socket is a connection that is read and written by system calls which the Go runtime does not notice. Of others it is told
// in case that they block; then its monitor thread looks every 20 µs whether they do, which was a quarter of the processor
// time of a board of 50. Those of a socket never block: where there is nothing to be done, its owner waits for the poller.
type socket struct {
	net.Conn
	raw syscall.RawConn

	in  transfer // the reader's
	out transfer // of who may write
}

// newSocket answers the connection itself when it is no plain socket, as one with TLS.
func newSocket(c net.Conn) net.Conn {
	plain, ok := c.(syscall.Conn)
	if !ok {
		return c
	}
	raw, err := plain.SyscallConn()
	if err != nil {
		return c
	}
	s := &socket{Conn: c, raw: raw}
	s.in.call, s.out.call = s.in.read, s.out.write
	return s
}

// Read implements net.Conn.
func (s *socket) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	s.in.b = b
	err := s.raw.Read(s.in.call)
	s.in.b = nil
	if err != nil {
		return 0, err
	}
	if s.in.n == 0 && s.in.err == nil {
		return 0, io.EOF
	}
	return s.in.n, s.in.err
}

func (s *socket) tryWrite(b []byte) (int, error) {
	s.out.b = b
	err := s.raw.Write(s.out.call)
	s.out.b = nil
	if err != nil {
		return 0, err
	}
	if errors.Is(s.out.err, syscall.EAGAIN) {
		return 0, nil
	}
	return s.out.n, s.out.err
}

// transfer is a read or a write: its bytes and what became of it.
type transfer struct {
	call func(fd uintptr) (done bool) // static; made once, because a function is memory as well
	b    []byte
	n    int
	err  error
}

// read waits for bytes.
func (t *transfer) read(fd uintptr) bool {
	t.run(syscall.SYS_READ, fd)
	return t.err != syscall.EAGAIN
}

// write does not wait for room.
func (t *transfer) write(fd uintptr) bool {
	t.run(syscall.SYS_WRITE, fd)
	return true
}

func (t *transfer) run(number, fd uintptr) {
	var n uintptr
	errno := syscall.EINTR
	for errno == syscall.EINTR {
		n, _, errno = syscall.RawSyscall(number, fd, uintptr(unsafe.Pointer(unsafe.SliceData(t.b))), uintptr(len(t.b)))
	}
	t.n, t.err = int(n), nil
	if errno != 0 {
		t.n, t.err = 0, errno
	}
}
