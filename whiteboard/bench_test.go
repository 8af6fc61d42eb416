package whiteboard

import (
	"bytes"
	"compress/flate"
	"fmt"
	"strings"
	"testing"

	"parley/whiteboard/ydoc"
)

// drags are updates of people who move one element each, as the document passes them on.
func drags(b *testing.B, people int) [][]byte {
	b.Helper()
	d := ydoc.New(ydoc.Limits{})
	var list [][]byte
	for round := range 2 {
		list = list[:0]
		for i := range people {
			c := &client{id: uint64(1000 + i), clock: uint64(round), last: map[string]ydoc.ID{}}
			if round > 0 {
				c.last[fmt.Sprint("element", i)] = ydoc.ID{Client: c.id}
			}
			value := fmt.Sprintf(`{"id":"element%d","type":"rectangle","x":%d.5,"y":%d.25,"width":120,"height":80,"angle":0,%s}`, i, round*13+i, i*7,
				strings.Repeat(`"strokeColor":"#1e1e1e",`, 14))
			applied, err := d.Apply(c.entry(fmt.Sprint("element", i), value))
			if err != nil {
				b.Fatal(err)
			}
			list = append(list, applied.Update)
		}
	}
	return list
}

// BenchmarkBroadcast is what one broadcast costs before it is written: as one message, as one for each update, and
// compressed for all receivers at once (permessage-deflate without context takeover).
func BenchmarkBroadcast(b *testing.B) {
	for _, people := range []int{2, 10, 40} {
		updates := drags(b, people)
		b.Run(fmt.Sprintf("merged/%d", people), func(b *testing.B) {
			b.ReportAllocs()
			var frame []byte
			for b.Loop() {
				frame = appendUpdates(updates)
			}
			b.ReportMetric(float64(len(frame)), "bytes")
		})
		b.Run(fmt.Sprintf("separate/%d", people), func(b *testing.B) {
			b.ReportAllocs()
			var frames []byte
			for b.Loop() {
				frames = nil
				for _, u := range updates {
					frames = append(frames, appendSync(nil, messageUpdate, u)...)
				}
			}
			b.ReportMetric(float64(len(frames)), "bytes")
		})
		b.Run(fmt.Sprintf("deflated/%d", people), func(b *testing.B) {
			b.ReportAllocs()
			merged := appendUpdates(updates)
			var out bytes.Buffer
			w, err := flate.NewWriter(&out, flate.BestSpeed)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				out.Reset()
				w.Reset(&out)
				if _, err := w.Write(merged); err != nil {
					b.Fatal(err)
				}
				if err := w.Flush(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(out.Len()), "bytes")
		})
	}
}
