package whiteboard

import (
	"sync/atomic"
	"time"
)

// member is somebody on a board as the board's actor sees them. What is to be told goes through out, which never waits.
type member struct {
	// Static after construction.
	out    *outbox
	events bool // asked for events

	// Written by the actor, read by the connection too.
	client atomic.Uint64 // the awareness id
	bound  atomic.Bool   // client is set
	asked  atomic.Int32  // step 1 messages of the server that have no answer yet

	// Owned by the actor.
	grant      Grant
	isBehind   bool // has changes that the board refused; what follows them cannot be understood
	mustAsk    bool // for what it is behind with, when it is time again
	askedAt    time.Time
	refusedAt  time.Time
	refusedFor string
	own        tokens // awareness messages
	states     tokens // step 1 messages
}

// answered notes a step 2.
func (m *member) answered() {
	if m.asked.Load() > 0 {
		m.asked.Add(-1)
	}
}

// tell sends an event to a client that wants events.
func (m *member) tell(e event) {
	if m.events {
		m.out.send(eventFrame(e))
	}
}

// isShutOut tells whether the server closed the connection. What a client said before it left by itself, or its network
// broke, counts.
func (m *member) isShutOut() bool {
	end := m.out.over()
	return end != nil && *end != endLeft && *end != endBroken
}

func (m *member) mayWrite() bool { return m.grant.Role.MayWrite() }

// tokens is a token bucket; the zero value is full.
type tokens struct {
	used float64
	at   time.Time
}

func (b *tokens) take(now time.Time, perSecond, burst float64) bool {
	b.refill(now, perSecond)
	if b.used+1 > burst {
		return false
	}
	b.used++
	return true
}

func (b *tokens) refill(now time.Time, perSecond float64) {
	b.used = max(0, b.used-now.Sub(b.at).Seconds()*perSecond)
	b.at = now
}
