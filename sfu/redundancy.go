package sfu

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
)

// redundancy is what a publisher may send sound as (RFC 2198): packets of type outer that carry blocks of type inner. Who
// takes such packets gets them as they came, everybody else the newest block alone.
type redundancy struct {
	outer, inner uint8
	codec        webrtc.RTPCodecCapability // of the blocks
}

// redundant returns the codec that carries several packets of type pt in one.
func redundant(pt webrtc.PayloadType, offered []webrtc.RTPCodecParameters) (webrtc.RTPCodecParameters, bool) {
	want := strconv.Itoa(int(pt))
	for _, c := range offered {
		if strings.EqualFold(c.MimeType, codec.RED) && blocksAre(c.SDPFmtpLine, want) {
			return c, true
		}
	}
	return webrtc.RTPCodecParameters{}, false
}

// blocksAre tells whether an fmtp line such as 111/111 names one payload type alone (RFC 2198 section 5).
func blocksAre(line, pt string) bool {
	for block := range strings.SplitSeq(line, "/") {
		if strings.TrimSpace(block) != pt {
			return false
		}
	}
	return true
}

// redundancyOf returns what a section of an answer allows, nil for nothing.
func redundancyOf(codecs []webrtc.RTPCodecParameters) *redundancy {
	for _, c := range codecs {
		if codec.FromMime(c.MimeType) != codec.Opus {
			continue
		}
		if outer, ok := redundant(c.PayloadType, codecs); ok {
			return &redundancy{outer: uint8(outer.PayloadType), inner: uint8(c.PayloadType), codec: c.RTPCodecCapability}
		}
	}
	return nil
}

// redundantFormat is the fmtp line of packets that carry two of type pt.
func redundantFormat(pt webrtc.PayloadType) string { return fmt.Sprintf("%d/%d", pt, pt) }

// wraps tells whether packets of type outer carry those of type inner.
func (b *publisher) wraps(outer, inner uint8) bool {
	r := b.redundancy.Load()
	return r != nil && r.outer == outer && r.inner == inner
}

// admit takes a packet of another payload type than the one before; false when it is none that is forwarded.
func (l *layer) admit(p *inPacket, in *incoming) bool {
	if r := l.track.publisher.redundancy.Load(); r != nil && p.PayloadType == r.outer && !l.video() {
		return l.unwrap(p, r)
	}
	return l.learnCodec(p.PayloadType, in)
}

// unwrap makes the newest block of a redundant packet its payload; false for one that is damaged.
func (l *layer) unwrap(p *inPacket, r *redundancy) bool {
	inner, primary, blocks, ok := codec.ParseRED(p.Payload, l.blocks[:0])
	if l.blocks = blocks; !ok || inner != r.inner {
		return false
	}
	if l.payloadType != inner {
		l.payloadType, l.codec = inner, codec.FromMime(r.codec.MimeType)
		l.track.learnCodec(r.codec)
	}
	p.Unwrap(inner, len(primary))
	return true
}

// restore hands out what was lost right before a redundant packet, newest, of what that packet carries again: for those who
// do not take redundant packets, and for recorders. before is the newest number that had come.
func (l *layer) restore(newest *inPacket, before uint64, hold bool) {
	last := l.ring.At(before)
	if last == nil {
		return
	}
	extended, since := newest.Extended, last.Timestamp
	for _, x := range slices.Backward(l.blocks) {
		extended--
		timestamp := newest.Timestamp - x.Before
		// A sender leaves out of its blocks what is too large: then a block is of a packet before, which has come.
		if extended <= before || int32(timestamp-since) <= 0 {
			return
		}
		if x.PayloadType == newest.PayloadType && !l.ring.Has(extended) {
			l.passOn(l.rebuild(newest, extended, timestamp, x.Data), hold)
		}
	}
}

// rebuild makes the ring's spare the packet that was lost.
func (l *layer) rebuild(newest *inPacket, extended uint64, timestamp uint32, payload []byte) *inPacket {
	p := l.ring.Spare()
	b := p.Buffer()
	b[0], b[1] = 2<<6, newest.PayloadType
	binary.BigEndian.PutUint16(b[2:], uint16(extended))
	binary.BigEndian.PutUint32(b[4:], timestamp)
	binary.BigEndian.PutUint32(b[8:], newest.SSRC)
	_ = p.Parse(12+copy(b[12:], payload), l.track.publisher.extensions.Load()) // what was just written
	p.Extended, p.Arrival = extended, newest.Arrival
	p.HasLevel, p.Voice, p.Level = newest.HasLevel, newest.Voice, newest.Level
	l.losses.Received(extended)
	l.recovered.Add(1)
	l.metrics.recovered.Inc()
	return p
}
