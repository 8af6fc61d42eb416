package quality

import (
	"reflect"
	"testing"
	"time"
)

func TestSpans(t *testing.T) {
	at := func(second int) time.Time { return began.Add(time.Duration(second) * time.Second) }
	up := func(level Level, loss int) Second {
		return Second{Verdict: Verdict{level, UplinkLoss}, UplinkLoss: loss, DownlinkLoss: 900, OthersFrozen: 2}
	}
	var s Spanner
	for i := range 4 {
		s.Add(at(i), Second{})
	}
	s.Add(at(4), up(Weak, 60))
	s.Add(at(5), up(Bad, 100))
	s.Add(at(6), up(Weak, 0)) // it holds for a while after the last loss
	for i := 7; i < 20; i++ {
		s.Add(at(i), Second{})
	}
	s.Add(at(20), up(Weak, 80)) // 14 s later: the same trouble goes on
	for i := 21; i < 60; i++ {
		s.Add(at(i), Second{})
	}
	s.Add(at(60), Second{Verdict: Verdict{Weak, RoundTrip}, RoundTripMs: 500})
	s.Add(at(61), Second{Verdict: Verdict{Weak, RoundTrip}, RoundTripMs: 700})
	s.Add(at(62), Second{Verdict: Verdict{Weak, DownlinkBandwidth}, EstimateKbps: 480})
	s.Add(at(63), Second{Verdict: Verdict{Bad, DownlinkBandwidth}, EstimateKbps: 240, FreezeMs: 300})
	want := []Span{
		{From: at(4), To: at(21), Verdict: Verdict{Bad, UplinkLoss}, Loss: 0.08, OthersFrozen: 2},
		{From: at(60), To: at(62), Verdict: Verdict{Weak, RoundTrip}, RoundTrip: 700 * time.Millisecond},
		{From: at(62), To: at(64), Verdict: Verdict{Bad, DownlinkBandwidth}, Kbps: 240, Frozen: 300 * time.Millisecond},
	}
	if got := s.Spans(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
