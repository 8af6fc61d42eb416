package quality

import "time"

// Sample is what is known of a participant in one second. Zero means that there is nothing to complain about.
type Sample struct {
	Interrupted bool          // a media connection that stood is gone
	Late        time.Duration // how late the server itself was
	RoundTrip   time.Duration
	// UplinkLoss and DownlinkLoss are fractions 0..1 of lost packets.
	UplinkLoss, DownlinkLoss float64
	// SendersTroubled tells that somebody it receives is not well: what it was believed to have lost itself may have been
	// lost before.
	SendersTroubled bool
	// UplinkLimited and CPULimited are the fractions 0..1 of the time in which the encoder was held back by bandwidth or by
	// the processor.
	UplinkLimited, CPULimited float64
	// UplinkBitsPerSecond is what the uplink carries or is believed to carry, whichever is more.
	UplinkBitsPerSecond int
	// Frozen is the fraction 0..1 of the time in which a picture whose sender is well stood still.
	Frozen float64
	// PausedVideos of ShownVideos are paused because the downlink does not carry them.
	PausedVideos, ShownVideos int
}

// Thresholds: from weak on speech and picture suffer, from bad on they break.
const (
	weakLoss, badLoss           = 0.04, 0.12
	weakRoundTrip, badRoundTrip = 0.35, 0.8 // seconds
	weakLate, badLate           = 0.3, 1.0  // seconds
	weakFrozen, badFrozen       = 0.2, 0.75
	limited                     = 0.5 // of the time

	// An uplink that is held back but carries this much still gives a good picture, or at least speech.
	goodUplink, leastUplink = 700_000, 150_000

	// queued is how much longer than at its shortest a round trip is when what was sent waits in a queue, in seconds. The
	// shortest is forgotten by forget seconds each second, since ways change.
	queued, forget = 0.1, 0.002

	// relief is the part of a threshold below which what crossed it counts as over.
	relief = 0.7
	// smoothing is the weight of the latest second in the averages of what jumps.
	smoothing = 0.3

	// worseAfter and betterAfter are how many seconds in a row say the same before it is believed. Trouble of another
	// kind at the same level has to last as long as an improvement.
	worseAfter, betterAfter = 3, 5
)

// rule is one way of being in trouble: a value, and from where on it is weak or bad.
type rule struct {
	reason    Reason
	value     func(*Judge, Sample) float64
	weak, bad float64
}

// ruleCount is how many rules there are.
const ruleCount = 9

var never = 1e9

// rules are in the order in which they explain a connection when several are at the same level.
var rules = [ruleCount]rule{
	{Lost, func(_ *Judge, s Sample) float64 { return truth(s.Interrupted) }, 1, 1},
	{ServerBusy, func(_ *Judge, s Sample) float64 { return s.Late.Seconds() }, weakLate, badLate},
	{UplinkLoss, uplinkLoss, weakLoss, badLoss},
	{DownlinkLoss, func(j *Judge, _ Sample) float64 { return j.down }, weakLoss, badLoss},
	{UplinkBandwidth, uplinkBandwidth, 1, 2},
	{DownlinkBandwidth, downlinkBandwidth, 1, 2},
	{Frozen, func(j *Judge, _ Sample) float64 { return j.frozen }, weakFrozen, badFrozen},
	{RoundTrip, func(j *Judge, _ Sample) float64 { return j.roundTrip }, weakRoundTrip, badRoundTrip},
	{CPU, func(j *Judge, _ Sample) float64 { return j.cpu }, limited, never},
}

// Judge judges one participant, second by second. The zero value has seen nothing and believes that all is well.
type Judge struct {
	up, down, roundTrip, cpu, limit, frozen float64 // averages
	shortest                                float64 // round trip, seconds
	begun                                   bool
	levels                                  [ruleCount]Level
	now                                     Verdict // of the last second

	told    Verdict
	seen    Verdict // what the last seconds said
	lasting int     // for how many of them
}

// Told returns the verdict that stands.
func (j *Judge) Told() Verdict { return j.told }

// Weigh takes a second and returns what it says by itself.
func (j *Judge) Weigh(s Sample) Verdict {
	j.average(s)
	j.now = Verdict{}
	for i, r := range rules {
		j.levels[i] = levelOf(r.value(j, s), r.weak, r.bad, j.levels[i])
		if j.levels[i] > j.now.Level {
			j.now = Verdict{j.levels[i], r.reason}
		}
	}
	return j.now
}

// Troubled tells whether the last second was not good.
func (j *Judge) Troubled() bool { return j.now.Level > Good }

// Settle takes the verdict of a second and returns the one that stands.
func (j *Judge) Settle(now Verdict) Verdict {
	if now != j.seen {
		// What gets worse step by step is bad for as long as it was weak.
		if !(now.Reason == j.seen.Reason && now.Level > j.seen.Level) {
			j.lasting = 0
		}
		j.seen = now
	}
	j.lasting++
	needed := betterAfter
	if now.Level > j.told.Level {
		needed = worseAfter
	}
	if now == j.told || j.lasting < needed {
		return j.told
	}
	j.told = now
	return j.told
}

func (j *Judge) average(s Sample) {
	weight := smoothing
	if !j.begun {
		weight, j.begun = 1, true
	}
	if now := s.RoundTrip.Seconds(); now > 0 && (j.shortest == 0 || now < j.shortest+forget) {
		j.shortest = now
	} else if now > 0 {
		j.shortest += forget
	}
	for _, a := range []struct {
		mean *float64
		now  float64
	}{
		{&j.up, s.UplinkLoss}, {&j.down, s.DownlinkLoss}, {&j.roundTrip, s.RoundTrip.Seconds()}, {&j.cpu, s.CPULimited},
		{&j.limit, s.UplinkLimited}, {&j.frozen, s.Frozen},
	} {
		*a.mean += weight * (a.now - *a.mean)
	}
	if s.SendersTroubled {
		j.down = min(j.down, s.DownlinkLoss)
	}
}

func levelOf(value, weak, bad float64, before Level) Level {
	if before >= Weak {
		weak *= relief
	}
	if before >= Bad {
		bad *= relief
	}
	switch {
	case value >= bad:
		return Bad
	case value >= weak:
		return Weak
	default:
		return Good
	}
}

// overflows tells whether what the uplink loses is lost in a queue of its own, because it is too thin.
func (j *Judge) overflows(s Sample) bool {
	return j.up >= weakLoss*relief && j.roundTrip-j.shortest >= queued && s.UplinkBitsPerSecond < goodUplink
}

// uplinkLoss is the fraction 0..1 that is lost for no reason that is known.
func uplinkLoss(j *Judge, s Sample) float64 {
	if j.overflows(s) {
		return 0
	}
	return j.up
}

// uplinkBandwidth is 1 when the encoder is held back by an uplink too thin for a good picture, 2 for any.
func uplinkBandwidth(j *Judge, s Sample) float64 {
	switch {
	case j.overflows(s) && j.up >= badLoss:
		return 2
	case !j.overflows(s) && j.limit < limited || s.UplinkBitsPerSecond >= goodUplink:
		return 0
	case s.UplinkBitsPerSecond >= leastUplink:
		return 1
	default:
		return 2
	}
}

// downlinkBandwidth is 1 when a video is paused for want of bandwidth, 2 when all are.
func downlinkBandwidth(_ *Judge, s Sample) float64 {
	switch {
	case s.PausedVideos == 0:
		return 0
	case s.PausedVideos < s.ShownVideos:
		return 1
	default:
		return 2
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// leastWidespread is how many must lose packets at once before that says something about the server.
const leastWidespread = 3

// Widespread tells whether the verdicts of one second, of everybody in a meeting, have their cause at the server: at
// least three people, and two thirds of all, lose packets at once.
func Widespread(all []Verdict) bool {
	losing := 0
	for _, v := range all {
		if v.Reason == UplinkLoss || v.Reason == DownlinkLoss || v.Reason == Lost {
			losing++
		}
	}
	return losing >= leastWidespread && 3*losing >= 2*len(all)
}

// AtServer is the verdict with its cause at the server, if it is one of those that Widespread counts.
func (v Verdict) AtServer() Verdict {
	switch v.Reason {
	case UplinkLoss, DownlinkLoss, Lost:
		return Verdict{v.Level, ServerLoss}
	default:
		return v
	}
}
