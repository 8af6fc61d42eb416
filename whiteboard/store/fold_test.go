package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/whiteboard/store/storedb"
	"parley/whiteboard/ydoc"
)

func noHistory() ([]storedb.HistoryUntilRow, error) { return nil, errors.New("there is no history") }

// folding plays the database of one board.
type folding struct {
	head    storedb.HeadRow
	history []storedb.HistoryUntilRow
	spans   []span
}

func (b *folding) chain() ([]storedb.HistoryUntilRow, error) {
	rows := b.history
	for i, row := range slices.Backward(rows) {
		if row.Whole {
			return rows[i:], nil
		}
	}
	return rows, nil
}

func (b *folding) fold(t testing.TB, rows []logRow) {
	t.Helper()
	f, err := fold(b.head, rows, b.chain)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range f.moments {
		b.history = append(b.history, storedb.HistoryUntilRow{Seq: m.seq, At: m.at, Whole: m.whole, Content: m.content})
		b.spans = append(b.spans, m.span)
	}
	b.head = storedb.HeadRow{
		Seq: f.seq, State: f.state, Since: f.since, At: f.at, Authors: f.authors, Updates: f.updates, Bytes: f.bytes,
		HistoryVector: f.historyVector,
	}
}

// bytes is what the database keeps of the board.
func (b *folding) bytes() (n int) {
	n = len(b.head.State) + len(b.head.HistoryVector)
	for _, row := range b.history {
		n += len(row.Content)
	}
	return n
}

func TestFoldKeepsEveryMinute(t *testing.T) {
	for _, every := range []int{1, 7, 50, 1000} {
		t.Run(fmt.Sprintf("every %d changes", every), func(t *testing.T) {
			var b folding
			a, c := newWriter(1), newWriter(2)
			var all [][]byte
			var rows []logRow
			want := map[int64]string{}
			for i := range int64(1000) {
				row := logRow{Seq: i + 1, At: noon.Add(time.Duration(i) * 7 * time.Second), Author: "user:1"}
				if i%90 == 5 {
					row.Update, row.Author = c.set(fmt.Sprint("c", i), int(i)), "user:2"
				} else {
					row.Update = a.set(fmt.Sprint(i%30), fmt.Sprintf("a long enough value %d", i))
				}
				rows, all = append(rows, row), append(all, row.Update)
				if next := noon.Add(time.Duration(i+1) * 7 * time.Second); next.Minute() != row.At.Minute() {
					want[row.Seq] = show(t, all...)
				}
			}
			for chunk := range slices.Chunk(rows, every) {
				b.fold(t, chunk)
			}
			if got, last := show(t, must(unpack(b.head.State))), show(t, all...); got != last {
				t.Errorf("state %s, want %s", got, last)
			}
			if len(b.history) != len(want) {
				t.Errorf("%d minutes, want %d", len(b.history), len(want))
			}
			whole, updates := 0, int64(0)
			for i, row := range b.history {
				some := folding{history: b.history[:i+1]}
				got, err := joinHistory(must(some.chain()))
				if err != nil || show(t, got) != want[row.Seq] {
					t.Errorf("at %d: %v", row.Seq, err)
				}
				if row.Whole {
					whole++
				}
				updates += b.spans[i].updates
			}
			if whole < 2 || whole > len(b.history)/2 {
				t.Errorf("%d whole states of %d", whole, len(b.history))
			}
			if updates+b.head.Updates != int64(len(rows)) {
				t.Errorf("%d changes in history, %d in the state's minute, of %d", updates, b.head.Updates, len(rows))
			}
			if got := b.spans[0].authors; !slices.Equal(got, []string{"user:1", "user:2"}) {
				t.Errorf("authors %v", got)
			}
		})
	}
}

func TestFoldRefuses(t *testing.T) {
	good := newWriter(1).set("a", 1)
	var other folding
	other.fold(t, []logRow{{Seq: 1, Update: good, At: noon}, {Seq: 2, Update: newWriter(2).set("b", 1), At: noon.Add(time.Hour)}})
	wrong := other.head
	wrong.HistoryVector = ydoc.StateVector{1: 1, 2: 1}.Encode()
	for name, c := range map[string]struct {
		head  storedb.HeadRow
		rows  []logRow
		chain func() ([]storedb.HistoryUntilRow, error)
	}{
		"bytes that are no update":   {rows: []logRow{{Seq: 1, Update: good, At: noon}, {Seq: 2, Update: []byte{1, 1, 1, 0, 8}, At: noon}}, chain: noHistory},
		"a damaged state":            {head: storedb.HeadRow{State: []byte("damaged")}, chain: noHistory},
		"history without its start":  {head: other.head, rows: []logRow{{Seq: 3, Update: good, At: noon.Add(2 * time.Hour)}}, chain: noHistory},
		"history that lacks changes": {head: wrong, rows: []logRow{{Seq: 3, Update: good, At: noon.Add(2 * time.Hour)}}, chain: other.chain},
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := fold(c.head, c.rows, c.chain); err == nil {
				t.Errorf("folded to %d", f.seq)
			}
		})
	}
}

// TestDragsStaySmall: 10,000 moves of 20 elements at 30 a second end in less than twice the elements' JSON, with history. When
// another element is moved each time, Yjs keeps an item without content for each move.
func TestDragsStaySmall(t *testing.T) {
	const elements, moves = 20, 10_000
	for _, c := range []struct {
		name string
		of   func(move int) int
		more int // bytes of a move that stay for ever
	}{
		{"one after the other", func(move int) int { return move * elements / moves }, 0},
		{"each 100 times in turn", func(move int) int { return move / 100 % elements }, 0},
		{"another each time", func(move int) int { return move % elements }, 12},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWriter(1)
			values := map[string]any{}
			var b folding
			var rows []logRow
			at, sent := noon, 0
			put := func(i int, n int) {
				id := fmt.Sprintf("element-%d", i)
				values[id] = element(id, float64(n)*1.37, float64(n)*0.73, n)
				row := logRow{Seq: int64(n + 1), Update: w.set(id, values[id]), Author: "user:1", At: at}
				rows, sent, at = append(rows, row), sent+len(row.Update), at.Add(time.Second/30)
			}
			for i := range elements {
				put(i, i)
			}
			for move := range moves {
				put(c.of(move), elements+move)
			}
			for chunk := range slices.Chunk(rows, foldEvery) {
				b.fold(t, chunk)
			}
			asJSON, err := json.Marshal(values)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("JSON %d bytes; sent %d, kept %d: state %d, %d minutes of history %d",
				len(asJSON), sent, b.bytes(), len(b.head.State), len(b.history), b.bytes()-len(b.head.State))
			if b.bytes() > 2*len(asJSON)+c.more*moves {
				t.Errorf("%d bytes are kept of %d bytes of JSON", b.bytes(), len(asJSON))
			}
		})
	}
}
