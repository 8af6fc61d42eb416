package sfu

import (
	"errors"
	"time"

	"parley/sfu/codec"
)

// Errors of peers and tracks.
var (
	// ErrClosed is returned by everything on a closed SFU or Peer.
	ErrClosed = errors.New("sfu: closed")
	// ErrBadSDP wraps what is wrong with an offer or answer of the client.
	ErrBadSDP = errors.New("sfu: session description not usable")
	// ErrStaleAnswer answers an AnswerSubscribe whose number is not that of the latest offer.
	ErrStaleAnswer = errors.New("sfu: answer to an earlier offer")
	// ErrTooManyTracks answers a Publish that exceeds Config.MaxTracksPerPeer.
	ErrTooManyTracks = errors.New("sfu: too many tracks")
	// ErrBadCandidate wraps what is wrong with a candidate.
	ErrBadCandidate = errors.New("sfu: candidate not usable")
	// ErrOneWay answers what needs a connection that the peer was made without.
	ErrOneWay = errors.New("sfu: the peer has no connection for that")
	// ErrOverflow ends a peer that produces more events than can be handled.
	ErrOverflow = errors.New("sfu: too many pending events")
)

// Target names one of the two peer connections that a Peer may have.
type Target string

// The targets.
const (
	TargetPublish   Target = "publish"
	TargetSubscribe Target = "subscribe"
)

// Kind is the media kind of a track.
type Kind string

// The kinds.
const (
	KindAudio Kind = "audio"
	KindVideo Kind = "video"
)

// Hint tells what matters in a video: sharp text or smooth motion.
type Hint string

// The hints.
const (
	HintNone   Hint = ""
	HintText   Hint = "text"
	HintMotion Hint = "motion"
)

// State is the state of a peer connection.
type State string

// The states.
const (
	StateNew          State = "new"
	StateConnecting   State = "connecting"
	StateConnected    State = "connected"
	StateDisconnected State = "disconnected"
	StateFailed       State = "failed"
	StateClosed       State = "closed"
)

// Candidate is an ICE candidate (RFC 8838); an empty Candidate field ends them.
type Candidate struct {
	Candidate        string
	SDPMid           string
	SDPMLineIndex    *int
	UsernameFragment string
}

// Offer is the server's offer for the subscribe connection. Number increases with every offer.
type Offer struct {
	SDP    string
	Number int
	Tracks []OfferTrack
}

// OfferTrack binds a media section of an Offer to a track.
type OfferTrack struct {
	MID     string
	TrackID string
}

// PublishTrack binds a media section of a publish offer to a track. TrackID is chosen by the caller and stays the same
// for as long as the publication lives.
type PublishTrack struct {
	MID         string
	TrackID     string
	Kind        Kind
	ScreenShare bool
	Hint        Hint
	Muted       bool
}

// ViewTile is a video that the subscriber shows, in device pixels.
type ViewTile struct {
	TrackID string
	Width   int
	Height  int
	Pinned  bool
}

// PeerHandler is told what happens at a peer. The calls come from the peer's own goroutine, in order; they must not block
// and must not call back into the Peer and wait.
type PeerHandler interface {
	// OnCandidate gives a candidate of the server to be sent to the client.
	OnCandidate(target Target, c Candidate)
	// OnSubscribeOffer gives an offer to be sent to the client, who answers through AnswerSubscribe.
	OnSubscribeOffer(offer Offer)
	// OnTrack tells that the first packet of a published track came; its codec is certain now.
	OnTrack(t *Track)
	// OnTrackEnded tells that a published track is gone.
	OnTrackEnded(t *Track)
	// OnState tells the state of a connection.
	OnState(target Target, s State)
	// OnPaused tells that the server stopped or resumed a subscribed video for want of bandwidth.
	OnPaused(trackID string, paused bool)
}

// UnsupportedHandler is an optional part of PeerHandler.
type UnsupportedHandler interface {
	// OnUnsupported tells that the subscriber's answer refused a track, for example for its codec, and which codecs of the
	// kind it takes.
	OnUnsupported(trackID string, codecName string, takes []string)
}

// SpeakerLevel is a track that speaks now; Level is 0 (silence) to 1.
type SpeakerLevel struct {
	TrackID string
	Level   float64
}

// PeerStats is how a peer is connected and what flows. Rates are averages of about the last second.
type PeerStats struct {
	// RoundTrip is the larger of both connections' round-trip times, 0 when unknown.
	RoundTrip time.Duration
	// UplinkLoss and DownlinkLoss are fractions 0..1 of lost packets.
	UplinkLoss, DownlinkLoss float64
	// UplinkBitsPerSecond and DownlinkBitsPerSecond are what was received from and sent to the peer.
	UplinkBitsPerSecond, DownlinkBitsPerSecond int
	// EstimateBitsPerSecond is what the downlink is believed to carry.
	EstimateBitsPerSecond int
	Publish, Subscribe    ConnectionStats
	Up                    []UpStats
	Down                  []DownStats
}

// ConnectionStats describes a peer connection. Local and Remote are the selected candidates, empty while there are none.
type ConnectionStats struct {
	State         State
	Local, Remote string
	Protocol      string // udp or tcp
}

// UpStats describes a published track.
type UpStats struct {
	TrackID string
	Kind    Kind
	Codec   codec.Kind
	Muted   bool
	Layers  []LayerStats
}

// LayerStats describes one incoming RTP stream.
type LayerStats struct {
	RID               string
	SSRC              uint32
	Width, Height     int
	BitsPerSecond     int
	Packets           uint64
	Lost              int64
	Recovered         uint64 // by retransmission
	Keyframes         uint64
	KeyframesAskedFor uint64
	Jitter            time.Duration
}

// DownStats describes a subscribed track.
type DownStats struct {
	TrackID       string
	Kind          Kind
	RID           string // layer that flows, empty when paused
	TargetRID     string // layer that is wanted, empty when paused
	PausedReason  string // hidden, bandwidth, muted, or empty
	Packets       uint64
	Bytes         uint64
	Retransmitted uint64
	NackMisses    uint64 // asked for but no longer in the cache
	Dropped       uint64 // not forwarded because the subscriber could not keep up
	Lost          float64
	Switches      uint64
}
