package sfu

import (
	"log/slog"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// SFU owns the media ports and the peers.
type SFU struct {
	// Static after construction.
	cfg Config
	log *slog.Logger

	// Guarded by mu.
	mu     sync.Mutex
	peers  map[*Peer]struct{}
	closed bool
}

// New opens the media ports. The registerer may be nil.
func New(cfg Config, log *slog.Logger, m prometheus.Registerer) (*SFU, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &SFU{cfg: cfg.withDefaults(), log: log, peers: map[*Peer]struct{}{}}, nil
}

// Close closes every peer and the ports, and waits for every goroutine.
func (s *SFU) Close() error {
	s.mu.Lock()
	s.closed = true
	peers := make([]*Peer, 0, len(s.peers))
	for p := range s.peers {
		peers = append(peers, p)
	}
	s.mu.Unlock()
	for _, p := range peers {
		_ = p.Close()
	}
	return nil
}

// NewPeer makes a peer. The id is for logs.
func (s *SFU) NewPeer(id string, h PeerHandler) (*Peer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	p := &Peer{id: id, sfu: s, handler: h, log: s.log.With("peer", id)}
	s.peers[p] = struct{}{}
	return p, nil
}
