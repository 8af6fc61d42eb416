package main

import (
	"testing"

	"parley/sfu/codec"
)

func TestMark(t *testing.T) {
	want := mark{publisher: 513, video: true, number: 1 << 40, sent: 123456789}
	b := make([]byte, 100)
	want.put(b)
	if got, ok := readMark(b); !ok || got != want {
		t.Errorf("%+v, %v", got, ok)
	}
	if _, ok := readMark(b[:99]); ok {
		t.Error("a mark that is cut off was read")
	}
	if _, ok := readMark(b[:markSize-1]); ok {
		t.Error("a payload without room has a mark")
	}
}

// TestPayloadsAreVP8 reads what is sent as the SFU does.
func TestPayloadsAreVP8(t *testing.T) {
	for _, c := range []struct {
		name            string
		first, keyframe bool
	}{
		{"keyframe", true, true}, {"inter frame", true, false}, {"continuation", false, false}, {"continuation of a keyframe", false, true},
	} {
		b := make([]byte, 200)
		writeVP8(b, c.first, c.keyframe, 0xffff)
		i := new(codec.Reader).Parse(codec.VP8, b, nil)
		if i.Start != c.first || i.Keyframe != (c.first && c.keyframe) || i.PictureIDBits != 15 || i.PictureID != 0x7fff {
			t.Errorf("%s: %+v", c.name, i)
		}
		if i.Keyframe && (i.Width != pictureWidth || i.Height != pictureHeight) {
			t.Errorf("%s: %d × %d", c.name, i.Width, i.Height)
		}
		if beginsKeyframe(b) != i.Keyframe {
			t.Errorf("%s: beginsKeyframe does not agree", c.name)
		}
	}
}

func FuzzBeginsKeyframe(f *testing.F) {
	b := make([]byte, 20)
	writeVP8(b, true, true, 1)
	f.Add(b)
	f.Add([]byte{0x90, 0xf0, 0x80, 1, 2, 3, 0x10})
	f.Fuzz(func(t *testing.T, b []byte) {
		i := new(codec.Reader).Parse(codec.VP8, b, nil)
		if got := beginsKeyframe(b); got != i.Keyframe && len(b) > 12 {
			t.Errorf("%x: %v, the SFU says %v", b, got, i.Keyframe)
		}
	})
}

func TestParseHeader(t *testing.T) {
	tag := make([]byte, tagSize)
	base := []byte{0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}
	extended := func(x ...byte) []byte {
		b := append([]byte{}, base...)
		b[0] |= 0x10
		return append(append(b, x...), tag...)
	}
	for _, c := range []struct {
		name         string
		b            []byte
		header, wide int
		ok           bool
	}{
		{"plain", append(append([]byte{}, base...), tag...), 12, -1, true},
		{"no room for a tag", base, 12, -1, false},
		{"wide", extended(0xbe, 0xde, 0, 1, 0x31, 0x12, 0x34, 0), 20, 0x1234, true},
		{"after padding and level", extended(0xbe, 0xde, 0, 2, 0, 0x10, 0x80, 0x31, 0x12, 0x34, 0, 0), 24, 0x1234, true},
		{"another extension", extended(0xbe, 0xde, 0, 1, 0x41, 0x12, 0x34, 0), 20, -1, true},
		{"longer than the packet", extended(0xbe, 0xde, 0, 99, 0x31, 0x12, 0x34, 0), 412, -1, false},
		{"element over the end", extended(0xbe, 0xde, 0, 1, 0x0, 0x0, 0x0, 0x31), 20, -1, true},
	} {
		header, wide, ok := parseHeader(c.b, 3)
		if header != c.header || wide != c.wide || ok != c.ok {
			t.Errorf("%s: %d, %#x, %v", c.name, header, wide, ok)
		}
	}
}
