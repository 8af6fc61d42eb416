package packet

// Extender gives 16-bit sequence numbers their rollovers. The zero value is ready; the first number extends to itself
// plus one rollover, so that numbers somewhat before it still extend to something positive.
type Extender struct {
	highest uint64
	started bool
}

// Extend returns the extended number nearest to the highest one so far.
func (e *Extender) Extend(seq uint16) uint64 {
	if !e.started {
		e.started = true
		e.highest = 1<<16 | uint64(seq)
		return e.highest
	}
	v := Near(e.highest, seq)
	if v > e.highest {
		e.highest = v
	}
	return v
}

// Highest returns the highest number so far; ok is false before the first one.
func (e *Extender) Highest() (v uint64, ok bool) { return e.highest, e.started }

// Near returns the extended number with these low 16 bits that is nearest to reference.
func Near(reference uint64, seq uint16) uint64 {
	return reference + uint64(int64(int16(seq-uint16(reference))))
}
