package sfu

import (
	"slices"
	"testing"
	"time"
)

func TestSpeakersTakeTurns(t *testing.T) {
	ann, bob := &Track{id: "ann"}, &Track{id: "bob"}
	x := &Speakers{turns: map[*Track]*turn{}}
	at := func(ms int) int64 { return int64(time.Duration(ms) * time.Millisecond) }
	for _, c := range []struct {
		name     string
		ms       int
		ann, bob float64
		want     []string
	}{
		{"silence", 0, 0, 0, nil},
		{"a cough is too soft", 100, 0.2, 0, nil},
		{"ann begins", 200, 0.6, 0, []string{"ann"}},
		{"a breath", 300, 0.05, 0, []string{"ann"}},
		{"bob falls in, softer", 400, 0.6, 0.4, []string{"ann", "bob"}},
		{"as loud is not louder", 500, 0.55, 0.49, []string{"ann", "bob"}},
		{"bob is louder", 600, 0.5, 0.8, []string{"bob", "ann"}},
		{"ann ends", 1200, 0.02, 0.8, []string{"bob", "ann"}},
		{"ann ended", 1400, 0.02, 0.8, []string{"bob"}},
		{"both ended", 2200, 0, 0, nil},
	} {
		x.step(map[*Track]float64{ann: c.ann, bob: c.bob}, at(c.ms))
		var got []string
		for _, s := range x.order {
			got = append(got, s.id)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v instead of %v", c.name, got, c.want)
		}
	}
	x.step(map[*Track]float64{bob: 0.9}, at(3000))
	x.step(map[*Track]float64{}, at(3100))
	if len(x.order) != 0 {
		t.Error("a track that is gone still speaks")
	}
}

func TestSpeakersAreToldSparingly(t *testing.T) {
	ann := &Track{id: "ann"}
	x := &Speakers{turns: map[*Track]*turn{}}
	told := 0
	for i := range 100 { // ten seconds
		if _, tell := x.step(map[*Track]float64{ann: 0.5}, int64(i)*int64(speakerInterval)); tell {
			told++
		}
	}
	if told > 51 {
		t.Errorf("told %d times in ten seconds", told)
	}
}
