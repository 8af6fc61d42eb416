package transport

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Bounds of ICE-TCP connections. Anybody can open them without showing who he is, and they share their file descriptors
// with the rest of the server; an office behind one address needs two for each participant.
const (
	maxTCPConns        = 8000
	maxTCPConnsPerHost = 1000
)

// firstBindTimeout is how long a TCP connection may take to send its first binding request, which browsers do at once.
const firstBindTimeout = 5 * time.Second

// Pauses after an accept that failed for now, as net/http makes them.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = time.Second
)

// guarded is the listener of ICE-TCP. It goes on after errors that pass, where Pion's mux would end for good as soon as
// file descriptors run out, and closes connections beyond the bounds at once.
type guarded struct {
	// Static after construction.
	net.Listener
	onDrop func()

	// Guarded by mu.
	mu     sync.Mutex
	total  int
	byHost map[netip.Addr]int
	open   map[netip.AddrPort]*Stream
}

func guard(l net.Listener, onDrop func()) *guarded {
	return &guarded{Listener: l, onDrop: onDrop, byHost: map[netip.Addr]int{}, open: map[netip.AddrPort]*Stream{}}
}

// Accept returns an error only when the listener is closed.
func (g *guarded) Accept() (net.Conn, error) {
	pause := firstPause
	for {
		c, err := g.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil, err
		case err != nil:
			time.Sleep(pause)
			pause = min(2*pause, maxPause)
			continue
		}
		if s := g.take(c); s != nil {
			return s, nil
		}
		_ = c.Close()
	}
}

// take counts a connection in; nil when there are too many.
func (g *guarded) take(c net.Conn) *Stream {
	remote := remoteOf(c)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.total >= maxTCPConns || g.byHost[remote.Addr()] >= maxTCPConnsPerHost {
		return nil
	}
	g.total++
	g.byHost[remote.Addr()]++
	s := newStream(c)
	s.onDrop = g.onDrop
	s.release = sync.OnceFunc(func() { g.release(remote, s) })
	g.open[remote] = s
	return s
}

func (g *guarded) release(remote netip.AddrPort, s *Stream) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.byHost[remote.Addr()]--; g.byHost[remote.Addr()] == 0 {
		delete(g.byHost, remote.Addr())
	}
	if g.open[remote] == s {
		delete(g.open, remote)
	}
}

// from returns the open connection from an address, nil when there is none.
func (g *guarded) from(remote netip.AddrPort) *Stream {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.open[remote]
}

func remoteOf(c net.Conn) netip.AddrPort {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return netip.AddrPortFrom(a.AddrPort().Addr().Unmap(), a.AddrPort().Port())
	}
	return netip.AddrPort{}
}
