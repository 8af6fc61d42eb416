package session

import (
	"time"

	"parley/sfu"
	"parley/signaling/wire"
)

const (
	qualityInterval = 2 * time.Second
	// reportLifetime is how long a client's report counts.
	reportLifetime = 6 * time.Second
)

// Thresholds of quality: from here on speech and picture suffer (weak), or break (bad).
const (
	weakLoss, badLoss           = 0.04, 0.12
	weakRoundTrip, badRoundTrip = 350 * time.Millisecond, 800 * time.Millisecond
	weakFreeze, badFreeze       = 400 * time.Millisecond, 1500 * time.Millisecond // within one interval
)

type quality struct {
	level  wire.QualityLevel
	reason string
}

var goodQuality = quality{level: wire.QualityGood}

// judge says how a connection is from what the server measures and what the client reported, nil when it is silent.
func judge(stats sfu.PeerStats, report *wire.ReportStats) quality {
	if report == nil {
		report = &wire.ReportStats{}
	}
	roundTrip := max(stats.RoundTrip, time.Duration(report.RoundTripMs*float64(time.Millisecond)))
	up := max(stats.UplinkLoss, report.UplinkLoss)
	down := max(stats.DownlinkLoss, report.DownlinkLoss)
	freeze := time.Duration(report.FreezeMs) * time.Millisecond
	for _, level := range []struct {
		name              wire.QualityLevel
		loss              float64
		roundTrip, freeze time.Duration
		bandwidth, cpu    bool
	}{
		{wire.QualityBad, badLoss, badRoundTrip, badFreeze, false, false},
		{wire.QualityWeak, weakLoss, weakRoundTrip, weakFreeze, report.BandwidthLimited, report.CPULimited},
	} {
		switch {
		case up >= level.loss:
			return quality{level.name, "uplinkLoss"}
		case down >= level.loss:
			return quality{level.name, "downlinkLoss"}
		case roundTrip >= level.roundTrip:
			return quality{level.name, "roundTrip"}
		case level.bandwidth:
			return quality{level.name, "bandwidth"}
		case level.cpu:
			return quality{level.name, "cpu"}
		case freeze >= level.freeze:
			return quality{level.name, "downlinkLoss"}
		}
	}
	return goodQuality
}

// steady keeps a quality from flickering: what is judged twice in a row counts.
type steady struct {
	told, seen quality
}

// next takes a judgement and returns true when the quality to be told changed.
func (s *steady) next(now quality) bool {
	twice := s.seen == now
	s.seen = now
	if !twice || now == s.told {
		return false
	}
	s.told = now
	return true
}
