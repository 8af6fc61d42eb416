package codec

import "encoding/binary"

// NAL unit types (ITU-T H.264 table 7-1, RFC 6184 table 1).
const (
	nalIDR   = 5
	nalSPS   = 7
	nalSTAPA = 24
	nalFUA   = 28
)

// parseH264 reads the NAL units of a payload. A keyframe is told by its parameter set or its first slice, whichever comes
// first; a receiver needs both, so Start is only set with the parameter set or an IDR slice's first fragment.
func parseH264(b []byte) Info {
	var i Info
	if len(b) < 2 {
		return Info{}
	}
	i.Discardable = b[0]&0x60 == 0
	switch kind := b[0] & 0x1f; kind {
	case nalSTAPA:
		i.Start = true
		for rest := b[1:]; len(rest) >= 2; {
			size := int(binary.BigEndian.Uint16(rest))
			if size == 0 || len(rest) < 2+size {
				return Info{}
			}
			i.nal(rest[2 : 2+size])
			rest = rest[2+size:]
		}
	case nalFUA:
		i.Start = b[1]&0x80 != 0
		i.Keyframe = i.Start && b[1]&0x1f == nalIDR
	default:
		i.Start = true
		i.nal(b)
	}
	return i
}

func (i *Info) nal(b []byte) {
	switch b[0] & 0x1f {
	case nalIDR:
		i.Keyframe = true
	case nalSPS:
		i.Keyframe = true
		i.Width, i.Height = spsSize(b[1:])
	}
}

// bits reads a bit string with emulation prevention bytes removed (ITU-T H.264 section 7.4.1).
type bits struct {
	b     []byte
	at    int // in bits
	zeros int
	bad   bool
}

func (r *bits) bit() uint32 {
	if r.at%8 == 0 {
		if r.at/8 < len(r.b) && r.zeros >= 2 && r.b[r.at/8] == 3 {
			r.at += 8
			r.zeros = 0
		}
		if r.at/8 < len(r.b) && r.b[r.at/8] == 0 {
			r.zeros++
		} else {
			r.zeros = 0
		}
	}
	if r.at/8 >= len(r.b) {
		r.bad = true
		return 0
	}
	v := r.b[r.at/8] >> (7 - r.at%8) & 1
	r.at++
	return uint32(v)
}

func (r *bits) read(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

// ue reads an unsigned Exp-Golomb code (section 9.1).
func (r *bits) ue() uint32 {
	n := 0
	for r.bit() == 0 {
		if n++; n > 31 || r.bad {
			r.bad = true
			return 0
		}
	}
	return 1<<n - 1 + r.read(n)
}

func (r *bits) se() int32 {
	v := r.ue()
	if v&1 == 1 {
		return int32(v/2) + 1
	}
	return -int32(v / 2)
}

// spsSize returns the picture's size from a sequence parameter set without its header octet (section 7.3.2.1.1), zeros
// when it cannot be read.
func spsSize(b []byte) (width, height uint16) {
	if len(b) < 4 {
		return 0, 0
	}
	profile := b[0]
	r := &bits{b: b, at: 24}
	r.ue() // seq_parameter_set_id
	chroma := uint32(1)
	if highProfile(profile) {
		chroma = r.ue()
		skipHighProfile(r, chroma)
	}
	r.ue() // log2_max_frame_num_minus4
	skipPictureOrder(r)
	r.ue() // max_num_ref_frames
	r.bit()
	w := (r.ue() + 1) * 16
	h := (r.ue() + 1) * 16
	frames := r.bit() // frame_mbs_only_flag
	h *= 2 - frames
	if frames == 0 {
		r.bit()
	}
	r.bit() // direct_8x8_inference_flag
	if r.bit() == 1 {
		left, right, top, bottom := r.ue(), r.ue(), r.ue(), r.ue()
		unitX, unitY := uint32(1), 2-frames
		if chroma == 1 || chroma == 2 {
			unitX = 2
		}
		if chroma == 1 {
			unitY *= 2
		}
		cropX, cropY := uint64(left+right)*uint64(unitX), uint64(top+bottom)*uint64(unitY)
		if cropX >= uint64(w) || cropY >= uint64(h) {
			return 0, 0
		}
		w, h = w-uint32(cropX), h-uint32(cropY)
	}
	if r.bad || w > 16384 || h > 16384 {
		return 0, 0
	}
	return uint16(w), uint16(h)
}

func highProfile(p byte) bool {
	switch p {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128:
		return true
	}
	return false
}

func skipHighProfile(r *bits, chroma uint32) {
	if chroma == 3 {
		r.bit()
	}
	r.ue()
	r.ue()
	r.bit()
	if r.bit() == 0 {
		return
	}
	lists := 8
	if chroma == 3 {
		lists = 12
	}
	for i := range lists {
		if r.bit() == 0 {
			continue
		}
		size := 16
		if i >= 6 {
			size = 64
		}
		last, next := int32(8), int32(8)
		for range size {
			if next != 0 {
				next = (last + r.se() + 256) % 256
			}
			if next != 0 {
				last = next
			}
		}
	}
}

func skipPictureOrder(r *bits) {
	switch r.ue() {
	case 0:
		r.ue()
	case 1:
		r.bit()
		r.se()
		r.se()
		for range min(r.ue(), 255) {
			r.se()
		}
	}
}
