package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/internal/postgres/pgtest"
	"parley/whiteboard"

	"github.com/google/uuid"
)

// drawn is a board on which two people drew every 20 seconds, and what it showed after each change.
type drawn struct {
	board uuid.UUID
	shown []string // by sequence number - 1
}

func draw(t testing.TB, s *Store, changes int, every time.Duration) drawn {
	t.Helper()
	d := drawn{board: uuid.New()}
	writers := []*writer{newWriter(1), newWriter(2)}
	var all [][]byte
	l := open(t, s, d.board)
	for i := range changes {
		u := writers[i%2].set(fmt.Sprintf("%d-%d", i%2, i%10), fmt.Sprintf("a long enough value %d", i))
		all = append(all, u)
		d.shown = append(d.shown, show(t, all...))
		l.Append(whiteboard.Entry{Update: u, Author: fmt.Sprint("user:", i%2), At: noon.Add(time.Duration(i) * every)})
		if i%17 == 16 {
			saved(t, l)
			if err := l.compact(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	saved(t, l)
	return d
}

func (d drawn) check(t testing.TB, s *Store, seq int64) {
	t.Helper()
	b, err := s.At(t.Context(), d.board, seq)
	if err != nil {
		t.Fatal(err)
	}
	if got := show(t, b); got != d.shown[seq-1] {
		t.Errorf("at %d: %s, want %s", seq, got, d.shown[seq-1])
	}
}

func history(t testing.TB, s *Store, board uuid.UUID, page whiteboard.HistoryPage) []whiteboard.Change {
	t.Helper()
	changes, err := s.History(t.Context(), board, page)
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestHistory(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	d := draw(t, s, 100, 20*time.Second)
	all := history(t, s, d.board, whiteboard.HistoryPage{})
	if len(all) != 34 || all[0].Seq != 100 || all[1].Seq != 99 || all[33].Seq != 3 {
		t.Fatalf("%d minutes: %v", len(all), all)
	}
	for _, c := range all {
		d.check(t, s, c.Seq)
	}
	if want := []string{"user:0", "user:1"}; !slices.Equal(all[1].Authors, want) || !slices.Equal(all[33].Authors, want) {
		t.Errorf("authors %v, %v", all[1].Authors, all[33].Authors)
	}
	if got := all[1].At; !got.Equal(noon.Add(98 * 20 * time.Second)) {
		t.Errorf("the last full minute ended at %v", got)
	}
	for seq := int64(86); seq <= 100; seq++ {
		d.check(t, s, seq) // younger than the state
	}
	if b, err := s.At(t.Context(), d.board, 5); err != nil || show(t, b) != d.shown[5] {
		t.Errorf("of a change within a minute: %v", err)
	}
	for _, seq := range []int64{-1, 0, 101} {
		if _, err := s.At(t.Context(), d.board, seq); !errors.Is(err, whiteboard.ErrNoState) {
			t.Errorf("at %d: %v", seq, err)
		}
	}

	var paged []whiteboard.Change
	for before := int64(0); ; before = paged[len(paged)-1].Seq {
		page := history(t, s, d.board, whiteboard.HistoryPage{Before: before, Limit: 5})
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
	}
	if fmt.Sprint(paged) != fmt.Sprint(all) {
		t.Errorf("in pages: %v", paged)
	}
	some := history(t, s, d.board, whiteboard.HistoryPage{From: noon.Add(10 * time.Minute), To: noon.Add(12 * time.Minute)})
	if fmt.Sprint(some) != fmt.Sprint(all[22:24]) {
		t.Errorf("of two minutes: %v, want %v", some, all[22:24])
	}
}

func TestOldHistoryIsThinned(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	d := draw(t, s, 400, 61*time.Second)
	before := history(t, s, d.board, whiteboard.HistoryPage{Limit: 1000})
	cut := noon.Add(4*time.Hour + 30*time.Minute)
	for range 2 {
		if err := s.sweepHistory(t.Context(), cut); err != nil {
			t.Fatal(err)
		}
	}
	after := history(t, s, d.board, whiteboard.HistoryPage{Limit: 1000})
	young := slices.DeleteFunc(slices.Clone(before), func(c whiteboard.Change) bool { return c.At.Before(noon.Add(4 * time.Hour)) })
	if fmt.Sprint(after[:len(young)]) != fmt.Sprint(young) {
		t.Errorf("history after the cut has changed")
	}
	old := after[len(young):]
	if len(old) != 4 {
		t.Fatalf("4 hours are %d changes", len(old))
	}
	bytes := 0
	for _, c := range old {
		bytes += c.Bytes
		if !slices.Equal(c.Authors, []string{"user:0", "user:1"}) {
			t.Errorf("authors %v", c.Authors)
		}
	}
	for _, c := range before[len(young):] {
		bytes -= c.Bytes
	}
	if bytes != 0 {
		t.Errorf("%d bytes more than before", bytes)
	}
	for _, c := range after {
		d.check(t, s, c.Seq)
	}
	if b, err := s.At(t.Context(), d.board, 1); err != nil || show(t, b) != d.shown[old[3].Seq-1] {
		t.Errorf("of a change in a thinned hour: %v", err)
	}
	if err := s.sweepHistory(t.Context(), noon.Add(100*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, c := range history(t, s, d.board, whiteboard.HistoryPage{}) {
		d.check(t, s, c.Seq)
	}
}

func TestSweepCompactsWhatWasLeftBehind(t *testing.T) {
	pool := pgtest.Pool(t)
	dead := newStore(t, pool, "dead")
	d := draw(t, dead, 10, time.Minute)
	s := newStore(t, pool, "b")
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := logRows(t, s, d.board); n != 10 {
		t.Fatalf("the log of an open board has %d changes after the sweep", n)
	}
	if _, err := pool.Exec(t.Context(), "update board_leases set expires_at = now(), epoch = epoch + 1"); err != nil {
		t.Fatal(err)
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := logRows(t, s, d.board); n != 0 {
		t.Errorf("%d changes are left in the log", n)
	}
	for seq := int64(1); seq <= 10; seq++ {
		d.check(t, s, seq)
	}
	closeLog(t, open(t, s, d.board))
}
