//go:build !linux

package transport

import "net/netip"

// Destination is a remote address.
type Destination struct{ addr netip.AddrPort }

// NewDestination returns an address for sending from a socket of the same family.
func NewDestination(a netip.AddrPort) *Destination { return &Destination{addr: a} }

// Slab collects datagrams until Flush sends them. It is owned by one goroutine.
type Slab struct {
	conn *Conn
	list []datagramTo
}

type datagramTo struct {
	b  []byte
	to *Destination
}

// NewSlab returns an empty slab that sends from c.
func NewSlab(c *Conn, _ int) *Slab { return &Slab{conn: c} }

// Alloc returns room for a datagram of exactly n bytes that leaves with the next Flush.
func (s *Slab) Alloc(to *Destination, n int) []byte {
	b := make([]byte, n)
	s.list = append(s.list, datagramTo{b, to})
	return b
}

// Send sends one datagram; false when the kernel refuses it.
func (c *Conn) Send(b []byte, to *Destination) bool {
	_, err := c.UDPConn.WriteToUDPAddrPort(b, to.addr)
	return err == nil
}

// Flush sends what was collected and returns how many datagrams the kernel refused.
func (s *Slab) Flush() (failed int) {
	for _, d := range s.list {
		if _, err := s.conn.UDPConn.WriteToUDPAddrPort(d.b, d.to.addr); err != nil {
			failed++
		}
	}
	clear(s.list)
	s.list = s.list[:0]
	return failed
}
