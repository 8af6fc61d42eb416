package sfu

import (
	"encoding/binary"

	"parley/sfu/packet"
)

// onRepair passes on what a retransmission carries (RFC 4588) as soon as it comes. Pion would keep it until the stream's next
// packet goes its way, which is seldom since we open them ourselves.
func (b *publisher) onRepair(raw []byte, at int64) {
	in := b.repaired(binary.BigEndian.Uint32(raw[8:]))
	if in == nil {
		return
	}
	in.repaired.Store(true)
	if l := in.layer.Load(); l != nil {
		l.repair(raw, in, at)
	}
}

// repaired returns the stream whose retransmissions have an SSRC, nil when it is not known yet or there is none.
func (b *publisher) repaired(ssrc uint32) *incoming {
	if in := (*b.repairs.Load())[ssrc]; in != nil {
		return in
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, in := range b.incoming {
		if uint32(in.remote.RtxSSRC()) == ssrc {
			b.indexLocked()
			return in
		}
	}
	return nil
}

func (l *layer) repair(raw []byte, in *incoming, at int64) {
	l.readMu.Lock()
	defer l.readMu.Unlock()
	if l.payloadType == 0 {
		return
	}
	if n, ok := packet.Unwrap(l.ring.Spare().Buffer(), raw, l.ssrc, l.payloadType); ok {
		l.readLocked(n, in, at, false)
	}
}
