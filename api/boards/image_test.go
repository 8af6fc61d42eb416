package boards

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"slices"
	"testing"
)

// TestPhotoIsUpright: its size, and what thumbnails show of it.
func TestPhotoIsUpright(t *testing.T) {
	w := newWorld(t)
	stored := image.NewRGBA(image.Rect(0, 0, 60, 30)) // blue on the left, which is the top of the upright one
	draw.Draw(stored, stored.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(stored, image.Rect(0, 0, 30, 30), image.NewUniform(color.RGBA{B: 255, A: 255}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, stored, nil); err != nil {
		t.Fatal(err)
	}
	const exif = "\xff\xe1\x00\x22Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	pic, err := w.readPicture(t.Context(), slices.Concat(b.Bytes()[:2], []byte(exif), b.Bytes()[2:]))
	if err != nil || pic.width != 30 || pic.height != 60 {
		t.Fatalf("%d by %d, %v", pic.width, pic.height, err)
	}
	small, err := jpeg.Decode(bytes.NewReader(pic.small))
	if err != nil || small.Bounds().Size() != image.Pt(30, 60) {
		t.Fatalf("%v, %v", small, err)
	}
	red := func(x, y int) uint32 { r, _, _, _ := small.At(x, y).RGBA(); return r >> 8 }
	if red(5, 5) > 50 || red(25, 5) > 50 || red(5, 55) < 200 {
		t.Error("the thumbnail's picture is not upright")
	}
}

func TestGIFIsKept(t *testing.T) {
	w := newWorld(t)
	var b bytes.Buffer
	if err := gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, 8, 4), color.Palette{color.White}), nil); err != nil {
		t.Fatal(err)
	}
	pic, err := w.readPicture(t.Context(), b.Bytes())
	if err != nil || pic.contentType != "image/gif" || pic.width != 8 || !bytes.Equal(pic.stored, b.Bytes()) {
		t.Errorf("%+v, %v", pic, err)
	}
}

func TestWhoLeavesWaitsForNoPicture(t *testing.T) {
	w := newWorld(t)
	for range maxPicturesAtOnce {
		w.decoding <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.readPicture(ctx, pngPicture(t, 3)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
