package ydoc

import (
	"encoding/json"
	"fmt"
	"testing"
)

type drags struct {
	Updates [][]byte
	State   []byte // as yjs writes it
	JSON    int    // bytes of the elements as JSON
}

func newDrags(b testing.TB, request map[string]any) drags {
	var d drags
	newOracle(b).ask(b, map[string]any{"drags": request}, &d)
	return d
}

var dragging = map[string]map[string]any{
	"one after the other":        {"elements": 20, "moves": 10_000},
	"one after the other/fields": {"elements": 20, "moves": 10_000, "fields": true},
	"another each time":          {"elements": 20, "moves": 10_000, "mixed": true},
	"another each time/fields":   {"elements": 20, "moves": 10_000, "mixed": true, "fields": true},
}

// BenchmarkDrags: 10,000 moves of 20 elements, each an update: the time to apply, compact and load them, and the bytes.
func BenchmarkDrags(b *testing.B) {
	for name, request := range dragging {
		d := newDrags(b, request)
		sent := 0
		for _, u := range d.Updates {
			sent += len(u)
		}
		compacted := compact(b, d.Updates...)
		b.Run(name+"/apply", func(b *testing.B) {
			for b.Loop() {
				applyAll(b, New(Limits{}), d.Updates...)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(d.Updates)), "ns/update")
			b.ReportMetric(float64(sent), "B-sent")
			b.ReportMetric(float64(len(compacted)), "B-kept")
			b.ReportMetric(float64(len(d.State)), "B-kept-by-yjs")
			b.ReportMetric(float64(d.JSON), "B-JSON")
		})
		b.Run(name+"/compact", func(b *testing.B) {
			for b.Loop() {
				compact(b, d.Updates...)
			}
		})
		b.Run(name+"/load", func(b *testing.B) {
			for b.Loop() {
				if _, err := Load(Limits{}, compacted); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLarge: a board of 5,000 elements, each a value or a map of 27 fields.
func BenchmarkLarge(b *testing.B) {
	for _, fields := range []bool{false, true} {
		d := newDrags(b, map[string]any{"elements": 5000, "moves": 0, "fields": fields, "text": "some text 一些文字"})
		doc, err := Load(Limits{}, d.State)
		if err != nil {
			b.Fatal(err)
		}
		name := fmt.Sprintf("fields=%t", fields)
		b.Run(name+"/load", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(d.State)))
			for b.Loop() {
				if doc, err = Load(Limits{}, d.State); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(doc.Size()), "B-size")
		})
		b.Run(name+"/encode", func(b *testing.B) {
			b.SetBytes(int64(len(d.State)))
			for b.Loop() {
				doc.Encode()
			}
		})
		b.Run(name+"/diff of nothing", func(b *testing.B) {
			sv := doc.StateVector()
			for b.Loop() {
				doc.Diff(sv)
			}
		})
		b.Run(name+"/json", func(b *testing.B) {
			for b.Loop() {
				if _, err := json.Marshal(doc.Root("elements").Map()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
