package main

import (
	"math/rand/v2"
	"testing"
)

func TestSeen(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []uint64
		want []bool
	}{
		{"in order", []uint64{7, 8, 9}, []bool{true, true, true}},
		{"twice", []uint64{7, 8, 7, 8, 9}, []bool{true, true, false, false, true}},
		{"out of order", []uint64{7, 9, 8, 8}, []bool{true, true, true, false}},
		{"before the first", []uint64{7, 6, 6}, []bool{true, true, false}},
		{"too old to tell", []uint64{1, seenSize + 1, 1}, []bool{true, true, false}},
		{"just not too old", []uint64{1, seenSize + 1, 2, 2}, []bool{true, true, true, false}},
		{"after a leap over everything", []uint64{1, 2, 10 * seenSize, 10*seenSize - 1, 10 * seenSize}, []bool{true, true, true, true, false}},
	} {
		var s seen
		for i, n := range c.in {
			if got := s.add(n); got != c.want[i] {
				t.Errorf("%s: %d (at %d): fresh %v", c.name, n, i, got)
			}
		}
	}
}

func TestSeenLikeASet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var s seen
	had := map[uint64]bool{}
	for i := range uint64(50_000) {
		n := i + r.Uint64N(200)
		if s.add(n) == had[n] {
			t.Fatalf("%d: fresh although it was there, or the other way round", n)
		}
		had[n] = true
	}
}

func TestRollover(t *testing.T) {
	var r rollover
	for i, c := range []struct {
		seq  uint16
		want uint64
	}{
		{65534, 65534}, {65535, 65535}, {0, 65536}, {65533, 65533}, {2, 65538}, {1, 65537}, {30000, 95536},
	} {
		got := r.extend(c.seq)
		if got != c.want {
			t.Errorf("%d: %d is taken for %d, not %d", i, c.seq, got, c.want)
		}
		r.accept(got)
	}
	if r.first != 65533 || r.highest != 95536 {
		t.Errorf("from %d to %d", r.first, r.highest)
	}
	early := rollover{first: 1, highest: 1, any: true}
	if got := early.extend(65535); got != 65535 {
		t.Errorf("before the first round: %d", got)
	}
}
