package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	socketBuffer = 4 << 20
	// sendRetries bounds how often a full socket is tried again.
	sendRetries = 1000
)

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

// socket is a UDP socket on loopback that Go's poller does not know: nothing sleeps on it, so that the sender does not pay
// for waking anybody.
type socket struct {
	fd    int
	local netip.AddrPort
}

func newSocket() (*socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	s := &socket{fd: fd}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, socketBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, socketBuffer)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		s.close()
		return nil, os.NewSyscallError("bind", err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		s.close()
		return nil, os.NewSyscallError("getsockname", err)
	}
	s.local = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*unix.SockaddrInet4).Port))
	return s, nil
}

// connect makes the socket take packets from that address alone and send there.
func (s *socket) connect(to netip.AddrPort) error {
	if !to.Addr().Is4() {
		return fmt.Errorf("%v is no IPv4 address", to)
	}
	return os.NewSyscallError("connect", unix.Connect(s.fd, &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}))
}

func (s *socket) close() { _ = unix.Close(s.fd) }

// send sends one datagram.
func (s *socket) send(b []byte) error {
	var err error
	for range sendRetries {
		if _, err = unix.Write(s.fd, b); err != unix.EAGAIN && err != unix.EINTR {
			break
		}
	}
	return err
}

// dropped returns how many datagrams the kernel threw away because nobody fetched them.
func (s *socket) dropped() (int, error) {
	const drops = 8 // SK_MEMINFO_DROPS
	var info [drops + 1]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(s.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, os.NewSyscallError("getsockopt", errno)
	}
	return int(info[drops]), nil
}

// outbox sends several datagrams of one socket at once.
type outbox struct {
	msgs []mmsghdr
	iovs []unix.Iovec
}

// send sends the packets back to back with one system call.
func (o *outbox) send(s *socket, packets [][]byte) error {
	for len(o.msgs) < len(packets) {
		o.msgs, o.iovs = append(o.msgs, mmsghdr{}), append(o.iovs, unix.Iovec{})
	}
	for i, p := range packets {
		o.iovs[i].Base = &p[0]
		o.iovs[i].SetLen(len(p))
		o.msgs[i].hdr.Iov = &o.iovs[i]
		o.msgs[i].hdr.SetIovlen(1)
	}
	left := o.msgs[:len(packets)]
	for range sendRetries {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&left[0])), uintptr(len(left)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			if left = left[n:]; len(left) == 0 {
				return nil
			}
		case unix.EAGAIN, unix.EINTR:
		default:
			return os.NewSyscallError("sendmmsg", errno)
		}
	}
	return os.NewSyscallError("sendmmsg", syscall.EAGAIN)
}

func udpAddr(a netip.AddrPort) *net.UDPAddr { return net.UDPAddrFromAddrPort(a) }
