package main

import (
	"math/rand/v2"
	"time"

	"parley/internal/quality"
)

// demoStay is somebody in the sample meeting of the past.
type demoStay struct {
	login, participant string
	from, to           time.Duration // since the meeting began
}

// demoTroubles are what went wrong in it.
var demoTroubles = []struct {
	login    string
	from, to time.Duration
	sample   quality.Sample
	second   quality.Second
}{
	{"limubai", 14 * time.Minute, 18 * time.Minute, quality.Sample{UplinkLoss: 0.08}, quality.Second{UplinkLoss: 80, OthersFrozen: 2}},
	{"limubai", 31 * time.Minute, 31*time.Minute + 40*time.Second, quality.Sample{Interrupted: true}, quality.Second{OthersFrozen: 3}},
	{
		"chenyutong", 22 * time.Minute, 25 * time.Minute, quality.Sample{CPULimited: 1}, quality.Second{CPULimitedMs: 1000},
	},
	{
		"wangsiyuan", 9 * time.Minute, 11 * time.Minute, quality.Sample{PausedVideos: 1, ShownVideos: 3},
		quality.Second{PausedVideos: 1, EstimateKbps: 480},
	},
	{"wangsiyuan", 36 * time.Minute, 37 * time.Minute, quality.Sample{RoundTrip: 620 * time.Millisecond}, quality.Second{RoundTripMs: 620}},
}

// measurePast makes what would have been measured in the sample meeting, judged as it would have been.
func (c *company) measurePast(meeting string, began time.Time, stays []demoStay, length time.Duration) {
	random := rand.New(rand.NewPCG(1, 2)) // the same in every demo
	judges := map[string]*quality.Judge{}
	log := quality.NewLog(began)
	for at := time.Duration(0); at < length; at += time.Second {
		now := began.Add(at)
		if log.Full(now) {
			c.domains.history.Keep(meeting, log.Block())
			log = quality.NewLog(now)
		}
		log.Tick(now)
		for _, stay := range stays {
			if at < stay.from || at >= stay.to {
				continue
			}
			judge := judges[stay.participant]
			if judge == nil {
				judge = &quality.Judge{}
				judges[stay.participant] = judge
			}
			noteDemo(log, stay, at, judge, random)
		}
	}
	c.domains.history.Keep(meeting, log.Block())
}

// noteDemo notes a second of one of them.
func noteDemo(log *quality.Log, stay demoStay, at time.Duration, judge *quality.Judge, random *rand.Rand) {
	about := func(v, by int) int { return max(0, v+random.IntN(2*by+1)-by) }
	var sample quality.Sample
	second := quality.Second{EstimateKbps: about(6000, 400)}
	for _, t := range demoTroubles {
		if t.login == stay.login && t.from <= at && at < t.to {
			sample, second = t.sample, t.second
		}
	}
	if second.EstimateKbps == 0 {
		second.EstimateKbps = about(6000, 400)
	}
	if second.RoundTripMs == 0 {
		second.RoundTripMs = about(38, 6)
	}
	second.UplinkKbps, second.DownlinkKbps = about(1700, 150), about(2900, 300)
	second.Verdict = judge.Settle(judge.Weigh(sample))
	log.Person(stay.participant, second)
	log.Sent(stay.participant, stay.participant+"-camera", "camera", quality.Sent{
		Packets: about(200, 20), Lost: second.UplinkLoss / 5, Kbps: second.UplinkKbps, JitterMs: about(6, 3), Layers: 3, Height: 720,
		FramesPerSecond: 30 - second.CPULimitedMs/60, CPULimitedMs: second.CPULimitedMs,
	})
}
