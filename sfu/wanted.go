package sfu

import (
	"slices"
	"sync/atomic"
	"time"
)

const (
	// unwantedAfter is how long nobody may use a layer before its publisher is told.
	unwantedAfter = 800 * time.Millisecond
	// useInterval is how often it is looked at who uses what, when nobody began to.
	useInterval = 300 * time.Millisecond
	// restartTime is how long a layer that rested may take to begin again.
	restartTime = 3 * time.Second
	// restAgainAfter is how long one that did not is left alone: the publisher cannot send it.
	restAgainAfter = 15 * time.Second
	// starvesAfter is how long a layer may come with less than an encoder needs for it.
	starvesAfter = 2 * time.Second
)

// Least rates of layers in bits per second by their number of pixels, those of libwebrtc (video/config/simulcast.cc). Its
// encoders do not go below, and overload links that carry less, unless a smaller layer may be sent.
const (
	leastRate      = 150_000
	leastRateLarge = 350_000
	largePixels    = 960 * 540
)

// WantedHandler is an optional part of PeerHandler, for publishers that can stop single layers. Of others everything is
// expected to flow.
type WantedHandler interface {
	// OnUnwanted tells which layers of a published video nobody uses, so that the publisher need not send them; rids holds
	// "" for the stream of a video without simulcast. It replaces what was told of the track before: other layers are
	// wanted (again), and soon. Of a video whose stream has several spatial layers, spatials is how many of them, from the
	// lowest on, are used; 0 stands for all.
	OnUnwanted(trackID string, rids []string, spatials int)
}

// rest is what a layer knows of being wanted.
type rest struct {
	unusedSince int64 // 0 while it is used
	wantedAt    int64 // when it was wanted again, 0 since it flows
	leaveUntil  int64
}

// want tells the publisher what became unwanted or wanted. For the feedback goroutine.
func (b *publisher) want(now int64) {
	h, ok := b.peer.handler.(WantedHandler)
	if !ok {
		return
	}
	b.mu.Lock()
	tracks := make([]*Track, 0, len(b.tracks))
	for _, t := range b.tracks {
		if t.kind == KindVideo {
			tracks = append(tracks, t)
		}
	}
	b.mu.Unlock()
	for _, t := range tracks {
		if !t.newUse.Swap(false) && now-t.lookedAt < int64(useInterval) {
			continue
		}
		t.lookedAt = now
		again := t.tellAgain.Swap(false)
		list, spatials := t.unwanted(now)
		same := slices.Equal(list, t.told) && spatials == t.toldSpatials
		if same && !again || again && same && len(list) == 0 && spatials == 0 {
			continue
		}
		t.told, t.toldSpatials = list, spatials
		b.peer.post(func() { h.OnUnwanted(t.id, list, spatials) })
	}
}

// unwanted returns the layers that nobody uses, and notes which ones rest now. spatials is how many spatial layers are
// used of a stream that has more, 0 for all.
func (t *Track) unwanted(now int64) (rids []string, spatials int) {
	used := t.used()
	rids = []string{}
	starves := false
	for _, l := range slices.Backward(*t.current.Load()) {
		top, some := used[l]
		some = some || starves
		starves = l.starves(some, now) || starves
		if l.rest.follow(&l.resting, some, l.packets.Load() > 0, l.lastAt.Load(), now) {
			rids = append(rids, l.rid)
		}
		for i := l.spatialCount() - 1; i > 0; i-- {
			s := &l.spatial[i]
			at := s.lastAt.Load()
			if s.rest.follow(&s.resting, top >= i || !some, at > 0, at, now) {
				spatials = int(i)
			}
		}
	}
	slices.Reverse(rids)
	return rids, spatials
}

// starves tells whether a layer that is used has come for a while with less than an encoder needs for it. The smaller ones may
// be sent then, too, which is all that a thin uplink carries.
func (l *layer) starves(used bool, now int64) bool {
	least := leastRate
	if size := l.size.Load(); int(size>>16)*int(size&0xffff) >= largePixels {
		least = leastRateLarge
	}
	if !used || l.rank == 0 || l.bitsPerSecond(now) >= least {
		l.starvesSince = 0
	} else if l.starvesSince == 0 {
		l.starvesSince = now
	}
	return l.starvesSince != 0 && now-l.starvesSince >= int64(starvesAfter)
}

// follow takes whether somebody uses what it is of, and returns whether it need not be sent. flowed tells whether it ever
// was, lastAt when it was last.
func (r *rest) follow(resting *atomic.Bool, used, flowed bool, lastAt, now int64) bool {
	switch {
	case used:
		r.unusedSince = 0
		if resting.Load() && r.wantedAt == 0 {
			r.wantedAt = now
		}
		if r.wantedAt != 0 && lastAt > r.wantedAt {
			r.wantedAt = 0
			resting.Store(false)
		}
		if r.wantedAt != 0 && now-r.wantedAt > int64(restartTime) {
			r.wantedAt, r.leaveUntil = 0, now+int64(restAgainAfter)
			resting.Store(false)
		}
		return false
	case r.unusedSince == 0:
		r.unusedSince = now
	case now-r.unusedSince >= int64(unwantedAfter) && now >= r.leaveUntil && flowed:
		r.wantedAt = 0
		resting.Store(true)
	}
	return resting.Load() // perhaps it rested, was wanted for a moment, and is not any more
}

// used returns the layers that somebody shows or waits for, with the highest of their spatial layers. Who has not chosen yet
// will begin with the smallest.
func (t *Track) used() map[*layer]uint8 {
	used := map[*layer]uint8{}
	alive := *t.current.Load()
	note := func(p picture) {
		if p.layer != nil {
			used[p.layer] = max(used[p.layer], p.spatial)
		}
	}
	for _, c := range t.listeners() {
		target, current, chosen := c.uses()
		note(target)
		note(current)
		if !chosen && len(alive) > 0 {
			note(picture{layer: alive[0]})
		}
	}
	return used
}

// uses implements consumer.
func (d *downTrack) uses() (target, current picture, chosen bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	target, current = d.fwd.uses()
	return target, current, d.chosen.Load()
}

// uses implements consumer.
func (f *sinkFeed) uses() (target, current picture, chosen bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	target, current = f.fwd.uses()
	return target, current, true
}

func (f *forwarder) uses() (target, current picture) {
	return picture{f.target, f.spatials}, picture{f.current, f.top}
}

// use notes that somebody begins to use layers, so that the publisher is told soon.
func (t *Track) use() {
	t.newUse.Store(true)
	t.publisher.peer.nudge()
}

// available tells whether packets come in, or will when they are wanted.
func (l *layer) available(now int64) bool { return l.resting.Load() || l.flows(now) }

// expected returns the rate that is measured, or was before the layer rested, 0 when not known.
func (l *layer) expected(now int64) int {
	if l.resting.Load() {
		return int(l.rate.Load())
	}
	return l.bitsPerSecond(now)
}
