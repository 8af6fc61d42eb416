package main

import (
	"encoding/binary"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Bounds of what is sent with one system call.
const (
	slabSize    = 256 << 10
	slabMsgs    = 64
	maxSegments = 64
	maxMessage  = 64000
	segmentOOB  = 24 // a control message with UDP_SEGMENT
)

// slab collects datagrams and sends them with sendmmsg(2); runs of equal size to one address are one message that the kernel
// cuts up (UDP_SEGMENT).
type slab struct {
	fd   int
	used int
	n    int // messages

	to       *unix.RawSockaddrInet4 // of the message that is being collected, nil when there is none
	segment  int
	segments int
	size     int
	short    bool // its last segment is shorter, so that no more can follow

	buf  [slabSize]byte
	msgs [slabMsgs]mmsghdr
	iovs [slabMsgs]unix.Iovec
	oobs [slabMsgs][segmentOOB]byte
}

func newSlab(fd int) *slab {
	s := &slab{fd: fd}
	for i := range s.msgs {
		oob := (*unix.Cmsghdr)(unsafe.Pointer(&s.oobs[i][0]))
		oob.Level, oob.Type = unix.SOL_UDP, unix.UDP_SEGMENT
		oob.SetLen(unix.CmsgLen(2))
		s.msgs[i].hdr.Iov = &s.iovs[i]
		s.msgs[i].hdr.SetIovlen(1)
		s.msgs[i].hdr.Namelen = unix.SizeofSockaddrInet4
	}
	return s
}

// sockaddr returns an address as the kernel wants it.
func sockaddr(a netip.AddrPort) *unix.RawSockaddrInet4 {
	r := &unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: a.Addr().As4()}
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&r.Port))[:], a.Port())
	return r
}

// room returns room for a datagram of n bytes.
func (s *slab) room(to *unix.RawSockaddrInet4, n int) ([]byte, error) {
	fits := s.to == to && !s.short && n <= s.segment && s.segments < maxSegments && s.size+n <= maxMessage && s.used+n <= slabSize
	if !fits {
		s.finish()
		if s.n == slabMsgs || s.used+n > slabSize {
			if err := s.flush(); err != nil {
				return nil, err
			}
		}
		s.to, s.segment, s.segments, s.size, s.short = to, n, 0, 0, false
		s.iovs[s.n].Base = &s.buf[s.used]
	}
	s.short = n < s.segment
	s.segments++
	s.size += n
	b := s.buf[s.used : s.used+n : s.used+n]
	s.used += n
	return b, nil
}

// finish ends the message that is being collected.
func (s *slab) finish() {
	if s.to == nil {
		return
	}
	h := &s.msgs[s.n].hdr
	h.Name = (*byte)(unsafe.Pointer(s.to))
	s.iovs[s.n].SetLen(s.size)
	h.Control = nil
	h.SetControllen(0)
	if s.segments > 1 {
		binary.NativeEndian.PutUint16(s.oobs[s.n][unix.SizeofCmsghdr:], uint16(s.segment))
		h.Control = &s.oobs[s.n][0]
		h.SetControllen(segmentOOB)
	}
	s.n++
	s.to = nil
}

// flush sends everything. The scheduler is not told of the system calls, as the server does not tell its own.
func (s *slab) flush() error {
	s.finish()
	left := s.msgs[:s.n]
	s.n, s.used = 0, 0
	for len(left) > 0 {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&left[0])), uintptr(len(left)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			left = left[n:]
		case unix.EAGAIN, unix.EINTR:
		default:
			return os.NewSyscallError("sendmmsg", errno)
		}
	}
	return nil
}
