package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"parley/whiteboard/ydoc"
)

// writer is a client that sets entries of the map "elements", in the bytes that Yjs writes.
type writer struct {
	client, clock uint64
	last          map[string]uint64 // clock of the newest value by key; the writer writes alone
}

func newWriter(client uint64) *writer { return &writer{client: client, last: map[string]uint64{}} }

// set answers the update that gives a key a value: an integer, a float64, a bool, a string, nil or a map of these.
func (w *writer) set(key string, value any) []byte {
	b := []byte{1, 1}
	b = binary.AppendUvarint(b, w.client)
	b = binary.AppendUvarint(b, w.clock)
	before, again := w.last[key]
	if again {
		b = append(b, 0x80|0x20|8)
		b = binary.AppendUvarint(b, w.client)
		b = binary.AppendUvarint(b, before)
	} else {
		b = append(b, 0x20|8, 1)
		b = appendText(b, "elements")
		b = appendText(b, key)
	}
	b = appendAny(append(b, 1), value)
	if again {
		b = append(b, 1)
		b = binary.AppendUvarint(b, w.client)
		b = append(b, 1)
		b = binary.AppendUvarint(b, before)
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	w.last[key] = w.clock
	w.clock++
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendAny is writeAny of lib0.
func appendAny(b []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(b, 126)
	case bool:
		if v {
			return append(b, 120)
		}
		return append(b, 121)
	case int:
		first := byte(v & 0x3f)
		if v >= 64 {
			return binary.AppendUvarint(append(b, 125, first|0x80), uint64(v>>6))
		}
		return append(b, 125, first)
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 123), math.Float64bits(v))
	case string:
		return appendText(append(b, 119), v)
	case map[string]any:
		b = binary.AppendUvarint(append(b, 118), uint64(len(v)))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			b = appendAny(appendText(b, key), v[key])
		}
		return b
	}
	panic(fmt.Sprintf("no encoding for %T", value))
}

// element is what the editor keeps of a rectangle.
func element(id string, x, y float64, version int) map[string]any {
	return map[string]any{
		"id": id, "type": "rectangle", "x": x, "y": y, "width": 180.5, "height": 96.25, "angle": 0,
		"strokeColor": "#1e1e1e", "backgroundColor": "#a5d8ff", "fillStyle": "solid", "strokeWidth": 2, "strokeStyle": "solid",
		"roughness": 1, "opacity": 100, "frameId": nil, "index": "a" + id, "seed": 1234567 + len(id), "version": version,
		"versionNonce": 1_000_000 + version*7919%900_000, "isDeleted": false, "updated": 1_790_000_000 + version,
		"link": nil, "locked": false,
	}
}

// show is what a state shows, as JSON.
func show(t testing.TB, updates ...[]byte) string {
	t.Helper()
	doc, err := ydoc.Load(unbounded, updates...)
	if err != nil {
		t.Fatal(err)
	}
	if doc.Pending() {
		t.Fatal("the state waits for updates that are not there")
	}
	b, err := json.Marshal(doc.Root("elements").Map())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
