package bandwidth

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

// repeat sends sound for so many seconds, each packet once more 60 ms later, over a link that takes longer by delay and loses
// a share, and looks after each report.
func repeat(seconds int, loss float64, delay func(now int64) time.Duration, look func(now int64, e *Estimator)) {
	const later, way = 60 * ms, 20 * ms
	e, rng, recorder := New(), rand.New(rand.NewPCG(1, 1)), twcc.NewRecorder(1)
	var number uint16
	var under, copies []flying
	var reports []report
	for now := int64(0); now < int64(seconds)*int64(time.Second); now += ms {
		send := func(n uint16) {
			if rng.Float64() >= loss {
				under = append(under, flying{n, now + way + int64(delay(now))})
			}
		}
		if now%(20*ms) == 0 {
			number++
			e.Sent(number, 150, now)
			send(number)
			copies = append(copies, flying{number, now + later})
		}
		for ; len(copies) > 0 && copies[0].at <= now; copies = copies[1:] {
			e.Repeated(copies[0].number, now)
			send(copies[0].number)
		}
		for ; len(under) > 0 && under[0].at <= now; under = under[1:] {
			recorder.Record(1, under[0].number, (under[0].at+int64(time.Hour))/1000)
		}
		if now%(100*ms) == 0 {
			reports = append(reports, report{recorder.BuildFeedbackPacket(), now + way})
		}
		for ; len(reports) > 0 && reports[0].at <= now; reports = reports[1:] {
			for _, f := range reports[0].packets {
				e.Feedback(f.(*rtcp.TransportLayerCC), now)
			}
			look(now, e)
		}
	}
}

// TestSecondCopiesHideNoLoss: what left twice, and of which only the second one came, was lost, and was not late.
func TestSecondCopiesHideNoLoss(t *testing.T) {
	for _, loss := range []float64{0, 0.04, 0.08} {
		sum, n := 0.0, 0
		var longest time.Duration
		repeat(60, loss, func(int64) time.Duration { return 0 }, func(now int64, e *Estimator) {
			if longest = max(longest, e.QueueDelay()); now > 5*int64(time.Second) && e.arrivals.loss() > 0 {
				sum, n = sum+e.Loss(), n+1
			}
		})
		if mean := sum / float64(max(1, n)); mean < loss*0.75 || mean > loss*1.25 {
			t.Errorf("%.3f lost, %.3f seen", loss, mean)
		}
		if longest > 10*time.Millisecond {
			t.Errorf("%.3f lost: a queue of %v", loss, longest)
		}
	}
}

// TestSecondCopiesHideNoQueue: when everything takes longer, it is a queue, and hardly anything was lost.
func TestSecondCopiesHideNoQueue(t *testing.T) {
	const from = int64(time.Second) // later a queue that stays may count as a longer way
	for _, queue := range []time.Duration{70 * time.Millisecond, 150 * time.Millisecond} {
		least, loss := time.Hour, 0.0
		repeat(2, 0, func(now int64) time.Duration {
			if now < from {
				return 0
			}
			return queue
		}, func(now int64, e *Estimator) {
			if loss = max(loss, e.Loss()); now > from+500*ms {
				least = min(least, e.QueueDelay())
			}
		})
		if least < queue-10*time.Millisecond || loss > lossLimit {
			t.Errorf("a queue of %v is seen as one of %v, and %.3f as lost", queue, least, loss)
		}
	}
}

// TestLostCopiesAreLost: on a link that carries sound and no picture, what is sent of a lost picture again and again under
// the same number is what overloads it.
func TestLostCopiesAreLost(t *testing.T) {
	for _, copies := range []int{0, 1, 3} {
		e, recorder := New(), twcc.NewRecorder(1)
		var number uint16
		for now := int64(0); now < 4*int64(time.Second); now += 20 * ms {
			e.Sent(number, 100, now)
			recorder.Record(1, number, (now+20*ms+int64(time.Hour))/1000)
			number++
			if now%(80*ms) != 0 {
				continue
			}
			e.fellAt = now // what was lost is forgotten by a fall
			for _, f := range recorder.BuildFeedbackPacket() {
				e.Feedback(f.(*rtcp.TransportLayerCC), now)
			}
			for again := range min(copies, int(number/5)) {
				e.Repeated(number-5*uint16(again+1), now)
			}
			e.Sent(number, 1000, now)
			number++
		}
		sent := float64(copies + 1)
		if want := sent / (sent + 4); e.Loss() < want*0.8 || e.Loss() > want*1.2 {
			t.Errorf("each lost packet sent %d times more: %.2f is lost, not %.2f", copies, e.Loss(), want)
		}
	}
}
