package rewrite

import (
	"parley/sfu/codec"
	"parley/sfu/packet"
)

// firstNumbers is how many numbers the first packet has to begin with, a power of two.
const firstNumbers = 1 << 15

// maxSpans bounds the history: half a minute of switches, or two seconds when every second frame is left out. It grows
// from leastSpans, because most streams never switch.
const (
	leastSpans = 4
	maxSpans   = 128
)

// In is what is read of a packet that comes in.
type In struct {
	Extended  uint64
	Timestamp uint32
	Frame     *codec.Info
	// Top is the highest spatial layer that goes out, from this packet on when it is the newest.
	Top uint8
	// Marker tells that it is the last packet of its picture as it came.
	Marker bool
}

// Out is how it goes out.
type Out struct {
	Sequence  uint16
	Extended  uint64 // Sequence with its rollovers
	Timestamp uint32
	Shift     codec.Shift
	// Ends tells that the packet is the last one of its picture as far as it goes out.
	Ends bool
}

// span maps the packets first..last of a source.
type span struct {
	source      int
	first, last uint64
	delta       uint64 // out = in + delta, wrapping
	timestamp   uint32 // out = in + timestamp, wrapping
	shift       codec.Shift
	top         uint8 // highest spatial layer
}

// Rewriter is the state of one outgoing stream.
type Rewriter struct {
	clockRate uint32

	spans   []span
	n       uint64 // spans ever made; the current one is n-1
	highest uint64 // extended, out

	lastTimestamp uint32 // out, of the newest packet
	lastAt        int64  // when it went out, in nanoseconds
	lastFrame     codec.Info
	lastShift     codec.Shift
	droppedID     uint16 // picture id, in, of the frame that is being left out
	dropping      bool
	ended         bool // the newest packet was the last one of its picture
}

// New returns a Rewriter for a clock rate in Hz.
func New(clockRate uint32) *Rewriter {
	return &Rewriter{clockRate: clockRate, spans: make([]span, leastSpans)}
}

// Started tells whether anything went out.
func (r *Rewriter) Started() bool { return r.n > 0 }

// Source returns the current source; only meaningful once started.
func (r *Rewriter) Source() int { return r.current().source }

// TimestampShift returns what is added to the current source's timestamps.
func (r *Rewriter) TimestampShift() uint32 { return r.current().timestamp }

// Last returns the newest timestamp that went out and when, in nanoseconds.
func (r *Rewriter) Last() (timestamp uint32, at int64) { return r.lastTimestamp, r.lastAt }

func (r *Rewriter) current() *span { return r.before(1) }

// before returns the span that was made as the i-th from the end.
func (r *Rewriter) before(i uint64) *span {
	size := uint64(len(r.spans))
	return &r.spans[(r.n+size-i)%size]
}

// kept returns how many spans there are.
func (r *Rewriter) kept() uint64 { return min(r.n, uint64(len(r.spans))) }

// Switch continues with in, the first packet of a source or of the same one after a pause. at is the time in nanoseconds.
// aligned, when known, is in's timestamp on the outgoing time line, as sender reports tell; otherwise the time that passed
// since the last packet does.
func (r *Rewriter) Switch(source int, in In, at int64, aligned uint32, known bool) Out {
	if r.n == 0 {
		// A receiver who misses the first packets must not miss a rollover with them (RFC 3711 section 3.3.1).
		out := in.Extended & (firstNumbers - 1)
		r.push(span{source: source, first: in.Extended, last: in.Extended, delta: out - in.Extended, top: in.Top})
		r.highest = out
		return r.advance(in, at)
	}
	cur := *r.current()
	next := span{
		source: source, first: in.Extended, last: in.Extended,
		delta: r.highest + 1 - in.Extended,
		shift: r.follow(in.Frame),
		top:   in.Top,
	}
	if source == cur.source {
		next.timestamp = cur.timestamp
		if int32(in.Timestamp+next.timestamp-r.lastTimestamp) < 0 {
			next.timestamp = r.place(at, 0, false) - in.Timestamp
		}
	} else {
		next.timestamp = r.place(at, aligned, known) - in.Timestamp
	}
	r.push(next)
	r.highest++
	return r.advance(in, at)
}

// place chooses the outgoing timestamp of a new source: the aligned one if it is sane, and always after the last.
func (r *Rewriter) place(at int64, aligned uint32, known bool) uint32 {
	elapsed := max(0, at-r.lastAt)
	expected := r.lastTimestamp + uint32(uint64(elapsed)*uint64(r.clockRate)/1e9)
	if known {
		if off := int32(aligned - expected); off > -5*int32(r.clockRate) && off < 5*int32(r.clockRate) {
			expected = aligned
		}
	}
	if least := r.lastTimestamp + r.clockRate/1000; int32(expected-least) < 0 {
		return least
	}
	return expected
}

// follow returns the shift that makes the frame's ids the successors of the last ones.
func (r *Rewriter) follow(f *codec.Info) codec.Shift {
	if f == nil {
		return codec.Shift{}
	}
	var s codec.Shift
	last, shift := &r.lastFrame, r.lastShift
	if f.PictureIDBits != 0 && last.PictureIDBits != 0 {
		s.PictureID = last.PictureID + shift.PictureID + 1 - f.PictureID
	}
	if f.HasTL0 && last.HasTL0 {
		s.TL0 = last.TL0 + shift.TL0 + 1 - f.TL0
	}
	if f.HasKeyIndex && last.HasKeyIndex {
		s.KeyIndex = last.KeyIndex + shift.KeyIndex + 1 - f.KeyIndex
	}
	return s
}

func (r *Rewriter) push(s span) {
	if r.n == uint64(len(r.spans)) && r.n < maxSpans {
		r.spans = append(r.spans, make([]span, r.n)...)
	}
	r.spans[r.n%uint64(len(r.spans))] = s
	r.n++
	r.dropping = false
}

// advance emits in as the newest packet.
func (r *Rewriter) advance(in In, at int64) Out {
	cur := r.current()
	out := cur.out(in)
	r.lastTimestamp, r.lastAt = out.Timestamp, at
	if in.Frame != nil {
		r.lastFrame, r.lastShift = *in.Frame, cur.shift
	}
	r.dropping, r.ended = false, in.Marker || out.Ends
	return out
}

func (s *span) out(in In) Out {
	f := in.Frame
	return Out{
		Sequence: uint16(in.Extended + s.delta), Extended: in.Extended + s.delta, Timestamp: in.Timestamp + s.timestamp,
		Shift: s.shift, Ends: f != nil && f.End && f.HasTemporal && f.Spatial == s.top,
	}
}

// Forward maps a packet of the source. ok is false when it has no place: it is older than the history, or belongs to a
// stretch that was not forwarded.
func (r *Rewriter) Forward(source int, in In, at int64) (out Out, ok bool) {
	if r.n == 0 {
		return Out{}, false
	}
	cur := r.current()
	if source == cur.source && in.Extended > cur.last {
		if in.Top != cur.top {
			cur = r.limit(in)
		}
		r.highest = in.Extended + cur.delta
		cur.last = in.Extended
		return r.advance(in, at), true
	}
	s := r.find(source, in.Extended)
	if s == nil {
		return Out{}, false
	}
	return s.out(in), true
}

// limit begins a span with another top layer, for the picture of in. What is missing before in belongs to that picture, too,
// when the one before is complete.
func (r *Rewriter) limit(in In) *span {
	cur := r.current()
	from := in.Extended
	if r.ended {
		from = cur.last + 1
	}
	next := *cur
	next.first, next.last, next.top = from, from-1, in.Top
	if from == cur.first {
		*cur = next
	} else {
		cur.last = from - 1
		r.push(next)
	}
	return r.current()
}

// Drop leaves a packet of the current source out. It reports false when the packet's place is already open, because later
// ones went out: then it must be forwarded, or the receiver sees a gap.
func (r *Rewriter) Drop(in In) bool {
	if r.n == 0 {
		return true
	}
	cur := r.current()
	if in.Extended <= cur.last {
		return false
	}
	if in.Top != cur.top {
		cur = r.limit(in)
	}
	r.ended = in.Marker
	next := *cur
	// What is missing between the newest packet and this one keeps its open place.
	cur.last = in.Extended - 1
	r.highest = cur.last + cur.delta
	next.first, next.last = in.Extended+1, in.Extended
	next.delta--
	f := in.Frame
	fresh := f != nil && f.PictureIDBits != 0 && !f.Distances && f.PictureID != r.lastFrame.PictureID &&
		(!r.dropping || f.PictureID != r.droppedID)
	if fresh {
		next.shift.PictureID--
		if f.HasTL0 && f.Temporal == 0 {
			next.shift.TL0--
		}
	}
	if cur.last < cur.first {
		*cur = next // the current span is empty: it becomes the next one
	} else {
		r.push(next)
	}
	if f != nil && f.PictureIDBits != 0 {
		r.dropping, r.droppedID = true, f.PictureID
	}
	return true
}

// Pad takes the number after the newest one for a packet of padding, which has the newest timestamp. It must not come within
// a frame. ok is false before anything went out.
func (r *Rewriter) Pad() (out Out, ok bool) {
	if r.n == 0 {
		return Out{}, false
	}
	cur := r.current()
	next := *cur
	next.first, next.last = cur.last+1, cur.last
	next.delta++
	r.highest++
	if cur.last < cur.first {
		*cur = next
	} else {
		dropping := r.dropping
		r.push(next)
		r.dropping = dropping
	}
	return Out{Sequence: uint16(r.highest), Extended: r.highest, Timestamp: r.lastTimestamp}, true
}

// Original returns which packet went out as seq. ok is false when none did, as far as the history tells, or it was padding.
func (r *Rewriter) Original(seq uint16) (source int, extended uint64, ok bool) {
	if r.n == 0 {
		return 0, 0, false
	}
	out := packet.Near(r.highest, seq)
	for i := uint64(1); i <= r.kept(); i++ {
		s := r.before(i)
		in := out - s.delta
		if in >= s.first && in <= s.last {
			return s.source, in, true
		}
	}
	return 0, 0, false
}

// Map maps an earlier packet again, for its retransmission.
func (r *Rewriter) Map(source int, in In) (Out, bool) {
	if s := r.find(source, in.Extended); s != nil {
		return s.out(in), true
	}
	return Out{}, false
}

func (r *Rewriter) find(source int, extended uint64) *span {
	for i := uint64(1); i <= r.kept(); i++ {
		s := r.before(i)
		if s.source == source && extended >= s.first && extended <= s.last {
			return s
		}
	}
	return nil
}
