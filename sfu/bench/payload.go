package main

import "encoding/binary"

// Picture that the key frames announce.
const (
	pictureWidth  = 640
	pictureHeight = 360
)

// writeVP8 writes the head of a packet of a VP8 frame into b: the payload descriptor with a picture id of 15 bits
// (RFC 7741 section 4.2) and, in a frame's first packet, the frame tag and the keyframe header (RFC 6386 section 9.1).
func writeVP8(b []byte, first, keyframe bool, picture uint16) {
	b[0], b[1] = 0x80, 0x80
	binary.BigEndian.PutUint16(b[2:], 0x8000|picture&0x7fff)
	if !first {
		return
	}
	b[0] |= 0x10
	b[4], b[5], b[6] = 0x11, 0, 0 // an inter frame that is shown
	if keyframe {
		b[4] = 0x10
		copy(b[7:], []byte{0x9d, 0x01, 0x2a})
		binary.LittleEndian.PutUint16(b[10:], pictureWidth)
		binary.LittleEndian.PutUint16(b[12:], pictureHeight)
	}
}

// beginsKeyframe tells whether a VP8 payload is the first of a keyframe.
func beginsKeyframe(b []byte) bool {
	at := vp8Body(b)
	return at > 0 && len(b) > at && b[0]&0x17 == 0x10 && b[at]&1 == 0
}

// vp8Body returns where the payload descriptor ends, 0 when it is damaged.
func vp8Body(b []byte) int {
	if len(b) < 2 || b[0]&0x80 == 0 {
		return min(1, len(b))
	}
	at := 2
	if b[1]&0x80 != 0 {
		if len(b) <= at {
			return 0
		}
		at += 1 + int(b[at]>>7)
	}
	if b[1]&0x40 != 0 {
		at++
	}
	if b[1]&0x30 != 0 {
		at++
	}
	if at > len(b) {
		return 0
	}
	return at
}
