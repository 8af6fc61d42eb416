package main

import (
	"math"
	"testing"
	"time"
)

func TestScheduleHoldsItsRates(t *testing.T) {
	const publishers, seconds = 3, 20
	s := newSchedule(publishers, meeting)
	var before int64
	audio, video, bits, keyframes := 0, 0, 0, 0
	for {
		at, number, isVideo := s.due()
		b := s.next()
		if b.at != at || b.publisher != number || b.video != isVideo {
			t.Fatalf("due says %d %d %v, next %+v", at, number, isVideo, b)
		}
		if b.at >= int64(seconds*time.Second) {
			break
		}
		if b.at < before {
			t.Fatalf("%d after %d", b.at, before)
		}
		before = b.at
		if !b.video {
			audio++
			continue
		}
		if b.keyframe {
			keyframes++
			continue
		}
		video++
		for _, n := range b.sizes {
			bits += n * 8
			if n > maxPayload || n <= 14+markSize {
				t.Fatalf("a payload of %d bytes", n)
			}
		}
	}
	if audio != publishers*seconds*50 {
		t.Errorf("%d audio packets", audio)
	}
	if keyframes != publishers {
		t.Errorf("%d keyframes that nobody asked for", keyframes-publishers)
	}
	if video != publishers*(seconds*framesPerSecond-1) {
		t.Errorf("%d frames", video)
	}
	rate := float64(bits) / float64(video) * framesPerSecond
	if math.Abs(rate/videoBitsPerSecond-1) > 0.02 {
		t.Errorf("%.0f bit/s", rate)
	}
}

func TestScheduleGivesKeyframeOnDemand(t *testing.T) {
	s := newSchedule(2, meeting)
	for range 20 {
		s.next()
	}
	s.demand(1)
	for {
		b := s.next()
		if b.publisher == 0 && b.keyframe {
			t.Fatal("the wrong publisher")
		}
		if b.publisher == 1 && b.video {
			if !b.keyframe {
				t.Fatal("the next frame is none")
			}
			return
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		bytes int
		want  []int
	}{
		{1, []int{1}}, {100, []int{100}}, {101, []int{50, 51}}, {200, []int{100, 100}}, {299, []int{99, 100, 100}},
	} {
		got := split(nil, c.bytes, 100)
		if len(got) != len(c.want) {
			t.Errorf("%d: %v", c.bytes, got)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%d: %v", c.bytes, got)
			}
		}
	}
}
