package main

import "encoding/binary"

// markSize is the size of a mark.
const markSize = 24

const markMagic = 0x70617262

// mark is the end of every payload: where it is from, which packet of its stream it is, and when it left. The SFU may
// change the beginning of a payload and every number in front of it, never this.
type mark struct {
	publisher uint16
	video     bool
	number    uint64 // counts the packets of a stream from 0
	sent      int64  // nanoseconds of the load's clock
}

// put writes the mark at the end of b.
func (m mark) put(b []byte) {
	b = b[len(b)-markSize:]
	binary.BigEndian.PutUint32(b, markMagic)
	binary.BigEndian.PutUint16(b[4:], m.publisher)
	b[6], b[7] = 0, 0
	if m.video {
		b[6] = 1
	}
	binary.BigEndian.PutUint64(b[8:], m.number)
	binary.BigEndian.PutUint64(b[16:], uint64(m.sent))
}

// readMark reads the mark at the end of b; ok is false when there is none.
func readMark(b []byte) (m mark, ok bool) {
	if len(b) < markSize {
		return mark{}, false
	}
	b = b[len(b)-markSize:]
	if binary.BigEndian.Uint32(b) != markMagic {
		return mark{}, false
	}
	return mark{
		publisher: binary.BigEndian.Uint16(b[4:]),
		video:     b[6] == 1,
		number:    binary.BigEndian.Uint64(b[8:]),
		sent:      int64(binary.BigEndian.Uint64(b[16:])),
	}, true
}
