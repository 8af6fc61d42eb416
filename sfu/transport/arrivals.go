package transport

import (
	"sync/atomic"
	"time"
)

// arrivalSlots is how many packets' times are remembered, a power of two: a tenth of a second of 80,000 packets a second.
const arrivalSlots = 8192

// Arrivals remembers when RTP packets reached the machine, by the kernel's clock where it tells. Between the socket and
// whoever measures lie several goroutines of Pion; on a busy machine their delays look like a full link to a sender's
// bandwidth estimation. A packet is found again by SSRC and sequence number, which SRTP leaves in the clear.
type Arrivals struct {
	epoch time.Time
	slots [arrivalSlots]arrivalSlot
}

type arrivalSlot struct {
	key atomic.Uint64
	at  atomic.Int64
}

// NewArrivals returns an empty memory that counts from epoch.
func NewArrivals(epoch time.Time) *Arrivals { return &Arrivals{epoch: epoch} }

// At returns when the packet came in nanoseconds since the epoch; ok is false when that is forgotten.
func (a *Arrivals) At(ssrc uint32, seq uint16) (at int64, ok bool) {
	key := arrivalKey(ssrc, seq)
	s := &a.slots[key%arrivalSlots]
	at = s.at.Load()
	return at, s.key.Load() == key
}

// note remembers an RTP packet that came at a time.
func (a *Arrivals) note(b []byte, at int64) {
	ssrc := uint32(b[8])<<24 | uint32(b[9])<<16 | uint32(b[10])<<8 | uint32(b[11])
	key := arrivalKey(ssrc, uint16(b[2])<<8|uint16(b[3]))
	s := &a.slots[key%arrivalSlots]
	s.key.Store(0)
	s.at.Store(at)
	s.key.Store(key)
}

// arrivalKey is never 0. Streams start at different slots and go through all of them.
func arrivalKey(ssrc uint32, seq uint16) uint64 {
	return 1<<63 | uint64(ssrc)<<16 | uint64(seq+uint16(ssrc*2654435761>>16))
}
