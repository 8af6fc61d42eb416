package packet

import "encoding/binary"

// elements walks the elements of an RTP packet's header extension, which have heads of one byte or of two (RFC 8285).
type elements struct {
	b       []byte
	at, end int
	long    bool
}

// header returns the size of a packet's header with its extension and the elements of that; ok is false when the packet
// is shorter than its header says.
func header(b []byte) (size int, e elements, ok bool) {
	if len(b) < 12 {
		return 0, e, false
	}
	size = 12 + 4*int(b[0]&0x0f)
	if b[0]&0x10 == 0 {
		return size, e, size <= len(b)
	}
	if size+4 > len(b) {
		return 0, e, false
	}
	profile, at := binary.BigEndian.Uint16(b[size:]), size+4
	size = at + 4*int(binary.BigEndian.Uint16(b[size+2:]))
	if size > len(b) {
		return 0, e, false
	}
	long := profile>>4 == 0x100
	if long || profile == 0xBEDE {
		e = elements{b: b, at: at, end: size, long: long}
	}
	return size, e, true
}

// next returns the next element; ok is false after the last one, and at a damaged one.
func (e *elements) next() (id uint8, value span, ok bool) {
	for e.at < e.end && e.b[e.at] == 0 {
		e.at++
	}
	if e.at >= e.end {
		return 0, span{}, false
	}
	head, size := 1, 0
	if e.long {
		if head = 2; e.at+head > e.end {
			return 0, span{}, false
		}
		id, size = e.b[e.at], int(e.b[e.at+1])
	} else if id, size = e.b[e.at]>>4, int(e.b[e.at]&0x0f)+1; id == 15 {
		return 0, span{}, false
	}
	value = span{e.at + head, e.at + head + size}
	if value.end > e.end {
		return 0, span{}, false
	}
	e.at = value.end
	return id, value, true
}

// ExtensionAt returns where the value of a header extension, of least bytes or more, begins in an RTP packet that is not
// parsed; 0 when the packet has none of that id.
func ExtensionAt(b []byte, id uint8, least int) int {
	if id == 0 {
		return 0
	}
	_, e, _ := header(b)
	for found, at, ok := e.next(); ok; found, at, ok = e.next() {
		if found == id && at.end-at.start >= least {
			return at.start
		}
	}
	return 0
}

// TransportCC finds the transport-wide sequence number in a packet that is not parsed.
func TransportCC(b []byte, id uint8) (wide uint16, ok bool) {
	at := ExtensionAt(b, id, 2)
	if at == 0 {
		return 0, false
	}
	return binary.BigEndian.Uint16(b[at:]), true
}
