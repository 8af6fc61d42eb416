package sfu

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// estimating makes a client say how much it can take, as receivers without transport-wide feedback do: what grows with what
// it gets, and no more than its link carries.
type estimating struct {
	client *client
	track  string
	link   atomic.Int64 // bits per second

	mu   sync.Mutex
	says float64
	came uint64 // bytes on the subscribe connection when it was said last
}

func (e *estimating) run() {
	const interval = 100 * time.Millisecond
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-e.client.stop:
			return
		case <-tick.C:
		}
		r := e.client.receiver(e.track)
		if r == nil {
			continue
		}
		came := e.received()
		e.mu.Lock()
		rate := float64(came-e.came) * 8 / interval.Seconds()
		if e.came = came; rate > 0.7*e.says {
			e.says *= 1.15
		}
		e.says = min(e.says, float64(e.link.Load()))
		says := e.says
		e.mu.Unlock()
		_ = e.client.sub.WriteRTCP([]rtcp.Packet{&rtcp.ReceiverEstimatedMaximumBitrate{Bitrate: float32(says), SSRCs: []uint32{r.ssrc}}})
	}
}

// received returns how many bytes came in all.
func (e *estimating) received() (bytes uint64) {
	for _, s := range e.client.sub.GetStats() {
		if t, ok := s.(webrtc.TransportStats); ok {
			bytes += t.BytesReceived
		}
	}
	return bytes
}

// A client that knows no transport-wide feedback is sent what it says it can take, with RTX and without.
func TestWhatTheReceiverEstimatesIsFollowed(t *testing.T) {
	feedback := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "goog-remb"}}
	register := func(rtx bool) func(*webrtc.MediaEngine) error {
		return func(m *webrtc.MediaEngine) error {
			err := m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: feedback,
			}}, webrtc.RTPCodecTypeVideo)
			if !rtx {
				return err
			}
			return errors.Join(err, m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 97, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=96",
			}}, webrtc.RTPCodecTypeVideo))
		}
	}
	for name, rtx := range map[string]bool{"with RTX": true, "without RTX": false} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(t)
			a, b := n.client("ann"), n.clientWith("bob", clientOptions{codecs: register(rtx), unwide: true})
			join(a)
			e := &estimating{client: b, track: cam(a), says: 5_000_000}
			e.link.Store(5_000_000)
			b.wg.Go(e.run)
			b.peer.Subscribe(a.track(cam(a)))
			show(b, a, 1280, 720)
			shows := func(want int) func() bool {
				return func() bool { return b.receiver(cam(a)).count() > 5 && place(b, a) == want }
			}
			down := func() DownStats {
				for _, d := range b.peer.Stats().Down {
					return d
				}
				return DownStats{}
			}
			eventually(t, 20*time.Second, "the full picture", shows(2))
			for _, c := range []struct {
				link   int64
				target string
				place  int
			}{{700_000, "h", 1}, {360_000, "q", 0}} {
				e.link.Store(c.link)
				eventually(t, 20*time.Second, "a smaller picture", func() bool { return down().TargetRID == c.target && shows(c.place)() })
				if estimate := b.peer.Stats().EstimateBitsPerSecond; int64(estimate) > c.link {
					t.Errorf("%d bit/s are sent to who takes %d", estimate, c.link)
				}
			}
			e.link.Store(80_000)
			eventually(t, 20*time.Second, "nothing of it", func() bool { return down().PausedReason == "bandwidth" })
			e.link.Store(5_000_000) // which nobody knows
			eventually(t, 60*time.Second, "the full picture again", func() bool { return down().TargetRID == "f" && shows(2)() })
			rep := b.receiver(cam(a)).check()
			t.Logf("%+v", rep)
			if rep.holes+rep.doubles+rep.backward+rep.idJumps+rep.broken > 0 { // a switch of layers may cut a frame short
				t.Errorf("damaged: %+v", rep)
			}
			if (rep.padding > 0) == rtx {
				t.Errorf("%d packets of padding among the media", rep.padding)
			}
		})
	}
}
