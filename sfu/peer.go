package sfu

import (
	"context"
	"log/slog"
)

// Peer is one participant's pair of peer connections.
type Peer struct {
	// Static after construction.
	id      string
	sfu     *SFU
	handler PeerHandler
	log     *slog.Logger
}

// ID returns the id that NewPeer was given.
func (p *Peer) ID() string { return p.id }

// Publish takes the client's offer and the complete list of its live tracks, and returns the answer. A track that was
// published before and is missing in the list has ended.
func (p *Peer) Publish(ctx context.Context, offerSDP string, tracks []PublishTrack) (answerSDP string, published []*Track, err error) {
	return "", nil, ErrClosed
}

// AnswerSubscribe takes the client's answer to the offer of that number.
func (p *Peer) AnswerSubscribe(sdp string, number int) error { return ErrClosed }

// AddCandidate takes a trickled candidate of the client.
func (p *Peer) AddCandidate(target Target, c Candidate) error { return ErrClosed }

// RestartSubscribe makes a new offer with an ICE restart.
func (p *Peer) RestartSubscribe() {}

// Subscribe asks for a track; the offer that carries it follows through OnSubscribeOffer.
func (p *Peer) Subscribe(t *Track) {}

// Unsubscribe gives a track up.
func (p *Peer) Unsubscribe(t *Track) {}

// SetView tells which videos are shown and how large; what is not named is not sent. It replaces the view before it.
// Until the first call every subscribed video counts as a small tile.
func (p *Peer) SetView(tiles []ViewTile) {}

// Stats returns how the peer does.
func (p *Peer) Stats() PeerStats { return PeerStats{} }

// Close ends both connections and everything published, and waits for every goroutine of the peer.
func (p *Peer) Close() error { return nil }
