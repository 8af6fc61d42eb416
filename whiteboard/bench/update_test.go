package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"parley/whiteboard/ydoc"
)

// seen is a visitor that remembers.
type seen struct {
	clocks map[uint64]uint64
	stamps []int64
}

func (s *seen) structs(client, from, to uint64) {
	if s.clocks == nil {
		s.clocks = map[uint64]uint64{}
	}
	if from <= s.clocks[client] {
		s.clocks[client] = max(s.clocks[client], to)
	}
}

func (s *seen) stamp(_, _ uint64, at int64) { s.stamps = append(s.stamps, at) }

func example(id string, version int) element {
	// A stamp that fits 32 bits of floating point, and ones that do not.
	return element{id: id, index: "a1", version: version, x: 1.5, y: 2.1, at: int64(version) << 40 / 3 &^ int64(version%2*0xffffff)}
}

func TestAuthorWritesWhatYjsReads(t *testing.T) {
	a := newAuthor(firstClient)
	doc := ydoc.New(ydoc.Limits{})
	want := map[string]any{}
	for _, list := range [][]element{
		{example("one", 1), example("two", 1), example("three", 1)}, {example("two", 2)}, {example("one", 2), example("two", 3)}, {example("two", 4)},
	} {
		update := a.set(nil, list...)
		applied, err := doc.Apply(update)
		if err != nil || applied.Pending {
			t.Fatalf("%+v %v", applied, err)
		}
		var s seen
		if err := walk(update, &s); err != nil {
			t.Fatal(err)
		}
		var stamps []int64
		for _, e := range list {
			want[e.id] = e.object()
			stamps = append(stamps, int64(float64(e.at)))
		}
		if !slices.Equal(s.stamps, stamps) {
			t.Errorf("stamps %v instead of %v", s.stamps, stamps)
		}
	}
	if have, want := asJSON(t, doc.Root(elementsRoot).Map()), asJSON(t, want); have != want {
		t.Errorf("the document holds\n%s instead of\n%s", have, want)
	}
	if sv := doc.StateVector(); !maps.Equal(sv, ydoc.StateVector{a.client: a.clock}) {
		t.Errorf("state vector %v", sv)
	}
}

func TestWalkReadsWholeStates(t *testing.T) {
	doc := ydoc.New(ydoc.Limits{})
	want := map[uint64]uint64{}
	for n := range 3 {
		a := newAuthor(firstClient + uint64(n))
		for version := range 5 {
			if _, err := doc.Apply(a.set(nil, example(fmt.Sprintf("of %d", n), version), example(fmt.Sprintf("new %d %d", n, version), 1))); err != nil {
				t.Fatal(err)
			}
		}
		want[a.client] = a.clock
	}
	state := doc.Encode()
	var s seen
	if err := walk(state, &s); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(s.clocks, want) || len(s.stamps) != 3*(5+1) {
		t.Errorf("have %v with %d stamps, want %v", s.clocks, len(s.stamps), want)
	}
	later, err := ydoc.Diff(state, ydoc.StateVector{firstClient: 4, firstClient + 1: 10})
	if err != nil {
		t.Fatal(err)
	}
	s = seen{clocks: map[uint64]uint64{firstClient: 4, firstClient + 1: 10}}
	if err := walk(later, &s); err != nil || !maps.Equal(s.clocks, want) {
		t.Errorf("have %v, want %v, %v", s.clocks, want, err)
	}
	for _, n := range []int{1, 20, len(state) / 2} {
		if err := walk(state[:n], &seen{}); !errors.Is(err, errUpdate) {
			t.Errorf("%d of %d bytes are an update", n, len(state))
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestQuantiles(t *testing.T) {
	var list []int32
	for n := range int32(1000) {
		list = append(list, 999-n)
	}
	if q := quantilesOf(list); q != (quantiles{500, 950, 990, 999}) {
		t.Errorf("have %+v", q)
	}
	if q := quantilesOf(nil); q != (quantiles{}) {
		t.Errorf("of nothing %+v", q)
	}
}

func TestOwnNumbersAreRead(t *testing.T) {
	s, err := readStat(1)
	if err != nil || s.parent != 0 {
		t.Errorf("process 1: %+v %v", s, err)
	}
	now, most, err := readMemory(1)
	if err != nil || now <= 0 || most < now {
		t.Errorf("memory of process 1: %d %d %v", now, most, err)
	}
}
