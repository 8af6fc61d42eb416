package whiteboard

import "sync/atomic"

// broadcaster writes what goes to all members, on a goroutine of its own: to wake one goroutine and let it write to 200
// sockets costs a third less than to wake 200. It never waits for a socket; what one does not take at once goes to the
// connection's queue. While it is at work the actor collects: the more there is to do, the larger are the pieces.
type broadcaster struct {
	work   chan broadcast // holds one
	done   chan struct{}  // holds a signal when the work is done that somebody waited for
	isBusy atomic.Bool
	isDue  atomic.Bool // the actor waits for the end of the work
}

// give hands work over, when isFree says so.
func (b *broadcaster) give(w broadcast) {
	b.isBusy.Store(true)
	b.work <- w
}

// isFree tells whether give may be called. When not, done will tell.
func (b *broadcaster) isFree() bool {
	if !b.isBusy.Load() {
		return true
	}
	b.isDue.Store(true)
	return !b.isBusy.Load() // it may have ended before it saw isDue
}

// broadcast is one piece of work. Its lists are the actor's again when it is done.
type broadcast struct {
	frames []byte
	to     []receiver
}

// receiver gets frames[from:to].
type receiver struct {
	out      *outbox
	from, to int
}

func newBroadcaster() *broadcaster {
	return &broadcaster{work: make(chan broadcast, 1), done: make(chan struct{}, 1)}
}

// run ends when work is closed.
func (b *broadcaster) run() {
	for w := range b.work {
		for _, r := range w.to {
			r.out.sendNow(w.frames[r.from:r.to:r.to])
		}
		b.isBusy.Store(false)
		if b.isDue.Swap(false) {
			signal(b.done)
		}
	}
}
