package codec

// Hush returns the packet of one byte with which an Opus encoder says that it sends nothing for a while (RFC 6716 section
// 2.1.9, DTX): the first byte of a packet with a single frame, without the frame.
func Hush(first byte) byte { return first &^ 3 }
