package sfu

import (
	"encoding/binary"
	"errors"

	"parley/sfu/packet"
	"parley/sfu/seal"
)

// echoEvery is how often a packet that we opened goes to Pion as well, a power of two, so that Pion's rollover counters
// stay right for when it has to receive: over ICE-TCP, after the pair of candidates changed.
const echoEvery = 4096

// onMedia opens a packet straight into the ring of its layer. What belongs to no layer yet, has a payload type that is new to
// it, or is a retransmission goes Pion's way.
func (b *publisher) onMedia(raw []byte, at int64) (taken bool) {
	opener := b.conn.opener.Load()
	if opener == nil || len(raw) > packet.MaxSize+seal.Overhead {
		return false
	}
	ssrc, seq := binary.BigEndian.Uint32(raw[8:]), binary.BigEndian.Uint16(raw[2:])
	in := (*b.streams.Load())[ssrc]
	if in == nil {
		return false
	}
	l := in.layer.Load()
	if l == nil || !in.claim(seq) {
		return false
	}
	l.readMu.Lock()
	defer l.readMu.Unlock()
	if pt := raw[1] & 0x7f; pt != l.payloadType && !b.wraps(pt, l.payloadType) {
		return false
	}
	to := l.ring.Spare().Buffer()
	n, err := opener.Open(to, raw)
	switch {
	case err == nil:
	case errors.Is(err, seal.ErrForged):
		l.metrics.dropForged.Inc()
		return true
	default:
		return errors.Is(err, seal.ErrRepeated)
	}
	b.note(to[:n], ssrc, at)
	l.readLocked(n, in, at, true)
	if seq%echoEvery != 0 {
		return true
	}
	in.echo.Store(int32(seq))
	return false
}

// note counts a packet and when it came.
func (b *publisher) note(rtp []byte, ssrc uint32, at int64) {
	b.bytes.Add(uint64(len(rtp)))
	id := b.extensions.Load().TransportCC
	if id == 0 {
		return
	}
	if wide, ok := packet.TransportCC(rtp, id); ok {
		b.wide.record(ssrc, wide, at)
	}
}

// onRTP sees every packet that Pion decrypts, probes and retransmissions included.
func (b *publisher) onRTP(raw []byte) {
	if len(raw) < 12 {
		return
	}
	ssrc, seq := binary.BigEndian.Uint32(raw[8:]), binary.BigEndian.Uint16(raw[2:])
	in := (*b.streams.Load())[ssrc]
	if in != nil {
		if in.echo.Load() == int32(seq) {
			return
		}
		if opener := b.conn.opener.Load(); opener != nil {
			opener.Follow(ssrc, seq)
		}
	}
	at := b.peer.sfu.arrival(ssrc, seq)
	b.note(raw, ssrc, at)
	if in == nil {
		b.onRepair(raw, at)
	}
}

// indexLocked makes the streams findable by their SSRC and by that of their retransmissions, which is known from their
// description or their first packet.
func (b *publisher) indexLocked() {
	streams := make(map[uint32]*incoming, len(b.incoming))
	repairs := make(map[uint32]*incoming, len(b.incoming))
	for _, in := range b.incoming {
		streams[uint32(in.remote.SSRC())] = in
		if in.remote.HasRTX() {
			repairs[uint32(in.remote.RtxSSRC())] = in
		}
	}
	b.streams.Store(&streams)
	b.repairs.Store(&repairs)
}
