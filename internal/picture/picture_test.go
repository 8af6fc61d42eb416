package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/webp"
)

const secret = "52 degrees north"

func small() image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 8, 4))
	img.Set(1, 1, color.RGBA{R: 200, A: 255})
	return img
}

// jpegOf is a JPEG that says how to turn it, where it was taken, and what the camera thinks of it.
func jpegOf(t testing.TB, o int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, small(), nil); err != nil {
		t.Fatal(err)
	}
	exif := append(orientationExif(o), secret...)
	binary.BigEndian.PutUint16(exif[2:], uint16(len(exif)-2))
	comment := append([]byte{0xff, 0xfe, 0, byte(len(secret) + 2)}, secret...)
	return append(append(append([]byte{0xff, 0xd8}, exif...), comment...), b.Bytes()[2:]...)
}

func pngOf(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, small()); err != nil {
		t.Fatal(err)
	}
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(secret)))
	chunk = append(append(chunk, "tEXt"...), secret...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	head := len(pngSignature) + 25
	return append(append(bytes.Clone(b.Bytes()[:head]), chunk...), b.Bytes()[head:]...)
}

// webpOf is a lossless picture of one pixel with Exif behind it.
func webpOf() []byte {
	pixel := []byte{0x2f, 0, 0, 0, 0x10, 0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 0x07, 0}
	body := append([]byte("WEBPVP8X\x0a\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "VP8L\x0e\x00\x00\x00"...)
	body = append(append(body, pixel...), "EXIF\x10\x00\x00\x00"+secret...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func TestStrip(t *testing.T) {
	for format, data := range map[string][]byte{"jpeg": jpegOf(t, 6), "png": pngOf(t), "webp": webpOf()} {
		if !bytes.Contains(data, []byte(secret)) {
			t.Fatalf("%s holds no secret", format)
		}
		stripped := Strip(data, format)
		if bytes.Contains(stripped, []byte(secret)) {
			t.Errorf("%s keeps what it should not", format)
		}
		var err error
		switch format {
		case "jpeg":
			_, err = jpeg.Decode(bytes.NewReader(stripped))
			if o := Orientation(stripped); o != 6 {
				t.Errorf("orientation %d", o)
			}
		case "png":
			_, err = png.Decode(bytes.NewReader(stripped))
		case "webp":
			_, err = webp.DecodeConfig(bytes.NewReader(stripped))
		}
		if err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if again := Strip(stripped, format); !bytes.Equal(again, stripped) {
			t.Errorf("%s changes again", format)
		}
	}
	if data := []byte("GIF89a"); !bytes.Equal(Strip(data, "gif"), data) {
		t.Error("a format that is not known changes")
	}
	if cut := jpegOf(t, 1)[:40]; !bytes.Equal(Strip(cut, "jpeg"), cut) {
		t.Error("what is cut off changes")
	}
}

func FuzzStrip(f *testing.F) {
	f.Add(jpegOf(f, 6))
	f.Add(pngOf(f))
	f.Add(webpOf())
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		if o := Orientation(data); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
		for _, format := range []string{"jpeg", "png", "webp", "gif"} {
			if n := len(Strip(data, format)); n > len(data)+64 {
				t.Errorf("%s grows to %d bytes", format, n)
			}
		}
	})
}
