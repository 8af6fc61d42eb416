package sfu

import (
	"slices"
	"time"
)

// Rules of pacing: what a thin link gets faster than it carries fills its queue, and the sound waits behind the picture.
const (
	// paceBelow is the estimate in bits per second below which pictures are paced; fatter links get everything at once.
	paceBelow = 10_000_000
	// Below thin bits per second pictures leave no faster than the estimate, above ample paceFactor times as fast.
	thin, ample = 1_500_000, 3_000_000
	paceFactor  = 2.5
	// paceAtOnce is what may leave at once, as time on the link; leastAtOnce and mostAtOnce bound it in bytes. A page of
	// text is one frame of many times what the queue of a thin link holds.
	paceAtOnce  = 40 * time.Millisecond
	leastAtOnce = 2_500
	mostAtOnce  = 15_000
	// hurryAfter is how long packets may wait before only the frames are sent that others need.
	hurryAfter = 250 * time.Millisecond
	// maxBehind is how long the frames that wait behind one that is being sent may take. When it is more they are given up,
	// and the picture begins again with a keyframe.
	maxBehind = 1500 * time.Millisecond
	// maxPaced bounds the packets that wait, and the requests to send one again.
	maxPaced = 1024
)

// pacer holds pictures back until the link takes them: sound, retransmissions and probes go first, and count. It is guarded
// by the subscriber's wideMu.
type pacer struct {
	again  []wantedAgain
	queue  []held
	listed bool // the lane knows that something waits
	credit float64
	at     int64
}

// held is a packet that waits, pinned; without one it is the place of packets that were given up.
type held struct {
	due
	since int64
}

// wantedAgain is a packet that a subscriber asked for.
type wantedAgain struct {
	down   *downTrack
	number uint16
}

// waits tells whether anything does.
func (p *pacer) waits() bool { return len(p.queue)+len(p.again) > 0 }

// holds tells whether a packet of a layer waits for its turn.
func (p *pacer) holds(d *downTrack, l *layer, extended uint64) bool {
	return slices.ContainsFunc(p.queue, func(h held) bool {
		return h.packet != nil && h.packet.Extended == extended && h.layer == l && h.down == d
	})
}

// paceRate returns the bytes per second at which pictures leave on a link that carries so many bits per second.
func paceRate(bitsPerSecond int) float64 {
	part := float64(bitsPerSecond-thin) / (ample - thin)
	return float64(bitsPerSecond) / 8 * (1 + (paceFactor-1)*min(max(part, 0), 1))
}

// refill adds the credit of the time that passed on a link that carries so many bits per second; it is kept in bytes.
func (p *pacer) refill(now int64, bitsPerSecond int) {
	rate := paceRate(bitsPerSecond)
	most := min(max(leastAtOnce, float64(bitsPerSecond)/8*paceAtOnce.Seconds()), mostAtOnce)
	if p.at == 0 {
		p.credit = most
	}
	p.credit = min(max(p.credit, -mostAtOnce)+rate*float64(now-p.at)/1e9, max(most, rate/100))
	p.at = now
}

// mayLeave tells whether a picture's packet may be sent now.
func (p *pacer) mayLeave(estimate int) bool { return p.credit > 0 || estimate >= paceBelow }

// sendBurst sends what the lane collected for the subscriber: sound at once, pictures as the link takes them.
func (s *subscriber) sendBurst(x *lane) {
	carries := s.conn.carries()
	s.wideMu.Lock()
	s.paced.refill(x.now, s.estimator.Pace(x.now))
	for i := range s.burst {
		if carries {
			s.paceLocked(x, &s.burst[i])
		} else {
			s.burst[i].down.skip()
		}
	}
	s.wideMu.Unlock()
	clear(s.burst)
	s.burst = s.burst[:0]
}

// paceLocked sends a packet now, or lets it wait behind those that wait or for credit. wideMu is held, the pacer is
// refilled.
func (s *subscriber) paceLocked(x *lane, b *due) {
	p, d := &s.paced, b.down
	f := &b.packet.Frame
	begins := d.video && f.Keyframe && f.Start && d.beginsWith(b.layer)
	if !d.video || !p.waits() && p.mayLeave(s.estimator.Estimate()) {
		if !d.forward(x, b) || !d.video {
			return
		}
		if d.sentStamp = b.packet.Timestamp; begins {
			d.beganWith(b.layer, x.now, b.packet.Timestamp)
		}
		return
	}
	current := d.shows()
	switch {
	case begins && (d.givenUp || b.packet.Timestamp != d.keyframeStamp): // one of H264 begins with several packets
		p.giveUp(x, d, current) // it is of no use any more
		d.beganWith(b.layer, x.now, b.packet.Timestamp)
	case b.layer != current && b.layer != d.pacedLayer:
		return // not before its keyframe
	case len(p.queue) >= maxPaced:
		p.giveUp(x, d, nil)
		d.givenUp = true
	case f.Start && !d.givenUp && p.behind(d, b.layer, s.estimator.Estimate()) > maxBehind:
		p.giveUp(x, d, current)
		d.givenUp = true
	}
	if d.givenUp {
		x.sfu.metrics.dropHeld.Inc()
		return
	}
	b.packet.Pin()
	p.queue = append(p.queue, held{due: *b, since: x.now})
	s.listLocked(x)
}

// listLocked makes the lane look after what waits.
func (s *subscriber) listLocked(x *lane) {
	if !s.paced.listed {
		s.paced.listed = true
		x.paced = append(x.paced, s)
	}
}

// behind returns how long the frames of a layer take that wait for their turn, without those that may be left out and
// without the largest one: a page that was turned is one frame, however long it takes.
func (p *pacer) behind(d *downTrack, l *layer, bitsPerSecond int) time.Duration {
	sum, largest, frame := 0, 0, 0
	stamp := d.sentStamp // of the frame that was begun
	for i := range p.queue {
		h := &p.queue[i]
		if h.down != d || h.packet == nil || h.layer != l {
			continue
		}
		f := &h.packet.Frame
		if h.packet.Timestamp != stamp {
			stamp, frame = h.packet.Timestamp, 0
		}
		if stamp == d.sentStamp || f.HasTemporal && f.Temporal > 0 {
			continue
		}
		frame += h.packet.Size()
		sum += h.packet.Size()
		largest = max(largest, frame)
	}
	return time.Duration(float64(sum-largest) * 8 / float64(bitsPerSecond) * float64(time.Second))
}

// giveUp drops what waits of a picture, but for the rest of a frame of the layer that is shown, if one was begun. In its
// place remains a mark: what comes after it begins with a keyframe.
func (p *pacer) giveUp(x *lane, d *downTrack, shown *layer) {
	dropped := shown == nil
	p.queue = slices.DeleteFunc(p.queue, func(h held) bool {
		switch {
		case h.down != d:
			return false
		case h.packet == nil:
			dropped = true // it moves to the end
			return true
		case h.layer == shown && h.packet.Timestamp == d.sentStamp:
			return false
		}
		dropped = true
		h.packet.Unpin()
		x.sfu.metrics.dropHeld.Inc()
		return true
	})
	if dropped {
		p.queue = append(p.queue, held{due: due{down: d}})
	}
}

// sendAgainLocked answers a request for a packet now, or lets it wait. wideMu is held, the pacer is refilled.
func (s *subscriber) sendAgainLocked(x *lane, d *downTrack, number uint16) {
	p := &s.paced
	if !d.video || len(p.again) == 0 && p.mayLeave(s.estimator.Estimate()) {
		d.sendAgain(x, number)
		return
	}
	if w := (wantedAgain{d, number}); len(p.again) < maxPaced && !slices.Contains(p.again, w) {
		p.again = append(p.again, w)
		s.listLocked(x)
	}
}

// drainLocked sends what may leave now. wideMu is held.
func (s *subscriber) drainLocked(x *lane) {
	p := &s.paced
	estimate := s.estimator.Estimate()
	p.refill(x.now, s.estimator.Pace(x.now))
	n := 0
	for ; n < len(p.again) && p.mayLeave(estimate); n++ {
		p.again[n].down.sendAgain(x, p.again[n].number)
	}
	p.again = slices.Delete(p.again, 0, n)
	for n = 0; n < len(p.queue) && p.mayLeave(estimate); n++ {
		h := &p.queue[n]
		if h.packet == nil {
			h.down.skip()
			continue
		}
		h.late = x.now-h.since > int64(hurryAfter)
		if h.down.forward(x, &h.due) {
			h.down.sentStamp = h.packet.Timestamp
		}
		h.down.keyframeGoesOn(x.now, h.packet.Timestamp)
		h.packet.Unpin()
	}
	p.queue = slices.Delete(p.queue, 0, n)
	size := 0
	for i := range p.queue {
		if h := &p.queue[i]; h.packet != nil {
			size += h.packet.Size()
			h.down.heldAt.Store(x.now)
			h.down.keyframeGoesOn(x.now, h.packet.Timestamp)
		}
	}
	s.held.Store(int64(size))
}

// dropLocked gives up what was held back: there is nobody to send it to. wideMu is held.
func (s *subscriber) dropLocked() {
	for _, h := range s.paced.queue {
		h.down.skip()
		if h.packet != nil {
			h.packet.Unpin()
		}
	}
	clear(s.paced.queue)
	s.paced.queue, s.paced.again = s.paced.queue[:0], nil
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
		s.paced.listed = s.paced.waits()
		return !s.paced.listed
	})
}

const (
	// keyframeTime is how long after the last packet of a keyframe it may not have arrived; another one is of no use
	// meanwhile.
	keyframeTime = 300 * time.Millisecond
	// starvedFor is how long the first request of a subscriber whose pictures wait for his link is remembered.
	starvedFor = 8 * time.Second
)

// beginsWith tells whether a keyframe of a layer is of use.
func (d *downTrack) beginsWith(l *layer) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	target := d.fwd.target
	return l == target || d.fwd.current == nil && target != nil && l.rank < target.rank
}

// shows returns the layer that is shown, nil for none.
func (d *downTrack) shows() *layer {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fwd.current
}

// beganWith notes that a keyframe is on its way to the subscriber. wideMu is held.
func (d *downTrack) beganWith(l *layer, now int64, timestamp uint32) {
	d.givenUp, d.pacedLayer, d.keyframeStamp = false, l, timestamp
	d.keyframeAt.Store(now)
}

// keyframeGoesOn notes that a packet leaves or waits, perhaps one of that keyframe. wideMu is held.
func (d *downTrack) keyframeGoesOn(now int64, timestamp uint32) {
	if timestamp == d.keyframeStamp {
		d.keyframeAt.Store(now)
	}
}

// keyframeComes tells whether a keyframe is on its way to the subscriber.
func (d *downTrack) keyframeComes(now int64) bool {
	return now-d.keyframeAt.Load() < int64(keyframeTime)
}
