package ydoc

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// by writes as a client, as yjs would.
type by struct {
	t   testing.TB
	doc *Doc
	w   *writer
}

// change makes changes as the client and answers the update.
func change(t testing.TB, d *Doc, client uint64, f func(*by)) []byte {
	t.Helper()
	w := &writer{transaction: d.begin(), client: client}
	f(&by{t, d, w})
	w.finish()
	if w.err != nil {
		t.Fatal(w.err)
	}
	return w.encode()
}

func (b *by) set(parent *Type, key string, s *item) *item {
	s.parent, s.sub, s.hasSub, s.left = parent, key, true, parent.entries[key]
	return b.w.insert(s)
}

func (b *by) push(parent *Type, s *item) *item {
	s.parent = parent
	for s.left = parent.start; s.left != nil && s.left.right != nil; s.left = s.left.right {
	}
	return b.w.insert(s)
}

func text(s string) *item {
	return &item{kind: kindString, content: []byte(s), length: utf16Length([]byte(s))}
}

func integer(n byte) *item {
	return &item{kind: kindAny, content: []byte{anyInteger, n & 0x3f}, length: 1}
}

func shared(k Kind) *item { return &item{kind: kindType, content: []byte{byte(k)}, length: 1} }

func applyAll(t testing.TB, d *Doc, updates ...[]byte) *Doc {
	t.Helper()
	for _, u := range updates {
		if _, err := d.Apply(u); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func compact(t testing.TB, updates ...[]byte) []byte {
	t.Helper()
	d, err := Load(Limits{}, updates...)
	if err != nil {
		t.Fatal(err)
	}
	compacted, err := d.Compact()
	if err != nil {
		t.Fatal(err)
	}
	return compacted
}

func TestPendingWaitsAndIsAnnounced(t *testing.T) {
	from := New(Limits{})
	first := change(t, from, 1, func(b *by) { b.push(b.w.root("text"), text("ab")) })
	second := change(t, from, 2, func(b *by) { b.push(b.w.root("text"), text("cd")) })
	third := change(t, from, 1, func(b *by) { b.w.deleteSpan(2, span{0, 1}) })

	d := New(Limits{})
	for _, early := range [][]byte{third, second} {
		a, err := d.Apply(early)
		if err != nil || a.Update != nil || !a.Pending {
			t.Fatalf("early update: %+v, %v", a, err)
		}
	}
	stored := d.Encode()
	a, err := d.Apply(first)
	if err != nil || a.Pending || d.Root("text").Text() != "abd" {
		t.Fatalf("%q, %+v, %v", d.Root("text").Text(), a, err)
	}
	if got := applyAll(t, New(Limits{}), a.Update).Root("text").Text(); got != "abd" {
		t.Errorf("what is new shows %q", got)
	}
	if got := applyAll(t, New(Limits{}), stored, first).Root("text").Text(); got != "abd" {
		t.Errorf("stored while pending: %q", got)
	}
	if a, err = d.Apply(second); a.Update != nil || a.Pending || err != nil {
		t.Errorf("known update: %+v, %v", a, err)
	}
}

func TestDeletedContentIsFreed(t *testing.T) {
	d := New(Limits{})
	secret := strings.Repeat("secret ", 2000)
	var inner *item
	change(t, d, 1, func(b *by) {
		inner = b.set(b.w.root("map"), "a", shared(Map))
		b.push(inner.typ, text(secret))
		b.set(inner.typ, "deep", shared(Array))
		b.push(inner.typ.EntryType("deep"), text(secret))
		b.push(b.w.root("text"), text(secret))
	})
	full := len(d.Encode())
	change(t, d, 2, func(b *by) {
		b.w.delete(b.doc.Root("map").entries["a"])
		b.w.deleteSpan(1, span{0, d.state(1)})
	})
	b := d.Encode()
	if bytes.Contains(b, []byte("secret")) || len(b) > 64 || full < 3*len(secret)-100 {
		t.Errorf("%d bytes of %d are left", len(b), full)
	}
	if d.Size() > 500 {
		t.Errorf("size is still %d", d.Size())
	}
	checkDocument(t, "freed", d)
}

// TestManyMovesStaySmall moves elements a thousand times: what is left is about the elements.
func TestManyMovesStaySmall(t *testing.T) {
	d := New(Limits{})
	for i := range 20_000 {
		change(t, d, 7, func(b *by) { b.set(b.w.root("elements"), fmt.Sprint(i/1000), text(strings.Repeat("x", 100))) })
	}
	if n := len(d.Encode()); n > 20*200 {
		t.Errorf("20 elements of 100 bytes take %d bytes after 20,000 moves", n)
	}
	checkDocument(t, "moved", d)
}

func TestSurrogatePairCutInTwo(t *testing.T) {
	d := New(Limits{})
	change(t, d, 1, func(b *by) { b.push(b.w.root("text"), text("x😀y")) })
	change(t, d, 2, func(b *by) { b.w.deleteSpan(1, span{0, 2}) })
	if got := d.Root("text").Text(); got != "\uFFFDy" {
		t.Errorf("%q", got)
	}
	if got := applyAll(t, New(Limits{}), d.Encode()).Root("text").Text(); got != "\uFFFDy" {
		t.Errorf("loaded: %q", got)
	}
}

func TestLongRunsAreCut(t *testing.T) {
	long := strings.Repeat("白板😀", 5000)
	b := (&update{items: map[uint64][]*item{1: {{
		id: ID{1, 0}, kind: kindString, content: []byte(long), length: utf16Length([]byte(long)),
		origin: noID, rightOrigin: noID, from: &parentRef{root: true, name: "text"},
	}}}}).encode()
	d := applyAll(t, New(Limits{}), b)
	for s := range d.clients[1].from(0) {
		if len(s.content) > maxRun+8 {
			t.Errorf("a run of %d bytes", len(s.content))
		}
	}
	if d.Root("text").Text() != long {
		t.Error("text differs")
	}
}

func TestRestore(t *testing.T) {
	d := New(Limits{})
	change(t, d, 1, func(b *by) {
		a := b.set(b.w.root("elements"), "a", shared(Map))
		b.set(a.typ, "x", integer(1))
		b.set(a.typ, "y", integer(2))
		b.set(b.w.root("elements"), "b", shared(Array))
		b.push(b.doc.Root("elements").EntryType("b"), text("abc"))
		b.push(b.w.root("order"), text("ab😀cd"))
	})
	old := applyAll(t, New(Limits{}), d.Encode())
	change(t, d, 2, func(b *by) {
		b.set(b.doc.Root("elements").EntryType("a"), "x", integer(9))
		b.w.delete(b.doc.Root("elements").entries["b"])
		b.set(b.w.root("elements"), "c", integer(3))
		b.w.deleteSpan(1, span{d.state(1) - 5, d.state(1) - 3})
		b.push(b.w.root("new"), integer(1))
	})
	late := applyAll(t, New(Limits{}), d.Encode())

	a, err := d.Restore(old, 77)
	if err != nil || a.Update == nil {
		t.Fatalf("%+v, %v", a, err)
	}
	checkDocument(t, "restored", d)
	applyAll(t, late, a.Update)
	for name, got := range map[string]*Doc{"document": d, "other document": late} {
		if want := map[string]any{"a": map[string]any{"x": 1.0, "y": 2.0}, "b": []any{"a", "b", "c"}}; !reflect.DeepEqual(got.Root("elements").Map(), want) {
			t.Errorf("%s: elements %v", name, got.Root("elements").Map())
		}
		if got.Root("order").Text() != "ab😀cd" || len(got.Root("new").Array()) > 0 {
			t.Errorf("%s: order %q, new %v", name, got.Root("order").Text(), got.Root("new").Array())
		}
	}
	if d.find(ID{1, 0}).deleted {
		t.Error("the map lost its identity")
	}
	if a, err := d.Restore(old, 78); err != nil || a.Update != nil {
		t.Errorf("restored again: %+v, %v", a, err)
	}
	if _, err := d.Restore(New(Limits{}), 77); !errors.Is(err, ErrClientInUse) {
		t.Errorf("client in use: %v", err)
	}
}

// TestRestoreLongText goes beyond what is compared character by character.
func TestRestoreLongText(t *testing.T) {
	long := strings.Repeat("long text 长文", 20_000)
	d := New(Limits{})
	change(t, d, 1, func(b *by) {
		for i := 0; i < len(long); i += 3000 {
			b.push(b.w.root("text"), text(strings.ToValidUTF8(long[i:min(i+3000, len(long))], "")))
		}
	})
	old, err := Load(Limits{}, d.Encode())
	if err != nil {
		t.Fatal(err)
	}
	want := old.Root("text").Text()
	change(t, d, 2, func(b *by) { b.w.deleteSpan(1, span{100, 150_000}) })
	if _, err := d.Restore(old, 3); err != nil || d.Root("text").Text() != want {
		t.Errorf("%d characters: %v", len(d.Root("text").Text()), err)
	}
	checkDocument(t, "long", d)
}

func TestLimits(t *testing.T) {
	limits := Limits{Update: 1000, State: 4000, Pending: 500, Depth: 3, Work: 100}
	limit := func(d *Doc, b []byte, name string) {
		t.Helper()
		_, err := d.Apply(b)
		var le *LimitError
		if !errors.As(err, &le) || le.Limit != name {
			t.Errorf("%v, want limit %s", err, name)
		}
		checkDocument(t, name, d)
	}
	source := func(f func(*by)) []byte { return change(t, New(Limits{Depth: 100}), 1, f) }

	d := New(limits)
	limit(d, make([]byte, 1001), "update")
	full := source(func(b *by) { b.push(b.w.root("t"), text(strings.Repeat("x", 900))) })
	for i := uint64(0); ; i++ {
		u := change(t, New(Limits{}), i+10, func(b *by) { b.push(b.w.root("t"), text(strings.Repeat("x", 900))) })
		if d.Size()+900 > limits.State {
			limit(d, u, "state")
			break
		}
		applyAll(t, d, u)
	}
	if d.Size() > limits.State {
		t.Errorf("size %d", d.Size())
	}
	clear := (&update{deletes: deleteSet{10: {{0, 900}}}}).encode()
	if a, err := d.Apply(clear); err != nil || a.Update == nil {
		t.Errorf("a full document cannot be cleared: %v", err)
	}
	applyAll(t, d, full)

	limit(New(limits), source(func(b *by) {
		for i, parent := 0, b.w.root("m"); i < 5; i++ {
			parent = b.set(parent, "k", shared(Map)).typ
		}
	}), "depth")

	// What wakes an item that goes too deep is not to blame.
	deep := New(Limits{})
	var innermost *Type
	first := change(t, deep, 1, func(b *by) {
		innermost = b.w.root("m")
		for range 3 {
			innermost = b.set(innermost, "k", shared(Map)).typ
		}
	})
	tooDeep := change(t, deep, 2, func(b *by) { b.set(innermost, "k", shared(Map)) })
	d = applyAll(t, New(limits), tooDeep)
	if a, err := d.Apply(first); err != nil || a.Pending || a.Update == nil {
		t.Errorf("a deep item was woken: %+v, %v", a, err)
	}
	limit(d, tooDeep, "depth")

	many := &update{items: map[uint64][]*item{}, deletes: deleteSet{}}
	for i := range uint64(60) {
		many.items[i] = []*item{{id: ID{i, 0}, length: 1, kind: kindAny, content: []byte{anyNull}, origin: noID, rightOrigin: noID, from: &parentRef{root: true, name: "a"}}}
	}
	var updates [][]byte
	for i := range uint64(60) {
		updates = append(updates, (&update{items: map[uint64][]*item{i: many.items[i]}}).encode())
	}
	d = New(Limits{Work: 19})
	for _, u := range updates[:20] {
		applyAll(t, d, u)
	}
	limit(d, updates[59], "work")

	waits := &update{items: map[uint64][]*item{}, deletes: deleteSet{}}
	for i := range uint64(20) {
		waits.items[i] = []*item{{id: ID{i, 0}, length: 1, kind: kindAny, content: []byte{anyNull}, origin: ID{100, 1}, rightOrigin: noID}}
	}
	d = New(limits)
	limit(d, waits.encode(), "pending")
	if d.Pending() || len(d.waiting) > 0 || len(d.waitsFor) > 0 {
		t.Error("what is refused stays")
	}
	limit(d, (&update{deletes: deleteSet{1: {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}, {12, 13}, {14, 15}, {16, 17}, {18, 19}, {20, 21}}}}).encode(), "pending")
}

func TestMalformed(t *testing.T) {
	for name, b := range map[string][]byte{
		"nothing":            {},
		"ends early":         {1, 1, 1},
		"left over":          {0, 0, 0},
		"too many":           {0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1},
		"number too large":   {1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0},
		"unknown content":    {1, 1, 1, 0, 11, 1, 1, 'a', 0},
		"unknown type":       {1, 1, 1, 0, 7, 1, 1, 'a', 9, 0},
		"empty text":         {1, 1, 1, 0, 4, 1, 1, 'a', 0, 0},
		"not UTF-8":          {1, 1, 1, 0, 4, 1, 1, 'a', 1, 0xff, 0},
		"bad JSON":           {1, 1, 1, 0, 5, 1, 1, 'a', 1, '{', 0},
		"own future":         {1, 1, 1, 0, 0x84, 1, 0, 1, 'x', 0},
		"subdocument":        {1, 1, 1, 0, 9, 1, 1, 'a', 1, 'g', 126, 0},
		"deleted range":      {0, 1, 1, 1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f},
		"unknown value":      {1, 1, 1, 0, 8, 1, 1, 'a', 1, 5, 0},
		"value in too deep":  append(append([]byte{1, 1, 1, 0, 8, 1, 1, 'a', 1}, bytes.Repeat([]byte{anyArray, 1}, 70)...), anyNull, 0),
		"clock out of range": {1, 1, 1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0},
	} {
		d := New(Limits{})
		_, err := d.Apply(b)
		var malformed *MalformedError
		if !errors.As(err, &malformed) {
			t.Errorf("%s: %v", name, err)
		}
		if len(d.clients)+len(d.roots)+len(d.pending) > 0 || d.Size() > 0 {
			t.Errorf("%s: the document changed", name)
		}
		if _, err := Merge(b, []byte{0, 0}); !errors.As(err, &malformed) {
			t.Errorf("%s: merge: %v", name, err)
		}
	}
	if _, err := DecodeStateVector([]byte{9, 1}); err == nil {
		t.Error("a bad state vector is read")
	}
}

// TestAnyOrder applies updates of several writers in many orders.
func TestAnyOrder(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		updates := randomUpdates(t, r)
		want := applyAll(t, New(Limits{}), updates...)
		for range 4 {
			r.Shuffle(len(updates), func(i, j int) { updates[i], updates[j] = updates[j], updates[i] })
			d := applyAll(t, New(Limits{}), updates...)
			if !d.Equal(want) || d.Pending() {
				t.Fatalf("seed %d: order matters", seed)
			}
			size := d.Size()
			for _, u := range updates {
				if a, err := d.Apply(u); err != nil || a.Update != nil {
					t.Fatalf("seed %d: an update is new twice: %v", seed, err)
				}
			}
			if d.Size() != size {
				t.Fatalf("seed %d: size changed", seed)
			}
		}
		testMergeLaws(t, seed, r, updates, want)
	}
}

func testMergeLaws(t *testing.T, seed uint64, r *rand.Rand, updates [][]byte, want *Doc) {
	merge := func(u ...[]byte) []byte {
		m, err := Merge(u...)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	i, j := 1+r.IntN(len(updates)-2), 0
	j = i + 1 + r.IntN(len(updates)-i-1)
	a, b, c := merge(updates[:i]...), merge(updates[i:j]...), merge(updates[j:]...)
	left, right := merge(merge(a, b), c), merge(a, merge(b, c))
	for name, m := range map[string][]byte{"(ab)c": left, "a(bc)": right, "cba": merge(c, b, a), "aabbc": merge(a, a, b, b, c)} {
		if !applyAll(t, New(Limits{}), m).Equal(want) {
			t.Errorf("seed %d: merge %s differs", seed, name)
		}
		if !bytes.Equal(m, left) {
			t.Errorf("seed %d: merge %s is written otherwise", seed, name)
		}
	}
	part := applyAll(t, New(Limits{}), updates[:i]...)
	diff, err := Diff(left, part.StateVector())
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string][]byte{"of an update": diff, "of a document": want.Diff(part.StateVector())} {
		if !applyAll(t, applyAll(t, New(Limits{}), part.Encode()), d).Equal(want) {
			t.Errorf("seed %d: the diff %s is not complete", seed, name)
		}
	}
	compacted := compact(t, updates...)
	if again := compact(t, compacted); !bytes.Equal(again, compacted) {
		t.Errorf("seed %d: compacting again changes something: %v", seed, err)
	}
	if !applyAll(t, New(Limits{}), compacted, updates[0], left).Equal(want) {
		t.Errorf("seed %d: updates on top of the compacted document differ", seed)
	}
}

// randomUpdates makes changes by several clients who see each other's now and then.
func randomUpdates(t *testing.T, r *rand.Rand) [][]byte {
	var updates [][]byte
	docs := []*Doc{New(Limits{}), New(Limits{}), New(Limits{})}
	for range 40 {
		i := r.IntN(len(docs))
		d := docs[i]
		u := change(t, d, uint64(i+1), func(b *by) { b.random(r) })
		if u != nil {
			updates = append(updates, u)
		}
		if r.IntN(4) == 0 {
			applyAll(t, d, docs[r.IntN(len(docs))].Diff(d.StateVector()))
		}
	}
	return updates
}

func (b *by) random(r *rand.Rand) {
	list := b.w.root("list")
	switch r.IntN(6) {
	case 0:
		b.set(b.w.root("map"), fmt.Sprint(r.IntN(3)), integer(byte(r.IntN(60))))
	case 1:
		b.set(b.w.root("map"), fmt.Sprint(r.IntN(3)), shared(Map))
	case 2:
		if inner := b.w.root("map").EntryType(fmt.Sprint(r.IntN(3))); inner != nil {
			b.set(inner, "k", text("in"))
			b.push(inner, text("child"))
		}
	case 3:
		for _, s := range b.w.root("map").entries {
			b.w.delete(s)
			return
		}
	case 4:
		if units := slices.Collect(list.units()); len(units) > 0 {
			u := units[r.IntN(len(units))]
			b.w.deleteSpan(u.item.id.Client, span{u.item.id.Clock + u.offset, u.item.id.Clock + u.offset + 1})
		}
	default:
		s := text("hello")
		s.parent, s.right = list, list.start
		if units := slices.Collect(list.units()); len(units) > 0 {
			u := units[r.IntN(len(units))]
			s.left = b.w.endingAt(ID{u.item.id.Client, u.item.id.Clock + u.offset})
			s.right = s.left.right
		}
		b.w.insert(s)
	}
}
