package packet

import (
	"encoding/binary"
	"errors"
	"sync/atomic"

	"parley/sfu/codec"
)

// MaxSize is the largest packet that is taken, in bytes.
const MaxSize = 1500

// Errors of Parse.
var (
	ErrShort   = errors.New("packet: truncated")
	ErrVersion = errors.New("packet: not RTP version 2")
)

// Extensions gives the negotiated ids of the header extensions that are read (RFC 8285); 0 means not negotiated.
type Extensions struct {
	AudioLevel   uint8 // RFC 6464
	MID          uint8 // RFC 9143
	RID          uint8 // RFC 8852
	RepairedRID  uint8 // RFC 8852
	TransportCC  uint8 // transport-wide congestion control
	AbsSendTime  uint8
	Dependencies uint8 // AV1 dependency descriptor
}

// Packet is an RTP packet with what was read from it. Slices point into its own buffer.
type Packet struct {
	// Extended is the sequence number with its rollovers, set by the stream that read the packet.
	Extended uint64
	// Arrival is when it was read, in nanoseconds of the stream's monotonic clock.
	Arrival int64
	// Frame is what the payload tells, set by the stream.
	Frame codec.Info
	// Stretch is the number of the run of packets that it is forwarded in, set by the stream: what lies between two of them
	// was not lost.
	Stretch uint32
	// Hushed packets of Opus go out as silence that the sender does not send (DTX), set by the stream: what ends in the middle
	// of a sound would be drawn out by receivers.
	Hushed bool

	Sequence    uint16
	Timestamp   uint32
	SSRC        uint32
	PayloadType uint8
	Marker      bool

	HasLevel    bool
	Voice       bool
	Level       uint8 // 0 (loudest) to 127 (silence), in -dBov
	HasWide     bool
	Wide        uint16 // transport-wide sequence number
	AbsSendTime uint32 // 6.18 fixed point seconds, 0 when absent

	MID, RID, RepairedRID []byte
	Dependencies          []byte
	// Payload excludes padding.
	Payload []byte
	// Redundant is the whole payload of a packet that carries earlier ones again, of which Payload is the newest (RFC 2198);
	// nil for others.
	Redundant []byte

	payload, dependencies, redundant span

	pins atomic.Int32
	buf  [MaxSize]byte
	n    int
}

// Buffer returns the whole buffer for reading a packet into; Parse follows.
func (p *Packet) Buffer() []byte { return p.buf[:] }

// Bytes returns the packet as it was read.
func (p *Packet) Bytes() []byte { return p.buf[:p.n] }

// Size returns the number of bytes read.
func (p *Packet) Size() int { return p.n }

// Pin keeps a packet that was put into a ring as it is until Unpin, although the ring gives it up. For the ring's
// writer.
func (p *Packet) Pin() { p.pins.Add(1) }

// Unpin ends what one Pin began; the packet must not be read any more. For every goroutine.
func (p *Packet) Unpin() { p.pins.Add(-1) }

// Pinned tells whether somebody reads the packet.
func (p *Packet) Pinned() bool { return p.pins.Load() != 0 }

// Parse reads the first n bytes of the buffer (RFC 3550 section 5.1).
func (p *Packet) Parse(n int, ids *Extensions) error {
	if n < 12 || n > MaxSize {
		return ErrShort
	}
	b := p.buf[:n]
	if b[0]>>6 != 2 {
		return ErrVersion
	}
	p.n = n
	p.Extended, p.Arrival, p.Frame, p.Stretch, p.Hushed = 0, 0, codec.Info{}, 0, false
	p.HasLevel, p.Voice, p.Level, p.HasWide, p.Wide, p.AbsSendTime = false, false, 0, false, 0, 0
	p.MID, p.RID, p.RepairedRID, p.Dependencies = nil, nil, nil, nil
	p.Redundant, p.dependencies, p.redundant = nil, span{}, span{}
	p.Marker = b[1]&0x80 != 0
	p.PayloadType = b[1] & 0x7f
	p.Sequence = binary.BigEndian.Uint16(b[2:])
	p.Timestamp = binary.BigEndian.Uint32(b[4:])
	p.SSRC = binary.BigEndian.Uint32(b[8:])

	head, extension, ok := header(b)
	if !ok {
		return ErrShort
	}
	for id, at, ok := extension.next(); ok; id, at, ok = extension.next() {
		p.setExtension(id, at, ids) // damaged elements end the reading, they do not refuse the packet
	}
	end := n
	if b[0]&0x20 != 0 {
		end -= int(b[n-1])
		if b[n-1] == 0 || end < head {
			return ErrShort
		}
	}
	p.payload = span{head, end}
	p.Payload = p.payload.of(p)
	return nil
}

func (p *Packet) setExtension(id uint8, at span, ids *Extensions) {
	v := at.of(p)
	switch id {
	case 0:
	case ids.AudioLevel:
		if len(v) >= 1 {
			p.HasLevel, p.Voice, p.Level = true, v[0]&0x80 != 0, v[0]&0x7f
		}
	case ids.TransportCC:
		if len(v) >= 2 {
			p.HasWide, p.Wide = true, binary.BigEndian.Uint16(v)
		}
	case ids.AbsSendTime:
		if len(v) >= 3 {
			p.AbsSendTime = uint32(v[0])<<16 | uint32(v[1])<<8 | uint32(v[2])
		}
	case ids.Dependencies:
		p.Dependencies, p.dependencies = v, at
	case ids.MID:
		p.MID = v
	case ids.RID:
		p.RID = v
	case ids.RepairedRID:
		p.RepairedRID = v
	}
}

// Unwrap makes the last n bytes of the payload, of another type, the payload, and keeps the whole as Redundant.
func (p *Packet) Unwrap(payloadType uint8, n int) {
	p.Redundant, p.redundant = p.Payload, p.payload
	p.PayloadType = payloadType
	p.payload.start = p.payload.end - n
	p.Payload = p.payload.of(p)
}

// Strip forgets what Unwrap kept.
func (p *Packet) Strip() { p.Redundant, p.redundant = nil, span{} }

// Copy makes p a copy of o, with the payload and the dependency descriptor but without the ids of the stream.
func (p *Packet) Copy(o *Packet) {
	p.Extended, p.Arrival, p.Frame, p.Hushed = o.Extended, o.Arrival, o.Frame, o.Hushed
	p.Sequence, p.Timestamp, p.SSRC = o.Sequence, o.Timestamp, o.SSRC
	p.PayloadType, p.Marker = o.PayloadType, o.Marker
	p.HasLevel, p.Voice, p.Level = o.HasLevel, o.Voice, o.Level
	p.HasWide, p.Wide, p.AbsSendTime = o.HasWide, o.Wide, o.AbsSendTime
	p.MID, p.RID, p.RepairedRID = nil, nil, nil
	p.n, p.payload, p.dependencies = o.n, o.payload, o.dependencies
	copy(p.buf[:], o.buf[:o.n])
	p.redundant = o.redundant
	p.Payload = p.payload.of(p)
	p.Redundant = nil
	if p.redundant.end != 0 {
		p.Redundant = p.redundant.of(p)
	}
	p.Dependencies = nil
	if p.dependencies.end != 0 {
		p.Dependencies = p.dependencies.of(p)
	}
}

// span is a place in the buffer.
type span struct{ start, end int }

func (s span) of(p *Packet) []byte { return p.buf[s.start:s.end:s.end] }
