package packet

import "encoding/binary"

// Unwrap writes the packet that a retransmission carries (RFC 4588 section 4) into a buffer of at least its length, as one of
// the stream with this SSRC and payload type, and returns its length. ok is false for probes, which carry none.
func Unwrap(to, raw []byte, ssrc uint32, payloadType uint8) (n int, ok bool) {
	if len(raw) < 12 || len(raw) > len(to) {
		return 0, false
	}
	head, _, ok := header(raw)
	end := len(raw)
	if ok && raw[0]&0x20 != 0 {
		end -= int(raw[end-1])
	}
	if !ok || end < head+3 {
		return 0, false
	}
	copy(to, raw[:head])
	to[0] &^= 0x20
	to[1] = raw[1]&0x80 | payloadType
	copy(to[2:4], raw[head:head+2])
	binary.BigEndian.PutUint32(to[8:], ssrc)
	return head + copy(to[head:], raw[head+2:end]), true
}
