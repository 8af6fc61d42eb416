package sfu

import "sync"

// gathered is the packet that Pion sealed for a lane, on its way into the lane's slab.
type gathered struct {
	mu sync.Mutex
	on bool
	b  []byte
}

// begin takes what Pion writes until end. The lane calls both.
func (g *gathered) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.on, g.b = true, g.b[:0]
}

// end returns what was written since begin, which is good until the next begin.
func (g *gathered) end() []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.on = false
	return g.b
}

// GatherRTP implements transport.Receiver.
func (c *connection) GatherRTP(b []byte) (taken bool) {
	g := &c.gathered
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.on || len(g.b) > 0 {
		return false
	}
	g.b = append(g.b, b...)
	return true
}
