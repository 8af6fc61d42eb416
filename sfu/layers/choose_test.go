package layers

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// camera is a video of three layers, 180p to 720p, with usual rates.
func camera(width, height, current int) Video {
	return Video{Layers: []Layer{
		{Width: 320, Height: 180, BitsPerSecond: 150_000, Flows: true}, {Width: 640, Height: 360, BitsPerSecond: 500_000, Flows: true}, {Width: 1280, Height: 720, BitsPerSecond: 1_700_000, Flows: true},
	}, Width: width, Height: height, Current: current}
}

func share(width, height int) Video {
	return Video{Layers: []Layer{{Width: 1920, Height: 1080, BitsPerSecond: 800_000, Flows: true}}, Width: width, Height: height, Share: true, Current: None}
}

// screen is a share in two layers with half and quarter frame rates.
func screen(width, height, current int) Video {
	return Video{Layers: []Layer{
		{Width: 960, Height: 540, BitsPerSecond: 400_000, Flows: true, Temporal: [3]int{100_000, 200_000}},
		{Width: 1920, Height: 1080, BitsPerSecond: 1_600_000, Flows: true, Temporal: [3]int{400_000, 800_000}},
	}, Width: width, Height: height, Share: true, Current: current}
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
	speaker := camera(640, 360, 1)
	speaker.Speaks = true
	halved := camera(320, 180, 0)
	halved.Layers[0].Temporal[0] = 90_000
	going := share(1920, 1080)
	going.Current = 0
	const much = 100_000_000
	for _, c := range []struct {
		name   string
		videos []Video
		budget int
		want   []Choice
	}{
		{"layer by size", []Video{camera(1280, 720, None), camera(640, 360, None), camera(200, 112, None)}, much,
			[]Choice{{2, Sent, 0}, {1, Sent, 0}, {0, Sent, 0}}},
		{"not visible", []Video{camera(0, 0, 2), camera(300, 200, None)}, much, []Choice{{None, Hidden, 0}, {0, Sent, 0}}},
		{"fitted into a flat tile", []Video{wide}, much, []Choice{{0, Sent, 0}}},
		{"a little enlarged", []Video{camera(400, 225, None), camera(420, 240, None)}, much, []Choice{{0, Sent, 0}, {1, Sent, 0}}},
		{"stays when the tile shrinks a little", []Video{camera(390, 215, 1)}, much, []Choice{{1, Sent, 0}}},
		{"goes when it shrinks more", []Video{camera(340, 190, 1)}, much, []Choice{{0, Sent, 0}}},
		{"largest that flows", []Video{dead}, much, []Choice{{1, Sent, 0}}},
		{"nothing flows", []Video{silent}, much, []Choice{{None, NoLayer, 0}}},
		{"sizes not known yet", []Video{unknown}, much, []Choice{{1, Sent, 0}}},
		{"the large one suffers first in layers, nobody is paused", []Video{camera(1280, 720, 2), camera(320, 180, 0), camera(320, 180, 0)},
			900_000, []Choice{{1, Sent, 0}, {0, Sent, 0}, {0, Sent, 0}}},
		{"the small ones are paused last to first", []Video{camera(1280, 720, 2), camera(320, 180, 0), camera(160, 90, 0)},
			310_000, []Choice{{0, Sent, 0}, {0, Sent, 0}, {None, Bandwidth, 0}}},
		{"pinned before larger", []Video{camera(1920, 1080, 2), pinned}, 2_200_000, []Choice{{1, Sent, 0}, {2, Sent, 0}}},
		{"share before all", []Video{camera(1280, 720, 2), share(1920, 1080)}, 900_000, []Choice{{None, Bandwidth, 0}, {0, Sent, 0}}},
		{"share goes on when short", []Video{going, camera(320, 180, 0)}, 100_000, []Choice{{0, Sent, 0}, {None, Bandwidth, 0}}},
		{"share is paused at last", []Video{going}, 70_000, []Choice{{None, Bandwidth, 0}}},
		{"fewer frames of a share before a smaller picture", []Video{screen(1920, 1080, 1)}, 500_000, []Choice{{1, Sent, 2}}},
		{"a smaller picture of a share at last", []Video{screen(1920, 1080, 1)}, 390_000, []Choice{{0, Sent, 1}}},
		{"half the frames before a pause", []Video{halved}, 100_000, []Choice{{0, Sent, 1}}},
		{"who speaks goes before a larger tile", []Video{camera(1280, 720, 2), speaker}, 700_000, []Choice{{0, Sent, 0}, {1, Sent, 0}}},
		{"who speaks gets a step before others begin", []Video{camera(320, 180, 0), speaker}, 600_000, []Choice{{None, Bandwidth, 0}, {1, Sent, 0}}},
		{"rising needs room", []Video{camera(1280, 720, 1)}, 1_800_000, []Choice{{1, Sent, 0}}},
		{"staying does not", []Video{camera(1280, 720, 2)}, 1_800_000, []Choice{{2, Sent, 0}}},
		{"nothing at all", nil, 0, []Choice{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Choose(c.videos, c.budget); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// randomRoom makes the videos of one subscriber.
func randomRoom(rng *rand.Rand) []Video {
	videos := make([]Video, 1+rng.IntN(16))
	for i := range videos {
		v := camera(1+rng.IntN(1500), 1+rng.IntN(900), None)
		switch rng.IntN(12) {
		case 0:
			v = screen(1+rng.IntN(1900), 1+rng.IntN(1000), None)
		case 1:
			v.Pinned = true
		case 2:
			v.Speaks = true
		case 3:
			v.Width = 0
		}
		for j := range v.Layers {
			v.Layers[j].Flows = rng.IntN(8) > 0
			if v.Layers[j].Temporal[0] == 0 && rng.IntN(2) == 0 {
				v.Layers[j].Temporal[0] = v.Layers[j].BitsPerSecond * 6 / 10
			}
		}
		videos[i] = v
	}
	return videos
}

// follow makes the choices the current ones and returns what they cost, and whether a share is sent that is short.
func follow(videos []Video, choices []Choice) (spent int) {
	for i, c := range choices {
		videos[i].Current, videos[i].CurrentSkip = c.Layer, c.Skip
		if c.Layer != None {
			spent += videos[i].cost(c.Layer, c.Skip)
		}
	}
	return spent
}

// TestChoiceHolds looks at random rooms: the budget is kept but for a share that is short, what is hidden or stopped is not
// sent, and choosing again with the result changes nothing for the worse.
func TestChoiceHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		videos := randomRoom(rng)
		budget := rng.IntN(8_000_000)
		first := Choose(videos, budget)
		over := 0
		for i, c := range first {
			v := &videos[i]
			if c.Layer == None {
				continue
			}
			if v.Width == 0 || !v.Layers[c.Layer].Flows || c.Skip >= v.Temporals(c.Layer) || c.Layer > v.wanted() {
				t.Fatalf("sends %+v as %v", v, c)
			}
			if v.Share && c.Layer == v.next(None) && c.Skip == v.Temporals(c.Layer)-1 {
				over += max(0, v.cost(c.Layer, c.Skip)-shareFloor)
			}
		}
		if spent := follow(videos, first); spent > budget+over {
			t.Fatalf("spends %d of %d", spent, budget)
		}
		second := Choose(videos, budget)
		for i := range second {
			if second[i].Layer < first[i].Layer || second[i].Layer == first[i].Layer && second[i].Skip > first[i].Skip {
				t.Fatalf("falls from %v to %v without a cause", first[i], second[i])
			}
		}
	}
}

// TestMoreIsNeverWorse looks at the videos in the order of what they matter: with a larger budget the first one that is
// sent otherwise is sent better.
func TestMoreIsNeverWorse(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		videos := randomRoom(rng)
		less := rng.IntN(6_000_000)
		more := less + rng.IntN(2_000_000)
		a, b := Choose(videos, less), Choose(videos, more)
		order := make([]int, len(videos))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(x, y int) int { return compare(&videos[x], &videos[y]) })
		if differs, better := firstDifference(videos, order, a, b); differs && !better {
			t.Fatalf("%d gives %v, %d gives %v", less, a, more, b)
		}
	}
}

// firstDifference goes through the decisions in the order in which they are taken: who is sent at all, then how well.
func firstDifference(videos []Video, order []int, a, b []Choice) (differs, improved bool) {
	better := func(a, b Choice) bool { return b.Layer > a.Layer || b.Layer == a.Layer && b.Skip < a.Skip }
	for _, i := range order {
		v := &videos[i]
		x, y := a[i], b[i]
		if !v.Share {
			most := v.next(None)
			if (v.Pinned || v.Speaks) && v.next(most) != None {
				most = v.next(most)
			}
			x.Layer, y.Layer = min(x.Layer, most), min(y.Layer, most)
			if !v.Pinned && !v.Speaks {
				x.Skip, y.Skip = 0, 0
			}
		}
		if x != y {
			return true, better(x, y)
		}
	}
	for _, i := range order {
		if a[i].Skip != b[i].Skip {
			return true, b[i].Skip < a[i].Skip
		}
	}
	for _, i := range order {
		if a[i] != b[i] {
			return true, better(a[i], b[i])
		}
	}
	return false, false
}

// TestAnEstimateThatWaversChangesLittle lets the budget waver by 5 %: once settled, nothing rises again.
func TestAnEstimateThatWaversChangesLittle(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		videos := randomRoom(rng)
		budget := 200_000 + rng.Float64()*6_000_000
		changes := 0
		var before []Choice
		for round := range 300 {
			now := Choose(videos, int(budget*(0.95+0.1*rng.Float64())))
			follow(videos, now)
			if round >= 100 && !slices.Equal(now, before) {
				changes++
			}
			before = now
		}
		if changes > 2 {
			t.Fatalf("%d changes in 200 rounds with %.0f of %+v", changes, budget, videos)
		}
	}
}

// BenchmarkChoose decides for a room of 200 participants who see 16 tiles each.
func BenchmarkChoose(b *testing.B) {
	videos := make([]Video, 16)
	for i := range videos {
		videos[i] = camera(400, 225, 0)
	}
	videos[3].Speaks, videos[5] = true, screen(1280, 720, 0)
	b.ReportAllocs()
	for b.Loop() {
		for range 200 {
			Choose(videos, 6_000_000)
		}
	}
}
