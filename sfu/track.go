package sfu

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
)

// consumer gets the packets of the layers it joined: a downTrack through its lane, a sinkFeed at once.
type consumer interface {
	onReport(l *layer)
	// onLayers tells that layers came or went, onGate that the gate moved. They are called without locks.
	onLayers(t *Track)
	onGate(t *Track)
	// uses tells the layers that are waited for and shown, and whether it was decided which.
	uses() (target, current picture, chosen bool)
	// onTrackEnd is the last call.
	onTrackEnd(t *Track)
}

// Track is something a peer publishes: one media section, with up to three simulcast layers.
type Track struct {
	// Static after construction.
	id        string
	kind      Kind
	publisher *publisher
	share     bool

	muted     atomic.Bool
	tellAgain atomic.Bool // which layers are unwanted
	newUse    atomic.Bool
	floor     atomic.Pointer[floor] // nil where every packet is forwarded
	heard     atomic.Bool           // it has a place on the floor; changed under its lock
	heardAt   atomic.Int64          // since when
	stretch   atomic.Uint32
	sounding  atomic.Bool // its last packet was forwarded
	loudness  loudness
	current   atomic.Pointer[[]*layer] // layers that flow or may flow, the smallest first
	sources   atomic.Pointer[[]*layer] // every layer there ever was, by its source number

	// Owned by the publisher's feedback goroutine.
	told         []string // rids that are unwanted
	toldSpatials int
	lookedAt     int64 // at who uses what

	// Guarded by mu.
	mu        sync.Mutex
	codec     webrtc.RTPCodecCapability
	certain   bool // a packet told the codec
	hint      Hint
	rids      []string
	consumers map[consumer]struct{}
	ended     bool
}

func newTrack(b *publisher, in PublishTrack) *Track {
	t := &Track{
		id: in.TrackID, kind: in.Kind, publisher: b, share: in.ScreenShare, hint: in.Hint, consumers: map[consumer]struct{}{},
	}
	t.muted.Store(in.Muted)
	t.current.Store(&[]*layer{})
	t.sources.Store(&[]*layer{})
	return t
}

// ID returns the id the publisher chose.
func (t *Track) ID() string { return t.id }

// Kind returns the media kind.
func (t *Track) Kind() Kind { return t.kind }

// ScreenShare tells whether the track belongs to a shared screen.
func (t *Track) ScreenShare() bool { return t.share }

// PublisherID returns the id of the peer that publishes the track.
func (t *Track) PublisherID() string { return t.publisher.peer.id }

// Codec returns the codec, such as "VP8" or "opus": the first one negotiated until a packet came, then that packet's.
func (t *Track) Codec() codec.Kind {
	return codec.FromMime(t.capability().MimeType)
}

func (t *Track) capability() webrtc.RTPCodecCapability {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.codec
}

// Muted tells whether the gate is closed.
func (t *Track) Muted() bool { return t.muted.Load() }

// SetMuted closes or opens the gate: while it is closed nothing that the publisher sends is forwarded.
func (t *Track) SetMuted(muted bool) {
	if t.muted.Swap(muted) == muted {
		return
	}
	if muted {
		t.loudness.reset()
		for _, l := range *t.sources.Load() {
			l.keyframe.Store(0) // what was before the gate closed is not shown to who comes later
		}
	}
	for _, c := range t.listeners() {
		c.onGate(t)
	}
}

// SetHint changes what matters in the picture.
func (t *Track) SetHint(h Hint) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hint = h
}

// AudioLevel returns how loud the track was lately, 0 (silence) to 1.
func (t *Track) AudioLevel() float64 { return t.loudness.at(t.publisher.peer.sfu.now()) }

// update takes what a new list says of a track that lives.
func (t *Track) update(in PublishTrack, rids []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hint, t.rids = in.Hint, rids
	t.tellAgain.Store(true)
}

// expectCodec takes the codec that was negotiated, unless a packet told better.
func (t *Track) expectCodec(c webrtc.RTPCodecCapability) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.certain {
		t.codec = c
	}
}

// learnCodec takes the codec of a packet and tells the peer and, when it was expected otherwise, every consumer.
func (t *Track) learnCodec(c webrtc.RTPCodecCapability) {
	t.mu.Lock()
	first := !t.certain
	changed := match(c, t.codec) == 0
	t.certain, t.codec = true, c
	t.mu.Unlock()
	if first {
		p := t.publisher.peer
		p.post(func() { p.handler.OnTrack(t) })
	}
	if !changed {
		return
	}
	for _, x := range t.listeners() {
		if d, ok := x.(*downTrack); ok {
			d.sub.peer.post(func() { d.sub.resubscribe(t) })
		}
	}
}

// addLayer starts a layer for an incoming stream.
func (t *Track) addLayer(rid string, ssrc uint32) *layer {
	t.mu.Lock()
	all := slices.Clone(*t.sources.Load())
	l := newLayer(t, rid, ssrc, t.rankLocked(rid), len(all))
	all = append(all, l)
	t.sources.Store(&all)
	alive := slices.Clone(*t.current.Load())
	alive = slices.DeleteFunc(alive, func(x *layer) bool { return x.rid == rid })
	alive = append(alive, l)
	slices.SortStableFunc(alive, func(a, b *layer) int { return a.rank - b.rank })
	t.current.Store(&alive)
	t.mu.Unlock()
	t.changed()
	return l
}

// rankLocked orders layers by the names that are in use, else by their place in the offer.
func (t *Track) rankLocked(rid string) int {
	switch rid {
	case "q", "l", "low":
		return 0
	case "h", "m", "mid":
		return 1
	case "f", "high":
		return 2
	}
	return max(0, slices.Index(t.rids, rid))
}

// retire takes a layer out that will not flow again.
func (t *Track) retire(l *layer) {
	t.mu.Lock()
	alive := slices.DeleteFunc(slices.Clone(*t.current.Load()), func(x *layer) bool { return x == l })
	t.current.Store(&alive)
	t.mu.Unlock()
	t.changed()
}

func (t *Track) changed() {
	for _, c := range t.listeners() {
		c.onLayers(t)
	}
}

// attach registers a consumer and starts it; false when the track has ended. What start begins may count on the publishing
// peer to wait for it, because the peer ends its tracks first.
func (t *Track) attach(c consumer, start func()) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return false
	}
	t.consumers[c] = struct{}{}
	if t.kind == KindVideo {
		t.use()
	}
	if start != nil {
		start()
	}
	return true
}

// detach forgets a consumer; it gets no packet of the track any more once the ones under way are through.
func (t *Track) detach(c consumer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.consumers, c)
	for _, l := range *t.sources.Load() {
		l.leaveLocked(c)
	}
}

func (t *Track) listeners() []consumer {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]consumer, 0, len(t.consumers))
	for c := range t.consumers {
		list = append(list, c)
	}
	return list
}

// join makes c get the packets of exactly these layers.
func (t *Track) join(c consumer, wanted ...*layer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.consumers[c]; !ok {
		return
	}
	for _, l := range *t.sources.Load() {
		if slices.Contains(wanted, l) {
			l.joinLocked(c)
		} else {
			l.leaveLocked(c)
		}
	}
}

// source returns the layer of a source number, nil when there is none.
func (t *Track) source(n int) *layer {
	all := *t.sources.Load()
	if n < 0 || n >= len(all) {
		return nil
	}
	return all[n]
}

// end tells every consumer.
func (t *Track) end() {
	t.mu.Lock()
	t.ended = true
	t.mu.Unlock()
	for _, c := range t.listeners() {
		c.onTrackEnd(t)
	}
}
