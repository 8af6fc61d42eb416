package bandwidth

import "time"

// Rules for receivers that say themselves what they can take (REMB, draft-alvestrand-rmcat-remb-03). What they say grows
// with what they get, in libwebrtc by 8 % a second and up to one and a half times of it, so that a link is filled when there
// is use for more.
const (
	// fillTime is how long a link is filled with padding, up to what the receiver says and no further.
	fillTime = 2 * time.Second
	// fillGrows is by how much what it says must have grown then to go on.
	fillGrows = 1.05
	// fillPause is how long to wait when it did not; it doubles each time.
	fillPause, maxFillPause = 5 * time.Second, 40 * time.Second
)

// filling is what is known of filling the link of a receiver that says what it can take.
type filling struct {
	until int64   // 0 when the link is not filled
	from  float64 // what the receiver said when it began
	wait  time.Duration
	after int64 // when it may begin again
}

// Remote takes the receiver's own estimate (REMB). It counts as long as there is no transport-wide feedback.
func (e *Estimator) Remote(bitsPerSecond float64) {
	e.remote = min(max(bitsPerSecond, Least), Most)
}

// ByReceiver tells whether the estimate is what the receiver says.
func (e *Estimator) ByReceiver() bool { return e.remote > 0 && !e.seen }

// Left takes note of a packet of size bytes that left without a transport-wide number.
func (e *Estimator) Left(size int, at int64) {
	e.probes.sent(size, at)
	e.sentAt = at
}

// fill plans to fill the link up to what the receiver says.
func (e *Estimator) fill(now int64, wanted int) (Probe, bool) {
	f := &e.filling
	if now < f.until || now < f.after {
		return Probe{}, false
	}
	if f.until != 0 {
		f.until = 0
		if e.remote >= f.from*fillGrows {
			f.wait = 0
		} else {
			f.wait = min(max(2*f.wait, fillPause), maxFillPause)
			f.after = now + int64(f.wait)
			return Probe{}, false
		}
	}
	if float64(wanted) <= e.remote {
		return Probe{}, false
	}
	f.from, f.until = e.remote, now+int64(fillTime)
	plan := Probe{BitsPerSecond: int(e.remote), Duration: fillTime}
	e.probes.begin(plan, now)
	e.probes.waiting = false // what the receiver says next is the result
	return plan, true
}
