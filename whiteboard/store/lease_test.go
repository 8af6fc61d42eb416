package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/internal/postgres/pgtest"
	"parley/whiteboard"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

func TestOneWriter(t *testing.T) {
	pool := pgtest.Pool(t)
	a, b := newStore(t, pool, "a"), newStore(t, pool, "b")
	board := uuid.New()
	l := open(t, a, board)
	_, err := b.Open(t.Context(), board)
	if elsewhere := (*whiteboard.ElsewhereError)(nil); !errors.As(err, &elsewhere) || elsewhere.Node != "a" {
		t.Fatalf("the second node gets %v", err)
	}
	l.Append(whiteboard.Entry{Update: newWriter(1).set("a", 1), At: noon})
	closeLog(t, l)
	if got := show(t, load(t, open(t, b, board))...); got != `{"a":1}` {
		t.Errorf("the second node sees %s", got)
	}
}

// TestLeaseIsRenewed: long enough a lease that a busy machine renews it in time.
func TestLeaseIsRenewed(t *testing.T) {
	pool := pgtest.Pool(t)
	a, b := newStore(t, pool, "a", func(c *Config) { c.Lease = 6 * time.Second }), newStore(t, pool, "b")
	board := uuid.New()
	open(t, a, board)
	ctx := patient(t)
	expiry := func() (at time.Time) {
		if err := pool.QueryRow(ctx, "select expires_at from board_leases where board = $1", board).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	for first := expiry(); !expiry().After(first); time.Sleep(10 * time.Millisecond) {
	}
	elsewhere := (*whiteboard.ElsewhereError)(nil)
	if _, err := b.Open(t.Context(), board); !errors.As(err, &elsewhere) {
		t.Errorf("the second node gets %v", err)
	}
}

// TestTakeover: a node goes silent, another one takes the board when the lease has run out, and the first one, which never
// noticed, writes nothing more.
func TestTakeover(t *testing.T) {
	pool := pgtest.Pool(t)
	silent := newStore(t, pool, "a", func(c *Config) { c.Lease = time.Second })
	silent.stop() // neither commits nor renews
	silent.running.Wait()
	next := newStore(t, pool, "b")
	board, w := uuid.New(), newWriter(1)
	l := open(t, silent, board)
	kept, _ := silent.write(t.Context(), []part{{l, rowsOf(1, w.set("a", 1))}})
	if len(kept) != 1 {
		t.Fatal("the first change is not committed")
	}

	ctx := patient(t)
	taken, err := next.Open(ctx, board)
	for elsewhere := (*whiteboard.ElsewhereError)(nil); errors.As(err, &elsewhere); {
		taken, err = next.Open(ctx, board)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := show(t, load(t, taken.(*boardLog))...); got != `{"a":1}` {
		t.Errorf("the next node sees %s", got)
	}
	l.Append(whiteboard.Entry{Update: w.set("a", 2), At: noon})
	silent.commitAll(ctx)
	if st := l.Status(); !errors.Is(st.Err, whiteboard.ErrLost) || st.Entries != 0 {
		t.Errorf("the silent node sees %+v", st)
	}
	told(t, l)
	if err := l.compact(ctx); !errors.Is(err, whiteboard.ErrLost) {
		t.Errorf("compaction without a lease: %v", err)
	}
	if _, err := silent.fold(ctx, board, l.epoch, 1); !errors.Is(err, whiteboard.ErrLost) {
		t.Errorf("compaction of who does not know: %v", err)
	}
	if err := l.Close(ctx); !errors.Is(err, whiteboard.ErrLost) {
		t.Errorf("its close: %v", err)
	}
	taken.Append(whiteboard.Entry{Update: newWriter(2).set("b", 1), At: noon})
	saved(t, taken.(*boardLog))
	if got := show(t, state(t, next, board)); got != `{"a":1,"b":1}` {
		t.Errorf("in the end: %s", got)
	}
}

func TestRenewalNoticesALoss(t *testing.T) {
	pool := pgtest.Pool(t)
	s := newStore(t, pool, "a", func(c *Config) { c.Lease = 300 * time.Millisecond })
	l, other := open(t, s, uuid.New()), open(t, s, uuid.New())
	if _, err := pool.Exec(t.Context(), "update board_leases set epoch = epoch + 1, node = 'b' where board = $1", l.board); err != nil {
		t.Fatal(err)
	}
	told(t, l)
	if err := l.Status().Err; !errors.Is(err, whiteboard.ErrLost) {
		t.Errorf("the writer sees %v", err)
	}
	if err := other.Status().Err; err != nil {
		t.Errorf("the other board: %v", err)
	}
}

// TestNodeComesBack: a process that was killed and started again need not wait for its own lease.
func TestNodeComesBack(t *testing.T) {
	pool := pgtest.Pool(t)
	board := uuid.New()
	before := open(t, newStore(t, pool, "a"), board)
	after := open(t, newStore(t, pool, "a"), board)
	before.Append(whiteboard.Entry{Update: newWriter(1).set("a", 1), At: noon})
	told(t, before)
	if err := before.Status().Err; !errors.Is(err, whiteboard.ErrLost) {
		t.Errorf("the one before: %v", err)
	}
	after.Append(whiteboard.Entry{Update: newWriter(2).set("b", 1), At: noon})
	saved(t, after)
}

func rowsOf(seq int64, updates ...[]byte) []logRow {
	rows := make([]logRow, len(updates))
	for i, u := range updates {
		rows[i] = logRow{Seq: seq + int64(i), Update: u, At: noon}
	}
	return rows
}

// TestTwoNodesFight: both want the same boards all the time; everything that was saved is there in the end, once.
func TestTwoNodesFight(t *testing.T) {
	const boards, rounds = 3, 25
	pool := pgtest.Pool(t)
	ids := make([]uuid.UUID, boards)
	for i := range ids {
		ids[i] = uuid.New()
	}
	var wait sync.WaitGroup
	for n := range 2 {
		s := newStore(t, pool, fmt.Sprint("node ", n))
		for i, board := range ids {
			wait.Go(func() {
				w := newWriter(uint64(1 + n))
				for round := range rounds {
					if err := fightOnce(patient(t), s, board, w, round); err != nil {
						t.Errorf("node %d, board %d: %v", n, i, err)
					}
				}
			})
		}
	}
	wait.Wait()
	s := newStore(t, pool, "last")
	for _, board := range ids {
		doc, err := ydoc.Load(unbounded, state(t, s, board))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(doc.Root("elements").Map()); got != 2*rounds || doc.Pending() {
			t.Errorf("%d of %d changes are there", got, 2*rounds)
		}
		changes := history(t, s, board, whiteboard.HistoryPage{})
		if len(changes) != 1 || changes[0].Seq != 2*rounds {
			t.Errorf("history: %v", changes)
		}
	}
}

func fightOnce(ctx context.Context, s *Store, board uuid.UUID, w *writer, round int) error {
	for {
		l, err := s.Open(ctx, board)
		if elsewhere := (*whiteboard.ElsewhereError)(nil); errors.As(err, &elsewhere) {
			continue
		}
		if err != nil {
			return err
		}
		l.Append(whiteboard.Entry{Update: w.set(fmt.Sprintf("%d-%d", w.client, round), round), Author: s.node, At: noon})
		return l.Close(ctx)
	}
}
