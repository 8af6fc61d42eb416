package sfu

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// deafToLoss registers Opus without NACK: what is lost is not asked for, as in Firefox.
func deafToLoss(m *webrtc.MediaEngine) error {
	return m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
	}}, webrtc.RTPCodecTypeAudio)
}

// inBursts loses a tenth of the datagrams, three in a row.
func inBursts() func([]byte) fate {
	var n atomic.Int64
	return func([]byte) fate {
		if n.Add(1)%30 < 3 {
			return drop
		}
		return pass
	}
}

// hear lets bob hear ann over a link that can be damaged.
func hear(t *testing.T, codecs func(*webrtc.MediaEngine) error) (s *SFU, ann, bob *client, down *gate) {
	t.Helper()
	s = local(t, Config{UDPAddr: "127.0.0.1:0", TCPAddr: off})
	down = newGate(t)
	o := down.options(webrtc.NetworkTypeUDP4)
	o.codecs = codecs
	ann, bob = newClient(t, s, "ann", overLoopback(webrtc.NetworkTypeUDP4)), newClient(t, s, "bob", o)
	join(ann)
	bob.peer.Subscribe(ann.track(mic(ann)))
	eventually(t, 20*time.Second, "sound", func() bool { return bob.receiver(mic(ann)).count() > 50 })
	return s, ann, bob, down
}

// A listener who loses sound and does not ask for it gets it twice, and hears it once; on a good link no longer.
func TestSoundThatIsNotAskedForAgainIsSentTwice(t *testing.T) {
	t.Parallel()
	s, ann, bob, down := hear(t, deafToLoss)
	r, sub := bob.receiver(mic(ann)), bob.peer.sub
	down.damage(inBursts())
	eventually(t, 20*time.Second, "twice", sub.twice.Load)
	from, all := r.newest()
	eventually(t, 20*time.Second, "more sound", func() bool { return r.count() > all+400 })
	eventually(t, 20*time.Second, "the loss that second copies hide", func() bool {
		sub.wideMu.Lock()
		defer sub.wideMu.Unlock()
		return sub.estimator.Loss() > 0.05
	})
	if holes := r.holesAfter(from); holes > 20 { // of 40 that the link loses
		t.Errorf("%d of 400 packets are missing", holes)
	}
	if rep := r.check(); rep.doubles+rep.backward > 0 {
		t.Errorf("seen behind SRTP: %+v", rep)
	}
	if bad := down.refused(); len(bad) > 0 {
		t.Errorf("%d packets were refused, the first: %s", len(bad), bad[0])
	}
	if got := bob.peer.Stats().Down[0].Retransmitted; got != 0 {
		t.Errorf("%d count as retransmitted", got)
	}
	down.damage(func([]byte) fate { return pass })
	eventually(t, 3*twiceFor, "once again", func() bool { return !sub.twice.Load() })
	sent := testutil.ToFloat64(s.metrics.repeated)
	all = r.count()
	eventually(t, 20*time.Second, "more sound", func() bool { return r.count() > all+50 })
	if more := testutil.ToFloat64(s.metrics.repeated) - sent; sent < 400 || more > 3 {
		t.Errorf("%v packets were sent twice, and %v after the end", sent, more)
	}
}

// Who asks for lost sound gets what he asks for, and nothing twice.
func TestSoundThatIsAskedForAgainIsNotSentTwice(t *testing.T) {
	t.Parallel()
	s, ann, bob, down := hear(t, plain)
	r := bob.receiver(mic(ann))
	down.damage(inBursts())
	from, all := r.newest()
	eventually(t, 20*time.Second, "more sound", func() bool { return r.count() > all+400 })
	if holes := r.holesAfter(from); holes > 20 { // of 40 that the link loses
		t.Errorf("%d of 400 packets are missing", holes)
	}
	if n := testutil.ToFloat64(s.metrics.repeated); n > 0 {
		t.Errorf("%v packets were sent twice", n)
	}
}

// The first request of a listener ends it, for good.
func TestARequestEndsSendingTwice(t *testing.T) {
	t.Parallel()
	_, ann, bob, down := hear(t, deafToLoss)
	down.damage(inBursts())
	sub := bob.peer.sub
	eventually(t, 20*time.Second, "twice", sub.twice.Load)
	r := bob.receiver(mic(ann))
	number, _ := r.newest()
	must(t, bob.sub.WriteRTCP([]rtcp.Packet{&rtcp.TransportLayerNack{
		MediaSSRC: r.ssrc, Nacks: []rtcp.NackPair{{PacketID: uint16(number)}},
	}}))
	eventually(t, 20*time.Second, "once", func() bool { return !sub.twice.Load() })
}

// Pion would seal another packet with the same number: what it encrypts is never sent twice.
func TestWhatPionSealsIsNotSentTwice(t *testing.T) {
	n := newNetwork(t)
	viewer, err := n.sfu.NewPeer("viewer", silent{})
	must(t, err)
	if viewer.sub.repeats() {
		t.Error("it can be sent again bit for bit")
	}
}

func TestRepetition(t *testing.T) {
	lossy := downlink{loss: 0.1, sends: 500_000, sound: 60_000, takes: 3_000_000}
	with := func(change func(*downlink)) downlink {
		l := lossy
		change(&l)
		return l
	}
	clean := with(func(l *downlink) { l.loss = 0 })
	little := with(func(l *downlink) { l.loss = 0.015 })
	asks := with(func(l *downlink) { l.asks = true })
	narrow := with(func(l *downlink) { l.takes = 650_000 })
	full := with(func(l *downlink) { l.takes = 510_000 })
	type stretch struct {
		seconds int
		link    downlink
		on      bool // in the end
	}
	reports := func(i int) downlink { // one every five seconds
		if i%5 == 0 {
			return lossy
		}
		return clean
	}
	for name, stretches := range map[string][]stretch{
		"nothing is lost":              {{60, clean, false}},
		"a moment of loss":             {{1, lossy, false}, {60, clean, false}},
		"moments far apart":            {{1, lossy, false}, {30, clean, false}, {1, lossy, false}, {30, clean, false}},
		"loss":                         {{2, lossy, true}, {60, lossy, true}},
		"less loss begins nothing":     {{60, little, false}},
		"less loss goes on":            {{2, lossy, true}, {60, little, true}},
		"loss ends":                    {{2, lossy, true}, {20, clean, true}, {2, clean, false}, {60, clean, false}},
		"he asks":                      {{60, asks, false}},
		"he asks at last":              {{10, lossy, true}, {1, asks, false}},
		"no room":                      {{60, narrow, false}},
		"enough room to go on":         {{2, lossy, true}, {60, narrow, true}},
		"no room any more":             {{2, lossy, true}, {1, full, false}},
		"reports are far apart":        {{1, lossy, false}, {4, clean, false}, {1, lossy, true}},
		"longer when loss was hidden":  {{2, lossy, true}, {21, clean, false}, {2, lossy, true}, {39, clean, true}, {3, clean, false}},
		"and once more":                {{2, lossy, true}, {21, clean, false}, {2, lossy, true}, {41, clean, false}, {2, lossy, true}, {79, clean, true}},
		"as at first long after a end": {{2, lossy, true}, {21, clean, false}, {60, clean, false}, {2, lossy, true}, {21, clean, false}},
	} {
		t.Run(name, func(t *testing.T) {
			var r repetition
			now := int64(time.Hour)
			for i, x := range stretches {
				for range x.seconds {
					now += int64(time.Second)
					r.next(now, x.link)
				}
				if r.on != x.on {
					t.Errorf("on: %v after stretch %d", r.on, i)
				}
			}
		})
	}
	t.Run("a receiver that tells of loss only while nothing hides it", func(t *testing.T) {
		var r repetition
		begins, last := 0, false
		const seconds = 600
		onFor := 0
		for i := range seconds {
			link := clean
			if !r.on {
				link = reports(i)
			}
			if r.next(int64(time.Hour)+int64(i)*int64(time.Second), link); r.on && !last {
				begins++
			}
			if last = r.on; last {
				onFor++
			}
		}
		if begins > 6 || onFor < seconds*3/4 {
			t.Errorf("it began %d times in ten minutes and was on for %d s", begins, onFor)
		}
	})
}
