package ydoc

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestHostileUpdates applies updates that are made to be dear. Each must end, within the limits or with a typed error; a
// quadratic step anywhere would keep the test for minutes.
func TestHostileUpdates(t *testing.T) {
	for name, updates := range hostileUpdates() {
		t.Run(name, func(t *testing.T) {
			d := New(Limits{})
			for i, b := range updates {
				if len(b) > 256<<10 {
					t.Fatalf("update %d has %d bytes", i, len(b))
				}
				if _, err := d.Apply(b); err != nil {
					typed(t, err)
				}
			}
			checkDocument(t, name, d)
			if _, err := Load(Limits{}, d.Encode()); err != nil {
				t.Error(err)
			}
		})
	}
}

func hostileUpdates() map[string][][]byte {
	rootRef := &parentRef{root: true, name: "a"}
	char := func(client, clock uint64) *item {
		return &item{id: ID{client, clock}, length: 1, kind: kindString, content: []byte("x"), origin: noID, rightOrigin: noID}
	}
	one := func(s *item) *item { s.from = rootRef; return s }
	encode := func(items map[uint64][]*item, ds deleteSet) []byte { return (&update{items, ds}).encode() }

	long := one(&item{id: ID{1, 0}, length: 80_000, kind: kindString, content: []byte(strings.Repeat("白", 80_000)), origin: noID, rightOrigin: noID})
	var cuts []*item
	for i := range uint64(18_000) {
		s := char(2, i)
		s.origin = ID{1, 79_000 - 4*i}
		cuts = append(cuts, s)
	}
	same, chain, reverse := map[uint64][]*item{}, map[uint64][]*item{}, []*item{}
	for i := range uint64(20_000) {
		same[i] = []*item{one(char(i, 0))}
		same[i][0].rightOrigin = noID
		s := char(i, 0)
		s.origin = ID{i + 1, 0}
		chain[i] = []*item{s}
	}
	for i := range uint64(20_000) {
		s := char(5, i)
		if s.rightOrigin = (ID{5, i - 1}); i == 0 {
			s = one(char(5, 0))
		}
		reverse = append(reverse, s)
	}
	var holes, all deleteSet = deleteSet{}, deleteSet{1: {{0, 80_000}}}
	for i := range uint64(39_000) {
		holes[1] = append(holes[1], span{2 * i, 2*i + 1})
	}
	var entries []*item
	for i := range uint64(40_000) {
		s := char(i%2+10, i/2)
		s.from, s.sub, s.hasSub = rootRef, "k", true
		if i > 1 {
			s.from, s.origin = nil, ID{(i-1)%2 + 10, (i - 1) / 2}
		}
		entries = append(entries, s)
	}
	byTwo := map[uint64][]*item{}
	for _, s := range entries {
		byTwo[s.id.Client] = append(byTwo[s.id.Client], s)
	}
	return map[string][][]byte{
		"cuts from the end":          {encode(map[uint64][]*item{1: {long}}, nil), encode(map[uint64][]*item{2: cuts}, nil)},
		"every second deleted":       {encode(map[uint64][]*item{1: {long}}, nil), encode(nil, holes), encode(nil, all), encode(nil, holes)},
		"thousands at one place":     {encode(same, nil)},
		"thousands wait in a row":    {encode(chain, nil), encode(map[uint64][]*item{20_000: {one(char(20_000, 0))}}, nil)},
		"each before the last":       {encode(map[uint64][]*item{5: reverse}, nil)},
		"two set a key in turn":      {encode(byTwo, nil)},
		"deletions of what is not":   {encode(nil, holes), encode(map[uint64][]*item{1: {long}}, nil)},
		"a value of values of lists": {append(append([]byte{1, 1, 1, 0, 8, 1, 1, 'a', 1, anyArray, 0xf0, 0x93, 0x09}, bytes.Repeat([]byte{anyNull}, 150_000)...), 0)},
	}
}

// TestGrowingOneAtATime adds writers at one place, which is what the budget of work is for.
func TestGrowingOneAtATime(t *testing.T) {
	d := New(Limits{Work: 10_000})
	refused := 0
	for i := range uint64(12_000) {
		b := (&update{items: map[uint64][]*item{i: {{
			id: ID{i, 0}, length: 1, kind: kindAny, content: []byte{anyNull}, origin: noID, rightOrigin: noID, from: &parentRef{root: true, name: "a"},
		}}}}).encode()
		_, err := d.Apply(b)
		var limit *LimitError
		if errors.As(err, &limit) && limit.Limit == "work" {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if refused != 1_999 {
		t.Errorf("%d refused", refused)
	}
	checkDocument(t, "grown", d)
}
