package sfu

import (
	"math"
	"sync/atomic"
	"time"

	"parley/sfu/codec"
)

const (
	// silentAfter is how long a level holds when no packets come (DTX sends none in silence).
	silentAfter = 300 * time.Millisecond
	// rise and fall smooth the level, per packet of about 20 ms: a syllable raises it within 60 ms, a pause between words
	// of 300 ms does not end it.
	rise, fall = 0.35, 0.06
)

// loudness is the smoothed level of a track. One goroutine observes, any reads.
type loudness struct {
	bits atomic.Uint64 // a float64
	last atomic.Int64
}

func (l *loudness) observe(level uint8, now int64) {
	v, old := codec.Loudness(level), math.Float64frombits(l.bits.Load())
	factor := fall
	if v > old {
		factor = rise
	}
	l.bits.Store(math.Float64bits(old + (v-old)*factor))
	l.last.Store(now)
}

func (l *loudness) at(now int64) float64 {
	silent := now - l.last.Load() - int64(silentAfter)
	v := math.Float64frombits(l.bits.Load())
	if silent <= 0 {
		return v
	}
	return v * math.Exp(-float64(silent)/float64(200*time.Millisecond))
}

func (l *loudness) reset() { l.bits.Store(0) }
