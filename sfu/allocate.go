package sfu

import (
	"slices"
	"strings"
	"time"

	"parley/sfu/layers"
)

// Rules of the allocation.
const (
	// choiceInterval is how often layers are chosen again when nothing changed but rates and the estimate.
	choiceInterval = 200 * time.Millisecond
	// initialWidth and initialHeight are taken for the tile of a video before the subscriber told its first view.
	initialWidth, initialHeight = 320, 180
	// audioRate is set aside for each subscribed sound.
	audioRate = 40_000
	// patience is how long to wait before more is tried after congestion followed the last try; it doubles each time.
	patience    = 4 * time.Second
	maxPatience = 40 * time.Second
	// trialTime is how long after a try congestion counts as its consequence.
	trialTime = 5 * time.Second
)

// pauseReason says why a subscribed video does not flow.
type pauseReason int32

const (
	notPaused pauseReason = iota
	pausedHidden
	pausedBandwidth
	pausedNoLayer
)

func (r pauseReason) String() string {
	return [...]string{"", "hidden", "bandwidth", "noLayer"}[r]
}

// allocator keeps what the pure choice does not: when more may be tried again.
type allocator struct {
	triedAt  int64
	notUntil int64
	wait     time.Duration
}

// allocate chooses what every subscribed track sends. For the feedback goroutine.
func (s *subscriber) allocate(now int64) {
	if !s.changed.Swap(false) && now-s.lastChoice < int64(choiceInterval) {
		return
	}
	s.lastChoice = now
	began := s.peer.sfu.now()
	defer func() { s.peer.sfu.metrics.allocation.Observe(float64(s.peer.sfu.now()-began) / float64(time.Second)) }()
	s.turn = s.appendDowns(s.turn[:0])
	downs := s.turn
	slices.SortFunc(downs, func(a, b *downTrack) int { return strings.Compare(a.track.id, b.track.id) })
	budget, sound, sounds := s.budget(now), 0, 0
	videos := make([]layers.Video, 0, len(downs))
	shown := make([]*downTrack, 0, len(downs))
	pictures := make([][]picture, 0, len(downs))
	for _, d := range downs {
		if !d.video {
			d.aimAt(first(*d.track.current.Load()))
			if sounds++; sounds <= s.peer.sfu.cfg.MaxMicrophones || d.track.share {
				sound += audioRate
			}
			continue
		}
		list := d.track.pictures()
		videos = append(videos, s.describe(d, list, now))
		shown, pictures = append(shown, d), append(pictures, list)
	}
	choices := layers.Choose(videos, max(0, budget-sound))
	if s.allocator.holds(now) {
		for i := range choices {
			choices[i] = hold(choices[i], &videos[i])
		}
	}
	raised := false
	for i, d := range shown {
		if choices[i].Layer > videos[i].Current && videos[i].Current != layers.None {
			raised = true
		}
		s.settle(d, choices[i], &videos[i], pictures[i])
	}
	if raised {
		s.allocator.triedAt = now
	}
	s.probe(now, layers.Demand(videos)+sound, shown)
}

func first(list []*layer) *layer {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// budget returns what may be sent, and learns from congestion.
func (s *subscriber) budget(now int64) int {
	s.wideMu.Lock()
	defer s.wideMu.Unlock()
	s.estimator.Rest(now)
	if s.estimator.Congested(now, choiceInterval) {
		s.allocator.congested(now)
	} else if s.estimator.Proved() {
		s.allocator.notUntil = 0
	}
	return s.estimator.Estimate()
}

func (a *allocator) congested(now int64) {
	if a.triedAt != 0 && now-a.triedAt < int64(trialTime) {
		a.wait = min(max(2*a.wait, patience), maxPatience)
		a.triedAt = 0
	} else if a.wait == 0 {
		a.wait = patience / 2
	}
	a.notUntil = max(a.notUntil, now+int64(a.wait))
}

// holds tells whether more must not be tried yet.
func (a *allocator) holds(now int64) bool {
	if now < a.notUntil {
		return true
	}
	if a.notUntil != 0 && now-a.notUntil > int64(maxPatience) {
		*a = allocator{}
	}
	return false
}

// hold keeps a video from rising.
func hold(c layers.Choice, v *layers.Video) layers.Choice {
	if c.Layer == v.Current {
		c.Skip = max(c.Skip, v.CurrentSkip)
	}
	if c.Layer > v.Current && v.Current != layers.None && v.Layers[v.Current].Flows {
		c.Layer, c.Skip = v.Current, v.CurrentSkip
	}
	return c
}

// describe puts a down-track and the sizes that it can have into the terms of the choice.
func (s *subscriber) describe(d *downTrack, pictures []picture, now int64) layers.Video {
	v := layers.Video{
		Share: d.track.share, Speaks: !d.track.share && d.track.publisher.speaks(now),
		Current: layers.None, CurrentSkip: d.leftOut, Layers: make([]layers.Layer, len(pictures)),
	}
	s.mu.Lock()
	tile, ok := s.tiles[d.track.id]
	if s.tiles == nil {
		tile, ok = ViewTile{Width: initialWidth, Height: initialHeight}, true
	}
	s.mu.Unlock()
	if ok {
		v.Width, v.Height, v.Pinned = tile.Width, tile.Height, tile.Pinned
	}
	target := d.aimedAt()
	single := len(*d.track.current.Load()) == 1
	for i, p := range pictures {
		v.Layers[i] = layers.Layer{
			BitsPerSecond: p.expected(now), Temporal: p.upTo(),
			// A single stream flows by definition: a still screen sends next to nothing.
			Flows: single && p.spatial == 0 || p.available(now),
		}
		v.Layers[i].Width, v.Layers[i].Height = p.size()
		if p.layer == target.layer && p.spatial <= target.spatial {
			v.Current = i
		}
	}
	return v
}

// settle makes a choice come true and tells the peer of pauses for want of bandwidth.
func (s *subscriber) settle(d *downTrack, c layers.Choice, v *layers.Video, pictures []picture) {
	var aim picture
	if c.Layer != layers.None {
		aim = pictures[c.Layer]
	}
	if c.Reason == layers.NoLayer && d.interrupt() {
		aim = d.aimedAt()
	}
	limit := uint8(allTemporals)
	if d.leftOut = c.Skip; c.Skip > 0 {
		limit = uint8(v.Temporals(c.Layer) - 1 - c.Skip)
	}
	d.limitTo(aim.spatial, limit)
	d.aimAt(aim.layer)
	d.chosen.Store(true)
	reason := map[layers.Reason]pauseReason{
		layers.Hidden: pausedHidden, layers.Bandwidth: pausedBandwidth, layers.NoLayer: pausedNoLayer,
	}[c.Reason]
	before := pauseReason(d.paused.Swap(int32(reason)))
	if (before == pausedBandwidth) == (reason == pausedBandwidth) {
		return
	}
	id, paused := d.track.id, reason == pausedBandwidth
	s.peer.post(func() { s.peer.handler.OnPaused(id, paused) })
}
