package codec

import "encoding/binary"

// RED is the MIME type of redundant audio (RFC 2198).
const RED = "audio/red"

// MaxRedundant is how many blocks before the primary one are read.
const MaxRedundant = 8

// Redundant is an earlier block that a packet carries again.
type Redundant struct {
	PayloadType uint8
	Before      uint32 // how much its timestamp is before that of the packet
	Data        []byte
}

// ParseRED splits a payload (RFC 2198 section 3) into its primary block and the earlier ones, the oldest first, which are
// appended to list. ok is false for one that is damaged or has more than MaxRedundant.
func ParseRED(payload []byte, list []Redundant) (payloadType uint8, primary []byte, blocks []Redundant, ok bool) {
	const more = 0x80
	head, size, n := 0, 0, 0
	for ; head < len(payload) && payload[head]&more != 0; head += 4 {
		if n++; head+4 > len(payload) || n > MaxRedundant {
			return 0, nil, list, false
		}
		size += int(binary.BigEndian.Uint16(payload[head+2:]) & 0x3ff)
	}
	at := head + 1
	if at+size > len(payload) {
		return 0, nil, list, false
	}
	for i := 0; i < head; i += 4 {
		word := binary.BigEndian.Uint32(payload[i:])
		end := at + int(word&0x3ff)
		list = append(list, Redundant{PayloadType: uint8(word>>24) & 0x7f, Before: word >> 10 & 0x3fff, Data: payload[at:end:end]})
		at = end
	}
	return payload[head] &^ more, payload[at:], list, true
}
