package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestBucketsAreNarrowAndInOrder(t *testing.T) {
	for _, n := range []uint64{0, 1, 63, 64, 127, 128, 129, 255, 256, 1000, 123_456, 50_000_000, 30_000_000_000} {
		b := bucket(n)
		most := uint64(upper(b))
		if most < n || float64(most) > float64(n)*1.016+1 {
			t.Errorf("%d falls into a bucket up to %d", n, most)
		}
		if b > 0 && uint64(upper(b-1)) >= n {
			t.Errorf("%d fits the bucket before %d, too", n, b)
		}
	}
}

func TestQuantiles(t *testing.T) {
	var a, b histogram
	if a.quantile(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
	r := rand.New(rand.NewPCG(1, 2))
	var all []time.Duration
	for i := range 10_000 {
		d := time.Duration(r.Int64N(int64(20 * time.Millisecond)))
		all = append(all, d)
		if i%2 == 0 {
			a.add(d)
		} else {
			b.add(d)
		}
	}
	a.merge(&b)
	slices.Sort(all)
	for _, q := range []float64{0.01, 0.5, 0.95, 0.99, 1} {
		exact := all[max(0, int(q*float64(len(all)))-1)]
		got := a.quantile(q)
		if got < exact || float64(got) > float64(exact)*1.016+1 {
			t.Errorf("quantile %v is %v, exactly %v", q, got, exact)
		}
	}
	if a.most != all[len(all)-1] {
		t.Errorf("the greatest is %v, not %v", a.most, all[len(all)-1])
	}
}
