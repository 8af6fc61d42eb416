package whiteboard

import "encoding/binary"

// The opcodes of WebSocket frames (RFC 6455 section 11.8) that the server writes.
const (
	opBinary = 2
	opClose  = 8
	opPing   = 9
	opPong   = 10
)

// appendFrame appends a whole unmasked WebSocket frame (RFC 6455 section 5.2). The server writes frames itself: one that
// goes to all members of a board is the same bytes for each of them.
func appendFrame(b []byte, opcode byte, payload ...[]byte) []byte {
	n := 0
	for _, p := range payload {
		n += len(p)
	}
	b = append(b, 0x80|opcode)
	switch {
	case n < 126:
		b = append(b, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	for _, p := range payload {
		b = append(b, p...)
	}
	return b
}

// closeFrame is a close frame with a code and its reason.
func closeFrame(code int, reason string) []byte {
	payload := binary.BigEndian.AppendUint16(nil, uint16(code))
	return appendFrame(nil, opClose, append(payload, reason...))
}
