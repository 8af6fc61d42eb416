package transport

import (
	"net"
	"net/netip"
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

// Conn is a UDP socket that is read in batches. One goroutine reads; any may write.
type Conn struct {
	*net.UDPConn
	raw syscall.RawConn
	// Static after construction.
	arrivals *Arrivals // nil when nobody wants to know
	gso      bool
	onBatch  func() // told when the media of a batch was handed out; may be nil
	claims   claims

	// Owned by the reading goroutine.
	msgs [batch]mmsghdr
	iovs [batch]unix.Iovec
	from [batch]unix.RawSockaddrInet6
	bufs [batch][datagram]byte
	oobs [batch][controlSize]byte // aligned: what is before it has a size that 8 divides
	at   [batch]int64             // when each datagram reached the machine, since the epoch
	left [batch]int               // datagrams that nobody claimed
	n, i int                      // of left
}

// Listen opens a socket with large buffers. Arrival times are noted in arrivals, which may be nil; onBatch is called after
// each batch that was read, and may be nil.
func Listen(addr netip.AddrPort, arrivals *Arrivals, onBatch func()) (*Conn, error) {
	u, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	raw, err := u.SyscallConn()
	if err != nil {
		_ = u.Close()
		return nil, err
	}
	gso := false
	_ = raw.Control(func(fd uintptr) {
		enlarge(int(fd))
		gso = probeGSO(int(fd))
		if arrivals != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
		}
	})
	c := &Conn{UDPConn: u, raw: raw, arrivals: arrivals, gso: gso, onBatch: onBatch}
	for i := range c.msgs {
		c.iovs[i].Base = &c.bufs[i][0]
		c.iovs[i].SetLen(datagram)
		h := &c.msgs[i].hdr
		h.Iov = &c.iovs[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&c.from[i]))
	}
	return c, nil
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

// ReadFromAddrPort returns the next datagram that nobody claimed, reading a new batch when there is none.
func (c *Conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	for c.i == c.n {
		if err := c.fill(); err != nil {
			return 0, netip.AddrPort{}, err
		}
	}
	i := c.left[c.i]
	c.i++
	return copy(b, c.bufs[i][:c.msgs[i].n]), sender(&c.from[i]), nil
}

// sort hands claimed media out and keeps the rest of a batch of n.
func (c *Conn) sort(n int) {
	c.n, c.i = 0, 0
	for i := range n {
		b := c.bufs[i][:c.msgs[i].n]
		if isMedia(b) {
			if r := c.claims.of(sender(&c.from[i])); r != nil && r.ReceiveRTP(b, c.at[i]) {
				continue
			}
		}
		c.left[c.n] = i
		c.n++
	}
	if c.onBatch != nil {
		c.onBatch()
	}
}

func (c *Conn) fill() error {
	for i := range c.msgs {
		h := &c.msgs[i].hdr
		h.Namelen = sockaddrSz
		if c.arrivals != nil {
			h.Control = &c.oobs[i][0]
			h.SetControllen(controlSize)
		}
	}
	var n uintptr
	var errno syscall.Errno
	err := c.raw.Read(func(fd uintptr) bool {
		n, _, errno = unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&c.msgs[0])), batch, unix.MSG_DONTWAIT, 0, 0)
		return errno != unix.EAGAIN
	})
	switch {
	case err != nil:
		return err
	case errno == unix.EINTR, errno == unix.ECONNREFUSED:
		return nil
	case errno != 0:
		return errno
	}
	if c.arrivals != nil {
		c.noteArrivals(int(n))
	}
	c.sort(int(n))
	return nil
}

// noteArrivals takes down when each packet of the batch reached the machine.
func (c *Conn) noteArrivals(n int) {
	now := time.Now()
	at := int64(now.Sub(c.arrivals.epoch))
	for i := range n {
		var ago time.Duration
		h := (*unix.Cmsghdr)(unsafe.Pointer(&c.oobs[i][0]))
		if c.msgs[i].hdr.Controllen >= controlSize && h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS {
			ts := (*unix.Timespec)(unsafe.Pointer(&c.oobs[i][unix.SizeofCmsghdr]))
			ago = time.Duration(now.UnixNano() - ts.Nano())
		}
		if ago < 0 || ago > maxAge {
			ago = 0
		}
		c.at[i] = at - int64(ago)
		c.arrivals.note(c.bufs[i][:c.msgs[i].n], at, ago)
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

// ReadFrom is ReadFromAddrPort with a net.Addr.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, a, err := c.ReadFromAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(a), nil
}

// WriteToAddrPort sends one datagram.
func (c *Conn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return c.UDPConn.WriteToUDPAddrPort(b, to)
}
