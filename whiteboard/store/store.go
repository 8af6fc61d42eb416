package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"parley/whiteboard"
	"parley/whiteboard/store/storedb"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// Config says where boards are kept and who keeps them.
type Config struct {
	// Pool is a migrated database.
	Pool *pgxpool.Pool
	// Node is this node's name for ever; no two processes that run have the same.
	Node string
	Log  *slog.Logger
	// Metrics takes the store's metrics. Defaults to none.
	Metrics prometheus.Registerer
	// Delay is how long a change waits for others to be committed with. Defaults to 50 ms.
	Delay time.Duration
	// Lease is how long a board stays with a node that died. Defaults to 10 s; it is renewed after a third of it.
	Lease time.Duration
}

// Validate refuses what New cannot work with.
func (c Config) Validate() error {
	switch {
	case c.Pool == nil:
		return errors.New("store: no database")
	case c.Node == "":
		return errors.New("store: the node has no name")
	case c.Log == nil:
		return errors.New("store: no log")
	case c.Delay < 0 || c.Lease < 0:
		return errors.New("store: negative time")
	}
	return nil
}

// Store is a whiteboard.Store in PostgreSQL.
type Store struct {
	// static
	pool    *pgxpool.Pool
	db      *storedb.Queries
	node    string
	log     *slog.Logger
	metrics *metrics
	delay   time.Duration
	lease   time.Duration
	stop    context.CancelFunc
	running sync.WaitGroup
	commits chan struct{} // something waits to be committed
	hurry   chan struct{} // somebody waits for the commit
	folds   chan struct{} // a log is long enough to be compacted

	mu       sync.Mutex
	open     map[uuid.UUID]*boardLog // guarded by mu; until the end of their Close
	dirty    []*boardLog             // guarded by mu; with changes to commit
	overlong []overlongLog           // guarded by mu; to compact
}

var _ whiteboard.Store = (*Store)(nil)

// New starts to commit and to renew leases; Close ends it.
func New(cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m, err := newMetrics(cfg.Metrics)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s := &Store{
		pool: cfg.Pool, db: storedb.New(cfg.Pool), node: cfg.Node, log: cfg.Log.With("component", "boards"), metrics: m,
		delay: cfg.Delay, lease: cfg.Lease,
		commits: make(chan struct{}, 1), hurry: make(chan struct{}, 1), folds: make(chan struct{}, 1),
		open: map[uuid.UUID]*boardLog{},
	}
	if s.delay == 0 {
		s.delay = 50 * time.Millisecond
	}
	if s.lease == 0 {
		s.lease = 10 * time.Second
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.running.Go(func() { s.runCommits(ctx) })
	s.running.Go(func() { s.runRenewals(ctx) })
	s.running.Go(func() { s.runFolds(ctx) })
	return s, nil
}

// Close closes the logs that are still open, until ctx ends, and waits for everything that the store does. The error says
// what was dropped, apart from lost leases, which their logs have told of.
func (s *Store) Close(ctx context.Context) error {
	logs := s.logs()
	errs := make([]error, len(logs))
	var closing sync.WaitGroup
	for i, l := range logs {
		closing.Go(func() {
			if err := l.Close(ctx); !errors.Is(err, whiteboard.ErrLost) {
				errs[i] = err
			}
		})
	}
	closing.Wait()
	s.stop()
	s.running.Wait()
	return errors.Join(errs...)
}

// Open implements whiteboard.Store. It waits for a Close of the same board on this node, and for a sweep of it.
func (s *Store) Open(ctx context.Context, board uuid.UUID) (whiteboard.Log, error) {
	l, err := s.claim(ctx, board, true)
	if err != nil {
		return nil, fmt.Errorf("open board %s: %w", board, err)
	}
	return l, nil
}

var errOpen = errors.New("the board is open on this node")

// claim is Open. Where it is not to wait for others on this node, the error is errOpen.
func (s *Store) claim(ctx context.Context, board uuid.UUID, wait bool) (*boardLog, error) {
	l := newBoardLog(s, board)
	for {
		s.mu.Lock()
		other := s.open[board]
		if other == nil {
			s.open[board] = l
		}
		s.mu.Unlock()
		if other == nil {
			break
		}
		if !wait {
			return nil, errOpen
		}
		select {
		case <-other.gone:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if err := l.begin(ctx); err != nil {
		s.forget(l)
		return nil, err
	}
	return l, nil
}

// isOpen tells whether a claim failed because the board is open, here or on another node.
func isOpen(err error) bool {
	elsewhere := (*whiteboard.ElsewhereError)(nil)
	return errors.Is(err, errOpen) || errors.As(err, &elsewhere)
}

func (s *Store) forget(l *boardLog) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[l.board] == l {
		delete(s.open, l.board)
		close(l.gone)
	}
}

func (s *Store) logs() []*boardLog {
	s.mu.Lock()
	defer s.mu.Unlock()
	logs := make([]*boardLog, 0, len(s.open))
	for _, l := range s.open {
		logs = append(logs, l)
	}
	return logs
}

// Create implements whiteboard.Store. A board that is open somewhere exists.
func (s *Store) Create(ctx context.Context, board uuid.UUID, first whiteboard.Entry) error {
	if err := s.create(ctx, board, first); err != nil {
		return fmt.Errorf("create board %s: %w", board, err)
	}
	return nil
}

func (s *Store) create(ctx context.Context, board uuid.UUID, first whiteboard.Entry) error {
	if _, err := ydoc.Load(unbounded, first.Update); err != nil {
		return err
	}
	l, err := s.claim(ctx, board, false)
	if isOpen(err) {
		return whiteboard.ErrExists
	}
	if err != nil {
		return err
	}
	if l.last > 0 {
		return errors.Join(whiteboard.ErrExists, l.Close(ctx))
	}
	l.Append(first)
	return l.Close(ctx)
}

// Delete removes everything of a board for good. Whoever has it open loses its lease. It is no error when there is nothing.
func (s *Store) Delete(ctx context.Context, board uuid.UUID) error {
	_, err := s.db.ForceLease(ctx, storedb.ForceLeaseParams{Board: board, Node: s.node, Ttl: interval(s.lease)})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("delete board %s: %w", board, err)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		db := s.db.WithTx(tx)
		if _, err := db.DeleteLog(ctx, storedb.DeleteLogParams{Board: board, Until: math.MaxInt64}); err != nil {
			return err
		}
		_, err := db.DeleteDocument(ctx, board)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete board %s: %w", board, err)
	}
	s.mu.Lock()
	l := s.open[board]
	s.mu.Unlock()
	if l != nil {
		l.lose()
	}
	return nil
}

// signal wakes who waits on a channel of capacity one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
