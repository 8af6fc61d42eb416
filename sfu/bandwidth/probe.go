package bandwidth

import "time"

// Rules of probing.
const (
	// firstTime is how long the first probe lasts, which tells whether Start is true, and probeTime another.
	firstTime = 30 * time.Millisecond
	probeTime = 100 * time.Millisecond
	// probeFactor is how much faster than the estimate a probe is, again after one that was carried well.
	probeFactor, againFactor = 2, 3
	// carefulFactor and carefulTime are those of a probe after one that failed.
	carefulFactor = 1.5
	carefulTime   = 60 * time.Millisecond
	// probePause is how long to wait after a probe that failed; with each further one longer.
	probePause, maxProbePause = 1200 * time.Millisecond, 2 * time.Second
	// calm is how long a link must be without congestion to be probed.
	calm = 700 * time.Millisecond
	// resultTime is how long the result of a probe may take.
	resultTime = time.Second
	// drained is how long after the result of a probe its queue may still be seen.
	drained = 200 * time.Millisecond
	// carried is the share of the rate at which a probe was sent that must have come for the link to carry it; of one
	// that was too fast, saturated is what the link can be used with.
	carried, saturated = 0.9, 0.9
	// filled is the share of its rate at which a probe must have been sent.
	filled = 0.7
	// leastProbe is the least rate of a probe, below which it would tell nothing.
	leastProbe = 200_000
	// leastReported is the share of a probe that must have been reported on.
	leastReported = 0.8
	// leastCame is how many of its packets must have come.
	leastCame = 4
)

// Probe is a burst of packets that is to be sent to learn what a link carries.
type Probe struct {
	BitsPerSecond int
	Duration      time.Duration
}

// probes plans and measures the probes of one link.
type probes struct {
	possible bool // the caller asks for plans
	number   uint16
	plan     Probe
	from     int64
	under    bool // packets belong to the probe now
	waiting  bool // for the result
	tried    bool // one was sent since the beginning or Heal
	isFirst  bool // the one that was sent last was the first
	failures int  // in a row
	good     bool // the last one was carried well
	endedAt  int64
	measured measured
}

// measured is what is known of the probe that was begun last.
type measured struct {
	bits, packets int64 // sent
	lastAt        int64
	reported      int64 // packets
	came          int64 // packets
	received      int64 // bits
	head          int64 // bits of the packet that came first
	first, last   int64 // when the first and the last packet came, on the receiver's clock
}

func (p *probes) reset() {
	possible, number := p.possible, p.number
	*p = probes{possible: possible, number: number}
}

// Plan tells whether the link is to be probed now and how; wanted is the rate that there is use for. What is sent from then
// on belongs to the probe until its Duration has passed; padding must fill it up to its rate.
func (e *Estimator) Plan(now int64, wanted int) (Probe, bool) {
	p := &e.probes
	p.possible = true
	if e.ByReceiver() {
		return e.fill(now, wanted)
	}
	if p.waiting && now-p.from > int64(p.plan.Duration+resultTime) {
		p.fail(now)
	}
	if p.waiting || !e.seen && p.tried {
		return Probe{}, false
	}
	plan := Probe{BitsPerSecond: int(e.bits), Duration: firstTime}
	if p.tried {
		if float64(wanted) <= e.bits || !e.calm(now) || now-p.endedAt < int64(p.pause()) {
			return Probe{}, false
		}
		factor := float64(probeFactor)
		plan.Duration = probeTime
		switch {
		case p.failures > 0:
			factor, plan.Duration = carefulFactor, carefulTime
		case p.good:
			factor = againFactor
		}
		plan.BitsPerSecond = int(min(e.bits*factor, 1.25*float64(wanted), Most))
	}
	plan.BitsPerSecond = max(plan.BitsPerSecond, leastProbe)
	p.begin(plan, now)
	return plan, true
}

// Proved tells whether a probe was carried well since there was congestion.
func (e *Estimator) Proved() bool { return e.probes.good && e.probes.endedAt > e.congestedAt }

// calm tells whether the link shows no congestion. One on which nothing was sent for a while shows nothing.
func (e *Estimator) calm(now int64) bool {
	if now-e.sentAt > int64(outage) {
		return true
	}
	return !e.Congested(now, calm) && e.delay < queueLimit/2 && e.blame.ours(e.arrivals.loss(), now) < lossLimit
}

func (p *probes) pause() time.Duration {
	if p.failures == 0 {
		return 0
	}
	return min(probePause+time.Duration(p.failures-1)*200*time.Millisecond, maxProbePause)
}

func (p *probes) begin(plan Probe, now int64) {
	p.measured = measured{}
	p.number = max(1, p.number+1)
	p.plan, p.from = plan, now
	p.under, p.waiting = true, true
	p.isFirst, p.tried = !p.tried, true
}

// Padding returns how many bytes of padding are due at a time for the probe that is under way; ok is false when it is over.
func (e *Estimator) Padding(now int64) (bytes int, ok bool) {
	p := &e.probes
	passed := now - p.from
	if !p.under || passed >= int64(p.plan.Duration) {
		p.under = false
		return 0, false
	}
	due := float64(p.plan.BitsPerSecond) * (time.Duration(passed) + PaddingStep).Seconds()
	return max(0, int((due-float64(p.measured.bits))/8)), true
}

// Pace returns how many bits per second may be sent at a time: the estimate, and more for as long as a probe asks for it.
func (e *Estimator) Pace(now int64) int {
	p := &e.probes
	if p.under && now-p.from < int64(p.plan.Duration) {
		return max(p.plan.BitsPerSecond, e.Estimate())
	}
	return e.Estimate()
}

// PaddingStep is how often Padding is to be asked.
const PaddingStep = 5 * time.Millisecond

// sent counts a packet and returns the probe that it belongs to.
func (p *probes) sent(size int, at int64) uint16 {
	if !p.under {
		return 0
	}
	if at-p.from >= int64(p.plan.Duration) {
		p.under = false
		return 0
	}
	p.measured.bits += int64(size) * 8
	p.measured.packets++
	p.measured.lastAt = at
	return p.number
}

// reported takes what became of a packet; received is 0 when it was lost.
func (p *probes) reported(s *sentPacket, received int64) {
	if !p.waiting || s.probe != p.number {
		return
	}
	m := &p.measured
	m.reported++
	if received == 0 {
		return
	}
	bits := int64(s.size) * 8
	m.came++
	m.received += bits
	if m.first == 0 || received < m.first {
		m.first, m.head = received, bits
	}
	m.last = max(m.last, received)
}

// result returns the rate that a probe showed, once enough of it was reported on.
func (p *probes) result(now int64) (bitsPerSecond float64, ok bool) {
	if !p.waiting || p.under && now-p.from < int64(p.plan.Duration) {
		return 0, false
	}
	p.under = false
	m := &p.measured
	if m.packets == 0 || float64(m.reported) < leastReported*float64(m.packets) {
		return 0, false
	}
	over := time.Duration(m.last - m.first)
	if m.came < leastCame || over <= 0 {
		p.fail(now)
		return 0, false
	}
	received := float64(m.received-m.head) / max(over, time.Millisecond).Seconds()
	sent := min(float64(p.plan.BitsPerSecond), float64(m.bits)/max(time.Duration(m.lastAt-p.from), PaddingStep).Seconds())
	if sent < filled*float64(p.plan.BitsPerSecond) {
		p.fail(now) // it could not be sent as planned
		return 0, false
	}
	if received < carried*sent {
		p.fail(now)
		return saturated * received, true
	}
	p.waiting, p.endedAt = false, now
	p.failures, p.good = 0, true
	return min(received, sent), true
}

// fail ends the probe as one that the link did not carry.
func (p *probes) fail(now int64) {
	p.waiting, p.under, p.endedAt = false, false, now
	p.failures, p.good = p.failures+1, false
}

// disturb tells whether a queue may come from a probe.
func (p *probes) disturb(now int64) bool {
	return p.waiting || p.endedAt != 0 && now-p.endedAt < int64(drained)
}
