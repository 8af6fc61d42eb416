package sfu

import (
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	// feedbackInterval is how often reports, feedback and allocation of a peer are looked at.
	feedbackInterval = 100 * time.Millisecond
	// turns is how many parts of the interval peers are spread over.
	turns    = 10
	turnTime = feedbackInterval / turns
	// giveWayAfter is how many peers have their turn before packets go first. On a full core that costs up to ten milliseconds.
	giveWayAfter = 8
)

// attendee is a Peer.
type attendee interface{ feedback(now int64) }

// rounds gives peers their turns at what is due by time, and at once when they ask. There is one for each lane; one goroutine
// serves its peers, so that the machine wakes up for several of them. Nothing that may wait for a client is done in a turn.
type rounds struct {
	// Static after construction.
	now  func() int64
	wake chan struct{}
	stop chan struct{}
	done chan struct{}

	// Guarded by mu.
	mu    sync.Mutex
	seats [turns][]attendee
	asked []attendee

	// Owned by run.
	served int64 // number of the last part of the interval
	due    []attendee
}

func newRounds(now func() int64) *rounds {
	return &rounds{
		now: now, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}), served: now() / int64(turnTime),
	}
}

// enter gives a peer a seat, where the fewest are.
func (r *rounds) enter(p attendee) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := 0
	for i := range r.seats {
		if len(r.seats[i]) < len(r.seats[at]) {
			at = i
		}
	}
	r.seats[at] = append(r.seats[at], p)
	signal(r.wake)
}

// leave takes a peer's seat away.
func (r *rounds) leave(p attendee) {
	r.mu.Lock()
	defer r.mu.Unlock()
	is := func(x attendee) bool { return x == p }
	for i := range r.seats {
		r.seats[i] = slices.DeleteFunc(r.seats[i], is)
	}
	r.asked = slices.DeleteFunc(r.asked, is)
}

// ask gives a peer a turn at once.
func (r *rounds) ask(p attendee) {
	r.mu.Lock()
	r.asked = append(r.asked, p)
	r.mu.Unlock()
	signal(r.wake)
}

func (r *rounds) run() {
	defer close(r.done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-r.wake:
		case <-timer.C:
		}
		r.collect()
		for i, p := range r.due {
			if i%giveWayAfter == giveWayAfter-1 {
				runtime.Gosched()
			}
			p.feedback(r.now())
		}
		clear(r.due)
		r.due = r.due[:0]
		timer.Reset(r.untilNext())
	}
}

// collect takes those who asked, and those whose turn it became.
func (r *rounds) collect() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.due = append(r.due, r.asked...)
	clear(r.asked)
	r.asked = r.asked[:0]
	current := r.now() / int64(turnTime)
	for r.served = max(r.served, current-turns); r.served < current; {
		r.served++
		r.due = append(r.due, r.seats[r.served%turns]...)
	}
}

// untilNext returns the time until the next turn that somebody has, a long one when nobody has any.
func (r *rounds) untilNext() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range int64(turns) {
		if next := r.served + 1 + i; len(r.seats[next%turns]) > 0 {
			return time.Duration(next*int64(turnTime) - r.now())
		}
	}
	return time.Hour
}

// close ends the rounds and waits for their goroutine.
func (r *rounds) close() {
	close(r.stop)
	<-r.done
}
