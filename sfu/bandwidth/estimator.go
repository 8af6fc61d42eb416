package bandwidth

import (
	"time"

	"github.com/pion/rtcp"
)

// Bounds and rules of the estimate.
const (
	// Start is believed of a link that nothing is known of.
	Start = 3_000_000
	// Least and Most bound the estimate, in bits per second.
	Least = 60_000
	Most  = 50_000_000

	history = 4096 // packets, a power of two
	window  = 500 * time.Millisecond

	// queueLimit is the queuing delay that counts as congestion when it does not fall, and queueSevere in any case.
	queueLimit  = 60 * time.Millisecond
	queueSevere = 250 * time.Millisecond
	// lossLimit is the share of lost packets that counts as congestion. Less is what a radio link does by itself.
	lossLimit = 0.12
	// lossSevere is more than the air loses: the link drops what it cannot carry.
	lossSevere = 0.25
	// lossWindow and lossPackets are how long and how many packets loss is measured over.
	lossWindow  = 2 * time.Second
	lossPackets = 40
	// baseWindow is how long the least one-way delay is remembered.
	baseWindow = 20 * time.Second

	// outage is the silence of the receiver after which the link counts as having been cut: what was lost meanwhile says
	// nothing about what it carries now.
	outage = time.Second

	holdAfterFall = 500 * time.Millisecond
	fallFactor    = 0.85
	riseCongested = 1.06 // per second, shortly after congestion
	riseClear     = 1.35 // per second, once it is over
	riseIdle      = 2.0  // while too little is sent to tell
	clearAfter    = 4 * time.Second

	// restStep and riseAtRest are how a link rises on which nothing is sent: twice as much a second.
	restStep   = 500 * time.Millisecond
	riseAtRest = 1.41
)

type sentPacket struct {
	number uint16
	size   int32
	at     int64
	known  bool
}

type arrival struct {
	at   int64 // sent
	size int32
	lost bool
}

// Estimator estimates one link. It is not safe for concurrent use.
type Estimator struct {
	sent [history]sentPacket

	bits float64 // the estimate

	recent    []arrival // of the last lossWindow
	delay     time.Duration
	lastDelay time.Duration
	base      baseDelay

	congestedAt int64
	fellAt      int64
	updatedAt   int64
	sentAt      int64
	restedAt    int64
	seen        bool
}

// New returns an estimator that believes Start.
func New() *Estimator { return &Estimator{bits: Start} }

// Sent takes note of a packet of size bytes at a time in nanoseconds.
func (e *Estimator) Sent(number uint16, size int, at int64) {
	e.sent[number%history] = sentPacket{number: number, size: int32(size), at: at, known: true}
	e.sentAt = at
}

// Rest lets the estimate of a link on which nothing was sent for a while rise again: nobody can say anything about it, and
// what was believed of it last must not keep it empty for ever.
func (e *Estimator) Rest(now int64) {
	if now-max(e.sentAt, e.restedAt) < int64(restStep) {
		return
	}
	e.restedAt = now
	e.bits = max(e.bits, min(Start, e.bits*riseAtRest))
}

// Estimate returns bits per second.
func (e *Estimator) Estimate() int { return int(e.bits) }

// Measured tells whether any feedback came.
func (e *Estimator) Measured() bool { return e.seen }

// Congested tells whether the link showed congestion within d before now.
func (e *Estimator) Congested(now int64, d time.Duration) bool {
	return e.congestedAt != 0 && now-e.congestedAt < int64(d)
}

// QueueDelay returns how much longer packets take than they need to.
func (e *Estimator) QueueDelay() time.Duration { return e.delay }

// Loss returns the share of packets lost lately, 0 when there were too few to tell.
func (e *Estimator) Loss() float64 {
	lost := 0
	for _, a := range e.recent {
		if a.lost {
			lost++
		}
	}
	if len(e.recent) < lossPackets {
		return 0
	}
	return float64(lost) / float64(len(e.recent))
}

// Delivered returns the rate at which packets came through within the last window, in bits per second.
func (e *Estimator) Delivered() int {
	var newest int64
	for _, a := range e.recent {
		newest = max(newest, a.at)
	}
	var bits int64
	for _, a := range e.recent {
		if !a.lost && newest-a.at < int64(window) {
			bits += int64(a.size) * 8
		}
	}
	return int(float64(bits) / window.Seconds())
}

// Feedback takes a report of the receiver that came at a time in nanoseconds.
func (e *Estimator) Feedback(f *rtcp.TransportLayerCC, now int64) {
	healed := e.seen && now-e.updatedAt > int64(outage)
	e.take(f, now)
	if healed {
		e.Heal()
	}
	e.forget(now)
	e.seen = true
	e.update(now)
}

// Heal begins anew after the link was cut, or another one took its place, from what was believed before it but no more than at the start.
func (e *Estimator) Heal() {
	e.recent = e.recent[:0]
	e.delay, e.lastDelay, e.base = 0, 0, baseDelay{}
	e.congestedAt, e.fellAt = 0, 0
	e.bits = min(e.bits, Start)
}

// take matches the report with what was sent.
func (e *Estimator) take(f *rtcp.TransportLayerCC, now int64) {
	received := int64(f.ReferenceTime) * int64(64*time.Millisecond)
	number, delta := f.BaseSequenceNumber, 0
	left := int(f.PacketStatusCount)
	var smallest time.Duration
	found := false
	each := func(symbol uint16) {
		if left == 0 {
			return
		}
		left--
		p := &e.sent[number%history]
		ok := p.known && p.number == number
		number++
		if symbol == rtcp.TypeTCCPacketNotReceived {
			if ok && now-p.at < int64(2*time.Second) {
				e.recent = append(e.recent, arrival{at: p.at, size: p.size, lost: true})
			}
			return
		}
		if delta >= len(f.RecvDeltas) {
			return
		}
		received += f.RecvDeltas[delta].Delta * int64(time.Microsecond)
		delta++
		if !ok {
			return
		}
		p.known = false
		e.recent = append(e.recent, arrival{at: p.at, size: p.size})
		oneWay := time.Duration(received - p.at)
		e.base.see(oneWay, now)
		if over := oneWay - e.base.least(); !found || over < smallest {
			smallest, found = over, true
		}
	}
	for _, c := range f.PacketChunks {
		switch c := c.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				each(c.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			for _, s := range c.SymbolList {
				each(s)
			}
		}
	}
	if found {
		// The least of a report is what the queue is; the rest is bursts.
		e.lastDelay, e.delay = e.delay, max(0, smallest)
	}
}

func (e *Estimator) forget(now int64) {
	keep := e.recent[:0]
	for _, a := range e.recent {
		if now-a.at < int64(lossWindow)+int64(e.delay) {
			keep = append(keep, a)
		}
	}
	e.recent = keep
}

// update moves the estimate.
func (e *Estimator) update(now int64) {
	passed := float64(now-e.updatedAt) / 1e9
	e.updatedAt = now
	if passed > 1 {
		passed = 0.1 // nothing was sent for a while
	}
	loss := e.Loss()
	queue := e.delay > queueSevere || e.delay > queueLimit && e.delay >= e.lastDelay-5*time.Millisecond
	if queue || loss > lossLimit {
		e.congestedAt = now
		if now-e.fellAt < int64(holdAfterFall) {
			return
		}
		e.fellAt = now
		// Loss without a queue may be the air: the estimate falls by half of it, as long as it lasts.
		fallen := e.bits * (1 - loss/2)
		if queue || loss > lossSevere {
			fallen = min(e.bits, float64(e.Delivered())) * fallFactor
		}
		e.bits = max(Least, fallen)
		return
	}
	if e.delay > queueLimit {
		return // the queue drains
	}
	rise := riseClear
	switch {
	case e.bits < Start && float64(e.Delivered()) < e.bits/2:
		rise = riseIdle
	case now-e.congestedAt < int64(clearAfter) && e.congestedAt != 0:
		rise = riseCongested
	}
	e.bits = min(Most, e.bits*(1+(rise-1)*passed))
}

// baseDelay keeps the least one-way delay of the last baseWindow in two halves. Clocks of both ends differ, so only
// differences mean anything.
type baseDelay struct {
	now, before time.Duration
	since       int64
	started     bool
}

func (b *baseDelay) see(d time.Duration, now int64) {
	switch {
	case !b.started:
		*b = baseDelay{now: d, before: d, since: now, started: true}
	case now-b.since > int64(baseWindow/2):
		b.before, b.now, b.since = b.now, d, now
	default:
		b.now = min(b.now, d)
	}
}

func (b *baseDelay) least() time.Duration { return min(b.now, b.before) }
