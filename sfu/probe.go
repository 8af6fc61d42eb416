package sfu

import "slices"

// padding is a whole payload of padding, which ends with its own length (RFC 3550 section 5.1).
var padding = [255]byte{254: 255}

// probe asks whether the link carries more, if there is use for so many bits per second and a stream for padding. For the
// feedback goroutine.
func (s *subscriber) probe(now int64, wanted int, downs []*downTrack) {
	i := slices.IndexFunc(downs, (*downTrack).takesPadding)
	if i < 0 {
		return
	}
	d := downs[i]
	s.wideMu.Lock()
	plan, ok := s.estimator.Plan(now, wanted)
	s.wideMu.Unlock()
	if !ok {
		return
	}
	s.peer.log.Debug("probe", "bitsPerSecond", plan.BitsPerSecond, "wanted", wanted)
	s.peer.sfu.metrics.probes.Inc()
	s.lane.do(func(x *lane) { x.probed = append(x.probed, d) })
}

// takesPadding tells whether padding can be sent: on the stream of retransmissions, where it leaves no gap in the media.
func (d *downTrack) takesPadding() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.video && d.out != nil && d.rtx != nil && d.media != nil && d.media.hasWide()
}

// pad sends what is due of every probe.
func (x *lane) pad() {
	if len(x.probed) > 0 {
		x.probed = slices.DeleteFunc(x.probed, func(d *downTrack) bool { return !d.pad(x) })
	}
}

// pad sends what is due of a probe; false when it is over.
func (d *downTrack) pad(x *lane) bool {
	d.sub.wideMu.Lock()
	defer d.sub.wideMu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.out == nil || d.rtx == nil || !d.sub.conn.carries() {
		return false
	}
	timestamp, _ := d.fwd.rw.Last()
	for {
		due, ok := d.sub.estimator.Padding(x.now)
		if due <= 0 {
			return ok
		}
		d.rtxNumber++
		if !d.write(x, d.rtx, &leaving{number: d.rtxNumber, timestamp: timestamp, payload: padding[:], padding: true}) {
			return false
		}
	}
}
