package main

import "encoding/binary"

const (
	// headSize is what comes before the mark: the VP8 descriptor and the head of a frame.
	headSize = 6 + 10
	markSize = 15
)

// mark tells the receiver what a packet is: part index of count of a frame, which refers to an earlier one of its layer.
type mark struct {
	frame, refers uint32
	index, count  uint16
	width         uint16
	key           bool
}

func (m mark) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, m.frame)
	b = binary.BigEndian.AppendUint32(b, m.refers)
	b = binary.BigEndian.AppendUint16(b, m.index)
	b = binary.BigEndian.AppendUint16(b, m.count)
	b = binary.BigEndian.AppendUint16(b, m.width)
	if m.key {
		return append(b, 1)
	}
	return append(b, 0)
}

// markOf reads the mark of a payload; false for one without, such as padding.
func markOf(payload []byte) (mark, bool) {
	if len(payload) < headSize+markSize {
		return mark{}, false
	}
	b := payload[headSize:]
	return mark{
		frame: binary.BigEndian.Uint32(b), refers: binary.BigEndian.Uint32(b[4:]),
		index: binary.BigEndian.Uint16(b[8:]), count: binary.BigEndian.Uint16(b[10:]),
		width: binary.BigEndian.Uint16(b[12:]), key: b[14] == 1,
	}, true
}
