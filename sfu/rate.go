package sfu

import (
	"sync"
	"time"
)

// rate measures a flow over about a second from a counter that only grows.
type rate struct {
	mu      sync.Mutex
	count   func() uint64
	lastAt  int64
	last    uint64
	perSec  float64
	started bool
}

// at returns bits per second when the counter counts bytes.
func (r *rate) at(now int64) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	count := r.count()
	passed := now - r.lastAt
	if !r.started || passed >= int64(time.Second)/2 {
		if r.started {
			r.perSec = float64(count-r.last) * 8 / (float64(passed) / 1e9)
		}
		r.started, r.last, r.lastAt = true, count, now
	}
	return r.perSec
}
