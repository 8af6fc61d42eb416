package picture

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Strip takes out of a picture file what is not needed to show it: Exif, XMP, IPTC, comments, thumbnails. Colour profiles stay,
// and how a JPEG wants to be turned. format is as package image names it: "jpeg", "png" and "webp" are known, others stay as
// they are, and so does what is not formed as its format says.
func Strip(data []byte, format string) []byte {
	var stripped []byte
	switch format {
	case "jpeg":
		stripped = stripJPEG(data)
	case "png":
		stripped = stripPNG(data)
	case "webp":
		stripped = stripWebP(data)
	}
	if stripped == nil {
		return data
	}
	return stripped
}

const (
	markerApp2    = 0xffe2 // colour profile
	markerApp14   = 0xffee // Adobe: how colours are encoded
	markerApp15   = 0xffef
	markerComment = 0xfffe
	jfifHead      = 0xffe0
)

// stripJPEG keeps the segments that decoders need (ITU-T T.81, B.1).
func stripJPEG(data []byte) []byte {
	if len(data) < 4 || binary.BigEndian.Uint16(data) != markerStart {
		return nil
	}
	out := append(make([]byte, 0, len(data)), data[:2]...)
	if o := Orientation(data); o > 1 {
		out = append(out, orientationExif(o)...)
	}
	for rest := data[2:]; len(rest) >= 4; {
		marker, size := int(binary.BigEndian.Uint16(rest)), int(binary.BigEndian.Uint16(rest[2:]))
		if marker == markerScan {
			return append(out, rest...)
		}
		if marker>>8 != 0xff || size < 2 || len(rest) < 2+size {
			return nil
		}
		private := marker >= jfifHead && marker <= markerApp15 || marker == markerComment
		if !private || marker == jfifHead || marker == markerApp2 || marker == markerApp14 {
			out = append(out, rest[:2+size]...)
		}
		rest = rest[2+size:]
	}
	return nil
}

const pngSignature = "\x89PNG\r\n\x1a\n"

var pngPrivate = []string{"tEXt", "zTXt", "iTXt", "eXIf", "tIME"}

// stripPNG drops chunks of text (PNG 3rd edition, 11.3).
func stripPNG(data []byte) []byte {
	if !bytes.HasPrefix(data, []byte(pngSignature)) {
		return nil
	}
	out := append(make([]byte, 0, len(data)), pngSignature...)
	for rest := data[len(pngSignature):]; len(rest) >= 12; {
		size := uint64(binary.BigEndian.Uint32(rest)) + 12
		if size > uint64(len(rest)) {
			return nil
		}
		kind := string(rest[4:8])
		if !slices.Contains(pngPrivate, kind) {
			out = append(out, rest[:size]...)
		}
		if kind == "IEND" {
			return out
		}
		rest = rest[size:]
	}
	return nil
}

const (
	webpHead   = 12
	chunkHead  = 8
	flagsXMP   = 0x04
	flagsExif  = 0x08
	webpExif   = "EXIF"
	webpXMP    = "XMP "
	webpFormat = "VP8X"
)

// stripWebP drops the chunks EXIF and XMP and what says that they are there (RFC 9649, 2.7).
func stripWebP(data []byte) []byte {
	if len(data) < webpHead || string(data[:4]) != "RIFF" || string(data[8:12]) != "WEBP" {
		return nil
	}
	out := append(make([]byte, 0, len(data)), data[:webpHead]...)
	for rest := data[webpHead:]; len(rest) >= chunkHead; {
		size := uint64(binary.LittleEndian.Uint32(rest[4:]))
		size += chunkHead + size%2
		if size > uint64(len(rest)) {
			return nil
		}
		switch kind := string(rest[:4]); {
		case kind == webpExif || kind == webpXMP:
		case kind == webpFormat && size > chunkHead:
			out = append(out, rest[:size]...)
			out[len(out)-int(size)+chunkHead] &^= flagsXMP | flagsExif
		default:
			out = append(out, rest[:size]...)
		}
		rest = rest[size:]
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}
