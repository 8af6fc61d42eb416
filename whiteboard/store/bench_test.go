package store

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"parley/internal/postgres/pgtest"
	"parley/whiteboard"
	"parley/whiteboard/store/storedb"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

// large is a board of 5,000 elements and a writer that goes on.
func large(b *testing.B) (*ydoc.Doc, *writer) {
	b.Helper()
	w, doc := newWriter(1), ydoc.New(unbounded)
	for i := range 5000 {
		id := fmt.Sprint("element-", i)
		if _, err := doc.Apply(w.set(id, element(id, float64(i)*1.37, float64(i)*0.73, 1))); err != nil {
			b.Fatal(err)
		}
	}
	return doc, w
}

// moves drags elements one after the other, so that each moves n times.
func moves(w *writer, seq int64, elements, each int, at time.Time, every time.Duration) []logRow {
	var rows []logRow
	for i := range elements {
		id := fmt.Sprint("element-", i*37)
		for n := range each {
			u := w.set(id, element(id, float64(n)*1.37, float64(n)*0.73, n+2))
			rows = append(rows, logRow{Seq: seq, Update: u, Author: "user:1", At: at})
			seq, at = seq+1, at.Add(every)
		}
	}
	return rows
}

// BenchmarkFold: 500 changes go into a board of 5,000 elements, within a minute and over the end of one.
func BenchmarkFold(b *testing.B) {
	for name, every := range map[string]time.Duration{"within a minute": time.Millisecond, "two minutes": 120 * time.Millisecond} {
		doc, w := large(b)
		state := pack(doc.Encode())
		head := storedb.HeadRow{Seq: 1, State: state, Since: noon, At: noon, Updates: 1, Authors: []string{"user:1"}}
		rows := moves(w, 2, 10, 50, noon.Add(time.Second), every)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := fold(head, rows, noHistory); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMinute: what a minute of 1,800 moves of 60 elements on a board of 5,000 costs in history, as the whole state or
// as what is new.
func BenchmarkMinute(b *testing.B) {
	doc, w := large(b)
	before := doc.StateVector()
	for _, row := range moves(w, 2, 60, 30, noon, time.Second/30) {
		if _, err := doc.Apply(row.Update); err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range []struct {
		name    string
		content func() []byte
		pack    func([]byte) []byte
	}{
		{"whole/zstd", doc.Encode, pack},
		{"whole/zlib", doc.Encode, deflate},
		{"difference/zstd", func() []byte { return doc.Diff(before) }, pack},
		{"difference/zlib", func() []byte { return doc.Diff(before) }, deflate},
	} {
		b.Run(c.name, func(b *testing.B) {
			content := c.content()
			var packed []byte
			for b.Loop() {
				packed = c.pack(content)
			}
			b.ReportMetric(float64(len(content)), "B")
			b.ReportMetric(float64(len(packed)), "B-packed")
		})
	}
}

func deflate(content []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	must(z.Write(content))
	must(0, z.Close())
	return out.Bytes()
}

// BenchmarkCommit: five changes of each of many boards, as 50 ms bring them, in one transaction or in one for each board,
// eight at a time. PostgreSQL waits for the disk, as it does in production.
func BenchmarkCommit(b *testing.B) {
	db := server(b, folder(b), nil)
	defer db.Close()
	pool := migrated(b, db.URL())
	defer pool.Close()
	for _, boards := range []int{1, 20, 200} {
		for name, grouped := range map[string]bool{"together": true, "each": false} {
			b.Run(fmt.Sprintf("%d boards/%s", boards, name), func(b *testing.B) {
				s, err := New(Config{Pool: pool, Node: "a", Log: slog.New(slog.DiscardHandler), Delay: time.Hour})
				if err != nil {
					b.Fatal(err)
				}
				defer s.stop()
				logs := make([]*boardLog, boards)
				for i := range logs {
					logs[i] = open(b, s, uuid.New())
				}
				update, seq := newWriter(1).set("a", element("a", 1.5, 2.5, 3)), int64(1)
				for b.Loop() {
					parts := make([]part, boards)
					for i, l := range logs {
						parts[i] = part{l, rowsOf(seq, update, update, update, update, update)}
					}
					seq += 5
					if grouped {
						commitAll(b, s, parts)
					} else {
						commitEach(b, s, parts)
					}
				}
			})
		}
	}
}

func commitAll(b *testing.B, s *Store, parts []part) {
	if _, err := s.write(b.Context(), parts); err != nil {
		b.Error(err)
	}
}

func commitEach(b *testing.B, s *Store, parts []part) {
	work := make(chan part)
	done := make(chan struct{})
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for p := range work {
				commitAll(b, s, []part{p})
			}
		}()
	}
	for _, p := range parts {
		work <- p
	}
	close(work)
	for range 8 {
		<-done
	}
}

// BenchmarkAppend is what an actor pays for a change.
func BenchmarkAppend(b *testing.B) {
	s := newStore(b, pgtest.Pool(b), "a", func(c *Config) { c.Delay = 50 * time.Millisecond })
	l, w := open(b, s, uuid.New()), newWriter(1)
	update := w.set("a", element("a", 1.5, 2.5, 3))
	b.ReportAllocs()
	for b.Loop() {
		l.Append(whiteboard.Entry{Update: update, Author: "user:1", At: noon})
	}
	saved(b, l)
}
