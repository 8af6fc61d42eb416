package ydoc

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
)

const scenarios = 1600

type scenario struct {
	Updates, States, Vectors [][]byte
	Merged                   []byte
	Expected                 reading
}

// TestConformance compares with yjs over random scenarios: what documents show, state vectors, and what yjs makes of our
// encodings, diffs and merges.
func TestConformance(t *testing.T) {
	oracles := min(4, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for first := range oracles {
		o := newOracle(t)
		group.Go(func() {
			for seed := first; seed < scenarios; seed += oracles {
				conform(t, o, seed)
			}
		})
	}
	group.Wait()
}

func conform(t *testing.T, o *oracle, seed int) {
	c := &check{T: t, o: o, name: fmt.Sprintf("scenario %d", seed), rand: rand.New(rand.NewPCG(uint64(seed), 1))}
	var s scenario
	o.ask(t, map[string]any{"scenario": seed}, &s)
	want := s.Expected
	if s.Expected.Pending {
		t.Errorf("%s: the oracle lacks updates", c.name)
		return
	}
	c.apply(s, want)
	c.partial(s)
	c.withoutDocument(s, want)
	c.diffs(s, want)
	c.restore(s)
}

type check struct {
	*testing.T
	o    *oracle
	name string
	rand *rand.Rand
}

func (c *check) same(what string, got, want reading) {
	c.Helper()
	if !reflect.DeepEqual(got, want) {
		c.Errorf("%s: %s: %s", c.name, what, firstDifference(got.String(), want.String()))
	}
}

// firstDifference shows the lines where two texts part.
func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d:\ngot  %s\nwant %s", i, strings.Join(a[i:min(i+3, len(a))], "\n"), strings.Join(b[i:min(i+3, len(b))], "\n"))
		}
	}
	return "one ends early"
}

func (c *check) doc(updates ...[]byte) *Doc {
	c.Helper()
	d := New(Limits{})
	for _, u := range updates {
		if _, err := d.Apply(u); err != nil {
			c.Errorf("%s: %v", c.name, err)
		}
	}
	return d
}

func (c *check) merge(updates ...[]byte) []byte {
	c.Helper()
	m, err := Merge(updates...)
	if err != nil {
		c.Errorf("%s: %v", c.name, err)
	}
	return m
}

// mixed shuffles and duplicates the updates and merges some of them.
func (c *check) mixed(updates [][]byte) [][]byte {
	var list [][]byte
	for _, i := range c.rand.Perm(len(updates)) {
		list = append(list, updates[i])
		if c.rand.IntN(5) == 0 {
			list = append(list, updates[c.rand.IntN(len(updates))])
		}
		if n := c.rand.IntN(4); c.rand.IntN(4) == 0 && n < len(list) {
			m := c.merge(list[len(list)-n-1:]...)
			list = append(list[:len(list)-n-1], m)
		}
	}
	return list
}

// apply checks a document that gets everything in disorder, and one that follows it by what Apply says is new.
func (c *check) apply(s scenario, want reading) {
	d, follower := New(Limits{}), New(Limits{})
	var pending bool
	for _, u := range c.mixed(s.Updates) {
		a, err := d.Apply(u)
		if err != nil {
			c.Errorf("%s: %v", c.name, err)
			return
		}
		if pending = a.Pending; a.Update != nil {
			if _, err := follower.Apply(a.Update); err != nil || follower.Pending() {
				c.Errorf("%s: what is new does not apply: %v", c.name, err)
			}
		}
	}
	c.same("document", read(d), want)
	c.same("follower", read(follower), want)
	if pending {
		c.Errorf("%s: something is pending", c.name)
	}
	checkDocument(c.T, c.name, d)
	c.same("loaded", read(c.doc(d.Encode())), want)
	var got []reading
	c.o.ask(c.T, map[string]any{"read": [][]byte{d.Encode(), follower.Encode()}}, &got)
	for i, r := range got {
		c.same(fmt.Sprintf("yjs with our encoding %d", i), r, want)
	}
}

// partial checks documents that did not get everything. Yjs gets the part twice: now and then it leaves something waiting that
// it could apply, until the next update.
func (c *check) partial(s scenario) {
	some := [][]byte{}
	for _, u := range c.mixed(s.Updates) {
		if c.rand.IntN(3) > 0 {
			some = append(some, u)
		}
	}
	var expected reading
	c.o.ask(c.T, map[string]any{"sync": [][][]byte{some, some}}, &expected)
	d := c.doc(some...)
	c.same("part of the updates", read(d), expected)
	checkDocument(c.T, c.name, d)

	rest := c.doc(append([][]byte{d.Encode()}, s.Updates...)...)
	c.same("part, stored, and the rest", read(rest), s.Expected)
	var got reading
	c.o.ask(c.T, map[string]any{"sync": [][][]byte{{d.Encode()}, s.Updates}}, &got)
	c.same("yjs with our part and the rest", got, s.Expected)
}

// restore checks that yjs shows the earlier state after the change that brings it back, also where the change comes before
// what it undoes.
func (c *check) restore(s scenario) {
	old, now := c.doc(s.Updates[:c.rand.IntN(len(s.Updates))]...), c.doc(s.Updates...)
	want, client := read(old), uint64(1<<32+7)
	a, err := now.Restore(old, client)
	if err != nil {
		c.Errorf("%s: %v", c.name, err)
	}
	checkDocument(c.T, c.name, now)
	want.Pending, want.StateVector = false, read(now).StateVector
	c.same("restored", read(now), want)
	updates := s.Updates
	if a.Update != nil {
		updates = append([][]byte{a.Update}, s.Updates...)
	}
	var got reading
	c.o.ask(c.T, map[string]any{"sync": [][][]byte{updates}}, &got)
	c.same("yjs restored", got, want)
	if again, err := now.Restore(old, client+1); err != nil || again.Update != nil {
		c.Errorf("%s: restored twice: %v", c.name, err)
	}
}

// withoutDocument checks merges, diffs and state vectors of updates.
func (c *check) withoutDocument(s scenario, want reading) {
	merged := c.merge(c.mixed(s.Updates)...)
	c.same("merged by yjs", read(c.doc(s.Merged)), want)
	c.same("merged by us", read(c.doc(merged)), want)
	sv, err := UpdateStateVector(merged)
	if err != nil || len(sv) != len(s.Expected.StateVector) {
		c.Errorf("%s: state vector of the merged update: %v, %v", c.name, sv, err)
	}
	for client, clock := range sv {
		if s.Expected.StateVector[fmt.Sprint(client)] != clock {
			c.Errorf("%s: state vector of the merged update: %d", c.name, client)
		}
	}
	var got []reading
	c.o.ask(c.T, map[string]any{"read": [][]byte{merged}}, &got)
	c.same("yjs with our merge", got[0], want)
}

// diffs checks that the state of a client and a diff make the whole, in both directions.
func (c *check) diffs(s scenario, want reading) {
	i := c.rand.IntN(len(s.States))
	whole := c.doc(s.Updates...)
	sv, err := DecodeStateVector(s.Vectors[i])
	if err != nil {
		c.Errorf("%s: %v", c.name, err)
	}
	byUpdate, err := Diff(c.merge(s.Updates...), sv)
	if err != nil {
		c.Errorf("%s: %v", c.name, err)
	}
	for _, diff := range [][]byte{whole.Diff(sv), byUpdate} {
		c.same("state and our diff", read(c.doc(s.States[i], diff)), want)
		var got reading
		c.o.ask(c.T, map[string]any{"sync": [][][]byte{{s.States[i]}, {diff}}}, &got)
		c.same("yjs: state and our diff", got, want)
	}
	part := c.doc(s.States[i])
	var diff []byte
	c.o.ask(c.T, map[string]any{"diff": [][]byte{s.Merged, part.StateVector().Encode()}}, &diff)
	if _, err := part.Apply(diff); err != nil {
		c.Errorf("%s: %v", c.name, err)
	}
	c.same("our state and the diff of yjs", read(part), want)
}

// checkDocument checks what must hold inside a document at all times.
func checkDocument(t testing.TB, name string, d *Doc) {
	t.Helper()
	size := 0
	for root := range d.roots {
		size += ItemWeight + len(root)
	}
	for client, list := range d.clients {
		var next uint64
		for _, block := range list.blocks {
			if len(block) == 0 || len(block) > blockSize {
				t.Errorf("%s: a block of %d items", name, len(block))
			}
		}
		for s := range list.from(0) {
			size += s.weight()
			switch {
			case s.id != ID{client, next}:
				t.Errorf("%s: item %v at clock %d", name, s.id, next)
			case s.deleted && (s.kind > kindDeleted || len(s.content) > 0 || s.typ != nil):
				t.Errorf("%s: deleted item %v keeps content", name, s.id)
			case s.right != nil && s.right.left != s || s.left != nil && s.left.right != s:
				t.Errorf("%s: item %v is badly linked", name, s.id)
			case s.kind != kindGC && s.left == nil && !s.hasSub && s.parent.start != s:
				t.Errorf("%s: item %v is not the start", name, s.id)
			case s.kind != kindGC && s.right == nil && s.hasSub && s.parent.entries[s.sub] != s:
				t.Errorf("%s: item %v is not the entry", name, s.id)
			}
			next = s.end()
		}
	}
	if size != d.size {
		t.Errorf("%s: size %d, counted %d", name, d.size, size)
	}
}
