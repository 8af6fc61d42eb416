package whiteboard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

// Path is where the Server wants to be mounted.
const Path = "GET /whiteboard/{board}"

// ErrUnavailable says that a board cannot be used at the moment, or that the server stops.
var ErrUnavailable = errors.New("whiteboard: the board is not available")

// Config is what a Server is made of.
type Config struct {
	Store      Store
	Doorkeeper Doorkeeper
	// Relay reaches boards that other nodes have. Without one, clients are asked to come back (4503).
	Relay Relay
	// Origin refuses the pages of other sites. Defaults to those of the host that was called.
	Origin func(*http.Request) bool
	// OnChanged is told when people have changed a board: after a pause of 2 s, every 15 s while there is none, and when the
	// board is put away. It runs on a goroutine of the board, one call at a time, and holds up nobody. Defaults to nothing.
	OnChanged func(Changed)
	// Linger is how long a board stays loaded after the last connection left. Defaults to 10 s.
	Linger time.Duration
	// MaxConnections bounds all open connections. Defaults to 10000.
	MaxConnections int
	Log            *slog.Logger
	Metrics        prometheus.Registerer // may be nil
}

// Validate refuses what New cannot work with.
func (c Config) Validate() error {
	if c.Store == nil || c.Doorkeeper == nil || c.Log == nil {
		return errors.New("whiteboard: store, doorkeeper and log are needed")
	}
	return nil
}

// Server holds the boards that are open on this node. Its methods may be called by any goroutine.
type Server struct {
	// Static after construction.
	cfg      Config
	log      *slog.Logger
	metrics  *metrics
	upgrader websocket.Upgrader
	ctx      context.Context // ends when Shutdown gives up waiting
	cancel   context.CancelFunc
	deaf     func()         // takes no more streams of other nodes
	work     sync.WaitGroup // connections, boards and gates
	pings    sync.WaitGroup // runPings

	unsaved atomic.Int64 // bytes of all boards that wait for the database

	// Guarded by mu.
	mu          sync.Mutex
	boards      map[uuid.UUID]*board
	gates       map[uuid.UUID]*gate
	outboxes    map[*outbox]struct{} // of connections to this node
	connections int
	stopping    bool
}

// New makes a Server. Shutdown ends it.
func New(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Linger <= 0 {
		cfg.Linger = defaultLinger
	}
	if cfg.MaxConnections <= 0 {
		cfg.MaxConnections = 10_000
	}
	s := &Server{cfg: cfg, log: cfg.Log, boards: map[uuid.UUID]*board{}, gates: map[uuid.UUID]*gate{}, outboxes: map[*outbox]struct{}{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.upgrader = websocket.Upgrader{HandshakeTimeout: handshakeTimeout, ReadBufferSize: readBufferBytes, CheckOrigin: cfg.Origin}
	var err error
	if s.metrics, err = newMetrics(cfg.Metrics, s); err != nil {
		return nil, fmt.Errorf("whiteboard: metrics: %w", err)
	}
	s.deaf = func() {}
	if cfg.Relay != nil {
		if s.deaf, err = cfg.Relay.Accept(s.accept); err != nil {
			return nil, fmt.Errorf("whiteboard: relay: %w", err)
		}
	}
	s.pings.Go(s.runPings)
	return s, nil
}

// ServeHTTP upgrades the request and serves the connection until it ends. The board is the path value "board". What
// keeps somebody out is said by the close code, which pages can read, and not by the status.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("board"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if !s.begin() {
		w.Header().Set("Retry-After", "5")
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	defer s.finish()
	ws, err := s.upgrader.Upgrade(hijacker{w}, r, nil)
	if err != nil { // Upgrade has answered
		s.log.Debug("upgrade failed", "error", err)
		return
	}
	s.metrics.connections.Inc()
	defer s.metrics.connections.Dec()
	s.serve(ws, r, id)
}

func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping || s.connections >= s.cfg.MaxConnections {
		return false
	}
	s.connections++
	s.work.Add(1)
	return true
}

func (s *Server) finish() {
	s.mu.Lock()
	s.connections--
	s.mu.Unlock()
	s.work.Done()
}

// Recheck asks the Doorkeeper again about everybody who has the board open here, and returns at once.
func (s *Server) Recheck(id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.gates[id]; g != nil {
		signal(g.wake)
	}
}

// RecheckPerson asks the Doorkeeper again about all boards that a person has open here, and returns at once.
func (s *Server) RecheckPerson(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.gates {
		if g.byPerson[key] > 0 {
			signal(g.wake)
		}
	}
}

// CloseBoard ends all connections to a board that is deleted and unloads it.
func (s *Server) CloseBoard(id uuid.UUID) {
	if b := s.loaded(id); b != nil {
		b.close(endNotFound)
	}
}

// State answers the document as one Yjs update: as it is when it is open here, else as it is stored.
func (s *Server) State(ctx context.Context, id uuid.UUID) ([]byte, error) {
	if b := s.loaded(id); b != nil {
		select {
		case <-b.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		var state []byte
		if b.err == nil && b.do(ctx, func() { state = b.doc.Encode() }) == nil {
			return state, nil
		}
	}
	return s.cfg.Store.State(ctx, id)
}

// At answers the state just after a change that History lists. The error is ErrNoState.
func (s *Server) At(ctx context.Context, id uuid.UUID, seq int64) ([]byte, error) {
	return s.cfg.Store.At(ctx, id, seq)
}

// History lists changes, newest first.
func (s *Server) History(ctx context.Context, id uuid.UUID, page HistoryPage) ([]Change, error) {
	return s.cfg.Store.History(ctx, id, page)
}

// Create gives an empty board its first state, a Yjs update. The error is ErrExists for one that is not empty.
func (s *Server) Create(ctx context.Context, id uuid.UUID, state []byte, author string) error {
	return s.cfg.Store.Create(ctx, id, Entry{Update: state, Author: author, At: time.Now()})
}

// Restore makes a board show what it showed just after a change, by a new change of the author: whoever has it open sees
// it, and nothing of the history is lost. The errors are ErrNoState and ErrUnavailable.
func (s *Server) Restore(ctx context.Context, id uuid.UUID, seq int64, author string) error {
	err := s.restoreHere(ctx, id, seq, author)
	var elsewhere *ElsewhereError
	if errors.As(err, &elsewhere) && s.cfg.Relay != nil {
		return s.restoreThere(ctx, elsewhere.Node, hello{Board: id, Seq: seq, Author: author})
	}
	return err
}

func (s *Server) restoreHere(ctx context.Context, id uuid.UUID, seq int64, author string) error {
	state, err := s.cfg.Store.At(ctx, id, seq)
	if err != nil {
		return err
	}
	old, err := ydoc.Load(ydoc.Limits{}, state)
	if err != nil {
		return fmt.Errorf("restore board %s: %w", id, err)
	}
	b, err := s.acquire(ctx, id)
	if err != nil {
		return err
	}
	defer s.release(b)
	var failed error
	if err := b.do(ctx, func() { failed = b.restore(old, author) }); err != nil {
		return err
	}
	return failed
}

func (b *board) restore(old *ydoc.Doc, author string) error {
	for {
		applied, err := b.doc.Restore(old, uint64(rand.Uint32()))
		if errors.Is(err, ydoc.ErrClientInUse) {
			continue
		}
		if applied.Update != nil {
			b.elements = b.doc.Root(elementsRoot).Len()
			b.publish(applied.Update, nil, author)
		}
		return err
	}
}

// Shutdown asks everybody to come back later, saves all boards and waits. When ctx ends first, connections are broken off
// and what is not saved yet is lost here; clients have it. It is idempotent.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopping = true
	for _, b := range s.boards {
		b.close(endShutdown)
	}
	s.mu.Unlock()
	s.deaf()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.work.Wait()
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = fmt.Errorf("whiteboard: shutdown: %w", context.Cause(ctx))
	}
	s.cancel()
	<-done
	s.pings.Wait()
	return err
}
