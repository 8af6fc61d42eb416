package transport

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Sizes of a slab.
const (
	slabSize     = 256 << 10
	slabMessages = 256
	// maxSegments and maxMessage bound one message that the kernel cuts up (UDP_MAX_SEGMENTS, the length field of IP).
	maxSegments = 64
	maxMessage  = 64_000
	// sendBatch is how many messages one system call takes, which the scheduler does not know of.
	sendBatch = 32
	// maxStall is how many milliseconds a flush waits for room in the socket. What waits there may be for one destination
	// whose address is not resolved, and what is behind it for all others.
	maxStall = 20
	// segmentControl is the size of the control message with a segment size.
	segmentControl = unix.SizeofCmsghdr + 8
)

// Destination is a remote address as the kernel wants it.
type Destination struct {
	name    unix.RawSockaddrInet6
	nameLen uint32
	addr    netip.AddrPort
}

// NewDestination returns an address for sending from a socket of the same family.
func NewDestination(a netip.AddrPort) *Destination {
	d := &Destination{addr: netip.AddrPortFrom(a.Addr().Unmap(), a.Port())}
	port := [2]byte{byte(a.Port() >> 8), byte(a.Port())}
	if ip := d.addr.Addr(); ip.Is4() {
		v4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&d.name))
		v4.Family, v4.Addr = unix.AF_INET, ip.As4()
		*(*[2]byte)(unsafe.Pointer(&v4.Port)) = port
		d.nameLen = unix.SizeofSockaddrInet4
	} else {
		d.name.Family, d.name.Addr = unix.AF_INET6, ip.As16()
		*(*[2]byte)(unsafe.Pointer(&d.name.Port)) = port
		d.nameLen = unix.SizeofSockaddrInet6
	}
	return d
}

// Slab collects datagrams and sends them with few system calls: those of equal size that follow each other to one
// destination leave as one message, which the kernel cuts up (UDP_SEGMENT, where it can). It is owned by one goroutine.
type Slab struct {
	conn *Conn
	via  *socket
	buf  []byte
	used int

	// The message that is being filled: n is its place.
	n        int
	to       *Destination
	segment  int // bytes of its datagrams
	segments int
	size     int
	shut     bool // the last datagram was shorter: the kernel allows no further one

	iovs     [slabMessages]unix.Iovec
	messages [slabMessages]mmsghdr
	controls [slabMessages][segmentControl]byte
	sizes    [slabMessages]int

	// failed counts datagrams that the kernel refused since Flush last told.
	failed int
}

// NewSlab returns an empty slab that sends from c, by a socket that slabs of other numbers use less.
func NewSlab(c *Conn, number int) *Slab {
	s := &Slab{conn: c, via: c.sockets[number%len(c.sockets)], buf: make([]byte, slabSize)}
	for i := range s.controls {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&s.controls[i][0]))
		h.Level, h.Type = unix.SOL_UDP, unix.UDP_SEGMENT
		h.SetLen(unix.CmsgLen(2))
	}
	return s
}

// Alloc returns room for a datagram of exactly n bytes, that leaves with the next Flush. What was
// collected leaves at once when there is no more room.
func (s *Slab) Alloc(to *Destination, n int) []byte {
	if s.to == to && !s.shut && n <= s.segment && s.segments < s.conn.segments() && s.size+n <= maxMessage && s.used+n <= len(s.buf) {
		s.shut = n < s.segment
		s.segments++
	} else {
		s.end()
		if s.n == slabMessages || s.used+n > len(s.buf) {
			s.send()
		}
		s.to, s.segment, s.segments, s.shut, s.size = to, n, 1, false, 0
		s.iovs[s.n].Base = &s.buf[s.used]
	}
	b := s.buf[s.used : s.used+n : s.used+n]
	s.used += n
	s.size += n
	return b
}

// end completes the message that is being filled.
func (s *Slab) end() {
	if s.to == nil {
		return
	}
	s.iovs[s.n].SetLen(s.size)
	h := &s.messages[s.n].hdr
	h.Iov = &s.iovs[s.n]
	h.SetIovlen(1)
	h.Name = (*byte)(unsafe.Pointer(&s.to.name))
	h.Namelen = s.to.nameLen
	s.sizes[s.n] = s.segment
	if s.segments > 1 {
		binary.NativeEndian.PutUint16(s.controls[s.n][unix.SizeofCmsghdr:], uint16(s.segment))
		h.Control = &s.controls[s.n][0]
		h.SetControllen(segmentControl)
	} else {
		h.Control = nil
		h.SetControllen(0)
	}
	s.n++
	s.to = nil
}

// Flush sends what was collected and returns how many datagrams since the last Flush the kernel refused.
func (s *Slab) Flush() (failed int) {
	s.end()
	s.send()
	failed, s.failed = s.failed, 0
	return failed
}

func (s *Slab) send() {
	left := s.messages[:s.n]
	s.n, s.used = 0, 0
	for len(left) > 0 {
		sent, errno := s.via.sendmmsg(left[:min(len(left), sendBatch)])
		left = left[sent:]
		if errno == 0 || len(left) == 0 {
			continue
		}
		if errno == unix.EAGAIN {
			s.lose(left)
			return
		}
		if left[0].hdr.Controllen != 0 && (errno == unix.EINVAL || errno == unix.EMSGSIZE || errno == unix.EIO) {
			// The way to this destination, or the interface, does not take what is to be cut up.
			if errno == unix.EIO {
				s.conn.gso.Store(false) // the interface never will
			}
			s.sendSegments(&left[0])
		} else {
			s.lose(left[:1])
		}
		left = left[1:]
	}
}

// lose counts the datagrams of messages that do not leave.
func (s *Slab) lose(all []mmsghdr) {
	for i := range all {
		segment := s.sizes[s.place(&all[i])]
		s.failed += (int(all[i].hdr.Iov.Len) + segment - 1) / segment
	}
}

// place returns the number of a message.
func (s *Slab) place(m *mmsghdr) int {
	return int((uintptr(unsafe.Pointer(m)) - uintptr(unsafe.Pointer(&s.messages[0]))) / unsafe.Sizeof(*m))
}

// sendSegments sends the datagrams of a message one by one.
func (s *Slab) sendSegments(m *mmsghdr) {
	i := s.place(m)
	all := unsafe.Slice(m.hdr.Iov.Base, int(m.hdr.Iov.Len))
	for len(all) > 0 {
		n := min(s.sizes[i], len(all))
		var one [1]mmsghdr
		var iov unix.Iovec
		iov.Base = &all[0]
		iov.SetLen(n)
		one[0].hdr.Name, one[0].hdr.Namelen, one[0].hdr.Iov = m.hdr.Name, m.hdr.Namelen, &iov
		one[0].hdr.SetIovlen(1)
		_, errno := s.via.sendmmsg(one[:])
		if errno == unix.EAGAIN {
			s.failed += (len(all) + s.sizes[i] - 1) / s.sizes[i]
			return
		}
		if errno != 0 {
			s.failed++
		}
		all = all[n:]
	}
}

// segments returns how many datagrams one message may carry.
func (c *Conn) segments() int {
	if c.gso.Load() {
		return maxSegments
	}
	return 1
}

// sendmmsg sends messages and returns how many left; errno says why the next one did not, 0 when there is none. The
// scheduler is not told of the system call, which never waits: it would take the processor away from a thread that is in
// one for 20 µs and wake another thread for it, which costs more than the call. (With one core, 5 × 10: 11.8 and 5.9 µs a
// packet, p99 of the delay 3.2 and 0.3 ms.)
func (s *socket) sendmmsg(m []mmsghdr) (sent int, errno syscall.Errno) {
	stalled := false
	err := s.raw.Write(func(fd uintptr) bool {
		for {
			n, _, e := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&m[0])), uintptr(len(m)), unix.MSG_DONTWAIT, 0, 0)
			switch e {
			case 0:
				sent = int(n)
				return true
			case unix.EINTR:
			case unix.EAGAIN:
				if stalled || !writable(fd) {
					errno = e
					return true
				}
				stalled = true
			default:
				errno = e
				return true
			}
		}
	})
	if err != nil {
		return 0, unix.EBADF
	}
	return sent, errno
}

// Send sends one datagram at once; false when the kernel refuses it. It does not wait.
func (c *Conn) Send(b []byte, to *Destination) bool {
	sent := false
	err := c.sockets[0].raw.Write(func(fd uintptr) bool {
		_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_DONTWAIT,
			uintptr(unsafe.Pointer(&to.name)), uintptr(to.nameLen))
		sent = errno == 0
		return true
	})
	return err == nil && sent
}

// writable waits for room in a socket; false when there is none in time.
func writable(fd uintptr) bool {
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	n, err := unix.Poll(poll, maxStall)
	return n > 0 || err == unix.EINTR
}

// probeGSO tells whether the kernel cuts up datagrams (UDP_SEGMENT, Linux 4.18).
func probeGSO(fd int) bool {
	_, err := unix.GetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT)
	return err == nil
}
