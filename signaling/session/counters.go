package session

import (
	"math"
	"slices"
	"time"

	"parley/internal/quality"
	"parley/sfu"
	"parley/signaling/wire"
)

// counters are what only ever grows, by publication.
type counters struct {
	up   map[string]upCounters
	down map[string]sfu.DownStats
}

type upCounters struct {
	packets, lost, recovered int64
	keyframeRequests         int64
}

func countersOf(s sfu.PeerStats) counters {
	c := counters{make(map[string]upCounters, len(s.Up)), make(map[string]sfu.DownStats, len(s.Down))}
	for _, up := range s.Up {
		var sum upCounters
		for _, l := range up.Layers {
			sum.packets += int64(l.Packets)
			sum.lost += l.Lost
			sum.recovered += int64(l.Recovered)
			sum.keyframeRequests += int64(l.KeyframesAskedFor)
		}
		c.up[up.TrackID] = sum
	}
	for _, d := range s.Down {
		c.down[d.TrackID] = d
	}
	return c
}

// lostSince returns how many packets were sent over the uplink until now, and how many of them were lost, though some may
// have come on a second try.
func (c counters) lostSince(now counters) (sent, lost int64) {
	for id, after := range now.up {
		before := c.up[id]
		gone := grown(after.lost, before.lost)
		sent += grown(after.packets, before.packets) + gone
		lost += gone + grown(after.recovered, before.recovered)
	}
	return sent, min(sent, lost)
}

// grown is the difference of a counter; one that fell, because its stream is another one, or because what was lost came
// after all, did not grow.
func grown[N int64 | uint64](after, before N) N {
	if after < before {
		return 0
	}
	return after - before
}

// Losses are reckoned over a few seconds, because a quiet voice is only some packets in each.
const (
	lossSeconds      = 3
	leastLossPackets = 20
)

// lossWindow adds up the last seconds.
type lossWindow struct {
	sent, lost [lossSeconds]int64
	next       int
}

// add takes a second and returns the fraction lost, 0 while there are too few packets to tell.
func (w *lossWindow) add(sent, lost int64) float64 {
	w.sent[w.next], w.lost[w.next] = sent, lost
	w.next = (w.next + 1) % lossSeconds
	var all, gone int64
	for i := range w.sent {
		all += w.sent[i]
		gone += w.lost[i]
	}
	if all < leastLossPackets {
		return 0
	}
	return float64(gone) / float64(all)
}

// note writes the reading's rows.
func (r *reading) note(log *quality.Log, room overview) {
	second := quality.Second{
		Verdict: r.link.judge.Told(), RoundTripMs: int(r.stats.RoundTrip / time.Millisecond), UplinkLoss: thousandths(r.uplinkLoss),
		DownlinkLoss: thousandths(r.downlinkLoss), UplinkKbps: r.stats.UplinkBitsPerSecond / 1000,
		DownlinkKbps: r.stats.DownlinkBitsPerSecond / 1000, EstimateKbps: r.stats.EstimateBitsPerSecond / 1000,
		OthersFrozen: room.frozen[r.link.id],
	}
	for _, d := range r.stats.Down {
		if d.PausedReason == quality.PausedBandwidth.String() {
			second.PausedVideos++
		}
	}
	sent, received := map[string]wire.SentReport{}, map[string]wire.ReceivedReport{}
	if r.report != nil {
		second.RoundTripMs = max(second.RoundTripMs, int(r.report.RoundTripMs))
		second.AvailableKbps = r.report.AvailableBitsPerSecond / 1000
	}
	if r.fresh {
		second.FreezeMs, second.CPULimitedMs, second.BandwidthLimitedMs = r.report.FreezeMs, r.report.CPULimitedMs, r.report.BandwidthLimitedMs
		for _, x := range r.report.Sent {
			sent[x.PublicationID] = x
		}
		for _, x := range r.report.Received {
			received[x.PublicationID] = x
		}
	}
	log.Person(r.link.id, second)
	for _, up := range r.stats.Up {
		log.Sent(r.link.id, up.TrackID, string(room.publications[up.TrackID].source), r.sent(up, sent[up.TrackID]))
	}
	for _, d := range r.stats.Down {
		row := r.received(d, room.layers[d.TrackID], received[d.TrackID])
		log.Received(r.link.id, d.TrackID, string(room.publications[d.TrackID].source), row)
	}
}

func (r *reading) sent(up sfu.UpStats, reported wire.SentReport) quality.Sent {
	after, before := r.link.counters.up[up.TrackID], r.before.up[up.TrackID]
	s := quality.Sent{
		Packets: int(grown(after.packets, before.packets)), Lost: int(grown(after.lost, before.lost)),
		KeyframeRequests: int(grown(after.keyframeRequests, before.keyframeRequests)), FramesPerSecond: reported.FramesPerSecond,
		CPULimitedMs: reported.CPULimitedMs, BandwidthLimitedMs: reported.BandwidthLimitedMs,
	}
	bits := 0
	for _, l := range up.Layers {
		if l.BitsPerSecond > 0 {
			s.Layers++
			s.Height = max(s.Height, l.Height)
		}
		bits += l.BitsPerSecond
		s.JitterMs = max(s.JitterMs, int(l.Jitter/time.Millisecond))
	}
	s.Kbps = bits / 1000
	return s
}

// received takes layers, the layers of the publication, smallest first.
func (r *reading) received(d sfu.DownStats, layers []string, reported wire.ReceivedReport) quality.Received {
	before := r.before.down[d.TrackID]
	row := quality.Received{
		Packets: int(grown(d.Packets, before.Packets)), Kbps: int(grown(d.Bytes, before.Bytes) * 8 / 1000),
		Retransmitted: int(grown(d.Retransmitted, before.Retransmitted)), Dropped: int(grown(d.Dropped, before.Dropped)),
		Loss: thousandths(d.Lost), Pause: quality.PauseOf(d.PausedReason), Lost: reported.Lost, JitterMs: reported.JitterMs,
		FreezeMs: reported.FreezeMs,
	}
	if row.Pause == quality.Flows {
		row.Layer = 1 + max(0, slices.Index(layers, d.RID))
	}
	return row
}

func thousandths(fraction float64) int { return int(math.Round(1000 * fraction)) }
