package bandwidth

import (
	"testing"
	"time"
)

// estimating is a receiver that says what it can take as libwebrtc does (AimdRateControl): growing by 8 % a second, up to
// one and a half times of what it gets, and falling below that when it is more than the link carries.
type estimating struct {
	link   float64
	says   float64
	fixed  bool
	second int // bits that came
}

func (r *estimating) say() float64 {
	came := float64(r.second)
	r.second = 0
	switch {
	case r.fixed:
	case came > r.link:
		r.says = 0.85 * r.link
	default:
		r.says = max(r.says, min(r.says*1.08, 1.5*came+10_000))
	}
	return r.says
}

// serve sends sound and the layer that the estimate has room for, with padding when that is asked for, and returns the layer
// of every second and for how many there was padding. More than what the receiver says is a failure.
func (r *estimating) serve(t *testing.T, seconds int) (layers []int, padded time.Duration) {
	e, layer := New(), 0
	e.Remote(r.says)
	for now := int64(0); now < int64(seconds)*int64(time.Second); now += 5 * ms {
		send := func(bits int) {
			e.Left(bits/8, now)
			r.second += bits
		}
		if now%(20*ms) == 0 {
			send(150 * 8)
		}
		send(int(rates[layer] * 0.005))
		if due, ok := e.Padding(now); ok && due > 0 {
			send(due * 8)
			padded += 5 * time.Millisecond
		}
		if now%(200*ms) == 0 {
			budget := float64(e.Estimate()) - 60_000
			for layer > 0 && rates[layer] > budget {
				layer--
			}
			for layer+1 < len(rates) && rates[layer+1]*1.15 <= budget {
				layer++
			}
			e.Plan(now, int(rates[len(rates)-1]*1.15)+60_000)
		}
		if now%int64(time.Second) == 0 && now > 0 {
			if float64(r.second) > 1.1*r.says {
				t.Errorf("%d s: %d bit/s were sent to a receiver that takes %.0f", now/int64(time.Second), r.second, r.says)
			}
			e.Remote(r.say())
			layers = append(layers, layer)
		}
	}
	return layers, padded
}

func TestAReceiverThatSaysWhatItTakesIsFilled(t *testing.T) {
	r := &estimating{link: 20_000_000, says: 85_000}
	layers, _ := r.serve(t, 60)
	if layers[len(layers)-1] != 3 {
		t.Errorf("layers by second %v, the receiver takes %.0f", layers, r.says)
	}
}

func TestAReceiverThatTakesNoMoreIsHardlyFilled(t *testing.T) {
	r := &estimating{link: 400_000, says: 400_000, fixed: true}
	layers, padded := r.serve(t, 120)
	if layers[len(layers)-1] != 1 || padded > 14*time.Second {
		t.Errorf("padding for %v of two minutes, layer %d", padded, layers[len(layers)-1])
	}
	if padded == 0 {
		t.Error("never tried")
	}
}
