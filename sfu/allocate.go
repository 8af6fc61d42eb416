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
	// audioRate is set aside for sound at least, for who speaks next.
	audioRate = 48_000
	// steadyFor is how long a larger layer must have flowed to be switched to: a sender at the edge of what its link
	// carries starts and stops it.
	steadyFor = 1500 * time.Millisecond
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
	budget := s.budget(now)
	var sounds []int
	videos := make([]layers.Video, 0, len(downs))
	shown := make([]*downTrack, 0, len(downs))
	pictures := make([][]picture, 0, len(downs))
	for _, d := range downs {
		if !d.video {
			l := first(*d.track.current.Load())
			d.aimAt(l)
			if l != nil {
				sounds = append(sounds, l.bitsPerSecond(now))
			}
			continue
		}
		list := d.track.pictures()
		videos = append(videos, s.describe(d, list, now))
		shown, pictures = append(shown, d), append(pictures, list)
	}
	sound := s.soundRate(sounds)
	if s.soundSent = sound; s.twice.Load() {
		sound *= 2
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
	s.probe(now, layers.Demand(videos)+sound+8*int(s.held.Load()), shown)
}

// soundRate returns what is set aside for sounds of such rates: those of the microphones that are forwarded at once.
func (s *subscriber) soundRate(rates []int) int {
	if len(rates) == 0 {
		return 0
	}
	slices.Sort(rates)
	sum := 0
	for _, rate := range rates[max(0, len(rates)-s.peer.sfu.cfg.MaxMicrophones):] {
		sum += rate
	}
	return max(sum, audioRate)
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
		if v.Share {
			v.Layers[i] = lasting(v.Layers[i], p.layer, now)
		}
	}
	if v.Current != layers.None && v.Layers[v.Current].Flows {
		for i := v.Current + 1; i < len(pictures); i++ {
			l := pictures[i].layer
			v.Layers[i].Flows = v.Layers[i].Flows && (l == target.layer || l.steady(now))
		}
	}
	return v
}

// lasting puts a share's rates into terms of what it takes over a long time: a page that was turned is a burst, which is
// sent as slowly as it must be.
func lasting(v layers.Layer, l *layer, now int64) layers.Layer {
	takes := l.takes(now)
	if v.BitsPerSecond == 0 {
		v.BitsPerSecond, v.Temporal = takes, [layers.MaxTemporal - 1]int{}
		return v
	}
	part := float64(takes) / float64(max(1, l.rate.Load()))
	v.BitsPerSecond = max(1, int(float64(v.BitsPerSecond)*part))
	for i := range v.Temporal {
		v.Temporal[i] = int(float64(v.Temporal[i]) * part)
	}
	return v
}

// steady tells whether the layer has flowed without gaps for a while, or will be begun for who wants it.
func (l *layer) steady(now int64) bool {
	return l.resting.Load() || now-l.flowsSince.Load() > int64(steadyFor)
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
