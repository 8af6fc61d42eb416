package picture

import "encoding/binary"

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

// Orientation is how a JPEG wants to be turned, 1 to 8 (Exif 2.32, 4.6.4,
// Orientation); 1, upright, when it does not say.
func Orientation(jpeg []byte) int {
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

// orientationExif is an Exif segment of a JPEG that says nothing but how to turn it.
func orientationExif(o int) []byte {
	tiff := []byte{'I', 'I', 42, 0, tiffHeadSize, 0, 0, 0, 1, 0, tagRotation & 0xff, tagRotation >> 8, typeShort, 0, 1, 0, 0, 0, byte(o), 0, 0, 0, 0, 0, 0, 0}
	segment := append([]byte{markerApp1 >> 8, markerApp1 & 0xff, 0, 0}, exifHeader...)
	segment = append(segment, tiff...)
	binary.BigEndian.PutUint16(segment[2:], uint16(len(segment)-2))
	return segment
}
