package codec

// OBU types (AV1 bitstream specification section 6.2.2).
const (
	obuSequenceHeader = 1
)

// parseAV1 reads the aggregation header (AV1 RTP specification section 4.4) and, where there is one, the dependency
// descriptor (appendix A), which alone tells of layers and of where frames end.
func (r *Reader) parseAV1(b, dependencies []byte) Info {
	var i Info
	if len(b) < 2 {
		return Info{}
	}
	continues, fresh := b[0]&0x80 != 0, b[0]&0x08 != 0
	i.Start = !continues
	if len(dependencies) >= 3 {
		i.Start, i.End = dependencies[0]&0x80 != 0, dependencies[0]&0x40 != 0
	}
	// N is set on the first packet of a coded video sequence, which begins with a keyframe.
	i.Keyframe = fresh && i.Start
	if i.Keyframe {
		i.Width, i.Height = av1Size(b)
	}
	if d, ok := parseDependencies(dependencies, r.structure); ok {
		d.describe(&i)
		r.structure = d.structure
	}
	return i
}

// av1Size finds the sequence header among the OBU elements and reads the maximum size in it.
func av1Size(b []byte) (width, height uint16) {
	count := int(b[0] >> 4 & 0x03)
	rest := b[1:]
	for n := 1; len(rest) > 0; n++ {
		element := rest
		if count == 0 || n < count {
			size, used := leb128(rest)
			if used == 0 || size > uint64(len(rest)-used) {
				return 0, 0
			}
			element, rest = rest[used:used+int(size)], rest[used+int(size):]
		} else {
			rest = nil
		}
		if len(element) > 0 && element[0]>>3&0x0f == obuSequenceHeader {
			return av1SequenceSize(element)
		}
	}
	return 0, 0
}

// av1SequenceSize reads max_frame_width and max_frame_height of a sequence header OBU (section 5.5.1).
func av1SequenceSize(b []byte) (width, height uint16) {
	at := 1
	if b[0]&0x04 != 0 {
		at++
	}
	if b[0]&0x02 != 0 {
		if at > len(b) {
			return 0, 0
		}
		_, used := leb128(b[at:])
		at += used
	}
	if at >= len(b) {
		return 0, 0
	}
	r := &plainBits{b: b[at:]}
	r.read(3) // seq_profile
	r.read(1) // still_picture
	if r.read(1) == 1 {
		r.read(5) // seq_level_idx of a reduced still picture header
	} else {
		r.av1OperatingPoints()
	}
	w, h := r.read(4)+1, r.read(4)+1
	width, height = uint16(r.read(int(w))+1), uint16(r.read(int(h))+1)
	if r.bad {
		return 0, 0
	}
	return width, height
}

// plainBits reads a bit string.
type plainBits struct {
	b   []byte
	at  int
	bad bool
}

func (r *plainBits) read(n int) uint32 {
	var v uint32
	for range n {
		if r.at/8 >= len(r.b) {
			r.bad = true
			return 0
		}
		v = v<<1 | uint32(r.b[r.at/8]>>(7-r.at%8)&1)
		r.at++
	}
	return v
}

// uvlc reads a variable length code (section 4.10.3).
func (r *plainBits) uvlc() {
	n := 0
	for r.read(1) == 0 && !r.bad {
		n++
	}
	if n < 32 {
		r.read(n)
	}
}

// av1OperatingPoints passes over timing, decoder model and operating points.
func (r *plainBits) av1OperatingPoints() {
	decoderModel, delayBits := false, 0
	if r.read(1) == 1 { // timing_info_present_flag
		r.read(32)
		r.read(32)
		if r.read(1) == 1 {
			r.uvlc()
		}
		if decoderModel = r.read(1) == 1; decoderModel {
			delayBits = int(r.read(5)) + 1
			r.read(32)
			r.read(5)
			r.read(5)
		}
	}
	initialDelay := r.read(1) == 1
	points := int(r.read(5)) + 1
	for range points {
		r.read(12)
		if level := r.read(5); level > 7 {
			r.read(1)
		}
		if decoderModel && r.read(1) == 1 {
			r.read(delayBits)
			r.read(delayBits)
			r.read(1)
		}
		if initialDelay && r.read(1) == 1 {
			r.read(4)
		}
	}
}

// leb128 reads a little-endian base 128 number; used is 0 when damaged.
func leb128(b []byte) (v uint64, used int) {
	for i := 0; i < 8 && i < len(b); i++ {
		v |= uint64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return v, i + 1
		}
	}
	return 0, 0
}
