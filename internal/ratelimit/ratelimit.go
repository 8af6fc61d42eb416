package ratelimit

import (
	"container/list"
	"sync"
	"time"
)

// Rate is how often something may happen.
type Rate struct {
	Burst int           // attempts at once
	Every time.Duration // one more attempt after each
}

// Limiter holds one bucket for each key. It is safe for concurrent use.
type Limiter struct {
	rate    Rate
	maxKeys int

	mu      sync.Mutex
	buckets map[string]*list.Element // guarded by mu; values are *bucket
	recent  *list.List               // guarded by mu; most recently used first
}

type bucket struct {
	key    string
	tokens float64
	at     time.Time // when tokens was right
}

// New makes a limiter that remembers up to maxKeys keys.
func New(rate Rate, maxKeys int) *Limiter {
	return &Limiter{rate: rate, maxKeys: maxKeys, buckets: make(map[string]*list.Element), recent: list.New()}
}

// Take uses up one attempt of key. When there is none it answers false and
// how long it takes until there is.
func (l *Limiter) Take(key string) (ok bool, retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketLocked(key, time.Now())
	if b.tokens < 1 {
		return false, time.Duration((1 - b.tokens) * float64(l.rate.Every))
	}
	b.tokens--
	return true, 0
}

// GiveBack returns one attempt to key: what it was taken for did not count.
func (l *Limiter) GiveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.buckets[key]; ok {
		b := e.Value.(*bucket)
		b.tokens = min(b.tokens+1, float64(l.rate.Burst))
	}
}

// Forget gives key all its attempts back.
func (l *Limiter) Forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.buckets[key]; ok {
		l.recent.Remove(e)
		delete(l.buckets, key)
	}
}

// Len is the number of keys remembered.
func (l *Limiter) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.buckets)
}

// bucketLocked is the bucket of key, refilled up to now.
func (l *Limiter) bucketLocked(key string, now time.Time) *bucket {
	if e, ok := l.buckets[key]; ok {
		l.recent.MoveToFront(e)
		b := e.Value.(*bucket)
		refill := float64(now.Sub(b.at)) / float64(l.rate.Every)
		b.tokens, b.at = min(b.tokens+max(refill, 0), float64(l.rate.Burst)), now
		return b
	}
	if len(l.buckets) >= l.maxKeys {
		oldest := l.recent.Back()
		l.recent.Remove(oldest)
		delete(l.buckets, oldest.Value.(*bucket).key)
	}
	b := &bucket{key: key, tokens: float64(l.rate.Burst), at: now}
	l.buckets[key] = l.recent.PushFront(b)
	return b
}
