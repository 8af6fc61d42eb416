package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"parley/internal/fault"
)

var (
	red   = color.RGBA{R: 255, A: 255}
	green = color.RGBA{G: 255, A: 255}
	blue  = color.RGBA{B: 255, A: 255}
	gray  = color.RGBA{R: 128, G: 128, B: 128, A: 255}
)

// corners is a picture with a colour in each corner: first the upper ones, from the left.
func corners(width, height int, colours [4]color.RGBA) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, colours[2*y/height*2+2*x/width])
		}
	}
	return img
}

// shownCorners is what a JPEG has in its corners.
func shownCorners(t testing.TB, data []byte) (size image.Point, shown [4]color.RGBA) {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	size = img.Bounds().Size()
	for i, at := range []image.Point{{size.X / 8, size.Y / 8}, {size.X * 7 / 8, size.Y / 8}, {size.X / 8, size.Y * 7 / 8}, {size.X * 7 / 8, size.Y * 7 / 8}} {
		got, best := color.RGBAModel.Convert(img.At(at.X, at.Y)).(color.RGBA), 1<<20
		for _, c := range []color.RGBA{red, green, blue, gray, {255, 255, 255, 255}} {
			if d := distance(got, c); d < best {
				best, shown[i] = d, c
			}
		}
		if best > 3*20*20 {
			t.Errorf("%v at %v", got, at)
		}
	}
	return size, shown
}

func distance(a, b color.RGBA) int {
	square := func(x, y uint8) int { return (int(x) - int(y)) * (int(x) - int(y)) }
	return square(a.R, b.R) + square(a.G, b.G) + square(a.B, b.B)
}

// turned says where the colours of the upright picture are when it is stored in an orientation (Exif 2.32, 4.6.4: where
// row 0 and column 0 are seen).
var turned = map[int][4]int{
	1: {0, 1, 2, 3}, // top, left
	2: {1, 0, 3, 2}, // top, right
	3: {3, 2, 1, 0}, // bottom, right
	4: {2, 3, 0, 1}, // bottom, left
	5: {0, 2, 1, 3}, // left, top
	6: {1, 3, 0, 2}, // right, top
	7: {3, 1, 2, 0}, // right, bottom
	8: {2, 0, 3, 1}, // left, bottom
}

func TestUpright(t *testing.T) {
	want := [4]color.RGBA{red, green, blue, gray}
	for o := 1; o <= 8; o++ {
		t.Run(fmt.Sprint("orientation ", o), func(t *testing.T) {
			width, height := 160, 80
			if o > 4 {
				width, height = height, width
			}
			var stored [4]color.RGBA
			for i, from := range turned[o] {
				stored[i] = want[from]
			}
			var b bytes.Buffer
			if err := jpeg.Encode(&b, corners(width, height, stored), &jpeg.Options{Quality: 100}); err != nil {
				t.Fatal(err)
			}
			p, err := Decode(withExif(b.Bytes(), o), JPEG)
			if err != nil || p.Width != 160 || p.Height != 80 {
				t.Fatalf("%+v, %v", p, err)
			}
			small, err := p.Small(40, 90)
			if err != nil {
				t.Fatal(err)
			}
			if size, shown := shownCorners(t, small); size != image.Pt(40, 20) || shown != want {
				t.Errorf("small: %v, %v", size, shown)
			}
			square, err := p.Square(64, 90)
			if err != nil {
				t.Fatal(err)
			}
			if size, shown := shownCorners(t, square); size != image.Pt(64, 64) || shown != want {
				t.Errorf("square: %v, %v", size, shown)
			}
		})
	}
}

func withExif(data []byte, o int) []byte {
	return slices.Concat(data[:2], orientationExif(o), data[2:])
}

// redWebP is 32 by 32 pixels of one colour.
const redWebP = "UklGRhwAAABXRUJQVlA4TA8AAAAvH8AHAAcQ9Y/+ByKi/wEA"

func encoded(t testing.TB, format string, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case JPEG:
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 100})
	case PNG:
		err = png.Encode(&b, img)
	case GIF:
		err = gif.Encode(&b, img, nil)
	case WebP:
		var data []byte
		data, err = base64.StdEncoding.DecodeString(redWebP)
		b.Write(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFormats(t *testing.T) {
	all := []string{JPEG, PNG, WebP, GIF}
	for _, format := range all {
		data := encoded(t, format, corners(32, 32, [4]color.RGBA{red, red, red, red}))
		p, err := Decode(data, format)
		if err != nil || p.Format != format || p.Width != 32 || p.Height != 32 {
			t.Errorf("%s: %+v, %v", format, p, err)
			continue
		}
		square, err := p.Square(64, 90)
		if err != nil {
			t.Fatal(err)
		}
		if _, shown := shownCorners(t, square); shown != [4]color.RGBA{red, red, red, red} {
			t.Errorf("%s shows %v", format, shown)
		}
		others := slices.DeleteFunc(slices.Clone(all), func(f string) bool { return f == format })
		if _, err := Decode(data, others...); !errors.Is(err, fault.ImageInvalid) {
			t.Errorf("%s is taken for %v: %v", format, others, err)
		}
	}
}

func TestSmallIsNotLarger(t *testing.T) {
	p, err := Decode(encoded(t, PNG, image.NewRGBA(image.Rect(0, 0, 30, 10))), PNG)
	if err != nil {
		t.Fatal(err)
	}
	small, err := p.Small(240, 70)
	if err != nil {
		t.Fatal(err)
	}
	white := color.RGBA{255, 255, 255, 255}
	if size, shown := shownCorners(t, small); size != image.Pt(30, 10) || shown != [4]color.RGBA{white, white, white, white} {
		t.Errorf("%v, %v", size, shown)
	}
}

func TestTooLarge(t *testing.T) {
	// promising is a PNG whose header says so.
	promising := func(width, height uint32) []byte {
		b := encoded(t, PNG, image.NewRGBA(image.Rect(0, 0, 2, 2)))
		binary.BigEndian.PutUint32(b[16:], width)
		binary.BigEndian.PutUint32(b[20:], height)
		binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
		return b
	}
	for name, data := range map[string][]byte{"both sides": promising(60_000, 60_000), "one side": promising(1, 9000), "pixels": promising(8000, 8000)} {
		var f *fault.Fault
		if _, err := Decode(data, PNG); !errors.As(err, &f) || f.Code != fault.ImageInvalid || f.Params["maxSide"] != 8192 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
