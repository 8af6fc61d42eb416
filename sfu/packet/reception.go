package packet

import "time"

// CutAfter is the silence of a sender after which its link counts as having been cut.
const CutAfter = time.Second

// Reception counts what a receiver report tells (RFC 3550 section 6.4 and appendix A). It is owned by one goroutine.
// The zero value is ready.
type Reception struct {
	ClockRate uint32

	first, highest uint64
	floor          uint64 // what is older counts no more
	last           int64  // arrival of the packet before
	received       uint64
	started        bool
	transit        int64
	jitter         float64 // in clock units

	expectedPrior, receivedPrior uint64
}

// Received takes note of a packet that came for the first time, arrival nanoseconds on any clock. What is missing after
// a silence of more than CutAfter does not count as lost: the link was cut, which says nothing about what it carries.
func (r *Reception) Received(extended uint64, timestamp uint32, arrival int64) {
	switch {
	case !r.started:
		r.started, r.first, r.highest = true, extended, extended
	case extended < r.floor:
		return
	case extended > r.highest && arrival-r.last > int64(CutAfter):
		r.first += extended - r.highest - 1
		r.floor = extended
	}
	r.last = arrival
	r.received++
	if r.floor == 0 {
		r.first = min(r.first, extended)
	}
	r.highest = max(r.highest, extended)
	if r.ClockRate == 0 {
		return
	}
	at := int64(float64(arrival) / 1e9 * float64(r.ClockRate))
	transit := at - int64(timestamp)
	if r.received > 1 {
		d := int64(int32(transit - r.transit))
		if d < 0 {
			d = -d
		}
		// A pause of the sender is no jitter.
		if d < int64(r.ClockRate) {
			r.jitter += (float64(d) - r.jitter) / 16
		}
	}
	r.transit = transit
}

// Report is what a reception report block carries.
type Report struct {
	Fraction uint8
	Lost     int64 // cumulative
	Highest  uint32
	Jitter   uint32
}

// Report returns the block since the last call; ok is false before the first packet.
func (r *Reception) Report() (rep Report, ok bool) {
	if !r.started {
		return Report{}, false
	}
	expected := r.highest - r.first + 1
	rep = Report{Lost: int64(expected) - int64(r.received), Highest: uint32(r.highest), Jitter: uint32(r.jitter)}
	newExpected, newReceived := expected-r.expectedPrior, r.received-r.receivedPrior
	r.expectedPrior, r.receivedPrior = expected, r.received
	if newExpected > newReceived && newExpected > 0 {
		rep.Fraction = uint8(min(255, (newExpected-newReceived)*256/newExpected))
	}
	return rep, true
}

// Lost returns how many packets never came.
func (r *Reception) Lost() int64 {
	if !r.started {
		return 0
	}
	return int64(r.highest-r.first+1) - int64(r.received)
}

// Jitter returns the interarrival jitter.
func (r *Reception) Jitter() time.Duration {
	if r.ClockRate == 0 {
		return 0
	}
	return time.Duration(r.jitter / float64(r.ClockRate) * 1e9)
}
