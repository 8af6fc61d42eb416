package codec

import "encoding/binary"

// parseVP9 reads the payload descriptor (RFC 9628 section 4.2).
func parseVP9(b []byte) Info {
	var i Info
	if len(b) < 1 {
		return Info{}
	}
	first := b[0]
	predicted, flexible := first&0x40 != 0, first&0x10 != 0
	i.Start, i.End = first&0x08 != 0, first&0x04 != 0
	at := 1
	if first&0x80 != 0 {
		if at = i.vp9PictureID(b, at); at == 0 {
			return Info{}
		}
	}
	if first&0x20 != 0 {
		if at = i.vp9Layers(b, at, flexible); at == 0 {
			return Info{}
		}
	}
	if flexible && predicted {
		if at = skipReferences(b, at); at == 0 {
			return Info{}
		}
	}
	i.Keyframe = !predicted && i.Spatial == 0
	if first&0x02 != 0 {
		if at = i.vp9Structure(b, at); at == 0 {
			return Info{}
		}
	}
	if len(b) <= at {
		return Info{}
	}
	return i
}

func (i *Info) vp9PictureID(b []byte, at int) int {
	if len(b) < at+1 {
		return 0
	}
	i.PictureIDAt, i.Distances = uint8(at), true
	if b[at]&0x80 == 0 {
		i.PictureID, i.PictureIDBits = uint16(b[at]&0x7f), 7
		return at + 1
	}
	if len(b) < at+2 {
		return 0
	}
	i.PictureID, i.PictureIDBits = binary.BigEndian.Uint16(b[at:])&0x7fff, 15
	return at + 2
}

func (i *Info) vp9Layers(b []byte, at int, flexible bool) int {
	if len(b) < at+1 {
		return 0
	}
	i.Temporal, i.Spatial, i.HasTemporal = b[at]>>5, b[at]>>1&0x07, true
	if b[at]&0x10 != 0 {
		i.UpTo = AllTemporals
	}
	at++
	if flexible {
		return at
	}
	if len(b) < at+1 {
		return 0
	}
	i.TL0, i.HasTL0, i.TL0At = b[at], true, uint8(at)
	return at + 1
}

// skipReferences passes over up to three P_DIFF octets.
func skipReferences(b []byte, at int) int {
	for range 3 {
		if len(b) < at+1 {
			return 0
		}
		more := b[at]&0x01 != 0
		at++
		if !more {
			return at
		}
	}
	return at
}

// vp9Structure reads the scalability structure.
func (i *Info) vp9Structure(b []byte, at int) int {
	if len(b) < at+1 {
		return 0
	}
	v := b[at]
	at++
	layers := int(v>>5) + 1
	i.Spatials = uint8(min(layers, MaxSpatial))
	i.Active = 1<<i.Spatials - 1
	if v&0x10 != 0 {
		if len(b) < at+4*layers {
			return 0
		}
		list := make([]Size, 0, 8)
		for range layers {
			list = append(list, Size{binary.BigEndian.Uint16(b[at:]), binary.BigEndian.Uint16(b[at+2:])})
			at += 4
		}
		i.sizes(list)
	}
	if v&0x08 == 0 {
		return at
	}
	if len(b) < at+1 {
		return 0
	}
	pictures := int(b[at])
	at++
	for range pictures {
		if len(b) < at+1 {
			return 0
		}
		at += 1 + int(b[at]>>2&0x03)
	}
	if len(b) < at {
		return 0
	}
	return at
}
