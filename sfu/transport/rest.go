package transport

import (
	"net"
	"net/netip"
	"sync"
)

// maxRest bounds the datagrams that wait for Pion: connectivity checks, handshakes, first packets. More are dropped, as by a
// full socket.
const maxRest = 1024

// rest is what nobody claimed, on its way from the sockets' goroutines to the one that reads the Conn.
type rest struct {
	queue  chan *waiting
	spare  sync.Pool
	closed chan struct{}
	once   *sync.Once
	done   *sync.WaitGroup // the sockets' goroutines
}

// waiting is a datagram.
type waiting struct {
	b    [2048]byte
	n    int
	from netip.AddrPort
}

func newRest() rest {
	return rest{
		queue: make(chan *waiting, maxRest), closed: make(chan struct{}), once: new(sync.Once), done: new(sync.WaitGroup),
	}
}

// put queues a copy of a datagram, if there is room.
func (r *rest) put(b []byte, from netip.AddrPort) {
	w, _ := r.spare.Get().(*waiting)
	if w == nil {
		w = new(waiting)
	}
	w.n, w.from = copy(w.b[:], b), from
	select {
	case r.queue <- w:
	default:
		r.spare.Put(w)
	}
}

func (r *rest) end() { r.once.Do(func() { close(r.closed) }) }

// ReadFromAddrPort returns the next datagram that nobody claimed, net.ErrClosed when the Conn is closed.
func (c *Conn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case w := <-c.queue:
		n, from := copy(b, w.b[:w.n]), w.from
		c.spare.Put(w)
		return n, from, nil
	case <-c.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

// ReadFrom is ReadFromAddrPort with a net.Addr.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, a, err := c.ReadFromAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(a), nil
}

// WriteToAddrPort sends one datagram, unless who claimed the address gathers it.
func (c *Conn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if isMedia(b) {
		if r := c.claims.of(netip.AddrPortFrom(to.Addr().Unmap(), to.Port())); r != nil && r.GatherRTP(b) {
			return len(b), nil
		}
	}
	return c.UDPConn.WriteToUDPAddrPort(b, to)
}
