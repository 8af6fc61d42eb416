package sfu

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
	"github.com/pion/transport/v4"
	"github.com/pion/transport/v4/stdnet"
	"github.com/pion/webrtc/v4"
)

// fate is what becomes of a datagram on its way to a client.
type fate int

const (
	pass fate = iota
	drop
	twice
	later // after the next one
)

// gate is a client's network on this machine, whose UDP can be cut or damaged, and what its SRTP complains about.
type gate struct {
	*stdnet.Net
	cut     atomic.Bool
	receive atomic.Pointer[func(b []byte) fate]
	send    atomic.Pointer[func(b []byte) fate]
	in      atomic.Int64 // media datagrams that came, whatever became of them

	mu         sync.Mutex
	complaints []string
	reports    map[[3]uint64][]byte // SRTCP that came, by port, sender and index
}

func newGate(t testing.TB) *gate {
	t.Helper()
	n, err := stdnet.NewNet()
	must(t, err)
	return &gate{Net: n, reports: map[[3]uint64][]byte{}}
}

// damage says what becomes of media that comes in and goes out.
func (g *gate) damage(f func(b []byte) fate) {
	g.receive.Store(&f)
	g.send.Store(&f)
}

func isMedia(b []byte) bool { return len(b) >= 12 && b[0]>>6 == 2 && (b[1] < 192 || b[1] > 223) }

func isReport(b []byte) bool { return len(b) >= 28 && b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223 }

// noteReport complains when an index of SRTCP, which the nonce is made of, is used for two packets.
func (g *gate) noteReport(port int, b []byte) {
	key := [3]uint64{uint64(port), uint64(binary.BigEndian.Uint32(b[4:])), uint64(binary.BigEndian.Uint32(b[len(b)-4:]))}
	g.mu.Lock()
	defer g.mu.Unlock()
	if before, ok := g.reports[key]; ok && !bytes.Equal(before, b) {
		g.complaints = append(g.complaints, fmt.Sprintf("index %x of sender %d seals two reports", key[2], key[1]))
	}
	g.reports[key] = slices.Clone(b)
}

// reported returns how many reports came.
func (g *gate) reported() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.reports)
}

// refused returns what the client could not decrypt, and what came twice.
func (g *gate) refused() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.complaints)
}

// options makes a client behind the gate, over IPv4 on the loopback interface.
func (g *gate) options(types ...webrtc.NetworkType) clientOptions {
	return clientOptions{net: g, settings: func(se *webrtc.SettingEngine) {
		se.SetNetworkTypes(types)
		se.SetIncludeLoopbackCandidate(true)
		se.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() && ip.To4() != nil })
		se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
		se.LoggerFactory = g
	}}
}

// ListenUDP implements transport.Net.
func (g *gate) ListenUDP(network string, a *net.UDPAddr) (transport.UDPConn, error) {
	c, err := g.Net.ListenUDP(network, a)
	if err != nil {
		return nil, err
	}
	return &gatedConn{UDPConn: c, gate: g}, nil
}

// NewLogger implements logging.LoggerFactory.
func (g *gate) NewLogger(scope string) logging.LeveledLogger { return gateLog{gate: g, scope: scope} }

type gateLog struct {
	pionScope
	gate  *gate
	scope string
}

func (l gateLog) note(m string) {
	if l.scope != "srtp" || strings.Contains(m, "duplicated") { // the copies a network makes are refused as they should
		return
	}
	l.gate.mu.Lock()
	defer l.gate.mu.Unlock()
	l.gate.complaints = append(l.gate.complaints, m)
}

func (l gateLog) Info(m string)       { l.note(m) }
func (l gateLog) Warn(m string)       { l.note(m) }
func (l gateLog) Error(m string)      { l.note(m) }
func (gateLog) Infof(string, ...any)  {}
func (gateLog) Warnf(string, ...any)  {}
func (gateLog) Errorf(string, ...any) {}

// gatedConn is a socket of a client.
type gatedConn struct {
	transport.UDPConn
	gate *gate

	// Owned by the reader.
	held  []byte
	from  net.Addr
	ready bool // held goes next

	// Guarded by mu.
	mu     sync.Mutex
	parked []byte // goes after the next one
}

func (c *gatedConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		if c.ready {
			n := copy(b, c.held)
			c.held, c.ready = nil, false
			return n, c.from, nil
		}
		n, from, err := c.UDPConn.ReadFrom(b)
		if err != nil {
			return n, from, err
		}
		if isReport(b[:n]) {
			c.gate.noteReport(c.LocalAddr().(*net.UDPAddr).Port, b[:n])
		}
		media := isMedia(b[:n])
		if media {
			c.gate.in.Add(1)
		}
		if c.gate.cut.Load() {
			continue
		}
		f := c.gate.receive.Load()
		if f == nil || !media {
			return n, from, nil
		}
		switch (*f)(b[:n]) {
		case drop:
			continue
		case twice:
			if c.held == nil {
				c.held, c.from = slices.Clone(b[:n]), from
			}
		case later:
			if c.held == nil {
				c.held, c.from = slices.Clone(b[:n]), from
				continue
			}
		}
		c.ready = c.held != nil
		return n, from, nil
	}
}

func (c *gatedConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if c.gate.cut.Load() {
		return len(b), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	parked := c.parked
	if f := c.gate.send.Load(); f != nil && isMedia(b) {
		switch (*f)(b) {
		case drop:
			return len(b), nil
		case twice:
			_, _ = c.UDPConn.WriteTo(b, to)
		case later:
			if parked == nil {
				c.parked = slices.Clone(b)
				return len(b), nil
			}
		}
	}
	n, err := c.UDPConn.WriteTo(b, to)
	if parked != nil {
		_, _ = c.UDPConn.WriteTo(parked, to)
		c.parked = nil
	}
	return n, err
}
