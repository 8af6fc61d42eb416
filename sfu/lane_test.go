package sfu

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// TestAFullLaneStillTakesSound: pictures are lost first.
func TestAFullLaneStillTakesSound(t *testing.T) {
	m, err := newMetrics(nil)
	if err != nil {
		t.Fatal(err)
	}
	x := newLane(&SFU{metrics: m}, 0)
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
	x.do(func(*lane) { t.Error("done") })
	if n := testutil.ToFloat64(m.dropLaneWork); n != 1 {
		t.Errorf("%v pieces of work counted as left undone", n)
	}
}

// TestSoundOvertakesPicturesInALane: when more pictures are queued than can be sent soon, sound does not wait for them.
func TestSoundOvertakesPicturesInALane(t *testing.T) {
	x := newLane(newNetwork(t).sfu, 0)
	picture, sound := &layer{track: &Track{kind: KindVideo}}, &layer{track: &Track{kind: KindAudio}}
	packets := map[*layer][]*inPacket{}
	push := func(l *layer, n int) {
		for range n {
			p := &inPacket{}
			p.Pin()
			packets[l] = append(packets[l], p)
			x.push(laneItem{layer: l, packet: p}, true)
		}
	}
	sent := func(l *layer) (n int) {
		for _, p := range packets[l] {
			if !p.Pinned() {
				n++
			}
		}
		return n
	}
	push(picture, 2*maxTurn+10)
	push(sound, 5)
	for turn, more := range []bool{true, true, false} {
		if x.turn() != more {
			t.Fatalf("turn %d: more is not %v", turn, more)
		}
		if n := sent(sound); n != len(packets[sound]) {
			t.Errorf("turn %d: %d of %d packets of sound", turn, n, len(packets[sound]))
		}
		if n := sent(picture); n != min((turn+1)*maxTurn, len(packets[picture])) {
			t.Errorf("turn %d: %d packets of pictures", turn, n)
		}
		push(sound, 5)
	}
}

// TestSubscribersAreSharedOut: every lane has as many, and those that leave are counted out.
func TestSubscribersAreSharedOut(t *testing.T) {
	s := local(t, Config{UDPAddr: "127.0.0.1:0", TCPAddr: off})
	each := func(want int) {
		t.Helper()
		for _, x := range s.lanes {
			if s.mu.Lock(); x.subscribers != want {
				t.Errorf("lane %d has %d subscribers, want %d", x.number, x.subscribers, want)
			}
			s.mu.Unlock()
		}
	}
	var peers []*Peer
	for range 2 * len(s.lanes) {
		p, err := s.NewPeer("p", silent{})
		if err != nil {
			t.Fatal(err)
		}
		peers = append(peers, p)
	}
	each(2)
	for _, p := range peers {
		_ = p.Close()
	}
	each(0)
}
