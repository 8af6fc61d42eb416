package sfu

import (
	"parley/sfu/codec"
	"parley/sfu/rewrite"
)

// forwarder makes one continuous stream of a track's layers. Its owner brings the lock.
type forwarder struct {
	video   bool
	rw      *rewrite.Rewriter
	base    int    // number of the track's first source in rw, which may have carried other tracks before
	target  *layer // wanted, nil when paused
	current *layer // flows, nil when nothing does
	last    *layer // flowed last
	// resync asks for a fresh start of the current layer: after the gate was closed or packets were left out.
	resync   bool
	switches uint64

	limit    uint8  // the highest temporal layer that is wanted
	temporal uint8  // the highest that is sent
	spatials uint8  // the highest spatial layer that is wanted
	top      uint8  // the highest that is sent
	frame    uint32 // timestamp of the newest picture
	leaves   bool   // it is left out
	newest   uint64 // outgoing number
	inside   bool   // the frame that was sent last is not complete
	late     bool   // packets wait for the link: only frames that others need are sent
}

// Above every layer.
const (
	allTemporals = codec.AllTemporals
	allSpatials  = codec.MaxSpatial - 1
)

func newForwarder(kind Kind) *forwarder {
	rate := uint32(90000)
	if kind == KindAudio {
		rate = 48000
	}
	return &forwarder{
		video: kind == KindVideo, rw: rewrite.New(rate), limit: allTemporals, temporal: allTemporals, spatials: allSpatials, top: allSpatials,
	}
}

// aim sets the wanted layer. A pause begins when the frame that is being sent is complete; a switch waits for a keyframe.
func (f *forwarder) aim(l *layer) {
	f.target = l
	if l == nil && !f.inside {
		f.stop()
	}
}

// stop pauses at once.
func (f *forwarder) stop() { f.current, f.inside = nil, false }

// waiting tells whether a keyframe of the target is needed.
func (f *forwarder) waiting() bool {
	return f.video && f.target != nil && (f.current != f.target || f.resync || f.rises())
}

// rises tells whether a larger picture of the current layer is wanted and comes in, which can begin with a keyframe.
func (f *forwarder) rises() bool {
	return f.top < f.spatials && f.top+1 < f.current.spatialCount() && !f.current.spatial[f.spatials].resting.Load()
}

// pass decides about a packet: how it goes out, or that it does not.
func (f *forwarder) pass(l *layer, p *inPacket, now int64) (rewrite.Out, bool) {
	in := rewriteIn(p)
	begins := !f.video || p.Frame.Keyframe && p.Frame.Start
	switch {
	case l == f.current && !(f.resync && l == f.target):
		if f.resync {
			return rewrite.Out{}, false
		}
		if f.target == nil && f.follows(p) {
			f.stop()
			return rewrite.Out{}, false
		}
		skip := f.skips(p)
		if in.Top = f.top; skip && f.rw.Drop(in) {
			return rewrite.Out{}, false
		}
		out, ok := f.rw.Forward(f.base+l.source, in, now)
		if ok {
			f.sent(out.Extended, p.Marker || out.Ends)
		}
		return out, ok
	case l == f.target && begins:
		return f.begin(l, p, in, now), true
	case f.current == nil && f.target != nil && l.rank < f.target.rank && begins:
		// A smaller picture at once is better than none until the wanted one begins.
		return f.begin(l, p, in, now), true
	}
	return rewrite.Out{}, false
}

func rewriteIn(p *inPacket) rewrite.In {
	return rewrite.In{Extended: p.Extended, Timestamp: p.Timestamp, Frame: &p.Frame, Marker: p.Marker}
}

// follows tells whether a packet is of a later frame than what was sent last.
func (f *forwarder) follows(p *inPacket) bool {
	last, _ := f.rw.Last()
	return int32(p.Timestamp+f.rw.TimestampShift()-last) > 0
}

// sent notes whether what was sent last ends its frame, and pauses there if that is due.
func (f *forwarder) sent(number uint64, marker bool) {
	if !f.video || number < f.newest {
		return
	}
	f.newest = number
	if f.inside = !marker; marker && f.target == nil {
		f.stop()
	}
}

// skips tells whether a packet of the current layer belongs to a frame that is left out. Whole frames are: a lower limit
// holds from the next picture on, a higher one from a picture on that needs none of those that were left out.
func (f *forwarder) skips(p *inPacket) bool {
	if !f.video || !p.Frame.HasTemporal {
		return false
	}
	if later := int32(p.Timestamp - f.frame); later < 0 {
		return false
	} else if later > 0 {
		f.frame = p.Timestamp
		f.temporal = f.reach(&p.Frame)
		if f.spatials < f.top || p.Frame.Keyframe {
			f.top = f.spatials
		}
		f.leaves = p.Frame.Temporal > f.temporal
	}
	return f.leaves || p.Frame.Spatial > f.top
}

// reach returns the highest temporal layer that may be sent from a frame on.
func (f *forwarder) reach(frame *codec.Info) uint8 {
	limit := f.limit
	if f.late {
		limit = 0
	}
	switch {
	case limit <= f.temporal || frame.Keyframe:
		return limit
	case frame.SwitchUp && frame.Temporal > f.temporal && frame.Temporal <= limit:
		return frame.Temporal
	case frame.UpTo > f.temporal && frame.Temporal <= f.temporal:
		return min(frame.UpTo, limit)
	}
	return f.temporal
}

// begin continues the stream with a layer.
func (f *forwarder) begin(l *layer, p *inPacket, in rewrite.In, now int64) rewrite.Out {
	var aligned uint32
	var known bool
	if f.last != nil && f.last != l {
		if aligned, known = l.align(in.Timestamp, f.last); known {
			aligned += f.rw.TimestampShift()
		}
		f.switches++
		l.metrics.layerSwitches.Inc()
	}
	f.current, f.last, f.resync = l, l, false
	f.temporal, f.top, f.frame, f.leaves = f.limit, f.spatials, in.Timestamp, false
	in.Top = f.top
	out := f.rw.Switch(f.base+l.source, in, now, aligned, known)
	f.sent(out.Extended, p.Marker || out.Ends)
	return out
}
