package bandwidth

import "time"

const (
	// window is how long the delivered rate is measured over, and leastWindow the least at the beginning.
	window      = 500 * time.Millisecond
	leastWindow = 150 * time.Millisecond
	// lossWindow and lossPackets are how long and how many packets loss is measured over.
	lossWindow  = 2 * time.Second
	lossPackets = 60

	// Counts are kept by steps of time, as many of them as the windows need and some more, powers of two.
	rateStep, rateSteps = 5 * time.Millisecond, 128
	lossStep, lossSteps = 25 * time.Millisecond, 128
)

// arrival is what became of a packet.
type arrival struct {
	at       int64 // sent
	received int64 // on the receiver's clock
	size     int32
	lost     bool
	probe    bool
	copied   bool // the first one was lost
	waited   bool // in a queue
}

// arrivals counts those of the last lossWindow. The zero value is ready.
type arrivals struct {
	rates    [rateSteps]rateCount // by when they were received
	losses   [lossSteps]lossCount // by when they were sent
	first    int64                // received
	newest   int64                // received
	until    int64                // when the last report came
	gotSent  int64                // when the latest one was sent that came
	lossFrom int64                // packets sent before do not count as lost
	free     int64                // when one came last that had not waited in a queue
}

type rateCount struct{ step, bits int64 }

type lossCount struct {
	step      int64
	all, lost int32
}

func (a *arrivals) add(x arrival) {
	if !x.probe && !x.copied {
		a.addLoss(x.at, x.lost)
	}
	if x.lost {
		return
	}
	if a.first == 0 {
		a.first = x.received
	}
	a.newest, a.gotSent = max(a.newest, x.received), max(a.gotSent, x.at)
	if !x.waited {
		a.free = max(a.free, x.received)
	}
	step := x.received / int64(rateStep)
	c := &a.rates[step&(rateSteps-1)]
	if c.step < step {
		*c = rateCount{step: step}
	}
	if c.step == step {
		c.bits += int64(x.size) * 8
	}
}

// addLoss counts a packet that was sent at a time.
func (a *arrivals) addLoss(at int64, lost bool) {
	if at < a.lossFrom {
		return
	}
	step := at / int64(lossStep)
	c := &a.losses[step&(lossSteps-1)]
	if c.step < step {
		*c = lossCount{step: step}
	}
	if c.step != step {
		return // too old
	}
	c.all++
	if lost {
		c.lost++
	}
}

// cameAfterAll takes back that a packet that was sent at a time is lost.
func (a *arrivals) cameAfterAll(at int64) {
	step := at / int64(lossStep)
	if c := &a.losses[step&(lossSteps-1)]; c.step == step && c.lost > 0 {
		c.lost--
	}
}

// forget drops what was sent more than lossWindow before.
func (a *arrivals) forget(now int64) { a.until = now }

// forgetLoss begins to measure loss anew, of what is sent from now on.
func (a *arrivals) forgetLoss(now int64) {
	a.losses = [lossSteps]lossCount{}
	a.lossFrom = now
}

// rate returns the bits per second that were received within the last window.
func (a *arrivals) rate() float64 {
	return a.over(min(max(time.Duration(a.newest-a.first), leastWindow), window))
}

// carried returns what the link carries if packets have waited for it long enough to tell: the rate since they do. It is
// more than what is sent while a queue drains, and less than the rate of the time before a link became thin.
func (a *arrivals) carried() float64 {
	if waited := time.Duration(a.newest - a.free); waited >= leastWindow {
		return a.over(min(waited, window))
	}
	return a.rate()
}

// over returns the bits per second that were received in so much time until the newest.
func (a *arrivals) over(last time.Duration) float64 {
	if a.until-a.gotSent >= int64(lossWindow) {
		return 0
	}
	var bits int64
	newest := a.newest / int64(rateStep)
	for i := range a.rates {
		if c := &a.rates[i]; newest-c.step < int64(last/rateStep) {
			bits += c.bits
		}
	}
	return float64(bits) / last.Seconds()
}

// loss returns the share that was lost, 0 when there are too few packets to tell. What is lost of a probe says only that
// it was too fast.
func (a *arrivals) loss() float64 {
	var lost, all int32
	oldest := (a.until - int64(lossWindow)) / int64(lossStep)
	for i := range a.losses {
		if c := &a.losses[i]; c.step > oldest {
			all += c.all
			lost += c.lost
		}
	}
	if all < lossPackets {
		return 0
	}
	return float64(lost) / float64(all)
}
