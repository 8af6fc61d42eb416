package sfu

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/prometheus/client_golang/prometheus"

	"parley/sfu/transport"
)

// Intervals of the connections.
const (
	keepalive          = 2 * time.Second
	dtlsRetransmission = 100 * time.Millisecond
)

// SFU owns the media ports and the peers.
type SFU struct {
	// Static after construction.
	cfg         Config
	log         *slog.Logger
	pionLog     pionLog
	ports       *transport.Ports
	certificate webrtc.Certificate
	metrics     *metrics
	epoch       time.Time // zero of the monotonic clock
	arrivals    *transport.Arrivals
	lanes       []*lane   // one for each core
	rounds      []*rounds // the same

	// Guarded by mu.
	mu       sync.Mutex
	peers    map[*Peer]struct{}
	speakers map[*Speakers]struct{}
	entered  int // peers that were given rounds
	closed   bool
}

// New opens the media ports. The registerer may be nil.
func New(cfg Config, log *slog.Logger, m prometheus.Registerer) (*SFU, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &SFU{
		cfg: cfg.withDefaults(), log: log, pionLog: pionLog{log}, epoch: time.Now(),
		peers: map[*Peer]struct{}{}, speakers: map[*Speakers]struct{}{},
	}
	s.arrivals = transport.NewArrivals(s.epoch)
	var err error
	if s.metrics, err = newMetrics(m); err != nil {
		return nil, fmt.Errorf("sfu: register metrics: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("sfu: make a key: %w", err)
	}
	certificate, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("sfu: make a certificate: %w", err)
	}
	s.certificate = *certificate
	s.openLanes()
	if s.cfg.net != nil {
		return s.opened(m)
	}
	address := func(a string) string {
		if a == off {
			return ""
		}
		return a
	}
	s.ports, err = transport.Open(transport.Config{
		UDPAddr: address(s.cfg.UDPAddr), TCPAddr: address(s.cfg.TCPAddr), Loopback: s.cfg.Loopback, Arrivals: s.arrivals,
		Sockets: len(s.lanes), OnBatch: s.wakeLanes, OnDrop: s.metrics.dropLate.Inc,
	}, log, s.pionLog)
	if err != nil {
		s.closeLanes()
		return nil, err
	}
	return s.opened(m)
}

// opened registers what tells of the ports and lanes.
func (s *SFU) opened(m prometheus.Registerer) (*SFU, error) {
	if err := s.registerGauges(m); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *SFU) openLanes() {
	for i := range runtime.GOMAXPROCS(0) {
		x := newLane(s, i)
		s.lanes = append(s.lanes, x)
		go x.run() // Close waits for it
		r := newRounds(s.now)
		s.rounds = append(s.rounds, r)
		go r.run() // as well
	}
}

func (s *SFU) closeLanes() {
	for i, x := range s.lanes {
		x.close()
		s.rounds[i].close()
	}
}

// nextRounds returns the rounds of the next peer.
func (s *SFU) nextRounds() *rounds {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entered++
	return s.rounds[s.entered%len(s.rounds)]
}

// wakeLanes lets the lanes send what the last batch brought them.
func (s *SFU) wakeLanes() {
	for _, x := range s.lanes {
		if x.waiting.Load() {
			signal(x.wake)
		}
	}
}

// UDPPort returns the number of the UDP port, 0 when it is off.
func (s *SFU) UDPPort() int {
	if s.ports == nil {
		return 0
	}
	return s.ports.UDPPort
}

// TCPPort returns the number of the TCP port, 0 when it is off.
func (s *SFU) TCPPort() int {
	if s.ports == nil {
		return 0
	}
	return s.ports.TCPPort
}

// now returns nanoseconds of the monotonic clock.
func (s *SFU) now() int64 { return int64(time.Since(s.epoch)) }

// arrival returns when a packet reached the machine, as far as that is known, on the same clock.
func (s *SFU) arrival(ssrc uint32, seq uint16) int64 {
	if at, ok := s.arrivals.At(ssrc, seq); ok {
		return at
	}
	return s.now()
}

// Close closes every peer and the ports, and waits for every goroutine. It is idempotent.
func (s *SFU) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	peers := make([]*Peer, 0, len(s.peers))
	for p := range s.peers {
		peers = append(peers, p)
	}
	speakers := make([]*Speakers, 0, len(s.speakers))
	for x := range s.speakers {
		speakers = append(speakers, x)
	}
	s.mu.Unlock()
	for _, x := range speakers {
		x.Close()
	}
	var wg sync.WaitGroup
	errs := make([]error, len(peers))
	for i, p := range peers {
		wg.Go(func() { errs[i] = p.Close() })
	}
	wg.Wait()
	if first {
		s.closeLanes()
	}
	if first && s.ports != nil {
		errs = append(errs, s.ports.Close())
	}
	return errors.Join(errs...)
}

// NewPeer makes a peer. The id is for logs and PublisherID.
func (s *SFU) NewPeer(id string, h PeerHandler) (*Peer, error) {
	return s.newPeer(id, h, TargetPublish, TargetSubscribe)
}

func (s *SFU) newPeer(id string, h PeerHandler, targets ...Target) (*Peer, error) {
	p, err := newPeer(s, id, h, targets...)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.peers[p] = struct{}{}
	}
	s.mu.Unlock()
	if closed {
		_ = p.Close()
		return nil, ErrClosed
	}
	s.metrics.peers.Inc()
	return p, nil
}

func (s *SFU) forget(p *Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.peers[p]; ok {
		delete(s.peers, p)
		s.metrics.peers.Dec()
	}
}
