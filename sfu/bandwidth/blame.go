package bandwidth

import (
	"slices"
	"time"
)

const (
	// lessSent is the share of what was sent at first at which congestion that stays is not ours.
	lessSent = 0.5
	// sameLoss is by how much loss may differ from that before a fall and count as the same, which is the link's own.
	sameLoss = 0.3
	// episode is how long ago that may be.
	episode = 10 * time.Second
	// believed is how long the link's own loss is counted off.
	believed = 20 * time.Second
)

// blame finds out whose the congestion is: if it stays although much less is sent, it does not come from us, and sending
// still less helps nobody.
type blame struct {
	queueFrom float64 // delivered when the queue began
	lossFrom  float64 // sent when heavy loss began
	lossThen  float64
	lossAt    int64
	own       float64 // loss of the link itself
	ownUntil  int64
}

// queue takes a fall because of a queue; true when the queue is somebody else's.
func (b *blame) queue(delivered float64) bool {
	if b.queueFrom == 0 {
		b.queueFrom = delivered
		return false
	}
	if delivered > lessSent*b.queueFrom {
		return false
	}
	b.queueFrom = 0
	return true
}

// loss takes a fall because of loss; true when it is the link's own. Severe loss is never taken for that: a link that just
// became thin looks the same, and pictures are lost on such a link anyway.
func (b *blame) loss(loss, delivered float64, now int64) bool {
	if loss > lossSevere {
		b.lossFrom = 0
		return false
	}
	sent := delivered / max(0.01, 1-loss)
	if b.lossFrom == 0 || sent > b.lossFrom || now-b.lossAt > int64(episode) || loss > b.lossThen*(1+sameLoss) {
		b.lossFrom, b.lossThen, b.lossAt = sent, loss, now
		return false
	}
	if sent > lessSent*b.lossFrom || loss < b.lossThen*(1-sameLoss) {
		return false
	}
	b.own, b.ownUntil = b.own+loss, now+int64(believed)
	b.lossFrom = 0
	return true
}

// ours returns the loss without the link's own.
func (b *blame) ours(loss float64, now int64) float64 {
	if now > b.ownUntil {
		b.own = 0
	}
	return max(0, loss-b.own)
}

// clear notes that there is no congestion.
func (b *blame) clear() { b.queueFrom = 0 }

// baseDelay keeps the least one-way delay of the last baseWindow in two halves. Clocks of both ends differ, so only
// differences mean anything.
type baseDelay struct {
	now, before time.Duration
	since       int64
	started     bool
}

// baseWindow is how long the least one-way delay is remembered.
const baseWindow = 20 * time.Second

func (b *baseDelay) begin(d time.Duration, now int64) {
	*b = baseDelay{now: d, before: d, since: now, started: true}
}

func (b *baseDelay) see(d time.Duration, now int64) {
	switch {
	case !b.started:
		b.begin(d, now)
	case now-b.since > int64(baseWindow/2):
		b.before, b.now, b.since = b.now, d, now
	default:
		b.now = min(b.now, d)
	}
}

func (b *baseDelay) least() time.Duration { return min(b.now, b.before) }

// levelStep and levelSteps are how long a delay must stay level, levelSpread by how much it may waver.
const (
	levelStep   = 500 * time.Millisecond
	levelSteps  = 4
	levelSpread = 15 * time.Millisecond
)

// level tells whether the delay stays what it is. A queue grows or shrinks, unless it is full and loses what comes; a delay
// that stays level without loss is a longer way, or somebody else's queue.
type level struct {
	least [levelSteps]time.Duration // of the last steps
	step  int64
	seen  int // steps in a row
}

func (l *level) see(d time.Duration, now int64) {
	step := now / int64(levelStep)
	at := &l.least[step%levelSteps]
	switch {
	case l.seen > 0 && step == l.step:
		*at = min(*at, d)
		return
	case step == l.step+1:
		l.seen++
	default:
		l.seen = 1
	}
	l.step, *at = step, d
}

// above tells whether the delay stayed level for long enough, and above d all that time.
func (l *level) above(d time.Duration) bool {
	least := slices.Min(l.least[:])
	return l.seen > levelSteps && least > d && slices.Max(l.least[:])-least <= levelSpread
}
