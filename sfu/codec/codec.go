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
	// UpTo is the highest temporal layer that a receiver who gets this frame may go on with after it, 0 when that is not told.
	UpTo     uint8
	Temporal uint8
	Spatial  uint8
	// HasTemporal tells that Temporal (and Spatial) come from the payload.
	HasTemporal bool
	// Spatials is how many spatial layers there are from this frame on, 0 when the packet does not tell.
	Spatials uint8
	// Active has a bit for each spatial layer that is sent from this frame on, the lowest first; 0 when the packet does not
	// tell.
	Active uint8

	PictureID     uint16
	PictureIDBits uint8 // 0 when absent, 7 or 15
	// Distances tells that frames name those they refer to by how far their picture ids are apart: the ids of frames that
	// are left out stay free.
	Distances   bool
	TL0         uint8
	HasTL0      bool
	KeyIndex    uint8
	HasKeyIndex bool

	PictureIDAt uint8
	TL0At       uint8
	KeyIndexAt  uint8

	// Width and Height are the picture's size, 0 when this packet does not tell.
	Width, Height uint16
	// Sizes are those of the spatial layers, the lowest first, where the packet tells of several.
	Sizes [MaxSpatial]Size
}

// MaxSpatial bounds the spatial layers that are told apart, and forwarded.
const MaxSpatial = 4

// AllTemporals is above every temporal layer.
const AllTemporals = 7

// Size is a picture's size in pixels.
type Size struct{ Width, Height uint16 }

// sizes takes the sizes of spatial layers, the lowest first.
func (i *Info) sizes(list []Size) {
	list = list[:min(len(list), MaxSpatial)]
	if len(list) == 0 {
		return
	}
	if copy(i.Sizes[:], list); len(list) == 1 {
		i.Sizes = [MaxSpatial]Size{}
	}
	last := list[len(list)-1]
	i.Width, i.Height = last.Width, last.Height
}
