package main

import (
	"math/bits"
	"time"
)

const (
	// subBuckets divide each power of two, so that a bucket is at most 1.6 % wide.
	subBuckets = 64
	buckets    = subBuckets * 36
)

// histogram counts durations of up to a minute in buckets whose width grows with them. The zero value is ready.
type histogram struct {
	counts [buckets]uint64
	total  uint64
	most   time.Duration
}

func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	h.counts[bucket(uint64(d))]++
	h.total++
	h.most = max(h.most, d)
}

// bucket returns the number of the bucket that holds n nanoseconds.
func bucket(n uint64) int {
	shift := max(0, bits.Len64(n)-7) // 7 bits: 64 to 127
	return min(shift*subBuckets+int(n>>shift), buckets-1)
}

// upper returns the greatest value of a bucket.
func upper(bucket int) time.Duration {
	if bucket < 2*subBuckets {
		return time.Duration(bucket)
	}
	shift := bucket/subBuckets - 1
	return time.Duration((bucket-shift*subBuckets+1)<<shift - 1)
}

// merge adds what another one counted.
func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.total += o.total
	h.most = max(h.most, o.most)
}

// quantile returns the duration that a share q of all is not above; 0 when there are none.
func (h *histogram) quantile(q float64) time.Duration {
	if h.total == 0 {
		return 0
	}
	rank := max(1, uint64(q*float64(h.total)+0.5))
	var seen uint64
	for i, n := range h.counts {
		if seen += n; seen >= rank {
			return min(upper(i), h.most)
		}
	}
	return h.most
}
