package main

import (
	"math"
	"testing"
	"time"
)

// frames sends frames of a stream, but for the lost packets, and returns which numbers could be shown.
func framesShown(frames int, lost func(frame uint32, index uint16) bool) (list []uint32) {
	st := &stream{simulcastLayer: layers[2]}
	p := newPictures()
	for range frames {
		for _, packet := range st.encode(st.most) {
			m, ok := markOf(packet.Payload)
			if !ok || lost(m.frame, m.index) {
				continue
			}
			for _, id := range p.take(packet.SequenceNumber, m) {
				list = append(list, id.number)
			}
		}
	}
	return list
}

func TestFramesNeedWhatTheyReferTo(t *testing.T) {
	for name, c := range map[string]struct {
		lost  uint32
		gone  []uint32 // of nine frames
		whole int
	}{
		"none":                        {0, nil, 9},
		"one of the highest layer":    {2, []uint32{2}, 8},
		"one of the middle layer":     {3, []uint32{3, 4}, 7},
		"one of the lowest layer":     {5, []uint32{5, 6, 7, 8, 9}, 4},
		"the keyframe":                {1, []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9}, 0},
		"the last of the lowest ones": {9, []uint32{9}, 8},
	} {
		t.Run(name, func(t *testing.T) {
			shown := framesShown(9, func(frame uint32, index uint16) bool { return frame == c.lost && index == 0 })
			if len(shown) != c.whole {
				t.Errorf("%v are shown, want all but %v", shown, c.gone)
			}
			for _, number := range c.gone {
				for _, s := range shown {
					if s == number {
						t.Errorf("%d is shown: %v", s, shown)
					}
				}
			}
		})
	}
}

func TestLateFramesAreShownInOrder(t *testing.T) {
	st := &stream{simulcastLayer: layers[0]}
	p := newPictures()
	var held []mark
	var numbers []uint16
	var shown []uint32
	for i := range 5 {
		for _, packet := range st.encode(st.most) {
			m, _ := markOf(packet.Payload)
			if i == 1 {
				held, numbers = append(held, m), append(numbers, packet.SequenceNumber)
				continue
			}
			for _, id := range p.take(packet.SequenceNumber, m) {
				shown = append(shown, id.number)
			}
		}
	}
	for i, m := range held {
		if late := p.take(numbers[i], m); len(late) > 0 {
			t.Errorf("%v is shown after %v", late, shown)
		}
	}
	if len(shown) != 4 {
		t.Errorf("shown %v", shown)
	}
}

func TestStreamsKeepTheirRate(t *testing.T) {
	for _, l := range layers {
		st := &stream{simulcastLayer: l}
		bits := 0
		const seconds = 20
		for i := range seconds * framesPerSecond {
			if i%100 == 50 {
				st.keyframe.Store(true)
			}
			for _, p := range st.encode(l.most) {
				bits += 8 * len(p.Payload)
			}
		}
		if rate := float64(bits) / seconds; math.Abs(rate/float64(l.most)-1) > 0.15 {
			t.Errorf("%s: %.0f bit/s, want %d", l.rid, rate, l.most)
		}
	}
}

func TestJudgement(t *testing.T) {
	begin := time.Now()
	at := func(seconds float64) time.Time { return begin.Add(time.Duration(seconds * float64(time.Second))) }
	s := &source{}
	r := newReception(s)
	for i := range 500 { // ten seconds of sound, of which every tenth is lost, and another comes too late
		s.sounds = append(s.sounds, at(float64(i)*0.02))
		switch i % 10 {
		case 3:
		case 7:
			r.came[i] = at(float64(i)*0.02 + 3)
		default:
			r.came[i] = at(float64(i)*0.02 + 0.1)
		}
	}
	for i := range 150 { // ten seconds of pictures with a gap, small after it for two seconds
		seconds := float64(i) / 15
		if seconds > 3 && seconds < 5.5 {
			continue
		}
		width := 960
		if seconds > 5 && seconds < 7.5 {
			width = 240
		}
		r.shown = append(r.shown, shown{at(seconds), width})
	}
	r.pauses = []pause{{at(4), at(5)}}
	got := r.between(at(0), at(10))
	if math.Abs(got.SoundLost-20) > 0.5 || got.SoundDelay != 100 {
		t.Errorf("sound lost %.1f %%, delay %d ms", got.SoundLost, got.SoundDelay)
	}
	if math.Abs(got.LongestGap-2.5) > 0.1 || got.Width != 960 || math.Abs(got.HeldBack-10) > 0.1 {
		t.Errorf("%+v", got)
	}
	before := r.between(at(0), at(3))
	if moves := r.recovery(at(5), before, 1); math.Abs(moves-0.5) > 0.1 {
		t.Errorf("moves after %.1f s", moves)
	}
	if full := r.recovery(at(5), before, before.Width); math.Abs(full-2.5) > 0.2 {
		t.Errorf("full size after %.1f s", full)
	}
	if never := r.recovery(at(5), before, 1920); never >= 0 {
		t.Errorf("a size that never came after %.1f s", never)
	}
}
