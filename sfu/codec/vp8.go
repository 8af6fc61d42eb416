package codec

import "encoding/binary"

// parseVP8 reads the payload descriptor (RFC 7741 section 4.2) and, on a frame's first packet, the frame tag and the key
// frame header (RFC 6386 section 9.1).
func parseVP8(b []byte) Info {
	var i Info
	if len(b) < 1 {
		return Info{}
	}
	first := b[0]
	i.Discardable = first&0x20 != 0
	i.Start = first&0x10 != 0 && first&0x07 == 0
	at := 1
	if first&0x80 != 0 {
		if at = i.vp8Extension(b); at == 0 {
			return Info{}
		}
	}
	if len(b) <= at {
		return Info{}
	}
	if i.Start {
		i.vp8Head(b[at:])
	}
	return i
}

// vp8Extension reads the X octet and what it announces; it returns where the payload starts, 0 when damaged.
func (i *Info) vp8Extension(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	x, at := b[1], 2
	if x&0x80 != 0 {
		if len(b) < at+1 {
			return 0
		}
		i.PictureIDAt = uint8(at)
		if b[at]&0x80 != 0 {
			if len(b) < at+2 {
				return 0
			}
			i.PictureID, i.PictureIDBits = binary.BigEndian.Uint16(b[at:])&0x7fff, 15
			at += 2
		} else {
			i.PictureID, i.PictureIDBits = uint16(b[at]&0x7f), 7
			at++
		}
	}
	if x&0x40 != 0 {
		if len(b) < at+1 {
			return 0
		}
		i.TL0, i.HasTL0, i.TL0At = b[at], true, uint8(at)
		at++
	}
	if x&0x30 != 0 {
		if len(b) < at+1 {
			return 0
		}
		if x&0x20 != 0 {
			i.Temporal, i.HasTemporal, i.SwitchUp = b[at]>>6, true, b[at]&0x20 != 0
		}
		if x&0x10 != 0 {
			i.KeyIndex, i.HasKeyIndex, i.KeyIndexAt = b[at]&0x1f, true, uint8(at)
		}
		at++
	}
	return at
}

// vp8Head reads the beginning of a frame.
func (i *Info) vp8Head(b []byte) {
	if len(b) < 3 || b[0]&0x01 != 0 {
		return
	}
	i.Keyframe = true
	if len(b) >= 10 && b[3] == 0x9d && b[4] == 0x01 && b[5] == 0x2a {
		i.Width = binary.LittleEndian.Uint16(b[6:]) & 0x3fff
		i.Height = binary.LittleEndian.Uint16(b[8:]) & 0x3fff
	}
}

// Shift says by how much the ids of a payload descriptor are changed; the arithmetic wraps in the width of each field.
type Shift struct {
	PictureID uint16
	TL0       uint8
	KeyIndex  uint8
}

// Zero tells whether nothing changes.
func (s Shift) Zero() bool { return s == Shift{} }

// Patch changes the ids in payload, which i was read from, in place. It works for VP8 and VP9, whose descriptors have the
// same picture ids in different places.
func (i *Info) Patch(payload []byte, s Shift) {
	switch i.PictureIDBits {
	case 15:
		binary.BigEndian.PutUint16(payload[i.PictureIDAt:], 0x8000|(i.PictureID+s.PictureID)&0x7fff)
	case 7:
		payload[i.PictureIDAt] = uint8(i.PictureID+s.PictureID) & 0x7f
	}
	if i.HasTL0 {
		payload[i.TL0At] = i.TL0 + s.TL0
	}
	if i.HasKeyIndex {
		at := i.KeyIndexAt
		payload[at] = payload[at]&0xe0 | (i.KeyIndex+s.KeyIndex)&0x1f
	}
}
