package main

import (
	"errors"
	"fmt"
)

// errSlowLoad is about the load, not the server.
var errSlowLoad = errors.New("the load is too slow")

// Limits beyond which a figure is not worth believing.
const (
	slowLoad      = 0.97 // of the packets that publishers should send
	busyLoad      = 0.9  // of a thread's time
	noisyCore     = 0.03 // of the server's core, used by others
	noisySteal    = 0.01
	droppedByLoad = 0.0005
)

// judge tells overload from a good measurement and warns of what disturbed it. What makes figures meaningless is an error.
func (r *result) judge(nominal float64) error {
	switch {
	case r.Rejected > 0:
		return fmt.Errorf("%d packets were not authentic", r.Rejected)
	case r.Damaged > 0:
		return fmt.Errorf("%d packets were not what was sent", r.Damaged)
	case float64(r.Expected) < slowLoad*nominal:
		return fmt.Errorf("%w: publishers sent %.0f %% of what they should", errSlowLoad, 100*float64(r.Expected)/nominal)
	case float64(r.DroppedByLoad) > droppedByLoad*float64(r.Expected):
		return fmt.Errorf("%w: its sockets dropped %d packets", errSlowLoad, r.DroppedByLoad)
	}
	r.Overloaded = r.Loss > overloadLoss || r.Delay.P95 > overloadDelay
	warn := func(format string, args ...any) { r.Warnings = append(r.Warnings, fmt.Sprintf(format, args...)) }
	for _, b := range r.LoadBusy {
		if b > busyLoad {
			warn("a thread of the load is busy %.0f %% of the time: the load may be what is slow", 100*b)
		}
	}
	if r.OthersOnCore > noisyCore {
		warn("other processes use %.0f %% of the server's core", 100*r.OthersOnCore)
	}
	if r.Steal > noisySteal {
		warn("the host takes up to %.0f %% of a core", 100*r.Steal)
	}
	if r.Duplicates > 0 {
		warn("%d packets came twice", r.Duplicates)
	}
	return nil
}
