package identity

import (
	"encoding/binary"
	"image"
)

const (
	markerStart  = 0xffd8
	markerApp1   = 0xffe1
	markerScan   = 0xffda
	tagRotation  = 0x0112
	typeShort    = 3
	exifHeader   = "Exif\x00\x00"
	entryBytes   = 12
	tiffHeadSize = 8
)

// orientation is how a JPEG wants to be turned, 1 to 8 (Exif 2.32, 4.6.4,
// Orientation); 1, upright, when it does not say.
func orientation(jpeg []byte) int {
	if len(jpeg) < 4 || binary.BigEndian.Uint16(jpeg) != markerStart {
		return 1
	}
	for rest := jpeg[2:]; len(rest) >= 4; {
		marker, size := binary.BigEndian.Uint16(rest), int(binary.BigEndian.Uint16(rest[2:]))
		if marker>>8 != 0xff || marker == markerScan || size < 2 || len(rest) < 2+size {
			return 1
		}
		segment := rest[4 : 2+size]
		if marker == markerApp1 && len(segment) > len(exifHeader) && string(segment[:len(exifHeader)]) == exifHeader {
			return tiffOrientation(segment[len(exifHeader):])
		}
		rest = rest[2+size:]
	}
	return 1
}

func tiffOrientation(tiff []byte) int {
	if len(tiff) < tiffHeadSize {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	count := int(order.Uint16(tiff[at:]))
	entries := tiff[at+2:]
	for i := 0; i < count && len(entries) >= entryBytes; i++ {
		if order.Uint16(entries) == tagRotation && order.Uint16(entries[2:]) == typeShort {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
		entries = entries[entryBytes:]
	}
	return 1
}

// upright turns a square picture by an Exif orientation.
func upright(in *image.RGBA, o int) *image.RGBA {
	if o <= 1 || o > 8 {
		return in
	}
	out := image.NewRGBA(in.Bounds())
	last := in.Bounds().Dx() - 1
	for y := 0; y <= last; y++ {
		for x := 0; x <= last; x++ {
			// Where the pixel at x, y of the upright picture is stored.
			sx, sy := x, y
			switch o {
			case 2:
				sx = last - x
			case 3:
				sx, sy = last-x, last-y
			case 4:
				sy = last - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, last-x
			case 7:
				sx, sy = last-y, last-x
			case 8:
				sx, sy = last-y, x
			}
			out.SetRGBA(x, y, in.RGBAAt(sx, sy))
		}
	}
	return out
}
