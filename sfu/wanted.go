package sfu

import (
	"slices"
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
)

// WantedHandler is an optional part of PeerHandler, for publishers that can stop single layers. Of others everything is
// expected to flow.
type WantedHandler interface {
	// OnUnwanted tells which layers of a published video nobody uses, so that the publisher need not send them; rids holds
	// "" for the stream of a video without simulcast. It replaces what was told of the track before: other layers are
	// wanted (again), and soon.
	OnUnwanted(trackID string, rids []string)
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
		list := t.unwanted(now)
		if slices.Equal(list, t.told) && !again || again && len(list) == 0 && len(t.told) == 0 {
			continue
		}
		t.told = list
		b.peer.post(func() { h.OnUnwanted(t.id, list) })
	}
}

// unwanted returns the layers that nobody uses, and notes which ones rest now.
func (t *Track) unwanted(now int64) []string {
	used := t.used()
	rids := []string{}
	for _, l := range *t.current.Load() {
		r := &l.rest
		switch {
		case used[l]:
			r.unusedSince = 0
			if l.resting.Load() && r.wantedAt == 0 {
				r.wantedAt = now
			}
			if r.wantedAt != 0 && l.lastAt.Load() > r.wantedAt {
				r.wantedAt = 0
				l.resting.Store(false)
			}
			if r.wantedAt != 0 && now-r.wantedAt > int64(restartTime) {
				r.wantedAt, r.leaveUntil = 0, now+int64(restAgainAfter)
				l.resting.Store(false)
			}
		case r.unusedSince == 0:
			r.unusedSince = now
		case now-r.unusedSince >= int64(unwantedAfter) && now >= r.leaveUntil && l.packets.Load() > 0:
			r.wantedAt = 0
			l.resting.Store(true)
			rids = append(rids, l.rid)
		}
		if !used[l] && l.resting.Load() && !slices.Contains(rids, l.rid) {
			rids = append(rids, l.rid) // it rested, was wanted for a moment, and is not any more
		}
	}
	return rids
}

// used returns the layers that somebody shows or waits for. Who has not chosen yet will begin with the smallest.
func (t *Track) used() map[*layer]bool {
	used := map[*layer]bool{}
	alive := *t.current.Load()
	for _, c := range t.listeners() {
		target, current, chosen := c.uses()
		used[target], used[current] = true, true
		if !chosen && len(alive) > 0 {
			used[alive[0]] = true
		}
	}
	return used
}

// uses implements consumer.
func (d *downTrack) uses() (target, current *layer, chosen bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fwd.target, d.fwd.current, d.chosen.Load()
}

// uses implements consumer.
func (f *sinkFeed) uses() (target, current *layer, chosen bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fwd.target, f.fwd.current, true
}

// use notes that somebody begins to use layers, so that the publisher is told soon.
func (t *Track) use() {
	t.newUse.Store(true)
	signal(t.publisher.peer.nudge)
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
