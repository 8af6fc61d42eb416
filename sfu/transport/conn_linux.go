package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Sizes of a read batch.
const (
	batch      = 64
	datagram   = 2048
	sockaddrSz = unix.SizeofSockaddrInet6
	// controlSize holds one control message with a timestamp.
	controlSize = unix.SizeofCmsghdr + 16
	// maxAge bounds a timestamp that is believed: a step of the clock makes nonsense.
	maxAge = time.Second
)

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

// Conn is a UDP port: one socket or several, between which the kernel divides what comes by sender (SO_REUSEPORT). Each is
// read in batches by a goroutine of its own, which hands claimed media out; the rest waits for who reads the Conn.
type Conn struct {
	*net.UDPConn // the first socket
	rest

	// Static after construction.
	sockets  []*socket
	arrivals *Arrivals   // nil when nobody wants to know
	gso      atomic.Bool // the kernel and the network card cut datagrams up
	onBatch  func()      // told when the media of a batch was handed out; may be nil
	claims   claims
}

// socket is one of a Conn's. Its goroutine owns everything else.
type socket struct {
	conn *Conn
	udp  *net.UDPConn
	raw  syscall.RawConn

	msgs [batch]mmsghdr
	iovs [batch]unix.Iovec
	from [batch]unix.RawSockaddrInet6
	bufs [batch][datagram]byte
	oobs [batch][controlSize]byte // aligned: what is before it has a size that 8 divides
	at   [batch]int64             // when each datagram reached the machine, since the epoch
}

// Listen opens sockets with large buffers, and begins to read them. Arrival times are noted in arrivals, which may be nil;
// onBatch is called after each batch that was read, and may be nil.
func Listen(addr netip.AddrPort, sockets int, arrivals *Arrivals, onBatch func()) (*Conn, error) {
	c := &Conn{arrivals: arrivals, onBatch: onBatch, rest: newRest()}
	if addr.Port() != 0 && sockets > 1 {
		// Only who does not share the port is told that somebody else has it.
		probe, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
		if err != nil {
			return nil, err
		}
		_ = probe.Close()
	}
	for range sockets {
		s, err := c.open(addr, sockets > 1)
		if err != nil {
			_ = c.Close()
			return nil, err
		}
		if c.UDPConn == nil {
			c.UDPConn = s.udp
			addr = s.udp.LocalAddr().(*net.UDPAddr).AddrPort()
		}
		c.sockets = append(c.sockets, s)
	}
	for _, s := range c.sockets {
		c.done.Go(s.run)
	}
	return c, nil
}

func (c *Conn) open(addr netip.AddrPort, shared bool) (*socket, error) {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		if shared {
			err = errors.Join(raw.Control(func(fd uintptr) {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
			}), err)
		}
		return err
	}}
	p, err := config.ListenPacket(context.Background(), "udp", addr.String())
	if err != nil {
		return nil, err
	}
	s := &socket{conn: c, udp: p.(*net.UDPConn)}
	if s.raw, err = s.udp.SyscallConn(); err != nil {
		_ = s.udp.Close()
		return nil, err
	}
	_ = s.raw.Control(func(fd uintptr) {
		enlarge(int(fd))
		c.gso.Store(probeGSO(int(fd)))
		if c.arrivals != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
		}
	})
	for i := range s.msgs {
		s.iovs[i].Base = &s.bufs[i][0]
		s.iovs[i].SetLen(datagram)
		h := &s.msgs[i].hdr
		h.Iov = &s.iovs[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&s.from[i]))
	}
	return s, nil
}

// Close closes the sockets and waits for their goroutines. It is idempotent.
func (c *Conn) Close() error {
	c.end()
	var errs []error
	for _, s := range c.sockets {
		if err := s.udp.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	c.done.Wait()
	return errors.Join(errs...)
}

// run reads the socket until it is closed.
func (s *socket) run() {
	for {
		n, err := s.fill()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			time.Sleep(firstPause) // such as want of memory, which passes
		default:
			s.sort(n)
		}
	}
}

// sort hands claimed media and reports out and leaves the rest of a batch of n to who reads the Conn.
func (s *socket) sort(n int) {
	for i := range n {
		b, from := s.bufs[i][:s.msgs[i].n], sender(&s.from[i])
		if isSecured(b) && s.take(b, from, s.at[i]) {
			continue
		}
		s.conn.put(b, from)
	}
	if s.conn.onBatch != nil {
		s.conn.onBatch()
	}
}

// take hands media or a report to who claimed it, if he takes it.
func (s *socket) take(b []byte, from netip.AddrPort, at int64) bool {
	r := s.conn.claims.of(from)
	if isReport(b) {
		return r != nil && r.ReceiveRTCP(b)
	}
	if r != nil && r.ReceiveRTP(b, at) {
		return true
	}
	if s.conn.arrivals != nil {
		s.conn.arrivals.note(b, at)
	}
	return false
}

// enlarge sets the buffers beyond the system's limit where that is allowed, else up to it.
func enlarge(fd int) {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, socketBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, socketBuffer)
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, socketBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, socketBuffer)
	}
}

// fill reads a batch and returns its size. As in sendmmsg, the scheduler is not told of a system call that never waits.
func (s *socket) fill() (int, error) {
	for i := range s.msgs {
		h := &s.msgs[i].hdr
		h.Namelen = sockaddrSz
		if s.conn.arrivals != nil {
			h.Control = &s.oobs[i][0]
			h.SetControllen(controlSize)
		}
	}
	var n uintptr
	var errno syscall.Errno
	err := s.raw.Read(func(fd uintptr) bool {
		n, _, errno = unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&s.msgs[0])), batch, unix.MSG_DONTWAIT, 0, 0)
		return errno != unix.EAGAIN
	})
	switch {
	case err != nil:
		return 0, err
	case errno == unix.EINTR, errno == unix.ECONNREFUSED:
		return 0, nil
	case errno != 0:
		return 0, errno
	}
	if s.conn.arrivals != nil {
		s.timeArrivals(int(n))
	}
	return int(n), nil
}

// timeArrivals finds out when each packet of the batch reached the machine.
func (s *socket) timeArrivals(n int) {
	now := time.Now()
	at := int64(now.Sub(s.conn.arrivals.epoch))
	for i := range n {
		var ago time.Duration
		h := (*unix.Cmsghdr)(unsafe.Pointer(&s.oobs[i][0]))
		if s.msgs[i].hdr.Controllen >= controlSize && h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS {
			ts := (*unix.Timespec)(unsafe.Pointer(&s.oobs[i][unix.SizeofCmsghdr]))
			ago = time.Duration(now.UnixNano() - ts.Nano())
		}
		if ago < 0 || ago > maxAge {
			ago = 0
		}
		s.at[i] = at - int64(ago)
	}
}

func sender(a *unix.RawSockaddrInet6) netip.AddrPort {
	p := (*[2]byte)(unsafe.Pointer(&a.Port))
	port := uint16(p[0])<<8 | uint16(p[1])
	if a.Family == unix.AF_INET {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(a))
		return netip.AddrPortFrom(netip.AddrFrom4(v4.Addr), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), port)
}
