package codec

// Reader reads the payloads of one stream. Its zero value is at the beginning of a stream.
type Reader struct {
	structure *structure // of the newest dependency descriptor that told it
}

// Parse reads what payload tells. dependencies is the packet's AV1 dependency descriptor, nil when there is none; the first
// one of a coded video sequence tells what those after it mean. A payload that is damaged or too short gives the zero Info:
// it is forwarded but never starts a stream.
func (r *Reader) Parse(k Kind, payload, dependencies []byte) Info {
	switch k {
	case VP8:
		return parseVP8(payload)
	case VP9:
		return parseVP9(payload)
	case AV1:
		return r.parseAV1(payload, dependencies)
	case H264:
		return parseH264(payload)
	default:
		return Info{}
	}
}
