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
		p, err := s.NewPeer("p", unheard{})
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

// unheard is told everything and does nothing.
type unheard struct{}

func (unheard) OnSubscribeOffer(Offer)        {}
func (unheard) OnCandidate(Target, Candidate) {}
func (unheard) OnTrack(*Track)                {}
func (unheard) OnTrackEnded(*Track)           {}
func (unheard) OnPaused(string, bool)         {}
func (unheard) OnState(Target, State)         {}
