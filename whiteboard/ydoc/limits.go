package ydoc

import (
	"cmp"
	"fmt"
	"math"
)

// Limits bound what updates can do to a document. The zero value of a field means its default.
type Limits struct {
	Update  int // bytes of one update. Defaults to 256 KiB
	State   int // what Doc.Size may reach by updates that add to it. Defaults to 16 MiB
	Pending int // what may wait for updates not seen yet, weighed like State. Defaults to 1 MiB
	Depth   int // types inside types. Defaults to 64
	Work    int // steps among items that were written at the same place, for one update. Defaults to 4,000,000
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Update:  cmp.Or(l.Update, 256<<10),
		State:   cmp.Or(l.State, 16<<20),
		Pending: cmp.Or(l.Pending, 1<<20),
		Depth:   cmp.Or(l.Depth, 64),
		Work:    cmp.Or(l.Work, 4_000_000),
	}
}

// unbounded is for what the server stored itself. Depth stays: it protects the stack.
func (l Limits) unbounded() Limits {
	return Limits{Update: math.MaxInt, State: math.MaxInt, Pending: math.MaxInt, Depth: l.Depth, Work: math.MaxInt}
}

// MalformedError says where bytes stop being a Yjs update or state vector, and why.
type MalformedError struct {
	Offset int
	Reason string
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("ydoc: malformed at byte %d: %s", e.Offset, e.Reason)
}

// LimitError names the field of Limits that an update went beyond.
type LimitError struct {
	Limit string // "update", "state", "pending", "depth" or "work"
	Max   int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("ydoc: more than %d (limit: %s)", e.Max, e.Limit)
}
