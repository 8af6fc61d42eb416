package codec

// Parse reads what payload tells. dependencies is the packet's AV1 dependency descriptor, nil when there is none. A payload
// that is damaged or too short gives the zero Info: it is forwarded but never starts a stream.
func Parse(k Kind, payload, dependencies []byte) Info {
	switch k {
	case VP8:
		return parseVP8(payload)
	case VP9:
		return parseVP9(payload)
	case AV1:
		return parseAV1(payload, dependencies)
	case H264:
		return parseH264(payload)
	default:
		return Info{}
	}
}
