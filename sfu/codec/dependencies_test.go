package codec

import (
	"encoding/hex"
	"testing"
)

// keySVC is the structure of three spatial and three temporal layers (L3T3_KEY), as Chromium sends it with keyframes, without
// the three octets before it.
const keySVC = "80081485214eaaaaa8000600004000100002aa80a8000600004000100002a000a800060000400016d549241b5524906d54923157e001974ca86" +
	"4330e222396eca8655304224390eca87753013f00b3027f016704ff02cf"

// TestDependencies reads one packet after another of what Chromium sent.
func TestDependencies(t *testing.T) {
	const all, two = 7, 3
	key := Info{
		Keyframe: true, Start: true, End: true, HasTemporal: true, UpTo: 2, Spatials: 3, Active: all,
		Width: 1280, Height: 720, Sizes: [MaxSpatial]Size{{320, 180}, {640, 360}, {1280, 720}},
	}
	head := key
	head.End = false
	smaller := Info{
		Keyframe: true, Start: true, End: true, HasTemporal: true, UpTo: 2, Spatials: 2, Active: two, Width: 640, Height: 360,
		Sizes: [MaxSpatial]Size{{320, 180}, {640, 360}},
	}
	var r Reader
	for n, c := range []struct {
		dependencies, payload string
		want                  Info
	}{
		{"c30002", "1034", Info{Start: true, End: true}}, // nothing is known yet
		{"c00003" + keySVC, "281d08", key},
		{"c50004", "103408", Info{Start: true, End: true, HasTemporal: true, Spatial: 1, UpTo: 2}},
		{"8a0005", "503410", Info{Start: true, HasTemporal: true, Spatial: 2, UpTo: 2}},
		{"4a0005", "9070a1", Info{End: true, HasTemporal: true, Spatial: 2, UpTo: 2}},
		{"c30006", "103440", Info{Start: true, End: true, HasTemporal: true, Temporal: 2}},
		{"c80007", "103448", Info{Start: true, End: true, HasTemporal: true, Spatial: 1, Temporal: 2}},
		{"c200081a80282018", "103420", Info{Start: true, End: true, HasTemporal: true, Temporal: 1, UpTo: 2}},
		{"cc000a1a80383028", "103430", Info{Start: true, End: true, HasTemporal: true, Spatial: 2, Temporal: 1, UpTo: 2}},
		{"c3000b48fc201c00", "103440", Info{Start: true, End: true, HasTemporal: true, Temporal: 2, Active: two}},
		{"c1000d5ffd90282420", "103400", Info{Start: true, End: true, HasTemporal: true, UpTo: 2, Active: all}},
		{"ff000e", "1034", Info{Start: true, End: true}}, // there is no such template
		{"cf016681e514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f80b38", "2834", smaller},
		{"800167", "1034", Info{Start: true}},   // a template of before
		{"80016783", "1034", Info{Start: true}}, // damaged
	} {
		got := r.Parse(AV1, unhex(t, c.payload), unhex(t, c.dependencies))
		c.want.Discardable = got.Discardable
		if got.Width == 0 && c.want.Keyframe {
			t.Errorf("packet %d: no size", n)
		}
		if got != c.want {
			t.Errorf("packet %d:\ngot  %+v\nwant %+v", n, got, c.want)
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// FuzzDependencies reads two descriptors, of which the first may tell what the second means.
func FuzzDependencies(f *testing.F) {
	f.Add(unhex(f, "c00003"+keySVC), unhex(f, "c3000b48fc201c00"))
	f.Add(unhex(f, "cf016681e514853aaaa8018004004002a02a0060010015d34514174d144c700874321651118543276809f8059813f80b38"), unhex(f, "d0016720"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var r Reader
		for _, b := range [][]byte{first, second} {
			i := r.Parse(AV1, []byte{0x08, 0x0a}, b)
			if i.Spatials > MaxSpatial || i.Active>>MaxSpatial != 0 {
				t.Fatalf("%+v", i)
			}
			if i.Spatials > 0 && !i.HasTemporal {
				t.Fatalf("a structure without a frame: %+v", i)
			}
		}
	})
}
