package sfu

import "parley/sfu/rewrite"

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
}

func newForwarder(kind Kind) *forwarder {
	rate := uint32(90000)
	if kind == KindAudio {
		rate = 48000
	}
	return &forwarder{video: kind == KindVideo, rw: rewrite.New(rate)}
}

// aim sets the wanted layer. A pause is at once; a switch waits for a keyframe.
func (f *forwarder) aim(l *layer) {
	f.target = l
	if l == nil {
		f.current = nil
	}
}

// waiting tells whether a keyframe of the target is needed.
func (f *forwarder) waiting() bool {
	return f.video && f.target != nil && (f.current != f.target || f.resync)
}

// pass decides about a packet: how it goes out, or that it does not.
func (f *forwarder) pass(l *layer, p *inPacket, now int64) (rewrite.Out, bool) {
	in := rewrite.In{Extended: p.Extended, Timestamp: p.Timestamp, Frame: &p.Frame}
	begins := !f.video || p.Frame.Keyframe && p.Frame.Start
	switch {
	case l == f.current && !(f.resync && l == f.target):
		if f.resync {
			return rewrite.Out{}, false
		}
		return f.rw.Forward(f.base+l.source, in, now)
	case l == f.target && begins:
		return f.begin(l, in, now), true
	case f.current == nil && f.target != nil && l.rank < f.target.rank && begins:
		// A smaller picture at once is better than none until the wanted one begins.
		return f.begin(l, in, now), true
	}
	return rewrite.Out{}, false
}

// begin continues the stream with a layer.
func (f *forwarder) begin(l *layer, in rewrite.In, now int64) rewrite.Out {
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
	return f.rw.Switch(f.base+l.source, in, now, aligned, known)
}
