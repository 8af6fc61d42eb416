//go:build !linux

package transport

import (
	"net"
	"net/netip"
	"time"
)

// Conn is a UDP socket with large buffers.
type Conn struct {
	*net.UDPConn
	arrivals *Arrivals
	claims   claims
}

// Listen opens a socket. Arrival times are noted in arrivals, which may be nil. Claims have no effect.
func Listen(addr netip.AddrPort, arrivals *Arrivals, _ func()) (*Conn, error) {
	u, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	_ = u.SetReadBuffer(socketBuffer)
	_ = u.SetWriteBuffer(socketBuffer)
	return &Conn{UDPConn: u, arrivals: arrivals}, nil
}

// ReadFromAddrPort reads one datagram.
func (c *Conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := c.UDPConn.ReadFromUDPAddrPort(b)
	if err == nil && c.arrivals != nil {
		c.arrivals.note(b[:n], int64(time.Since(c.arrivals.epoch)), 0)
	}
	return n, from, err
}

// WriteToAddrPort sends one datagram.
func (c *Conn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return c.UDPConn.WriteToUDPAddrPort(b, to)
}
