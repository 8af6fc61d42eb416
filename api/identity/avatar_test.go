package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/internal/authz"
	"parley/internal/fault"
)

// quarters is a picture with a colour in each corner.
func quarters(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{A: 255}
			if x < width/2 {
				c.R = 255
			}
			if y < height/2 {
				c.G = 255
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAvatar(t *testing.T) {
	w := newWorld(t)
	alice := w.add("alice", authz.Member)
	r := alice.do("PUT", "/me/avatar", pngOf(t, quarters(600, 400)))
	r.want(200)
	first := alice.me().User.AvatarURL
	path := strings.TrimPrefix(first, "/api/v1")
	r = w.owner.do("GET", path, nil)
	r.want(200)
	if ct, cc := r.Header().Get("Content-Type"), r.Header().Get("Cache-Control"); ct != "image/jpeg" || !strings.Contains(cc, "immutable") || !strings.Contains(cc, "private") {
		t.Errorf("headers %q, %q", ct, cc)
	}
	img, err := jpeg.Decode(r.Body)
	if err != nil || img.Bounds().Dx() != 256 || img.Bounds().Dy() != 256 {
		t.Fatalf("%v, %v", img, err)
	}
	if !near(img.At(20, 20), 255, 255) || !near(img.At(236, 20), 0, 255) || !near(img.At(20, 236), 255, 0) {
		t.Error("the corners have other colours")
	}
	(&browser{world: w}).do("GET", path, nil).wantFault(fault.Unauthenticated)

	alice.do("PUT", "/me/avatar", pngOf(t, quarters(40, 90))).want(200)
	if second := alice.me().User.AvatarURL; second == first {
		t.Error("another picture has the same address")
	}
	w.owner.do("GET", path, nil).wantFault(fault.NotFound)
	alice.do("DELETE", "/me/avatar", nil).want(200)
	if url := alice.me().User.AvatarURL; url != "" {
		t.Errorf("still at %q", url)
	}
	alice.do("DELETE", "/me/avatar", nil).want(200)
	for _, bad := range []string{"/avatars/x/0000000000000000", "/avatars/" + alice.id.String() + "/..%2F..%2Fsecret", "/avatars/" + alice.id.String() + "/0000000000000000"} {
		alice.do("GET", bad, nil).wantFault(fault.NotFound)
	}
}

func near(c color.Color, red, green uint8) bool {
	r, g, _, _ := c.RGBA()
	differ := func(a uint32, b uint8) bool { d := int(a>>8) - int(b); return d > 12 || d < -12 }
	return !differ(r, red) && !differ(g, green)
}

// bomb is a PNG whose header promises a picture of width and height.
func bomb(t testing.TB, width, height uint32) []byte {
	b := pngOf(t, quarters(2, 2))
	binary.BigEndian.PutUint32(b[16:], width)
	binary.BigEndian.PutUint32(b[20:], height)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// redWebP is 32 by 32 pixels of one colour.
const redWebP = "UklGRhwAAABXRUJQVlA4TA8AAAAvH8AHAAcQ9Y/+ByKi/wEA"

func TestWebP(t *testing.T) {
	data, err := base64.StdEncoding.DecodeString(redWebP)
	if err != nil {
		t.Fatal(err)
	}
	square, err := squareJPEG(data)
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(square))
	if err != nil || !near(img.At(128, 128), 255, 0) {
		t.Errorf("%v, %v", img.At(128, 128), err)
	}
}

func TestBadAvatars(t *testing.T) {
	w := newWorld(t)
	cases := map[string]struct {
		data []byte
		want fault.Code
	}{
		"text":      {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), fault.ImageInvalid},
		"cut":       {pngOf(t, quarters(300, 300))[:200], fault.ImageInvalid},
		"bomb":      {bomb(t, 60_000, 60_000), fault.ImageInvalid},
		"gif":       {gifOf(t, quarters(30, 30)), fault.ImageInvalid},
		"too large": {make([]byte, maxPictureBytes+1), fault.TooLarge},
		"empty":     {[]byte{}, fault.BadRequest},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := w.owner.do("PUT", "/me/avatar", c.data)
			if r.code() != c.want {
				t.Errorf("%d %s", r.Code, r.Body)
			}
		})
	}
	if url := w.owner.me().User.AvatarURL; url != "" {
		t.Errorf("stored %q", url)
	}
	big := append(turnedJPEG(t), make([]byte, maxPictureBytes/2)...)
	w.owner.do("PUT", "/me/avatar", big).want(http.StatusOK)
}

// turnedJPEG is quarters, stored so that the upright picture is a quarter turn to the right (Exif orientation 6).
func turnedJPEG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, quarters(64, 64), &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	const exif = "\xff\xe1\x00\x22Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	return slices.Concat(b.Bytes()[:2], []byte(exif), b.Bytes()[2:])
}

func TestPhoto(t *testing.T) {
	square, err := squareJPEG(turnedJPEG(t))
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(square))
	if err != nil {
		t.Fatal(err)
	}
	if !near(img.At(236, 20), 255, 255) || !near(img.At(20, 20), 255, 0) {
		t.Errorf("%v and %v in the upper corners", img.At(20, 20), img.At(236, 20))
	}
	if bytes.Contains(square, []byte("Exif")) {
		t.Error("Exif is served")
	}
}
