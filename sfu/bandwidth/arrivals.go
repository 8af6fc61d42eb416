package bandwidth

import "time"

const (
	// window is how long the delivered rate is measured over, and leastWindow the least at the beginning.
	window      = 500 * time.Millisecond
	leastWindow = 150 * time.Millisecond
	// lossWindow and lossPackets are how long and how many packets loss is measured over.
	lossWindow  = 2 * time.Second
	lossPackets = 40
)

// arrival is what became of a packet.
type arrival struct {
	at       int64 // sent
	received int64 // on the receiver's clock
	size     int32
	lost     bool
	probe    bool
}

// arrivals are those of the last lossWindow.
type arrivals struct {
	list     []arrival
	first    int64 // received
	newest   int64 // received
	lossFrom int64 // packets sent before do not count as lost
	lastSent int64
}

func (a *arrivals) add(x arrival) {
	a.list = append(a.list, x)
	a.lastSent = max(a.lastSent, x.at)
	if x.lost {
		return
	}
	if a.first == 0 {
		a.first = x.received
	}
	a.newest = max(a.newest, x.received)
}

// forget drops what was sent more than lossWindow before.
func (a *arrivals) forget(now int64) {
	keep := a.list[:0]
	for _, x := range a.list {
		if now-x.at < int64(lossWindow) {
			keep = append(keep, x)
		}
	}
	a.list = keep
}

// forgetLoss begins to measure loss anew.
func (a *arrivals) forgetLoss() { a.lossFrom = a.lastSent + 1 }

// rate returns the bits per second that were received within the last window.
func (a *arrivals) rate() float64 {
	var bits int64
	for i := range a.list {
		if x := &a.list[i]; !x.lost && a.newest-x.received < int64(window) {
			bits += int64(x.size) * 8
		}
	}
	over := min(max(time.Duration(a.newest-a.first), leastWindow), window)
	return float64(bits) / over.Seconds()
}

// loss returns the share that was lost, 0 when there are too few packets to tell. What is lost of a probe says only that
// it was too fast.
func (a *arrivals) loss() float64 {
	lost, all := 0, 0
	for i := range a.list {
		x := &a.list[i]
		if x.at < a.lossFrom || x.probe {
			continue
		}
		all++
		if x.lost {
			lost++
		}
	}
	if all < lossPackets {
		return 0
	}
	return float64(lost) / float64(all)
}
