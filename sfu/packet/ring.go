package packet

import (
	"sync"
	"time"
)

// Sizes of a ring in packets; all are powers of two.
const (
	// PictureRing is enough to begin a picture that seldom changes with the keyframe before, SoundRing for a microphone
	// in silence.
	PictureRing = 64
	SoundRing   = 16
	maxRing     = 2048
	// retain is how long a packet should stay for retransmission, on thin links after it waited for its turn; a ring that
	// loses younger ones doubles.
	retain = 3 * time.Second
)

// Ring is the cache of one incoming stream. It starts small and doubles up to maxRing packets while it would otherwise
// lose packets younger than three seconds; buffers are made when they are first needed.
type Ring struct {
	// Owned by the writing goroutine.
	spare *Packet

	// Guarded by mu; the writing goroutine reads without it.
	mu     sync.RWMutex
	slots  []*Packet
	newest uint64
}

// NewRing returns an empty ring that begins with a number of slots, a power of two.
func NewRing(slots int) *Ring {
	return &Ring{slots: make([]*Packet, slots), spare: new(Packet)}
}

// Spare returns the packet to read the next one into. It stays the writer's until Put.
func (r *Ring) Spare() *Packet { return r.spare }

// Put takes the spare packet in, by its Extended number, and reports whether it did: not when the ring holds that packet
// already or a later one in its place. The packet may be used by the writer until its next Put.
func (r *Ring) Put() bool {
	p := r.spare
	i := p.Extended & uint64(len(r.slots)-1)
	old := r.slots[i]
	if old != nil && old.Extended >= p.Extended {
		return false
	}
	if old != nil && p.Arrival-old.Arrival < int64(retain) && len(r.slots) < maxRing {
		r.grow()
		return r.Put()
	}
	r.mu.Lock()
	r.slots[i] = p
	r.newest = max(r.newest, p.Extended)
	r.mu.Unlock()
	if old == nil || old.Pinned() {
		old = new(Packet)
	}
	r.spare = old
	return true
}

func (r *Ring) grow() {
	bigger := make([]*Packet, 2*len(r.slots))
	for _, p := range r.slots {
		if p == nil {
			continue
		}
		i := p.Extended & uint64(len(bigger)-1)
		if bigger[i] == nil || bigger[i].Extended < p.Extended {
			bigger[i] = p
		}
	}
	r.mu.Lock()
	r.slots = bigger
	r.mu.Unlock()
}

// Has tells whether the packet is there. For the writer.
func (r *Ring) Has(extended uint64) bool {
	p := r.slots[extended&uint64(len(r.slots)-1)]
	return p != nil && p.Extended == extended
}

// At returns the packet of a number, nil when it is not there. For the writer, until its next Put.
func (r *Ring) At(extended uint64) *Packet {
	if !r.Has(extended) {
		return nil
	}
	return r.slots[extended&uint64(len(r.slots)-1)]
}

// Change lets the writer change a packet that it put and nobody pinned, and reports whether it was there.
func (r *Ring) Change(extended uint64, change func(*Packet)) bool {
	p := r.At(extended)
	if p == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	change(p)
	return true
}

// Copy copies the packet out and reports whether it was there. For every goroutine.
func (r *Ring) Copy(extended uint64, to *Packet) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p := r.slots[extended&uint64(len(r.slots)-1)]
	if p == nil || p.Extended != extended {
		return false
	}
	to.Copy(p)
	return true
}

// Since returns the packets from the extended number on, all pinned, appended to list; ok is false, and none is pinned, when
// one is missing or they have more bytes than most. For every goroutine.
func (r *Ring) Since(extended uint64, most int, list []*Packet) (held []*Packet, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.newest < extended || r.newest-extended >= uint64(len(r.slots)) {
		return list, false
	}
	size := 0
	for v := extended; v <= r.newest; v++ {
		p := r.slots[v&uint64(len(r.slots)-1)]
		if p == nil || p.Extended != v {
			return list, false
		}
		if size += p.n; size > most {
			return list, false
		}
	}
	for v := extended; v <= r.newest; v++ {
		p := r.slots[v&uint64(len(r.slots)-1)]
		p.Pin()
		list = append(list, p)
	}
	return list, true
}

// Len returns the number of slots.
func (r *Ring) Len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.slots)
}
