package main

// seenSize is how far back duplicates are noticed, in packets, a multiple of 64.
const seenSize = 4096

// seen remembers the latest numbers of a stream. The zero value is ready.
type seen struct {
	bits    [seenSize / 64]uint64
	highest uint64
	any     bool
}

// add takes a number; fresh is false when it was there before or is too old to tell.
func (s *seen) add(n uint64) (fresh bool) {
	if !s.any {
		s.any, s.highest = true, n
	}
	if n+seenSize <= s.highest {
		return false
	}
	if n > s.highest {
		for i := max(s.highest+1, n-min(n, seenSize-1)); i <= n; i++ {
			s.bits[i/64%uint64(len(s.bits))] &^= 1 << (i % 64)
		}
		s.highest = n
	}
	word, bit := &s.bits[n/64%uint64(len(s.bits))], uint64(1)<<(n%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}

// rollover extends RTP sequence numbers (RFC 3711 section 3.3.1). The zero value is ready.
type rollover struct {
	first, highest uint64
	any            bool
}

// extend returns the number that seq most likely stands for; its upper bits are the rollover counter.
func (r *rollover) extend(seq uint16) uint64 {
	if !r.any {
		return uint64(seq)
	}
	d := int64(int16(seq - uint16(r.highest)))
	if int64(r.highest)+d < 0 {
		return uint64(seq)
	}
	return uint64(int64(r.highest) + d)
}

// accept takes note of an extended number that was authenticated.
func (r *rollover) accept(n uint64) {
	if !r.any {
		*r = rollover{first: n, highest: n, any: true}
		return
	}
	r.first = min(r.first, n)
	r.highest = max(r.highest, n)
}
