package layers

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// camera is a video of three layers, 180p to 720p, with usual rates.
func camera(width, height, current int) Video {
	return Video{Layers: []Layer{
		{320, 180, 150_000, true}, {640, 360, 500_000, true}, {1280, 720, 1_700_000, true},
	}, Width: width, Height: height, Current: current}
}

func share(width, height int) Video {
	return Video{Layers: []Layer{{1920, 1080, 800_000, true}}, Width: width, Height: height, Share: true, Current: None}
}

func TestChoose(t *testing.T) {
	pinned := camera(1280, 720, None)
	pinned.Pinned = true
	dead := camera(1280, 720, None)
	dead.Layers[2].Flows = false
	silent := camera(1280, 720, None)
	for i := range silent.Layers {
		silent.Layers[i].Flows = false
	}
	unknown := camera(640, 360, None)
	for i := range unknown.Layers {
		unknown.Layers[i] = Layer{Flows: true}
	}
	wide := camera(1000, 180, None)
	const much = 100_000_000
	for _, c := range []struct {
		name   string
		videos []Video
		budget int
		want   []Choice
	}{
		{"layer by size", []Video{camera(1280, 720, None), camera(640, 360, None), camera(200, 112, None)}, much,
			[]Choice{{2, Sent}, {1, Sent}, {0, Sent}}},
		{"not visible", []Video{camera(0, 0, 2), camera(300, 200, None)}, much, []Choice{{None, Hidden}, {0, Sent}}},
		{"fitted into a flat tile", []Video{wide}, much, []Choice{{0, Sent}}},
		{"a little enlarged", []Video{camera(400, 225, None), camera(420, 240, None)}, much, []Choice{{0, Sent}, {1, Sent}}},
		{"stays when the tile shrinks a little", []Video{camera(390, 215, 1)}, much, []Choice{{1, Sent}}},
		{"goes when it shrinks more", []Video{camera(340, 190, 1)}, much, []Choice{{0, Sent}}},
		{"largest that flows", []Video{dead}, much, []Choice{{1, Sent}}},
		{"nothing flows", []Video{silent}, much, []Choice{{None, NoLayer}}},
		{"sizes not known yet", []Video{unknown}, much, []Choice{{1, Sent}}},
		{"the large one suffers first in layers, nobody is paused", []Video{camera(1280, 720, 2), camera(320, 180, 0), camera(320, 180, 0)},
			900_000, []Choice{{1, Sent}, {0, Sent}, {0, Sent}}},
		{"the small ones are paused last to first", []Video{camera(1280, 720, 2), camera(320, 180, 0), camera(160, 90, 0)},
			310_000, []Choice{{0, Sent}, {0, Sent}, {None, Bandwidth}}},
		{"pinned before larger", []Video{camera(1920, 1080, 2), pinned}, 2_200_000, []Choice{{1, Sent}, {2, Sent}}},
		{"share before all", []Video{camera(1280, 720, 2), share(1920, 1080)}, 900_000, []Choice{{None, Bandwidth}, {0, Sent}}},
		{"share goes on when short", []Video{share(1920, 1080), camera(320, 180, 0)}, 500_000, []Choice{{0, Sent}, {None, Bandwidth}}},
		{"share is paused at last", []Video{share(1920, 1080)}, 300_000, []Choice{{None, Bandwidth}}},
		{"rising needs room", []Video{camera(1280, 720, 1)}, 1_800_000, []Choice{{1, Sent}}},
		{"staying does not", []Video{camera(1280, 720, 2)}, 1_800_000, []Choice{{2, Sent}}},
		{"nothing at all", nil, 0, []Choice{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Choose(c.videos, c.budget); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestChoiceHolds looks at random rooms: the budget is kept but for a share that is short, what is hidden is not sent, and
// choosing again with the result changes nothing.
func TestChoiceHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		videos := make([]Video, rng.IntN(20))
		for i := range videos {
			videos[i] = camera(rng.IntN(1500), rng.IntN(900), None)
			videos[i].Pinned = rng.IntN(10) == 0
			for j := range videos[i].Layers {
				videos[i].Layers[j].Flows = rng.IntN(8) > 0
			}
		}
		budget := rng.IntN(8_000_000)
		first := Choose(videos, budget)
		spent := 0
		for i, c := range first {
			if c.Layer == None {
				continue
			}
			spent += videos[i].Layers[c.Layer].BitsPerSecond
			if videos[i].Width == 0 || videos[i].Height == 0 || !videos[i].Layers[c.Layer].Flows {
				t.Fatalf("sends %+v as %v", videos[i], c)
			}
			videos[i].Current = c.Layer
		}
		if spent > budget {
			t.Fatalf("spends %d of %d", spent, budget)
		}
		second := Choose(videos, budget)
		for i := range second {
			if second[i].Layer < first[i].Layer && second[i].Layer != None {
				t.Fatalf("falls from %v to %v without a cause", first[i], second[i])
			}
		}
	}
}

func BenchmarkChoose(b *testing.B) {
	videos := make([]Video, 49)
	for i := range videos {
		videos[i] = camera(300, 170, 0)
	}
	b.ReportAllocs()
	for b.Loop() {
		Choose(videos, 10_000_000)
	}
}
