package bandwidth

import (
	"math"
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

	// leastHistory and mostHistory bound the packets whose report is waited for, powers of two; there is room for more
	// when one would be forgotten that left within historyTime.
	leastHistory = 256
	mostHistory  = 4096
	historyTime  = 2 * time.Second

	// queueLimit is the queuing delay that counts as congestion when it does not fall, and queueSevere in any case.
	queueLimit  = 60 * time.Millisecond
	queueSevere = 250 * time.Millisecond
	// queueFalls is how much a queue must shrink between two reports to count as falling.
	queueFalls = 5 * time.Millisecond
	// lossLimit is the share of lost packets that counts as congestion. Less is what a radio link does by itself.
	lossLimit = 0.12
	// lossSevere is more than the air loses: the link drops what it cannot carry.
	lossSevere = 0.25
	// lossClear is how much may be lost for the estimate to rise.
	lossClear = 0.06

	// outage is the silence of the receiver after which the link counts as having been cut: what was lost meanwhile says
	// nothing about what it carries now.
	outage = time.Second

	// copyDelay is by how much longer than others a packet that left twice takes when only the second one came.
	copyDelay = 30 * time.Millisecond

	holdAfterFall = 500 * time.Millisecond
	fallFactor    = 0.85
	riseClear     = 1.25   // per second
	riseNear      = 60_000 // bits per second each second, near the rate at which there was congestion last
	near          = 1.1    // of that rate

	// headroom is how far beyond what is delivered the estimate rises by itself; unprobed is the same on a link that
	// cannot be probed, where only a larger picture tells whether it fits.
	headroom = 1.5
	unprobed = 5.0

	// restStep and riseAtRest are how a link that cannot be probed rises while nothing is sent: twice as much a second.
	restStep   = 500 * time.Millisecond
	riseAtRest = 1.41
)

type sentPacket struct {
	at     int64
	number uint16
	probe  uint16 // 0 outside of probes
	size   uint16
	fate   fate
	again  uint8 // steps of lossStep after at in which it left once more with the same number, 0 when it did not
}

// copiedAt is about when it left once more.
func (p *sentPacket) copiedAt() int64 { return p.at + int64(p.again)*int64(lossStep) }

// fate is what is known of a packet.
type fate uint8

const (
	unknown fate = iota // nothing is waited for
	waiting             // for a report
	missed              // reported as lost; it may come yet
)

// Estimator estimates one link. It is not safe for concurrent use.
type Estimator struct {
	sent []sentPacket // by number

	bits    float64 // the estimate
	ceiling float64 // delivered when there was congestion last, 0 when not known
	remote  float64 // what the receiver says, 0 when it does not

	arrivals  arrivals
	delay     time.Duration
	lastDelay time.Duration
	over      int // reports in a row with a queue that does not fall
	base      baseDelay
	level     level
	blame     blame
	probes    probes
	filling   filling

	congestedAt int64
	fellAt      int64
	updatedAt   int64
	sentAt      int64
	restedAt    int64
	seen        bool
}

// New returns an estimator that believes Start.
func New() *Estimator { return &Estimator{bits: Start, sent: make([]sentPacket, leastHistory)} }

// Sent takes note of a packet of size bytes at a time in nanoseconds.
func (e *Estimator) Sent(number uint16, size int, at int64) {
	p := e.place(number)
	if p.fate != unknown && at-p.at < int64(historyTime) && len(e.sent) < mostHistory {
		e.growHistory()
		p = e.place(number)
	}
	*p = sentPacket{number: number, probe: e.probes.sent(size, at), size: uint16(size), at: at, fate: waiting}
	e.sentAt = at
}

// Repeated takes note that the packet of a number left once more, bit for bit the same. If the first one was lost, this one
// counts as lost, too, until it comes.
func (e *Estimator) Repeated(number uint16, at int64) {
	if p := e.place(number); p.number == number {
		p.again = uint8(min(max(1, (at-p.at)/int64(lossStep)), math.MaxUint8))
		if p.fate == missed {
			e.arrivals.addLoss(p.copiedAt(), true)
		}
	}
	e.sentAt = at
}

// place returns where a number is remembered.
func (e *Estimator) place(number uint16) *sentPacket { return &e.sent[int(number)&(len(e.sent)-1)] }

func (e *Estimator) growHistory() {
	before := e.sent
	e.sent = make([]sentPacket, 2*len(before))
	for _, p := range before {
		if p.fate != unknown {
			*e.place(p.number) = p
		}
	}
}

// Rest lets the estimate of a link that cannot be probed, and on which nothing was sent for a while, rise again: nobody
// can say anything about it, and what was believed of it last must not keep it empty for ever.
func (e *Estimator) Rest(now int64) {
	if e.probes.possible || now-max(e.sentAt, e.restedAt) < int64(restStep) {
		return
	}
	e.restedAt = now
	e.bits = max(e.bits, min(Start, e.bits*riseAtRest))
}

// Estimate returns bits per second.
func (e *Estimator) Estimate() int {
	if e.ByReceiver() {
		return int(e.remote)
	}
	return int(e.bits)
}

// Measured tells whether any feedback came.
func (e *Estimator) Measured() bool { return e.seen }

// Congested tells whether the link showed congestion within d before now.
func (e *Estimator) Congested(now int64, d time.Duration) bool {
	return e.congestedAt != 0 && now-e.congestedAt < int64(d)
}

// QueueDelay returns how much longer packets take than they need to.
func (e *Estimator) QueueDelay() time.Duration { return e.delay }

// Loss returns the share of packets lost lately, 0 when there were too few to tell. One that left twice counts as lost when
// only the second one came.
func (e *Estimator) Loss() float64 { return e.arrivals.loss() }

// Delivered returns the rate at which packets came lately, in bits per second.
func (e *Estimator) Delivered() int { return int(e.arrivals.rate()) }

// Heal begins anew after the link was cut, or another one took its place, from what was believed before it but no more than
// at the start.
func (e *Estimator) Heal() {
	e.arrivals = arrivals{}
	e.delay, e.lastDelay, e.over, e.base, e.level, e.blame = 0, 0, 0, baseDelay{}, level{}, blame{}
	e.congestedAt, e.fellAt, e.ceiling = 0, 0, 0
	e.bits = min(e.bits, Start)
	e.probes.reset()
}

// Feedback takes a report of the receiver that came at a time in nanoseconds.
func (e *Estimator) Feedback(f *rtcp.TransportLayerCC, now int64) {
	healed := e.seen && now-e.updatedAt > int64(outage)
	if healed {
		e.Heal()
	}
	e.take(f, now, healed)
	e.arrivals.forget(now - int64(e.delay))
	e.seen = true
	e.update(now)
}

// take matches the report with what was sent. After an outage only what came counts.
func (e *Estimator) take(f *rtcp.TransportLayerCC, now int64, healed bool) {
	received := int64(f.ReferenceTime) * int64(64*time.Millisecond)
	number, delta := f.BaseSequenceNumber, 0
	left := int(f.PacketStatusCount)
	var smallest, smallestCopy time.Duration
	found, foundCopy := false, false
	each := func(symbol uint16) {
		if left == 0 {
			return
		}
		left--
		p := e.place(number)
		ok := p.fate != unknown && p.number == number
		number++
		if symbol == rtcp.TypeTCCPacketNotReceived {
			if ok && p.fate == waiting && !healed && now-p.at < int64(2*time.Second) {
				e.lose(p)
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
		oneWay := time.Duration(received - p.at)
		if p.again > 0 && e.isCopy(p, oneWay) {
			if over := oneWay - e.base.least(); e.base.started && (!foundCopy || over < smallestCopy) {
				smallestCopy, foundCopy = over, true
			}
			if p.fate == waiting && !healed {
				e.lose(p)
			}
			e.arrivals.cameAfterAll(p.copiedAt())
			p.fate = unknown
			e.arrivals.add(arrival{at: p.at, received: received, size: int32(p.size), copied: true, waited: true})
			return
		}
		p.fate = unknown
		e.base.see(oneWay, now)
		over := oneWay - e.base.least()
		if !found || over < smallest {
			smallest, found = over, true
		}
		if healed && over > outage/2 {
			return // it waited for the link to come back
		}
		e.probes.reported(p, received)
		e.arrivals.add(arrival{
			at: p.at, received: received, size: int32(p.size), probe: p.probe != 0, waited: over > queueLimit/2,
		})
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
	if !found {
		smallest, found = smallestCopy, foundCopy // everything takes longer: they are none
	}
	if found {
		// The least of a report is what the queue is; the rest is bursts.
		e.lastDelay, e.delay = e.delay, max(0, smallest)
		e.level.see(e.delay, now)
	}
}

// lose takes a packet for lost.
func (e *Estimator) lose(p *sentPacket) {
	p.fate = missed
	e.probes.reported(p, 0)
	e.arrivals.add(arrival{at: p.at, size: int32(p.size), lost: true, probe: p.probe != 0})
	if p.again > 0 {
		e.arrivals.addLoss(p.copiedAt(), true)
	}
}

// isCopy tells whether what came of a packet that left twice is the second one: the first was lost then, and the time that
// passed is no delay of the link.
func (e *Estimator) isCopy(p *sentPacket, oneWay time.Duration) bool {
	return p.fate == missed || e.base.started && oneWay-e.base.least()-e.delay > copyDelay
}

// update moves the estimate.
func (e *Estimator) update(now int64) {
	passed := float64(now-e.updatedAt) / 1e9
	e.updatedAt = now
	if passed > 1 {
		passed = 0.1 // nothing was sent for a while
	}
	if measured, ok := e.probes.result(now); ok {
		e.learn(measured)
	}
	loss := e.blame.ours(e.arrivals.loss(), now)
	if loss < lossClear && e.level.above(queueLimit/2) {
		e.rebase(now)
	}
	queue := e.queue()
	if e.probes.disturb(now) {
		if e.delay < queueSevere {
			return // the probe makes a queue itself, and its result says more
		}
		if e.probes.waiting {
			e.probes.fail(now)
		}
	}
	if queue || loss > lossLimit {
		e.fall(now, queue, loss)
		return
	}
	if e.delay > queueLimit {
		return // the queue drains
	}
	e.blame.clear()
	if loss > lossClear {
		return
	}
	most := headroom * e.arrivals.rate()
	if !e.probes.possible {
		// While pictures are paused nothing but sound is delivered, and nothing else could begin them again.
		most = max(unprobed*e.arrivals.rate(), Start)
	}
	if most = min(Most, most); e.bits < most {
		e.bits = min(most, e.risen(passed))
	}
}

// queue tells whether packets wait in a queue that does not shrink.
func (e *Estimator) queue() bool {
	if e.delay <= queueLimit || e.delay < e.lastDelay-queueFalls {
		e.over = 0
	} else {
		e.over++
	}
	return e.over >= 2 || e.delay > queueSevere && e.over > 0
}

// fall takes the estimate below what came through.
func (e *Estimator) fall(now int64, queue bool, loss float64) {
	e.congestedAt = now
	if now-e.fellAt < int64(holdAfterFall) {
		return
	}
	e.fellAt = now
	delivered := e.arrivals.rate()
	// Loss without a queue may be the air: the estimate falls by half of it, as long as it lasts.
	fallen := e.bits * (1 - loss/2)
	switch {
	case queue:
		carried := e.arrivals.carried()
		fallen = carried * fallFactor
		e.ceiling = carried
		if e.blame.queue(delivered) {
			e.rebase(now) // less and less was sent, and the queue stayed: it is somebody else's
			return
		}
	case e.blame.loss(loss, delivered, now):
		return
	case loss > lossSevere:
		fallen = e.arrivals.carried() * fallFactor
	}
	e.arrivals.forgetLoss(now)
	e.bits = max(Least, min(e.bits, fallen))
}

// rebase takes the delay of now for that of an empty link.
func (e *Estimator) rebase(now int64) {
	e.base.begin(e.base.least()+e.delay, now)
	e.delay, e.over, e.level = 0, 0, level{}
}

func (e *Estimator) risen(passed float64) float64 {
	switch {
	case e.ceiling == 0 || e.bits < e.ceiling/near:
	case e.bits < e.ceiling*near:
		return e.bits + riseNear*passed
	default:
		e.ceiling = 0
	}
	return e.bits * (1 + (riseClear-1)*passed)
}

// learn takes what a probe measured.
func (e *Estimator) learn(measured float64) {
	measured = min(max(measured, Least), Most)
	if measured > e.bits {
		e.bits = measured
		if measured > e.ceiling*near {
			e.ceiling = 0
		}
	} else if e.probes.isFirst {
		e.bits = measured
	}
}
