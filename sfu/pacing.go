package sfu

import "slices"

// Rules of pacing: what a thin link gets faster than it carries fills its queue, and the sound waits behind the picture.
const (
	// paceBelow is the estimate in bits per second below which pictures are paced; fatter links get everything at once.
	paceBelow = 10_000_000
	// paceFactor is how much faster than the estimate a picture may be sent.
	paceFactor = 2.5
	// paceBurst is what may leave at once in any case: a common frame.
	paceBurst = 15_000
	// maxPaced bounds the packets that wait; beyond it everything leaves at once.
	maxPaced = 1024
)

// pacer holds pictures back. It is owned by the lane.
type pacer struct {
	queue  []due // pinned
	listed bool  // the lane knows that something waits
	credit float64
	at     int64
}

// refill adds the credit of the time that passed, in bytes.
func (p *pacer) refill(now int64, estimate int) {
	rate := paceFactor * float64(estimate) / 8
	if p.at == 0 {
		p.credit = paceBurst
	}
	p.credit = min(p.credit+rate*float64(now-p.at)/1e9, max(paceBurst, rate/100))
	p.at = now
}

// sendBurst sends what the lane collected for the subscriber: sound at once, pictures as the link takes them.
func (s *subscriber) sendBurst(x *lane) {
	carries := s.conn.carries()
	s.wideMu.Lock()
	s.paced.refill(x.now, s.estimator.Estimate())
	for i := range s.burst {
		if carries {
			s.paceLocked(x, &s.burst[i])
		} else {
			s.burst[i].down.skip()
		}
	}
	if len(s.paced.queue) > 0 {
		s.drainLocked(x)
	}
	s.wideMu.Unlock()
	clear(s.burst)
	s.burst = s.burst[:0]
}

// paceLocked sends a packet now, or lets it wait behind those that wait or for credit. wideMu is held, the pacer is
// refilled.
func (s *subscriber) paceLocked(x *lane, b *due) {
	p := &s.paced
	switch {
	case !b.down.video:
		b.down.forward(x, b)
		return
	case len(p.queue) == 0 && p.mayLeave(s.estimator.Estimate()):
		p.send(x, b)
		return
	case !p.listed:
		p.listed = true
		x.paced = append(x.paced, s)
	}
	b.packet.Pin()
	p.queue = append(p.queue, *b)
}

// mayLeave tells whether a picture's packet may be sent now.
func (p *pacer) mayLeave(estimate int) bool { return p.credit > 0 || estimate >= paceBelow }

func (p *pacer) send(x *lane, b *due) {
	if b.down.forward(x, b) {
		p.credit -= float64(b.packet.Size())
	}
}

// drainLocked sends what may leave now. wideMu is held.
func (s *subscriber) drainLocked(x *lane) {
	p := &s.paced
	estimate := s.estimator.Estimate()
	p.refill(x.now, estimate)
	n := 0
	for waiting := len(p.queue); n < waiting && (p.mayLeave(estimate) || waiting-n > maxPaced); n++ {
		b := &p.queue[n]
		p.send(x, b)
		b.packet.Unpin()
	}
	p.queue = slices.Delete(p.queue, 0, n)
}

// dropLocked gives up what was held back: there is nobody to send it to. wideMu is held.
func (s *subscriber) dropLocked() {
	for _, b := range s.paced.queue {
		b.down.skip()
		b.packet.Unpin()
	}
	clear(s.paced.queue)
	s.paced.queue = s.paced.queue[:0]
}

// pace sends what was held back and is due now.
func (x *lane) pace() {
	x.paced = slices.DeleteFunc(x.paced, func(s *subscriber) bool {
		s.wideMu.Lock()
		defer s.wideMu.Unlock()
		if !s.conn.carries() {
			s.dropLocked()
		}
		s.drainLocked(x)
		s.paced.listed = len(s.paced.queue) > 0
		return !s.paced.listed
	})
}
