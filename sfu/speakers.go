package sfu

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Rules of active speaker detection.
const (
	speakerInterval = 100 * time.Millisecond
	// tellInterval is how often levels are told while the list stays the same.
	tellInterval = 200 * time.Millisecond
	// beginSpeaking and endSpeaking are the loudness that makes and keeps a speaker.
	beginSpeaking, endSpeaking = 0.25, 0.12
	// keepSpeaking is how long a speaker stays one after the loudness fell, so that a breath does not end a turn.
	keepSpeaking = 700 * time.Millisecond
	// ahead is how much louder one must be to take a place before another.
	ahead = 0.1
	// countsAsSpeaking is how long the picture of one who spoke goes before others.
	countsAsSpeaking = 2 * time.Second
	// maxSpeakers bounds the list.
	maxSpeakers = 5
)

// Speakers finds out who speaks in one room, from the audio level extension (RFC 6464), without decoding, and keeps the
// number of microphones that are forwarded in it within Config.MaxMicrophones.
type Speakers struct {
	// Static after construction.
	sfu      *SFU
	onChange func([]SpeakerLevel)
	wake     chan struct{}
	stop     chan struct{}
	done     chan struct{}
	floor    *floor

	// Guarded by mu.
	mu     sync.Mutex
	tracks map[*Track]struct{}
	closed bool

	// Owned by run.
	turns map[*Track]*turn
	order []*Track
	told  int64
}

// turn is the state of one who speaks.
type turn struct {
	level float64
	heard int64 // last above endSpeaking
	rank  float64
}

// NewSpeakers starts detection for one room. onChange gets those who speak now, loudest first, when the list changes and
// at most five times a second; it is called from the detector's goroutine and must not block. Close ends it.
func (s *SFU) NewSpeakers(onChange func([]SpeakerLevel)) *Speakers {
	x := &Speakers{
		sfu: s, onChange: onChange, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		tracks: map[*Track]struct{}{}, turns: map[*Track]*turn{}, floor: newFloor(s.cfg.MaxMicrophones),
	}
	s.mu.Lock()
	x.closed = s.closed
	s.speakers[x] = struct{}{}
	s.mu.Unlock()
	if x.closed {
		close(x.done)
		return x
	}
	go x.run()
	return x
}

// Add takes an audio track into account. A microphone is forwarded from then on only while it is among the loudest.
func (x *Speakers) Add(t *Track) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if t.kind == KindAudio {
		x.tracks[t] = struct{}{}
		if !t.share {
			x.floor.enter(t)
		}
		signal(x.wake)
	}
}

// Remove forgets a track.
func (x *Speakers) Remove(t *Track) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.tracks, t)
	x.floor.leave(t)
}

// Close ends detection and waits for it. It is idempotent and must not be called from onChange.
func (x *Speakers) Close() {
	x.mu.Lock()
	first := !x.closed
	x.closed = true
	x.mu.Unlock()
	if first {
		close(x.stop)
		x.sfu.mu.Lock()
		delete(x.sfu.speakers, x)
		x.sfu.mu.Unlock()
	}
	<-x.done
}

// run looks at the levels while there are tracks.
func (x *Speakers) run() {
	defer close(x.done)
	t := time.NewTicker(speakerInterval)
	defer t.Stop()
	for {
		select {
		case <-x.stop:
			return
		case <-t.C:
		}
		x.mu.Lock()
		tracks := make([]*Track, 0, len(x.tracks))
		for t := range x.tracks {
			tracks = append(tracks, t)
		}
		x.mu.Unlock()
		if len(tracks) == 0 && len(x.order) == 0 {
			t.Stop()
			select {
			case <-x.stop:
				return
			case <-x.wake:
			}
			t.Reset(speakerInterval)
			continue
		}
		now := x.sfu.now()
		levels := make(map[*Track]float64, len(tracks))
		for _, t := range tracks {
			levels[t] = t.AudioLevel()
		}
		if list, tell := x.step(levels, now); tell {
			x.onChange(list)
		}
		for _, t := range x.order {
			if !t.share {
				t.publisher.spokeAt.Store(now)
			}
		}
	}
}

// step takes the levels of all tracks and returns who speaks, and whether that is to be told.
func (x *Speakers) step(levels map[*Track]float64, now int64) (list []SpeakerLevel, tell bool) {
	for t := range x.turns {
		if _, ok := levels[t]; !ok {
			delete(x.turns, t)
		}
	}
	for t, level := range levels {
		s := x.turns[t]
		if s == nil {
			if level < beginSpeaking {
				continue
			}
			s = &turn{rank: level}
			x.turns[t] = s
		}
		s.level = level
		if level >= endSpeaking {
			s.heard = now
		}
		if now-s.heard > int64(keepSpeaking) {
			delete(x.turns, t)
			continue
		}
		// The rank follows the level only when it moved enough to matter.
		if diff := level - s.rank; diff > ahead || diff < -ahead {
			s.rank = level
		}
	}
	order := make([]*Track, 0, len(x.turns))
	for t := range x.turns {
		order = append(order, t)
	}
	slices.SortFunc(order, func(a, b *Track) int {
		return cmp.Or(cmp.Compare(x.turns[b].rank, x.turns[a].rank), cmp.Compare(a.id, b.id))
	})
	order = order[:min(len(order), maxSpeakers)]
	changed := !slices.Equal(order, x.order)
	x.order = order
	if !changed && (len(order) == 0 || now-x.told < int64(tellInterval)) {
		return nil, false
	}
	x.told = now
	list = make([]SpeakerLevel, len(order))
	for i, t := range order {
		list[i] = SpeakerLevel{TrackID: t.id, Level: x.turns[t].level}
	}
	return list, true
}
