package codec

import "strings"

// Kind names a codec as SDP does.
type Kind string

// The codecs.
const (
	Unknown Kind = ""
	Opus    Kind = "opus"
	VP8     Kind = "VP8"
	VP9     Kind = "VP9"
	AV1     Kind = "AV1"
	H264    Kind = "H264"
)

// FromMime returns the codec of a MIME type such as "video/VP8".
func FromMime(mime string) Kind {
	_, name, _ := strings.Cut(mime, "/")
	for _, k := range []Kind{Opus, VP8, VP9, AV1, H264} {
		if strings.EqualFold(name, string(k)) {
			return k
		}
	}
	return Unknown
}

// Video tells whether the codec is one of pictures.
func (k Kind) Video() bool { return k != Opus && k != Unknown }

// Mime returns the MIME type.
func (k Kind) Mime() string {
	if k.Video() {
		return "video/" + string(k)
	}
	return "audio/" + string(k)
}

// Info is what one payload tells. Offsets count from the start of the payload; an offset of 0 means that the field is absent.
type Info struct {
	// Keyframe tells that the packet belongs to a frame that can be decoded without any before it, as far as this
	// packet shows it: for VP8 and H264 only the packets that carry the frame's head say so.
	Keyframe bool
	// Start tells that the packet is the first one of a frame (for VP9 and AV1: of a spatial layer's frame).
	Start bool
	// End tells that the packet is the last one of a frame, where the payload says so; the RTP marker tells for the rest.
	End bool
	// Discardable tells that no other frame refers to this one.
	Discardable bool
	// SwitchUp tells that a receiver may begin with this temporal layer here.
	SwitchUp bool
	Temporal uint8
	Spatial  uint8
	// HasTemporal tells that Temporal (and Spatial) come from the payload.
	HasTemporal bool

	PictureID     uint16
	PictureIDBits uint8 // 0 when absent, 7 or 15
	TL0           uint8
	HasTL0        bool
	KeyIndex      uint8
	HasKeyIndex   bool

	PictureIDAt uint8
	TL0At       uint8
	KeyIndexAt  uint8

	// Width and Height are the picture's size, 0 when this packet does not tell.
	Width, Height uint16
}
