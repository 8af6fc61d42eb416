package sfu

import "time"

// catchUpTime bounds what is sent at once from the cache, as time that it takes on the subscriber's link.
const catchUpTime = 400 * time.Millisecond

// caughtUp remembers what was sent from the cache, so that it is not sent again as it comes through the lane.
type caughtUp struct {
	layer *layer
	upTo  uint64 // extended
	at    int64
}

// covers tells whether a packet was sent from the cache already.
func (c *caughtUp) covers(l *layer, p *inPacket) bool {
	return l == c.layer && p.Extended <= c.upTo && p.Arrival <= c.at
}

// catchUp begins a picture with the newest keyframe in the cache and everything since, so that who comes later sees it at
// once. When the cache does not have it whole, or it is too much for the link, a keyframe is asked for.
func (d *downTrack) catchUp(x *lane) {
	d.sub.wideMu.Lock()
	defer d.sub.wideMu.Unlock()
	most := d.sub.estimator.Estimate() / 8 * int(catchUpTime) / int(time.Second)
	d.mu.Lock()
	l := d.fwd.target
	if d.out == nil || l == nil || d.fwd.current != nil || !d.sub.conn.carries() {
		d.mu.Unlock()
		return
	}
	// What lies in the cache of a layer that rests is of when it was stopped.
	key, fresh := l.keyframe.Load(), !l.resting.Load() && (d.fwd.last == nil || l.keyframeAt.Load() > d.stoppedAt)
	d.mu.Unlock()
	held, ok := x.held[:0], false
	if key != 0 && fresh {
		held, ok = l.ring.Since(key, most, held)
	}
	if !ok {
		l.requestKeyframe()
		return
	}
	d.mu.Lock()
	d.caught = caughtUp{layer: l, upTo: held[len(held)-1].Extended, at: x.sfu.now()}
	d.mu.Unlock()
	d.sub.paced.refill(x.now, d.sub.estimator.Pace(x.now))
	for _, p := range held {
		d.sub.paceLocked(x, &due{down: d, layer: l, packet: p, cached: true})
	}
	x.flush()
	for _, p := range held {
		p.Unpin()
	}
	clear(held)
	x.held = held
}
