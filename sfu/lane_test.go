package sfu

import "testing"

// TestAFullLaneStillTakesSound: pictures are lost first.
func TestAFullLaneStillTakesSound(t *testing.T) {
	x := newLane(&SFU{}, 0)
	picture := laneItem{layer: &layer{track: &Track{kind: KindVideo}}, packet: &inPacket{}}
	sound := laneItem{layer: &layer{track: &Track{kind: KindAudio}}, packet: &inPacket{}}
	for i := 0; x.push(picture, false); i++ {
		if i > maxLaneQueue {
			t.Fatal("the queue has no bound")
		}
	}
	for i := range keptForSound {
		if !x.push(sound, false) {
			t.Fatalf("sound is refused after %d packets", i)
		}
	}
	if x.push(sound, false) {
		t.Error("the queue has no bound")
	}
}
