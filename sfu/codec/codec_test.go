package codec

import (
	"bytes"
	"slices"
	"testing"

	"github.com/pion/rtp/codecs"
)

// A sequence parameter set of 1280x720, high profile, and one of 1920x1080, which is cropped from 1088 lines.
var (
	sps720  = []byte{0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83, 0x19, 0x60}
	sps1080 = []byte{0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf0, 0x3c, 0x60, 0xc6, 0x58}
)

// parse reads a payload by itself.
func parse(k Kind, payload, dependencies []byte) Info {
	return new(Reader).Parse(k, payload, dependencies)
}

func stap(nals ...[]byte) []byte {
	b := []byte{0x78}
	for _, n := range nals {
		b = append(b, byte(len(n)>>8), byte(len(n)))
		b = append(b, n...)
	}
	return b
}

func TestParse(t *testing.T) {
	vp8Key := []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01}
	for _, c := range []struct {
		name    string
		codec   Kind
		payload []byte
		deps    []byte
		want    Info
	}{
		{"VP8 plain keyframe", VP8, append([]byte{0x10}, vp8Key...), nil,
			Info{Keyframe: true, Start: true, Width: 640, Height: 360}},
		{"VP8 all ids", VP8, append([]byte{0x90, 0xf0, 0x81, 0x23, 0x45, 0xa6}, 0x01, 0, 0), nil,
			Info{Start: true, Temporal: 2, HasTemporal: true, SwitchUp: true, PictureID: 0x123, PictureIDBits: 15, PictureIDAt: 2,
				TL0: 0x45, HasTL0: true, TL0At: 4, KeyIndex: 6, HasKeyIndex: true, KeyIndexAt: 5}},
		{"VP8 short picture id", VP8, []byte{0xb0, 0x80, 0x23, 0x01}, nil,
			Info{Start: true, Discardable: true, PictureID: 0x23, PictureIDBits: 7, PictureIDAt: 2}},
		{"VP8 later partition", VP8, []byte{0x11, 0x00, 0x00, 0x00}, nil, Info{}},
		{"VP8 continuation of a keyframe", VP8, []byte{0x00, 0x00, 0x00, 0x00}, nil, Info{}},
		{"VP8 truncated", VP8, []byte{0x90, 0xf0, 0x81}, nil, Info{}},
		{"VP9 keyframe with structure", VP9, []byte{0x8a | 0x20, 0x81, 0x23, 0x00, 0x07, 0x18, 0x05, 0x00, 0x02, 0xd0, 0x01, 0x00, 0xff}, nil,
			Info{Keyframe: true, Start: true, HasTemporal: true, PictureID: 0x123, PictureIDBits: 15, PictureIDAt: 1, Distances: true,
				TL0: 7, HasTL0: true, TL0At: 4, Spatials: 1, Active: 1, Width: 1280, Height: 720}},
		{"VP9 keyframe of three spatial layers", VP9, slices.Concat([]byte{0x8a | 0x20, 0x81, 0x23, 0x00, 0x07, 0x50},
			[]byte{1, 64, 0, 180, 2, 128, 1, 104, 5, 0, 2, 208}, []byte{0xff}), nil,
			Info{Keyframe: true, Start: true, HasTemporal: true, PictureID: 0x123, PictureIDBits: 15, PictureIDAt: 1, Distances: true,
				TL0: 7, HasTL0: true, TL0At: 4, Spatials: 3, Active: 7, Width: 1280, Height: 720,
				Sizes: [MaxSpatial]Size{{320, 180}, {640, 360}, {1280, 720}}}},
		{"VP9 predicted, temporal 1, end", VP9, []byte{0xec, 0x05, 0x31, 0x09, 0xff}, nil,
			Info{Start: true, End: true, HasTemporal: true, Temporal: 1, UpTo: AllTemporals, PictureID: 5, PictureIDBits: 7, PictureIDAt: 1,
				Distances: true,
				TL0:       9, HasTL0: true, TL0At: 3}},
		{"VP9 flexible with references", VP9, []byte{0xf8, 0x05, 0x20, 0x03, 0x02, 0xff}, nil,
			Info{Start: true, HasTemporal: true, Temporal: 1, PictureID: 5, PictureIDBits: 7, PictureIDAt: 1, Distances: true}},
		{"VP9 upper spatial layer of a keyframe", VP9, []byte{0xa8, 0x05, 0x02, 0x09, 0xff}, nil,
			Info{Start: true, HasTemporal: true, Spatial: 1, PictureID: 5, PictureIDBits: 7, PictureIDAt: 1, Distances: true,
				TL0: 9, HasTL0: true, TL0At: 3}},
		{"H264 parameter sets with IDR", H264, stap(sps720, []byte{0x68, 1}, []byte{0x65, 1, 2}), nil,
			Info{Keyframe: true, Start: true, Width: 1280, Height: 720}},
		{"H264 lone parameter set", H264, sps1080, nil, Info{Keyframe: true, Start: true, Width: 1920, Height: 1080}},
		{"H264 first fragment of an IDR", H264, []byte{0x7c, 0x85, 0xff}, nil, Info{Keyframe: true, Start: true}},
		{"H264 later fragment of an IDR", H264, []byte{0x7c, 0x05, 0xff}, nil, Info{}},
		{"H264 slice", H264, []byte{0x41, 0x9a}, nil, Info{Start: true}},
		{"H264 slice nothing refers to", H264, []byte{0x01, 0x9a}, nil, Info{Start: true, Discardable: true}},
		{"H264 aggregate cut short", H264, []byte{0x78, 0x00, 0x09, 0x67}, nil, Info{}},
		{"AV1 new sequence", AV1, []byte{0x18, 0x0a, 0x00, 0x00}, nil, Info{Keyframe: true, Start: true}},
		{"AV1 continuation", AV1, []byte{0x90, 0x0a}, nil, Info{}},
		{"AV1 end by descriptor", AV1, []byte{0x90, 0x0a}, []byte{0x40, 0, 1}, Info{End: true}},
		{"Opus", Opus, []byte{0xf8}, nil, Info{}},
		{"nothing", VP8, nil, nil, Info{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := parse(c.codec, c.payload, c.deps); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestAV1Size(t *testing.T) {
	// A sequence header of 640x360: one operating point, 10 and 9 bits for the sizes.
	w := &writer{}
	w.bits(0, 3) // profile
	w.bits(0, 1) // still picture
	w.bits(0, 1) // reduced header
	w.bits(0, 1) // timing info
	w.bits(0, 1) // initial display delay
	w.bits(0, 5) // operating points - 1
	w.bits(0, 12)
	w.bits(5, 5)
	w.bits(9, 4)
	w.bits(8, 4)
	w.bits(639, 10)
	w.bits(359, 9)
	obu := append([]byte{0x08}, w.b...)
	payload := append([]byte{0x08 | 0x10}, obu...) // N, one element
	if got := parse(AV1, payload, nil); got.Width != 640 || got.Height != 360 || !got.Keyframe {
		t.Errorf("%+v", got)
	}
}

type writer struct {
	b []byte
	n int
}

func (w *writer) bits(v, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

func TestAgreesWithPion(t *testing.T) {
	payloader := codecs.VP8Payloader{EnablePictureID: true}
	for _, b := range payloader.Payload(200, bytes.Repeat([]byte{0x10, 0, 0, 0x9d, 1, 0x2a, 0, 1, 0, 1}, 100)) {
		var p codecs.VP8Packet
		if _, err := p.Unmarshal(b); err != nil {
			t.Fatal(err)
		}
		i := parse(VP8, b, nil)
		if i.PictureID != p.PictureID || i.Start != (p.S == 1 && p.PID == 0) {
			t.Errorf("%+v against %+v", i, p)
		}
	}
}

func TestPatch(t *testing.T) {
	for _, c := range []struct {
		name    string
		codec   Kind
		payload []byte
		shift   Shift
		want    Shift // the ids afterwards
	}{
		{"VP8", VP8, []byte{0x90, 0xf0, 0xff, 0xff, 0xff, 0xbf, 0x01, 0, 0}, Shift{2, 3, 4}, Shift{1, 2, 3}},
		{"VP8 backwards", VP8, []byte{0x90, 0xf0, 0x80, 0x01, 0x01, 0xa1, 0x01, 0, 0}, Shift{0xfffe, 0xfe, 0xfe}, Shift{0x7fff, 0xff, 0x1f}},
		{"VP8 short", VP8, []byte{0xb0, 0x80, 0x7f, 0x01}, Shift{PictureID: 3}, Shift{PictureID: 2}},
		{"VP9", VP9, []byte{0xec, 0x05, 0x31, 0xff, 0xff}, Shift{PictureID: 10, TL0: 2}, Shift{PictureID: 15, TL0: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := parse(c.codec, c.payload, nil)
			b := bytes.Clone(c.payload)
			before.Patch(b, c.shift)
			after := parse(c.codec, b, nil)
			if got := (Shift{after.PictureID, after.TL0, after.KeyIndex}); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			after.PictureID, after.TL0, after.KeyIndex = before.PictureID, before.TL0, before.KeyIndex
			if after != before {
				t.Errorf("something else changed: %+v, was %+v", after, before)
			}
		})
	}
}

func TestLoudness(t *testing.T) {
	for level, want := range map[uint8]float64{0: 1, 10: 1, 35: 0.5, 60: 0, 127: 0} {
		if got := Loudness(level); got != want {
			t.Errorf("%d: %v", level, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(uint8(0), []byte{0x90, 0xf0, 0x81, 0x23, 0x45, 0xa6, 0x01}, []byte{})
	f.Add(uint8(1), []byte{0xaa, 0x81, 0x23, 0x00, 0x07, 0x18, 0x05, 0x00, 0x02, 0xd0, 0x01, 0x00, 0xff}, []byte{})
	f.Add(uint8(2), stap(sps720, []byte{0x68, 1}), []byte{})
	f.Add(uint8(2), sps1080, []byte{})
	f.Add(uint8(3), []byte{0x18, 0x0a, 0x0b, 0x00}, []byte{0xc0, 0, 1})
	f.Fuzz(func(t *testing.T, which uint8, payload, deps []byte) {
		k := []Kind{VP8, VP9, H264, AV1}[which%4]
		i := parse(k, payload, deps)
		if i.PictureIDBits == 0 && !i.HasTL0 && !i.HasKeyIndex {
			return
		}
		shift := Shift{PictureID: 3, TL0: 5, KeyIndex: 7}
		b := bytes.Clone(payload)
		i.Patch(b, shift)
		after := parse(k, b, deps)
		if i.PictureIDBits == 15 && after.PictureID != (i.PictureID+3)&0x7fff || i.HasTL0 && after.TL0 != i.TL0+5 {
			t.Fatalf("patched %+v to %+v", i, after)
		}
	})
}
