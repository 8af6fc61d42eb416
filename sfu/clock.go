package sfu

import (
	"sync/atomic"
	"time"
)

// clockShift is how far this machine's clock is ahead of a publisher's, as far as sender reports tell: the least difference
// is the one with the least delay of the network in it.
type clockShift struct{ least atomic.Int64 }

// observe takes the time of a report that came now, in nanoseconds since 1900.
func (c *clockShift) observe(ntp int64) {
	shift := time.Now().UnixNano() + ntpEpoch - ntp
	for {
		least := c.least.Load()
		if least != 0 && least <= shift || c.least.CompareAndSwap(least, shift) {
			return
		}
	}
}

// get returns nanoseconds, 0 before the first report.
func (c *clockShift) get() int64 { return c.least.Load() }
