package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"parley/internal/postgres/pgtest"
	"parley/whiteboard"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(crashURL); url != "" {
		drawUntilKilled(url)
	}
	pgtest.Main(m)
}

var noon = time.Now().UTC().Truncate(24 * time.Hour).Add(-12 * time.Hour)

// patience is for what must come; nothing is asserted about how soon.
const patience = 2 * time.Minute

func patient(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func newStore(t testing.TB, pool *pgxpool.Pool, node string, change ...func(*Config)) *Store {
	t.Helper()
	cfg := Config{Pool: pool, Node: node, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Delay: time.Millisecond}
	for _, c := range change {
		c(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

func open(t testing.TB, s *Store, board uuid.UUID) *boardLog {
	t.Helper()
	l, err := s.Open(patient(t), board)
	if err != nil {
		t.Fatal(err)
	}
	return l.(*boardLog)
}

func closeLog(t testing.TB, l *boardLog) {
	t.Helper()
	if err := l.Close(patient(t)); err != nil {
		t.Fatal(err)
	}
}

func load(t testing.TB, l *boardLog) [][]byte {
	t.Helper()
	updates, err := l.Load(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	return updates
}

func state(t testing.TB, s *Store, board uuid.UUID) []byte {
	t.Helper()
	b, err := s.State(patient(t), board)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// saved waits until everything that was appended is committed.
func saved(t testing.TB, l *boardLog) {
	t.Helper()
	ctx := patient(t)
	for l.Status().Entries > 0 {
		select {
		case <-ctx.Done():
			t.Fatalf("not saved: %+v", l.Status())
		case <-time.After(time.Millisecond):
		}
	}
}

// told waits until the log says that something changed.
func told(t testing.TB, l *boardLog) {
	t.Helper()
	select {
	case <-l.Changed():
	case <-patient(t).Done():
		t.Fatalf("nothing is told; status %+v", l.Status())
	}
}

func logRows(t testing.TB, s *Store, board uuid.UUID) (n int) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), "select count(*) from board_log where board = $1", board).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBoardIsKept(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	board, w := uuid.New(), newWriter(1)
	l := open(t, s, board)
	if got := show(t, load(t, l)...); got != "{}" {
		t.Fatalf("new board shows %s", got)
	}
	for i := range 30 {
		l.Append(whiteboard.Entry{Update: w.set(fmt.Sprint(i%4), i), Author: "user:1", At: noon})
	}
	saved(t, l)
	const want = `{"0":28,"1":29,"2":26,"3":27}`
	if got := show(t, state(t, s, board)); got != want {
		t.Errorf("while open: %s", got)
	}
	closeLog(t, l)
	if n := logRows(t, s, board); n != 0 {
		t.Errorf("%d changes in the log of a closed board", n)
	}
	again := open(t, s, board)
	updates := load(t, again)
	if got := show(t, updates...); got != want || len(updates) != 1 {
		t.Errorf("opened again: %s of %d updates", got, len(updates))
	}
	again.Append(whiteboard.Entry{Update: w.set("0", "后来"), Author: "user:2", At: noon.Add(time.Hour)})
	closeLog(t, again)
	if got := show(t, state(t, s, board)); got != `{"0":"后来","1":29,"2":26,"3":27}` {
		t.Errorf("at the end: %s", got)
	}
}

func TestEmptyBoard(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	board := uuid.New()
	if got := show(t, state(t, s, board)); got != "{}" {
		t.Errorf("state %s", got)
	}
	if _, err := s.At(t.Context(), board, 1); !errors.Is(err, whiteboard.ErrNoState) {
		t.Errorf("at 1: %v", err)
	}
	changes, err := s.History(t.Context(), board, whiteboard.HistoryPage{})
	if err != nil || len(changes) != 0 {
		t.Errorf("history %v, %v", changes, err)
	}
	closeLog(t, open(t, s, board))
	if _, err := s.At(t.Context(), board, 1); !errors.Is(err, whiteboard.ErrNoState) {
		t.Errorf("at 1 after it was open: %v", err)
	}
	if err := s.Delete(t.Context(), board); err != nil {
		t.Error(err)
	}
}

func TestCreate(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	board := uuid.New()
	first := whiteboard.Entry{Update: newWriter(1).set("a", 1), Author: "user:1", At: noon}
	if err := s.Create(t.Context(), board, whiteboard.Entry{Update: []byte("no update"), At: noon}); err == nil {
		t.Error("bytes that are no update become a board")
	}
	if err := s.Create(t.Context(), board, first); err != nil {
		t.Fatal(err)
	}
	if err := s.Create(t.Context(), board, first); !errors.Is(err, whiteboard.ErrExists) {
		t.Errorf("the second time: %v", err)
	}
	if got := show(t, state(t, s, board)); got != `{"a":1}` {
		t.Errorf("state %s", got)
	}
	if b, err := s.At(t.Context(), board, 1); err != nil || show(t, b) != `{"a":1}` {
		t.Errorf("at 1: %v", err)
	}
	other := uuid.New()
	open(t, s, other)
	if err := s.Create(t.Context(), other, first); !errors.Is(err, whiteboard.ErrExists) {
		t.Errorf("of an open board: %v", err)
	}
}

func TestDelete(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	board, kept, w := uuid.New(), uuid.New(), newWriter(1)
	if err := s.Create(t.Context(), kept, whiteboard.Entry{Update: newWriter(2).set("a", 1), At: noon}); err != nil {
		t.Fatal(err)
	}
	l := open(t, s, board)
	for i := range 3 {
		l.Append(whiteboard.Entry{Update: w.set("a", i), Author: "user:1", At: noon.Add(time.Duration(i) * time.Minute)})
		saved(t, l)
		if err := l.compact(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	l.Append(whiteboard.Entry{Update: w.set("a", 9), At: noon})
	saved(t, l)
	if err := s.Delete(t.Context(), board); err != nil {
		t.Fatal(err)
	}
	if err := l.Status().Err; !errors.Is(err, whiteboard.ErrLost) {
		t.Errorf("the one who had it open sees %v", err)
	}
	l.Append(whiteboard.Entry{Update: w.set("a", 10), At: noon})
	if err := l.Close(t.Context()); !errors.Is(err, whiteboard.ErrLost) {
		t.Errorf("its close: %v", err)
	}
	for _, table := range []string{"board_documents", "board_leases", "board_log", "board_history"} {
		var n int
		if err := s.pool.QueryRow(t.Context(), "select count(*) from "+table+" where board = $1", board).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s has %d rows of it, %v", table, n, err)
		}
	}
	if got := show(t, state(t, s, kept)); got != `{"a":1}` {
		t.Errorf("the other board: %s", got)
	}
}

// TestEarlierTryCommitted: the answer to a commit was lost, and it is tried again with more behind it.
func TestEarlierTryCommitted(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a", func(c *Config) { c.Delay = time.Hour })
	board, w := uuid.New(), newWriter(1)
	l := open(t, s, board)
	for i := range 3 {
		l.Append(whiteboard.Entry{Update: w.set("a", i), At: noon})
	}
	rows, _ := l.take(2, 1<<20)
	for range 2 {
		if held, err := s.write(t.Context(), []part{{l, rows}}); err != nil || len(held) != 1 {
			t.Fatalf("held %v, %v", held, err)
		}
	}
	closeLog(t, l)
	if got := show(t, state(t, s, board)); got != `{"a":2}` {
		t.Error(got)
	}
	if b, err := s.At(t.Context(), board, 3); err != nil || show(t, b) != `{"a":2}` {
		t.Errorf("at 3: %v", err)
	}
}

// TestTryThatWasGivenUp: a commit whose answer was lost happens before a compaction that does not know of it, and another
// one again after it.
func TestTryThatWasGivenUp(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a", func(c *Config) { c.Delay = time.Hour })
	board, w := uuid.New(), newWriter(1)
	l := open(t, s, board)
	for i := range 4 {
		l.Append(whiteboard.Entry{Update: w.set("a", i), At: noon})
	}
	rows, _ := l.take(4, 1<<20)
	commit := func(rows []logRow) {
		t.Helper()
		if held, err := s.write(t.Context(), []part{{l, rows}}); err != nil || len(held) != 1 {
			t.Fatalf("held %v, %v", held, err)
		}
	}
	commit(rows[:2])
	l.committed(2)
	commit(rows)
	if err := l.compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := logRows(t, s, board); n != 2 {
		t.Errorf("%d changes are left in the log, want those two that nobody knows to be there", n)
	}
	commit(rows)
	l.committed(2)
	if err := l.compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := logRows(t, s, board); n != 0 {
		t.Errorf("%d changes are left in the log", n)
	}
	if got := show(t, state(t, s, board)); got != `{"a":3}` {
		t.Error(got)
	}
}

// TestRefusedDataHoldsNobodyUp: what the database refuses of one board is tried again and again; other boards go on.
func TestRefusedDataHoldsNobodyUp(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	if _, err := s.pool.Exec(t.Context(), "alter table board_log add constraint refuse check (author <> 'refused')"); err != nil {
		t.Fatal(err)
	}
	bad, good := open(t, s, uuid.New()), open(t, s, uuid.New())
	bad.Append(whiteboard.Entry{Update: newWriter(1).set("a", 1), Author: "refused", At: noon})
	good.Append(whiteboard.Entry{Update: newWriter(1).set("a", 1), At: noon})
	saved(t, good)
	told(t, bad)
	if st := bad.Status(); st.Err == nil || st.Entries != 1 || st.Bytes == 0 {
		t.Errorf("status %+v", st)
	}
	good.Append(whiteboard.Entry{Update: newWriter(2).set("a", 1), At: noon})
	saved(t, good)
	if good.Status().Err != nil {
		t.Error(good.Status().Err)
	}
	if _, err := s.pool.Exec(t.Context(), "alter table board_log drop constraint refuse"); err != nil {
		t.Fatal(err)
	}
	saved(t, bad)
	told(t, bad)
	if err := bad.Status().Err; err != nil {
		t.Errorf("healed, but %v", err)
	}
}

func TestCloseDropsWhatCannotBeSaved(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	if _, err := s.pool.Exec(t.Context(), "alter table board_log add constraint refuse check (author <> 'refused')"); err != nil {
		t.Fatal(err)
	}
	l := open(t, s, uuid.New())
	l.Append(whiteboard.Entry{Update: newWriter(1).set("a", 1), Author: "refused", At: noon})
	told(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("close: %v", err)
	}
	if again := l.Close(ctx); again == nil {
		t.Error("the second time says nothing")
	}
	if st := l.Status(); st.Entries != 0 || st.Bytes != 0 {
		t.Errorf("status %+v", st)
	}
}
