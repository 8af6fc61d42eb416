package bandwidth

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

const ms = int64(time.Millisecond)

// conditions are those of a path at one time.
type conditions struct {
	rate  float64       // bits per second
	limit time.Duration // of the queue; what does not fit is lost
	delay time.Duration // each way
	loss  float64
	burst int     // packets lost in a row, when more than one
	cross float64 // bits per second of somebody else's traffic through the same queue
	cut   bool    // nothing passes, either way
}

// rates are those of the layers that the sender chooses among.
var rates = []float64{0, 150_000, 500_000, 1_700_000}

// path is a sender of sound and a video in layers, a bottleneck, and a receiver, in virtual time.
type path struct {
	e          *Estimator
	at         func(now int64) conditions
	probes     bool // the sender can probe
	videoFrom  int64
	rng        *rand.Rand
	recorder   *twcc.Recorder
	number     uint16
	free       int64 // when the queue is empty
	losing     int
	layer      int
	nextChoice int64
	nextReport int64
	flying     []flying
	reports    []report
	seconds    []second
	probed     time.Duration
}

type flying struct {
	number uint16
	at     int64
}

type report struct {
	packets []rtcp.Packet
	at      int64
}

// second is what was seen in one.
type second struct {
	bits     float64 // that came through
	queue    time.Duration
	estimate int
	layer    int
	sound    int // packets of sound that came
	lost     int
}

func newPath(at func(now int64) conditions) *path {
	return &path{e: New(), at: at, probes: true, rng: rand.New(rand.NewPCG(1, 1)), recorder: twcc.NewRecorder(1)}
}

// run passes so many seconds.
func (p *path) run(seconds int) *path {
	for now := int64(0); now < int64(seconds)*int64(time.Second); now += ms {
		if now%int64(time.Second) == 0 {
			p.seconds = append(p.seconds, second{})
		}
		p.step(now)
	}
	return p
}

func (p *path) step(now int64) {
	c := p.at(now)
	s := &p.seconds[len(p.seconds)-1]
	if c.cross > 0 {
		p.free = max(p.free, now)
		if time.Duration(p.free-now) < c.limit {
			p.free += int64(c.cross / c.rate * float64(ms))
		}
	}
	if now%(20*ms) == 0 && p.send(150, now, c) {
		s.sound++
	}
	if now%(33*ms) == 0 && p.layer > 0 {
		for left := int(rates[p.layer] * 0.033 / 8); left > 0; left -= 1200 {
			p.send(min(left, 1200), now, c)
		}
	}
	p.choose(now)
	if _, ok := p.e.Padding(now); ok && now%(5*ms) == 0 {
		p.probed += PaddingStep
		for due, _ := p.e.Padding(now); due > 0; due -= 290 {
			p.send(290, now, c)
		}
	}
	s.queue = max(s.queue, time.Duration(p.free-now))
	s.estimate, s.layer = p.e.Estimate(), p.layer
	p.receive(now, c)
}

// send reports whether the packet will arrive.
func (p *path) send(size int, now int64, c conditions) bool {
	s := &p.seconds[len(p.seconds)-1]
	p.number++
	p.e.Sent(p.number, size, now)
	takes := int64(float64(size*8) / c.rate * 1e9)
	switch {
	case c.cut:
	case time.Duration(max(p.free, now)+takes-now) > c.limit:
	case p.losing > 0:
		p.losing--
	case c.burst > 1 && p.rng.Float64() < c.loss/float64(c.burst):
		p.losing = c.burst - 1
	case c.burst <= 1 && p.rng.Float64() < c.loss:
	default:
		p.free = max(p.free, now) + takes
		p.flying = append(p.flying, flying{p.number, p.free + int64(c.delay)})
		s.bits += float64(size * 8)
		return true
	}
	s.lost++
	return false
}

func (p *path) receive(now int64, c conditions) {
	for len(p.flying) > 0 && p.flying[0].at <= now {
		p.recorder.Record(1, p.flying[0].number, (p.flying[0].at+int64(time.Hour))/1000)
		p.flying = p.flying[1:]
	}
	if now >= p.nextReport {
		p.nextReport = now + 100*ms
		if packets := p.recorder.BuildFeedbackPacket(); !c.cut && len(packets) > 0 {
			p.reports = append(p.reports, report{packets, now + int64(c.delay)})
		}
	}
	for len(p.reports) > 0 && p.reports[0].at <= now {
		for _, f := range p.reports[0].packets {
			p.e.Feedback(f.(*rtcp.TransportLayerCC), now)
		}
		p.reports = p.reports[1:]
	}
}

// choose does as the allocation: it rises when there is room, and asks for a probe when there is not.
func (p *path) choose(now int64) {
	if now < p.nextChoice || now < p.videoFrom {
		return
	}
	p.nextChoice = now + 200*ms
	budget := float64(p.e.Estimate()) - 60_000
	for p.layer > 0 && rates[p.layer] > budget {
		p.layer--
	}
	for p.layer+1 < len(rates) && rates[p.layer+1]*1.15 <= budget && !p.e.Congested(now, time.Second) {
		p.layer++
	}
	wanted := 0
	if p.layer+1 < len(rates) {
		wanted = int(rates[len(rates)-1]*1.15) + 60_000
	}
	if p.probes {
		p.e.Plan(now, wanted)
	} else {
		p.e.Rest(now)
	}
}

// between returns the mean rate that came through, the 95th percentile of the seconds' longest queues, and the least layer.
func (p *path) between(from, to int) (rate float64, queue time.Duration, layer int) {
	part := slices.Clone(p.seconds[from:to])
	layer = len(rates)
	for _, s := range part {
		rate += s.bits / float64(len(part))
		layer = min(layer, s.layer)
	}
	slices.SortFunc(part, func(a, b second) int { return cmp.Compare(a.queue, b.queue) })
	return rate, part[(len(part)-1)*95/100].queue, layer
}

// reached returns how many seconds after from the layer was chosen first and for good until to.
func (p *path) reached(layer, from, to int) int {
	at := to
	for at > from && p.seconds[at-1].layer >= layer {
		at--
	}
	return at - from
}

func (p *path) String() string {
	var text string
	for i, s := range p.seconds {
		text += fmt.Sprintf("%3d s: %7.0f kbit/s, estimate %5d, layer %d, queue %4d ms, lost %d\n",
			i, s.bits/1000, s.estimate/1000, s.layer, s.queue.Milliseconds(), s.lost)
	}
	return text
}

func always(c conditions) func(int64) conditions {
	return func(int64) conditions { return c }
}

// within returns bad from one second to another, else good.
func within(from, to time.Duration, bad, good conditions) func(int64) conditions {
	return func(now int64) conditions {
		if now >= int64(from) && now < int64(to) {
			return bad
		}
		return good
	}
}

var good = conditions{rate: 20_000_000, limit: 200 * time.Millisecond, delay: 20 * time.Millisecond}

func TestLinks(t *testing.T) {
	for _, c := range []struct {
		name  string
		at    func(int64) conditions
		layer int           // that is held once settled
		rate  float64       // least that comes through once settled
		queue time.Duration // most, but for one second in twenty
	}{
		{"good", always(good), 3, 1_600_000, 20 * time.Millisecond},
		{"500 kbit/s, 3 % loss, 50 ms", always(conditions{rate: 500_000, limit: 300 * time.Millisecond, delay: 50 * time.Millisecond, loss: 0.03}),
			1, 180_000, 150 * time.Millisecond},
		{"1 Mbit/s with 1 s of buffer", always(conditions{rate: 1_000_000, limit: time.Second, delay: 20 * time.Millisecond}),
			2, 500_000, 150 * time.Millisecond},
		{"2.2 Mbit/s with 1 s of buffer", always(conditions{rate: 2_200_000, limit: time.Second, delay: 20 * time.Millisecond}),
			2, 1_200_000, 150 * time.Millisecond},
		{"bursts of 10 % loss", always(conditions{rate: 20_000_000, limit: 200 * time.Millisecond, delay: 20 * time.Millisecond, loss: 0.1, burst: 5}),
			3, 1_300_000, 20 * time.Millisecond},
		{"150 kbit/s", always(conditions{rate: 150_000, limit: 500 * time.Millisecond, delay: 20 * time.Millisecond}),
			0, 60_000, 250 * time.Millisecond},
		{"1 Mbit/s with 30 ms of buffer", always(conditions{rate: 1_000_000, limit: 30 * time.Millisecond, delay: 20 * time.Millisecond}),
			1, 180_000, 30 * time.Millisecond},
		{"cross traffic of 2 of 3 Mbit/s", always(conditions{rate: 3_000_000, limit: 300 * time.Millisecond, delay: 20 * time.Millisecond, cross: 2_000_000}),
			2, 500_000, 150 * time.Millisecond},
		{"3 % loss that is not ours", always(conditions{rate: 20_000_000, limit: 200 * time.Millisecond, delay: 50 * time.Millisecond, loss: 0.03}),
			3, 1_500_000, 20 * time.Millisecond},
		{"18 % loss that is not ours", always(conditions{rate: 20_000_000, limit: 200 * time.Millisecond, delay: 50 * time.Millisecond, loss: 0.18}),
			1, 300_000, 20 * time.Millisecond},
		{"30 % loss that is not ours", always(conditions{rate: 20_000_000, limit: 200 * time.Millisecond, delay: 50 * time.Millisecond, loss: 0.3}),
			0, 40_000, 20 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPath(c.at).run(60)
			rate, queue, layer := p.between(10, 60)
			t.Logf("%.0f kbit/s, layer %d, queue %v, probing %.1f %% of the time", rate/1000, layer, queue, p.probed.Seconds()/60*100)
			if rate < c.rate || queue > c.queue || layer < c.layer {
				t.Errorf("%.0f bit/s, queue %v, layer %d\n%v", rate, queue, layer, p)
			}
			if p.probed > 60*time.Second*6/100 {
				t.Errorf("probed %v of a minute\n%v", p.probed, p)
			}
		})
	}
}

func TestRecovery(t *testing.T) {
	thin := conditions{rate: 400_000, limit: 300 * time.Millisecond, delay: 20 * time.Millisecond}
	deep := conditions{rate: 400_000, limit: time.Second, delay: 20 * time.Millisecond}
	cut := good
	cut.cut = true
	lossy := good
	lossy.loss = 0.4
	crowded := conditions{rate: 3_000_000, limit: 300 * time.Millisecond, delay: 20 * time.Millisecond, cross: 2_900_000}
	for _, c := range []struct {
		name     string
		bad      conditions
		from, to time.Duration
		within   int // seconds until the wanted layer is held again
	}{
		{"400 kbit/s for 20 s", thin, 10 * time.Second, 30 * time.Second, 3},
		{"400 kbit/s with 1 s of buffer for 20 s", deep, 10 * time.Second, 30 * time.Second, 3},
		{"400 kbit/s for 100 s", thin, 10 * time.Second, 110 * time.Second, 3},
		{"cut of 200 ms", cut, 10 * time.Second, 10200 * time.Millisecond, 3},
		{"cut of 2 s", cut, 10 * time.Second, 12 * time.Second, 3},
		{"cut of 10 s", cut, 10 * time.Second, 20 * time.Second, 3},
		{"40 % loss for 10 s", lossy, 10 * time.Second, 20 * time.Second, 4},
		{"crowded for 20 s", crowded, 10 * time.Second, 30 * time.Second, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := int((c.to + time.Second - 1) / time.Second)
			p := newPath(within(c.from, c.to, c.bad, good)).run(to + 20)
			after := p.reached(3, to, to+20)
			t.Logf("%d s", after)
			if after > c.within {
				t.Errorf("%d s until the wanted layer\n%v", after, p)
			}
		})
	}
}

// TestALinkThatDropsWhatItCannotCarry becomes thinner: what is lost then is never taken for the link's own loss.
func TestALinkThatDropsWhatItCannotCarry(t *testing.T) {
	for _, rate := range []float64{400_000, 800_000, 1_200_000} {
		first := conditions{rate: rate, limit: 20 * time.Millisecond, delay: 20 * time.Millisecond}
		then := first
		then.rate = 80_000
		p := newPath(within(0, 15*time.Second, first, then)).run(40)
		if after := p.seconds[25].layer; after != 0 {
			t.Errorf("%.0f bit/s: layer %d 10 s later\n%v", rate, after, p)
		}
	}
}

func TestVideoAfterSound(t *testing.T) {
	for _, able := range []bool{true, false} {
		p := newPath(always(good))
		p.probes, p.videoFrom = able, 20*int64(time.Second)
		p.run(40)
		if after := p.reached(3, 20, 40); after > 3 {
			t.Errorf("probes %v: %d s until the wanted layer\n%v", able, after, p)
		}
	}
}

func TestWithoutProbes(t *testing.T) {
	for _, rate := range []float64{400_000, 70_000} {
		thin := conditions{rate: rate, limit: 300 * time.Millisecond, delay: 20 * time.Millisecond}
		p := newPath(within(10*time.Second, 30*time.Second, thin, good))
		p.probes = false
		p.run(60)
		if after := p.reached(3, 30, 60); after > 20 {
			t.Errorf("%.0f bit/s: %d s until the wanted layer\n%v", rate, after, p)
		}
	}
}

func TestEstimateIsHeldToWhatIsDelivered(t *testing.T) {
	p := newPath(always(good))
	p.videoFrom = int64(time.Hour)
	p.run(60)
	if e := p.e.Estimate(); e > Start {
		t.Errorf("%d after a minute of sound", e)
	}
}

func TestRemoteEstimateCountsWithoutFeedback(t *testing.T) {
	e := New()
	e.Remote(400_000)
	if e.Estimate() != 400_000 {
		t.Errorf("%d", e.Estimate())
	}
	if plan, ok := e.Plan(0, 1_000_000); !ok || plan.BitsPerSecond > 400_000 {
		t.Errorf("filled with %d bit/s, %v", plan.BitsPerSecond, ok)
	}
}

// TestALongerWayIsNoQueue: the way becomes longer on a link that was thin and carries more again.
func TestALongerWayIsNoQueue(t *testing.T) {
	for _, longer := range []time.Duration{40 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond} {
		then := conditions{rate: 500_000, limit: 300 * time.Millisecond, delay: good.delay + longer, loss: 0.03}
		thin := conditions{rate: 100_000, limit: 300 * time.Millisecond, delay: good.delay}
		p := newPath(func(now int64) conditions {
			switch {
			case now < 10*int64(time.Second):
				return good
			case now < 20*int64(time.Second):
				return thin
			}
			return then
		}).run(45)
		if after := p.reached(1, 20, 45); after > 5 {
			t.Errorf("%v longer: %d s until the smallest layer is held\n%v", longer, after, p)
		}
	}
}

// TestAQueueIsFallenForOnce: a link that becomes thin is fallen to, not far below: what it carries is used while its queue
// drains, too.
func TestAQueueIsFallenForOnce(t *testing.T) {
	for _, limit := range []time.Duration{300 * time.Millisecond, 600 * time.Millisecond, time.Second} {
		thin := conditions{rate: 500_000, limit: limit, delay: good.delay}
		p := newPath(within(10*time.Second, time.Hour, thin, good))
		least := p.e.Estimate()
		for now := int64(0); now < 20*int64(time.Second); now += ms {
			if now%int64(time.Second) == 0 {
				p.seconds = append(p.seconds, second{})
			}
			p.step(now)
			least = min(least, p.e.Estimate())
		}
		if least < 400_000 {
			t.Errorf("queue of %v: %d bit/s\n%v", limit, least, p)
		}
	}
}

// TestASuddenQueueIsNoLongerWay: a link becomes thin all at once, with a queue as long as a longer way may be.
func TestASuddenQueueIsNoLongerWay(t *testing.T) {
	for _, rate := range []float64{150_000, 300_000, 500_000} {
		thin := conditions{rate: rate, limit: 150 * time.Millisecond, delay: good.delay}
		p := newPath(within(10*time.Second, time.Hour, thin, good)).run(20)
		lost := 0
		for _, s := range p.seconds[10:] {
			lost += s.lost
		}
		if lost > 120 {
			t.Errorf("%.0f bit/s: %d packets lost\n%v", rate, lost, p)
		}
	}
}

func TestLevel(t *testing.T) {
	var l level
	now := int64(0)
	stay := func(delay, how time.Duration) {
		for end := now + int64(how); now < end; now += 100 * ms {
			l.see(delay, now)
		}
	}
	limit := queueLimit / 2
	stay(0, 5*time.Second)
	if l.above(limit) {
		t.Error("no delay counts as one")
	}
	stay(100*time.Millisecond, time.Second)
	if l.above(limit) {
		t.Error("a delay of a second counts as one that stays")
	}
	stay(100*time.Millisecond, 2*time.Second)
	if !l.above(limit) {
		t.Error("a delay that stays does not count")
	}
	stay(150*time.Millisecond, 100*time.Millisecond)
	stay(200*time.Millisecond, time.Second)
	if l.above(limit) {
		t.Error("a delay that grows counts")
	}
}
