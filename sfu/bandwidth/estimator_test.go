package bandwidth

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

// link is a bottleneck with a queue, and the receiver behind it.
type link struct {
	rate  float64 // bits per second
	limit time.Duration
	loss  float64
	free  int64 // when the queue is empty
	rng   *rand.Rand
}

// drive sends packets of 1200 bytes at a rate that send chooses from the estimate, for d, and returns the estimator's last
// word, with the mean rate that came through in the second half.
func drive(e *Estimator, l *link, d time.Duration, send func(estimate float64) float64) (delivered float64) {
	if l.rng == nil {
		l.rng = rand.New(rand.NewPCG(1, 1))
	}
	recorder := twcc.NewRecorder(1)
	var at, nextReport int64
	var number uint16
	through := 0
	type pending struct {
		number uint16
		at     int64
	}
	var flying []pending
	begin := l.free
	at = begin
	for at < begin+int64(d) {
		rate := send(float64(e.Estimate()))
		number++
		e.Sent(number, 1200, at)
		l.free = max(l.free, at) + int64(1200*8/l.rate*1e9)
		if time.Duration(l.free-at) > l.limit {
			l.free -= int64(1200 * 8 / l.rate * 1e9) // the queue is full
		} else if l.rng.Float64() >= l.loss {
			flying = append(flying, pending{number, l.free + int64(20*time.Millisecond)})
			if at > begin+int64(d)/2 {
				through += 1200 * 8
			}
		}
		at += int64(1200 * 8 / rate * 1e9)
		for len(flying) > 0 && flying[0].at <= at {
			recorder.Record(1, flying[0].number, (flying[0].at+int64(time.Hour))/1000)
			flying = flying[1:]
		}
		if at >= nextReport {
			nextReport = at + int64(100*time.Millisecond)
			for _, p := range recorder.BuildFeedbackPacket() {
				e.Feedback(p.(*rtcp.TransportLayerCC), at)
			}
		}
	}
	l.free = at
	return float64(through) / (d.Seconds() / 2)
}

func TestEstimateFindsTheBottleneck(t *testing.T) {
	for name, c := range map[string]struct {
		rate  float64
		limit time.Duration
	}{
		"300 kbit/s":            {300_000, 300 * time.Millisecond},
		"1 Mbit/s with 1 s":     {1_000_000, time.Second},
		"5 Mbit/s, short queue": {5_000_000, 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			e := New()
			l := &link{rate: c.rate, limit: c.limit}
			got := drive(e, l, 30*time.Second, func(estimate float64) float64 { return estimate })
			if est := float64(e.Estimate()); est > 1.5*c.rate || est < 0.4*c.rate {
				t.Errorf("estimate %.0f of %.0f", est, c.rate)
			}
			if got < 0.6*c.rate {
				t.Errorf("uses %.0f of %.0f", got, c.rate)
			}
		})
	}
}

func TestAnEmptyLinkIsTriedAgain(t *testing.T) {
	e := New()
	drive(e, &link{rate: 100_000, limit: 300 * time.Millisecond}, 10*time.Second, func(estimate float64) float64 { return estimate })
	low := e.Estimate()
	now := int64(10 * time.Second)
	for range 50 {
		now += int64(200 * time.Millisecond)
		e.Rest(now)
	}
	if low > 300_000 || e.Estimate() != Start {
		t.Errorf("from %d to %d", low, e.Estimate())
	}
}

func TestEstimateRecovers(t *testing.T) {
	e := New()
	l := &link{rate: 400_000, limit: 300 * time.Millisecond}
	drive(e, l, 10*time.Second, func(estimate float64) float64 { return estimate })
	low := e.Estimate()
	l.rate = 10_000_000
	drive(e, l, 10*time.Second, func(estimate float64) float64 { return min(estimate, 2_000_000) })
	if e.Estimate() < 2_000_000 {
		t.Errorf("10 s after the link healed: %d, from %d", e.Estimate(), low)
	}
}

func TestRandomLossIsNotCongestion(t *testing.T) {
	e := New()
	l := &link{rate: 20_000_000, limit: 100 * time.Millisecond, loss: 0.05}
	drive(e, l, 10*time.Second, func(float64) float64 { return 1_500_000 })
	if e.Estimate() < Start {
		t.Errorf("5 %% of loss without a queue: %d", e.Estimate())
	}
	if loss := e.Loss(); loss < 0.01 || loss > 0.1 {
		t.Errorf("loss %v", loss)
	}
}

func TestHeavyLossIs(t *testing.T) {
	e := New()
	l := &link{rate: 20_000_000, limit: 100 * time.Millisecond, loss: 0.3}
	drive(e, l, 10*time.Second, func(float64) float64 { return 1_500_000 })
	if e.Estimate() > Start/2 {
		t.Errorf("30 %% of loss: %d", e.Estimate())
	}
}

func TestFeedbackOfStrangersIsHarmless(t *testing.T) {
	e := New()
	e.Feedback(&rtcp.TransportLayerCC{
		BaseSequenceNumber: 65000, PacketStatusCount: 2000, ReferenceTime: 1,
		PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 8000}},
		RecvDeltas:   []*rtcp.RecvDelta{{Delta: 250}},
	}, 1)
	if e.Estimate() < Start {
		t.Errorf("%d", e.Estimate())
	}
}

func BenchmarkSent(b *testing.B) {
	e := New()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e.Sent(uint16(i), 1200, int64(i))
	}
}

func TestAnOutageIsNotCongestion(t *testing.T) {
	e := New()
	l := &link{rate: 10_000_000, limit: 100 * time.Millisecond}
	drive(e, l, 5*time.Second, func(float64) float64 { return 1_500_000 })
	// Ten seconds of packets go nowhere; then the receiver tells of all of them and of those that come again.
	var number uint16 = 60_000
	at := l.free
	for range 1000 {
		at += int64(10 * time.Millisecond)
		number++
		e.Sent(number, 1200, at)
	}
	e.Feedback(&rtcp.TransportLayerCC{
		BaseSequenceNumber: 60_001, PacketStatusCount: 1000, ReferenceTime: 1,
		PacketChunks: []rtcp.PacketStatusChunk{
			&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketNotReceived, RunLength: 990},
			&rtcp.RunLengthChunk{PacketStatusSymbol: rtcp.TypeTCCPacketReceivedSmallDelta, RunLength: 10},
		},
		RecvDeltas: []*rtcp.RecvDelta{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}},
	}, at)
	if e.Estimate() < Start || e.Congested(at, time.Second) {
		t.Errorf("estimate %d, congested %v", e.Estimate(), e.Congested(at, time.Second))
	}
}
