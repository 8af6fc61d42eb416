package sfu

import (
	"encoding/binary"

	"github.com/pion/rtp"

	"parley/sfu/packet"
	"parley/sfu/seal"
)

// Numbers of packets whose tag is kept for sending them again bit for bit, powers of two: about a second.
const (
	keptSounds   = 64
	keptPictures = 512
)

// outgoing is an RTP stream of a down-track: what its headers look like and who encrypts it. Its owner brings the lock.
type outgoing struct {
	ssrc uint32

	// For Pion to encrypt. The header shares wide and level, which are written in place for each packet.
	header rtp.Header
	wide   [2]byte
	level  [1]byte

	// The same for us to seal; the places of the extensions are 0 where they were not negotiated.
	head            []byte
	wideAt, levelAt int
	stream          *seal.Stream // nil where Pion encrypts, and before the first packet

	// dependenciesID is not 0 where packets carry AV1 dependency descriptors, in which case head is made for each of them.
	dependenciesID uint8
	plain          []byte // the head without
	described      []byte // memory for the head with it
	wideID         uint8

	kept []kept // by number; only without a stream for retransmissions

	payloadType uint8
	redundant   uint8 // the payload type of packets that carry earlier ones again, 0 where the subscriber takes none
}

// kept is what is needed to send a packet again exactly as it was.
type kept struct {
	number    uint64
	sent      bool
	padding   bool
	wide      uint16
	timestamp uint32 // of padding; others have it from the packet
	tag       [seal.Overhead]byte
}

// leaving is a packet that is to leave.
type leaving struct {
	number    uint64 // extended
	timestamp uint32
	marker    bool
	level     uint8
	payload   []byte
	// dependencies is the AV1 dependency descriptor, nil for none.
	dependencies []byte
	padding      bool // the payload is padding (RFC 3550 section 5.1)
	redundant    bool // the payload carries earlier ones again (RFC 2198)
	padded       bool // its last byte is padding; not for Pion to encrypt
	again        bool // it may have left before, on this stream: then only bit for bit
}

// newOutgoing makes a stream; ids of 0 leave an extension out.
func newOutgoing(payloadType uint8, ssrc uint32, wideID, levelID uint8) (*outgoing, error) {
	o := &outgoing{
		ssrc: ssrc, payloadType: payloadType, wideID: wideID, header: rtp.Header{Version: 2, PayloadType: payloadType, SSRC: ssrc},
	}
	if wideID != 0 {
		if err := o.header.SetExtension(wideID, o.wide[:]); err != nil {
			return nil, err
		}
	}
	if levelID != 0 {
		if err := o.header.SetExtension(levelID, o.level[:]); err != nil {
			return nil, err
		}
	}
	var err error
	if o.head, err = o.header.Marshal(); err != nil {
		return nil, err
	}
	o.wideAt, o.levelAt = packet.ExtensionAt(o.head, wideID, len(o.wide)), packet.ExtensionAt(o.head, levelID, len(o.level))
	return o, nil
}

// describe makes the head of the next packet, which carries a dependency descriptor. One that is longer than 16 bytes needs
// the long form of header extensions (RFC 8285 section 4.3).
func (o *outgoing) describe(dependencies []byte) {
	if o.dependenciesID == 0 {
		return
	}
	if o.plain == nil {
		o.plain = o.head
	}
	long := len(dependencies) > 16 || o.dependenciesID > 14 || o.wideID > 14
	b := append(o.described[:0], o.plain[:12]...)
	if o.wideID == 0 && len(dependencies) == 0 {
		o.head, o.described = b, b
		return
	}
	b[0] |= 0x10
	if long {
		b = append(b, 0x10, 0, 0, 0)
	} else {
		b = append(b, 0xbe, 0xde, 0, 0)
	}
	add := func(id uint8, value []byte) {
		if long {
			b = append(b, id, uint8(len(value)))
		} else {
			b = append(b, id<<4|uint8(len(value)-1))
		}
		b = append(b, value...)
	}
	if o.wideAt = 0; o.wideID != 0 {
		add(o.wideID, o.wide[:])
		o.wideAt = len(b) - len(o.wide)
	}
	if len(dependencies) > 0 {
		add(o.dependenciesID, dependencies)
	}
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	binary.BigEndian.PutUint16(b[14:], uint16((len(b)-16)/4))
	o.head, o.described = b, b
}

// hasWide tells whether its packets carry transport-wide numbers.
func (o *outgoing) hasWide() bool { return o.wideAt != 0 }

// carry makes what leaves the whole of a redundant packet, where the subscriber takes such.
func (o *outgoing) carry(leaves *leaving, p *inPacket) {
	if p.Redundant != nil && o.redundant != 0 && !p.Hushed {
		leaves.payload, leaves.redundant = p.Redundant, true
	}
}

// fill writes what differs between packets, but for SSRC and number, into a copy of the head.
func (o *outgoing) fill(head []byte, p *leaving, wide uint16) {
	copy(head, o.head)
	if p.redundant {
		head[1] = o.redundant
	}
	if p.marker {
		head[1] |= 0x80
	}
	if p.padding || p.padded {
		head[0] |= 0x20
	}
	binary.BigEndian.PutUint32(head[4:], p.timestamp)
	if o.wideAt != 0 {
		binary.BigEndian.PutUint16(head[o.wideAt:], wide)
	}
	if o.levelAt != 0 {
		head[o.levelAt] = p.level
	}
}

// keep returns the memory of a number, nil where nothing is kept.
func (o *outgoing) keep(number uint64) *kept {
	if o.kept == nil {
		return nil
	}
	k := &o.kept[number&uint64(len(o.kept)-1)]
	if k.number != number {
		if k.sent && k.number > number {
			return nil // a later packet has its place
		}
		*k = kept{number: number}
	}
	return k
}

// write sends a packet; false when it cannot be. The subscriber's wideMu is held.
func (d *downTrack) write(x *lane, o *outgoing, p *leaving) bool {
	k := o.keep(p.number)
	repeated := p.again && k != nil && k.sent
	session := d.sub.conn.session.Load()
	if p.again && !repeated && session == nil {
		return false // Pion would seal anything
	}
	o.describe(p.dependencies)
	size := len(o.head) + len(p.payload) + seal.Overhead
	var wide uint16
	switch {
	case repeated:
		if wide = k.wide; o.wideAt != 0 {
			d.sub.estimator.Repeated(wide, x.now)
		}
	case o.wideAt != 0:
		wide = d.sub.sent(size, x.now)
	default:
		d.sub.estimator.Left(size, x.now)
	}
	var ok bool
	if session == nil {
		ok = d.writePion(x, o, p, wide)
	} else {
		if o.stream == nil {
			o.stream = session.Stream(o.ssrc)
		}
		ok = d.writeSealed(x, o, p, wide, k, repeated)
	}
	if !ok {
		return false
	}
	if k != nil {
		k.sent, k.wide, k.padding, k.timestamp = true, wide, p.padding, p.timestamp
	}
	x.packets++
	x.bytes += len(p.payload)
	d.sub.paced.credit -= float64(size)
	if !p.padding {
		d.sub.bytes.Add(uint64(len(p.payload)))
	}
	return true
}

// writePion lets Pion encrypt, and send over TCP; over UDP its packet leaves with the lane's.
func (d *downTrack) writePion(x *lane, o *outgoing, p *leaving, wide uint16) bool {
	binary.BigEndian.PutUint16(o.wide[:], wide)
	o.level[0] = p.level
	if o.dependenciesID != 0 {
		o.fill(o.head, p, wide)
		if _, err := o.header.Unmarshal(o.head); err != nil {
			return false
		}
	}
	o.header.Marker, o.header.SequenceNumber, o.header.Timestamp = p.marker, uint16(p.number), p.timestamp
	if o.header.PayloadType = o.payloadType; p.redundant {
		o.header.PayloadType = o.redundant
	}
	payload := p.payload
	o.header.Padding, o.header.PaddingSize = p.padding, 0
	if p.padding {
		o.header.PaddingSize, payload = uint8(len(payload)), nil
	}
	c := d.sub.conn
	r := c.route.Load()
	if r == nil || r.conn == nil {
		_, err := d.out.WriteRTP(&o.header, payload)
		return err == nil
	}
	c.gathered.begin()
	_, err := d.out.WriteRTP(&o.header, payload)
	if sealed := c.gathered.end(); len(sealed) > 0 {
		copy(x.room(r, len(sealed)), sealed)
	}
	return err == nil
}

// writeSealed seals into the lane's slab.
func (d *downTrack) writeSealed(x *lane, o *outgoing, p *leaving, wide uint16, k *kept, repeated bool) bool {
	r := d.sub.conn.route.Load()
	if r == nil || !repeated && !o.stream.Fresh(p.number) {
		return false
	}
	size := len(o.head) + len(p.payload) + seal.Overhead
	if d.video && r.stream != nil && !r.stream.TakesPicture(size) {
		return false
	}
	to := x.room(r, size)
	o.fill(to, p, wide)
	var sealed []byte
	var ok bool
	if repeated {
		sealed, ok = o.stream.SealAgain(to, len(o.head), p.payload, p.number, k.tag)
	} else {
		sealed, ok = o.stream.Seal(to, len(o.head), p.payload, p.number)
	}
	if !ok {
		clear(to) // what leaves in its place is no packet at all
		return false
	}
	if k != nil {
		k.tag = [seal.Overhead]byte(sealed[len(sealed)-seal.Overhead:])
	}
	switch {
	case r.stream == nil:
		return true
	case d.video:
		return r.stream.SendPicture(sealed)
	}
	return r.stream.SendSound(sealed)
}
