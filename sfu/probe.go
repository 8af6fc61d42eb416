package sfu

import "slices"

// padding is a whole payload of padding, which ends with its own length (RFC 3550 section 5.1).
var padding = [255]byte{254: 255}

// probe asks whether the link carries more, if there is use for so many bits per second and a stream for padding. For the
// feedback goroutine.
func (s *subscriber) probe(now int64, wanted int, downs []*downTrack) {
	s.wideMu.Lock()
	byReceiver := s.estimator.ByReceiver()
	s.wideMu.Unlock()
	i := slices.IndexFunc(downs, func(d *downTrack) bool { return d.takesPadding(byReceiver) })
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

// takesPadding tells whether padding can be sent: on the stream of retransmissions, or without one among the media, once
// that began. Who tells its arrival is the receiver, by transport-wide feedback or its own estimate.
func (d *downTrack) takesPadding(byReceiver bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.video && d.out != nil && d.media != nil && (byReceiver || d.media.hasWide()) && (d.rtx != nil || d.fwd.rw.Started())
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
	if d.out == nil || !d.sub.conn.carries() {
		return false
	}
	for {
		due, ok := d.sub.estimator.Padding(x.now)
		if due <= 0 {
			return ok
		}
		if d.rtx == nil && d.fwd.inside {
			return true // between frames, no part of a picture is taken for missing
		}
		if !d.padOnce(x) {
			return false
		}
	}
}

// padOnce sends a packet of padding. The locks of pad are held.
func (d *downTrack) padOnce(x *lane) bool {
	if d.rtx == nil {
		out, ok := d.fwd.rw.Pad()
		ok = ok && d.write(x, d.media, &leaving{number: out.Extended, timestamp: out.Timestamp, payload: padding[:], padding: true})
		if ok {
			d.packets++
		}
		return ok
	}
	timestamp, _ := d.fwd.rw.Last()
	d.rtxNumber++
	return d.write(x, d.rtx, &leaving{number: d.rtxNumber, timestamp: timestamp, payload: padding[:], padding: true})
}

// padAgain repeats padding that was lost from among the media; false for a number that was none. The locks of pad are held.
func (d *downTrack) padAgain(x *lane, seq uint16) bool {
	if d.rtx != nil || d.media.kept == nil {
		return false
	}
	k := &d.media.kept[int(seq)&(len(d.media.kept)-1)]
	return k.sent && k.padding && uint16(k.number) == seq && d.write(x, d.media, &leaving{
		number: k.number, timestamp: k.timestamp, payload: padding[:], padding: true, again: true,
	})
}
