package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/sfu"
)

const (
	offerTimeout    = 10 * time.Second
	shutdownTimeout = 5 * time.Second
)

// listening is what a server tells its driver, in a line of JSON.
type listening struct {
	URL string `json:"url"`
}

// server is an SFU with the least signaling.
type server struct {
	// Static after construction.
	sfu     *sfu.SFU
	log     *slog.Logger
	metrics *prometheus.Registry
	// guard keeps others off the core; nil in tests.
	guard *guard

	// Guarded by mu.
	mu     sync.Mutex
	peers  map[string]*peer
	tracks []*sfu.Track
}

// peer is an sfu.Peer and its handler.
type peer struct {
	*sfu.Peer
	log    *slog.Logger
	offers chan sfu.Offer
}

// mutexFraction, in the environment of the server, makes it record every wait for a lock.
const mutexFraction = "BENCH_MUTEX_FRACTION"

// throughPion, in the environment of the server, leaves encryption to Pion.
const throughPion = "BENCH_THROUGH_PION"

// runServer serves until the context ends.
func runServer(ctx context.Context) error {
	if os.Getenv(mutexFraction) != "" {
		runtime.SetMutexProfileFraction(1)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	metrics := prometheus.NewRegistry()
	cfg := sfu.Config{UDPAddr: "127.0.0.1:0", TCPAddr: "off", ThroughPion: os.Getenv(throughPion) != ""}
	unit, err := sfu.New(cfg, log, metrics)
	if err != nil {
		return err
	}
	defer func() { _ = unit.Close() }()
	s := &server{sfu: unit, log: log, metrics: metrics, peers: map[string]*peer{}}
	if s.guard, err = startGuard(); err != nil {
		return err
	}
	defer func() { _ = s.guard.stop() }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h := &http.Server{Handler: s.routes(), ReadHeaderTimeout: offerTimeout}
	go func() {
		<-ctx.Done()
		bounded, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		_ = h.Shutdown(bounded)
	}()
	if err := json.NewEncoder(os.Stdout).Encode(listening{URL: "http://" + l.Addr().String()}); err != nil {
		return err
	}
	if err := h.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func (s *server) routes() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("POST /publish", serve(s.publish))
	m.HandleFunc("POST /subscribe", serve(s.subscribe))
	m.HandleFunc("POST /answer", serve(s.answer))
	m.HandleFunc("POST /view", serve(s.view))
	m.HandleFunc("POST /leave", serve(s.leave))
	m.HandleFunc("GET /allocations", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(s.allocations()) })
	m.HandleFunc("GET /usage", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("collect") {
			debug.FreeOSMemory()
		}
		u, err := readUsage()
		if err == nil && s.guard != nil {
			u.GuardSeconds, err = s.guard.seconds()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(u)
	})
	m.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	m.HandleFunc("GET /debug/pprof/", pprof.Index)
	return m
}

// serve makes a handler of a function of JSON values.
func serve[In, Out any](f func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out, err := f(r.Context(), in)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(out)
	}
}

func (s *server) newPeer(id string) (*peer, error) {
	p := &peer{log: s.log.With("peer", id), offers: make(chan sfu.Offer, 1)}
	var err error
	if p.Peer, err = s.sfu.NewPeer(id, p); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[id] = p
	return p, nil
}

func (s *server) publish(ctx context.Context, r publishRequest) (publishReply, error) {
	p, err := s.newPeer(r.ID)
	if err != nil {
		return publishReply{}, err
	}
	var list []sfu.PublishTrack
	for _, x := range r.Sections {
		t := sfu.PublishTrack{MID: x.MID, TrackID: r.ID + "/" + x.MID, Kind: sfu.KindAudio}
		if x.Video {
			t.Kind = sfu.KindVideo
		}
		list = append(list, t)
	}
	answer, tracks, err := p.Publish(ctx, r.Offer, list)
	if err != nil {
		return publishReply{}, err
	}
	s.mu.Lock()
	s.tracks = append(s.tracks, tracks...)
	s.mu.Unlock()
	return publishReply{Answer: answer}, nil
}

func (s *server) subscribe(ctx context.Context, r subscribeRequest) (subscribeReply, error) {
	p := s.peer(r.ID)
	if p == nil {
		var err error
		if p, err = s.newPeer(r.ID); err != nil {
			return subscribeReply{}, err
		}
	}
	s.mu.Lock()
	tracks := s.tracks
	s.mu.Unlock()
	for _, t := range tracks {
		if len(r.Tracks) > 0 && !slices.Contains(r.Tracks, t.ID()) {
			continue
		}
		p.Subscribe(t)
		if t.Kind() == sfu.KindVideo && len(r.Tracks) == 0 {
			r.View = append(r.View, t.ID())
		}
	}
	p.SetView(tilesOf(r.View))
	select {
	case o := <-p.offers:
		return subscribeReply{Number: o.Number, Offer: o.SDP}, nil
	case <-ctx.Done():
		return subscribeReply{}, context.Cause(ctx)
	case <-time.After(offerTimeout):
		return subscribeReply{}, fmt.Errorf("no offer for %s", r.ID)
	}
}

func tilesOf(ids []string) []sfu.ViewTile {
	view := make([]sfu.ViewTile, 0, len(ids))
	for _, id := range ids {
		view = append(view, sfu.ViewTile{TrackID: id, Width: pictureWidth, Height: pictureHeight})
	}
	return view
}

func (s *server) view(_ context.Context, r viewRequest) (struct{}, error) {
	p := s.peer(r.ID)
	if p == nil {
		return struct{}{}, fmt.Errorf("no peer %q", r.ID)
	}
	p.SetView(tilesOf(r.View))
	return struct{}{}, nil
}

func (s *server) leave(_ context.Context, r leaveRequest) (struct{}, error) {
	s.mu.Lock()
	p := s.peers[r.ID]
	delete(s.peers, r.ID)
	s.mu.Unlock()
	if p == nil {
		return struct{}{}, fmt.Errorf("no peer %q", r.ID)
	}
	return struct{}{}, p.Close()
}

func (s *server) peer(id string) *peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peers[id]
}

func (s *server) answer(_ context.Context, r answerRequest) (struct{}, error) {
	p := s.peer(r.ID)
	if p == nil {
		return struct{}{}, fmt.Errorf("no peer %q", r.ID)
	}
	return struct{}{}, p.AnswerSubscribe(r.Answer, r.Number)
}

// OnCandidate implements sfu.PeerHandler: descriptions carry the only candidate there is.
func (p *peer) OnCandidate(sfu.Target, sfu.Candidate) {}

// OnSubscribeOffer implements sfu.PeerHandler. Nothing changes after a peer joined, so that there is one offer.
func (p *peer) OnSubscribeOffer(o sfu.Offer) {
	select {
	case p.offers <- o:
	default:
		p.log.Warn("an offer that nobody waits for")
	}
}

// OnTrack implements sfu.PeerHandler.
func (p *peer) OnTrack(*sfu.Track) {}

// OnTrackEnded implements sfu.PeerHandler.
func (p *peer) OnTrackEnded(*sfu.Track) {}

// OnState implements sfu.PeerHandler.
func (p *peer) OnState(t sfu.Target, s sfu.State) {
	if s == sfu.StateFailed || s == sfu.StateDisconnected {
		p.log.Warn("connection", "target", t, "state", s)
	}
}

// OnPaused implements sfu.PeerHandler. Whether everything flows is seen at the other end.
func (p *peer) OnPaused(string, bool) {}
