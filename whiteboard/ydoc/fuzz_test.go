package ydoc

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// seeds are updates written by yjs (testdata/updates.txt, from the scenarios of the oracle) and by hand.
func seeds(f *testing.F) [][]byte {
	f.Helper()
	file, err := os.ReadFile("testdata/updates.txt")
	if err != nil {
		f.Fatal(err)
	}
	list := [][]byte{{}, {0, 0}, {1, 1, 1, 0, 0x84, 2, 0, 1, 'x', 0}, {1, 2, 1, 0, 10, 3, 0, 1, 0}}
	for line := range strings.Lines(string(file)) {
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if err != nil {
			f.Fatal(err)
		}
		list = append(list, b)
	}
	return list
}

func typed(t *testing.T, err error) {
	t.Helper()
	var malformed *MalformedError
	var limit *LimitError
	if !errors.As(err, &malformed) && !errors.As(err, &limit) {
		t.Fatalf("error of another type: %v", err)
	}
}

// FuzzDecode: what is read is written again the same way, and only once differently.
func FuzzDecode(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		u, err := decode(b)
		if err != nil {
			typed(t, err)
			return
		}
		first := u.encode()
		again, err := decode(first)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.encode(), first) {
			t.Fatal("written differently the second time")
		}
		if !bytes.Equal(again.stateVector().Encode(), u.stateVector().Encode()) {
			t.Fatal("state vectors differ")
		}
		if _, err := decode(u.diff(StateVector{1: 3, 2: 1})); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzStateVector: what is read is written again.
func FuzzStateVector(f *testing.F) {
	f.Add([]byte{0})
	f.Add([]byte{2, 1, 5, 0xff, 0x03, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		sv, err := DecodeStateVector(b)
		if err != nil {
			typed(t, err)
			return
		}
		if again, err := DecodeStateVector(sv.Encode()); err != nil || !bytes.Equal(again.Encode(), sv.Encode()) {
			t.Fatal(err)
		}
	})
}

// FuzzMerge: a merged update can be read, knows what its parts know, and merging it again changes nothing.
func FuzzMerge(f *testing.F) {
	list := seeds(f)
	for i, b := range list {
		f.Add(b, list[(i*7+3)%len(list)])
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		m, err := Merge(a, b)
		if err != nil {
			typed(t, err)
			return
		}
		again, err := Merge(m, m)
		if err != nil || !bytes.Equal(again, m) {
			t.Fatalf("merged again differs: %v", err)
		}
		sv, err := UpdateStateVector(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range [][]byte{a, b} {
			known, err := UpdateStateVector(part)
			if err != nil {
				t.Fatal(err)
			}
			for client, clock := range known {
				if sv[client] < clock {
					t.Fatalf("client %d: clock %d became %d", client, clock, sv[client])
				}
			}
		}
	})
}

// FuzzApply: whatever is applied, the document stays whole, can be read, stored, loaded, restored.
func FuzzApply(f *testing.F) {
	list := seeds(f)
	for i, b := range list {
		f.Add(b, list[(i*5+1)%len(list)], uint64(i))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, seed uint64) {
		d, old := New(Limits{Depth: 8, State: 1 << 20, Pending: 1 << 16, Work: 10_000}), New(Limits{})
		r := rand.New(rand.NewPCG(seed, 3))
		for _, u := range [][]byte{a, b, a} {
			if r.IntN(3) == 0 {
				change(t, d, 1<<40, func(w *by) { w.random(r) })
			}
			got, err := d.Apply(u)
			if err != nil {
				typed(t, err)
			}
			if got.Update != nil {
				if _, err := decode(got.Update); err != nil {
					t.Fatalf("what is new cannot be read: %v", err)
				}
			}
			checkDocument(t, "fuzzed", d)
			if r.IntN(2) == 0 {
				old = stored(t, d)
			}
		}
		if _, err := d.Restore(old, 1<<41); err != nil {
			t.Fatal(err)
		}
		checkDocument(t, "restored", d)
	})
}

// stored reads all of a document, writes it and loads it again.
func stored(t *testing.T, d *Doc) *Doc {
	t.Helper()
	for _, name := range d.Roots() {
		for _, k := range []Kind{Array, Map, Text, XMLElement, XMLFragment, XMLText} {
			d.Root(name).JSON(k)
		}
		d.Root(name).Delta()
	}
	again, err := Load(Limits{Depth: 8}, d.Encode())
	if err != nil {
		t.Fatalf("stored document does not load: %v", err)
	}
	if !bytes.Equal(again.StateVector().Encode(), d.StateVector().Encode()) {
		t.Fatal("state vector of the stored document differs")
	}
	checkDocument(t, "stored", again)
	return again
}
