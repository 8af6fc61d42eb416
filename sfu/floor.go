package sfu

import (
	"slices"
	"sync"
	"time"

	"parley/sfu/codec"
)

// Rules of who is heard in a room with more open microphones than are forwarded.
const (
	// soundBegins is the loudness of a packet with which a microphone takes the place of one that is quiet.
	soundBegins = 0.18
	// quiet is the loudness below which a microphone loses its place to one that begins to speak.
	quiet = 0.12
	// interrupts is how much louder one must be to take the place of one that speaks, after it had it for holdsFor.
	interrupts = 0.15
	holdsFor   = time.Second
	// before is how much of what was said before a microphone got its place is sent, too, in units of the clock of Opus: 60 ms,
	// because words begin softly.
	before = 60 * 48
	// unknownLevel is taken for a microphone whose packets do not tell.
	unknownLevel = 0.5
)

// floor keeps which microphones of a room are forwarded: all of them while there are few, else those that were loud last.
// Packets are looked at as they come, so that the first loud one of a microphone goes through.
type floor struct {
	// Static after construction.
	most int

	// Guarded by mu.
	mu      sync.Mutex
	holders []*Track
}

func newFloor(most int) *floor { return &floor{most: most} }

// enter puts a track under the rules of the floor.
func (f *floor) enter(t *Track) { t.floor.Store(f) }

// leave frees the track's place; from then on it is not restricted.
func (f *floor) leave(t *Track) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t.floor.CompareAndSwap(f, nil) {
		t.heard.Store(false)
		f.holders = slices.DeleteFunc(f.holders, func(x *Track) bool { return x == t })
	}
}

// forwards tells whether a packet of a microphone goes out, and notes in it which stretch of forwarded packets it is of.
// For the goroutine that reads the track.
func (t *Track) forwards(p *inPacket, now int64) bool {
	f := t.floor.Load()
	if f == nil {
		return true
	}
	p.Stretch = t.stretch.Load()
	if t.heard.Load() {
		t.sounding.Store(true)
		return true
	}
	if f.admit(t, p, now) {
		t.sounding.Store(true)
		p.Stretch, p.Marker = t.stretch.Load(), true // a talkspurt begins (RFC 3551 section 4.1)
		return true
	}
	// The last packet of a stretch is silence, so that receivers do not draw out what was cut off.
	p.Hushed = t.sounding.Swap(false)
	return p.Hushed
}

// rewind hands out what was left out right before the first packet of a stretch.
func (l *layer) rewind(first *inPacket, to *audience, hold bool) {
	begin := first.Extended
	for ; l.left > 0; l.left-- {
		p := l.ring.At(begin - 1)
		if p == nil || first.Timestamp-p.Timestamp > before {
			break
		}
		begin--
	}
	l.left = 0
	if begin < first.Extended {
		l.ring.Change(first.Extended, func(p *inPacket) { p.Marker = false })
	}
	for extended := begin; extended < first.Extended; extended++ {
		l.ring.Change(extended, func(p *inPacket) { p.Stretch, p.Marker = first.Stretch, extended == begin })
		l.handOut(l.ring.At(extended), to, hold)
	}
}

// admit gives a track a place if there is one for it.
func (f *floor) admit(t *Track, p *inPacket, now int64) bool {
	level := unknownLevel
	if p.HasLevel {
		level = codec.Loudness(p.Level)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if t.floor.Load() != f {
		return true
	}
	if len(f.holders) >= f.most {
		i := f.weakest(now)
		loudness := f.holders[i].loudness.at(now)
		began := level >= soundBegins && loudness < quiet
		louder := t.loudness.at(now) > loudness+interrupts && now-f.holders[i].heardAt.Load() > int64(holdsFor)
		if !began && !louder {
			return false
		}
		f.holders[i].heard.Store(false)
		f.holders = slices.Delete(f.holders, i, i+1)
	}
	f.holders = append(f.holders, t)
	t.heardAt.Store(now)
	t.stretch.Add(1)
	t.heard.Store(true)
	return true
}

func (f *floor) weakest(now int64) int {
	weakest, least := 0, 2.0
	for i, t := range f.holders {
		if v := t.loudness.at(now); v < least {
			weakest, least = i, v
		}
	}
	return weakest
}
