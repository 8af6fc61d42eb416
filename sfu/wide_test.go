package sfu

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func TestWideArrivals(t *testing.T) {
	const interval = 10 * time.Millisecond
	for _, tc := range []struct {
		name         string
		jump         uint16 // numbers that never come
		silence      time.Duration
		base, status uint16 // of the second feedback
	}{
		{"nothing lost", 0, 0, 110, 10},
		{"a loss is told", 20, 20 * interval, 110, 30},
		{"a pause of the sender", 0, 10 * time.Second, 110, 10},
		{"a cut is not told", 2000, 10 * time.Second, 2110, 10},
		{"a cut over the end of the numbers", 65500, 10 * time.Second, 74, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWideArrivals(7)
			at := int64(time.Hour)
			send := func(first uint16) *rtcp.TransportLayerCC {
				for i := range uint16(10) {
					w.record(1, first+i, at)
					at += int64(interval)
				}
				packets := w.feedback()
				if len(packets) != 1 {
					t.Fatalf("%d packets of feedback", len(packets))
				}
				return packets[0].(*rtcp.TransportLayerCC)
			}
			if f := send(100); f.BaseSequenceNumber != 100 || f.PacketStatusCount != 10 || f.FbPktCount != 0 {
				t.Fatalf("first feedback: %v", f)
			}
			at += int64(tc.silence)
			f := send(110 + tc.jump)
			if f.BaseSequenceNumber != tc.base || f.PacketStatusCount != tc.status || len(f.RecvDeltas) != 10 {
				t.Errorf("base %d, %d packets, %d came; want %d, %d, 10",
					f.BaseSequenceNumber, f.PacketStatusCount, len(f.RecvDeltas), tc.base, tc.status)
			}
			if f.FbPktCount != 1 {
				t.Errorf("feedback number %d, want 1", f.FbPktCount)
			}
		})
	}
}

// However late feedback is asked for, each of its packets fits a datagram, and together they tell of everything.
func TestFeedbackFitsADatagram(t *testing.T) {
	w := newWideArrivals(7)
	at := int64(time.Hour)
	const sent = 5000
	for i := range uint16(sent) {
		w.record(1, i, at)
		at += int64(70 * time.Millisecond) // which takes two bytes to tell
	}
	told := 0
	for i, p := range w.feedback() {
		f := p.(*rtcp.TransportLayerCC)
		if f.FbPktCount != uint8(i) {
			t.Errorf("packet %d has number %d", i, f.FbPktCount)
		}
		if n := f.MarshalSize(); n > maxCompound {
			t.Errorf("%d bytes", n)
		}
		told += len(f.RecvDeltas)
	}
	if told != sent {
		t.Errorf("%d of %d packets are told of", told, sent)
	}
	if list := w.feedback(); len(list) > 0 {
		t.Errorf("told again: %v", list)
	}
}
