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
	net.Listener // static

	mu     sync.Mutex
	total  int                // guarded by mu
	byHost map[netip.Addr]int // guarded by mu
}

func guard(l net.Listener) *guarded {
	return &guarded{Listener: l, byHost: map[netip.Addr]int{}}
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
		host := hostOf(c)
		if g.take(host) {
			return &counted{Conn: c, release: sync.OnceFunc(func() { g.release(host) })}, nil
		}
		_ = c.Close()
	}
}

func hostOf(c net.Conn) netip.Addr {
	if a, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

func (g *guarded) take(host netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.total >= maxTCPConns || g.byHost[host] >= maxTCPConnsPerHost {
		return false
	}
	g.total++
	g.byHost[host]++
	return true
}

func (g *guarded) release(host netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.byHost[host]--; g.byHost[host] == 0 {
		delete(g.byHost, host)
	}
}

// counted gives its place back when it is closed.
type counted struct {
	net.Conn
	release func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	c.release()
	return c.Conn.Close()
}
