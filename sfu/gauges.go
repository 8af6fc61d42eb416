package sfu

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// estimateBuckets are bits per second.
var estimateBuckets = []float64{100e3, 200e3, 500e3, 1e6, 2e6, 5e6, 10e6, 20e6, 50e6}

// gauges look at the peers and lanes when an operator asks; nothing is counted on a packet's way.
type gauges struct {
	sfu                       *SFU
	estimates, paused, queued *prometheus.Desc
}

// registerGauges makes the state of an SFU known. The registerer may be nil.
func (s *SFU) registerGauges(r prometheus.Registerer) error {
	if r == nil {
		return nil
	}
	err := r.Register(&gauges{
		sfu: s,
		estimates: prometheus.NewDesc("parley_sfu_estimate_bits_per_second",
			"What the downlinks of the connected peers are believed to carry at this moment.", nil, nil),
		paused: prometheus.NewDesc("parley_sfu_paused_videos", "Subscribed videos that do not flow, by reason.", []string{"reason"}, nil),
		queued: prometheus.NewDesc("parley_sfu_queued",
			"What waits: packets in the lanes (lane), work for the peers (mailbox).", []string{"queue"}, nil),
	})
	if err != nil {
		return fmt.Errorf("sfu: register gauges: %w", err)
	}
	return nil
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	to <- g.estimates
	to <- g.paused
	to <- g.queued
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	g.sfu.mu.Lock()
	peers := make([]*Peer, 0, len(g.sfu.peers))
	for p := range g.sfu.peers {
		peers = append(peers, p)
	}
	g.sfu.mu.Unlock()

	var count uint64
	var sum float64
	buckets := make(map[float64]uint64, len(estimateBuckets))
	for _, bound := range estimateBuckets {
		buckets[bound] = 0
	}
	paused := map[pauseReason]int{pausedHidden: 0, pausedBandwidth: 0, pausedNoLayer: 0}
	waiting := 0
	for _, p := range peers {
		p.mu.Lock()
		waiting += len(p.mailbox)
		p.mu.Unlock()
		if p.sub == nil || !p.sub.conn.connected.Load() {
			continue
		}
		for _, d := range p.sub.list() {
			if reason := pauseReason(d.paused.Load()); reason != notPaused {
				paused[reason]++
			}
		}
		bits := p.sub.estimate()
		count++
		sum += bits
		for bound := range buckets {
			if bits <= bound {
				buckets[bound]++
			}
		}
	}
	to <- prometheus.MustNewConstHistogram(g.estimates, count, sum, buckets)
	for reason, n := range paused {
		to <- prometheus.MustNewConstMetric(g.paused, prometheus.GaugeValue, float64(n), reason.String())
	}
	to <- prometheus.MustNewConstMetric(g.queued, prometheus.GaugeValue, float64(waiting), "mailbox")
	to <- prometheus.MustNewConstMetric(g.queued, prometheus.GaugeValue, float64(g.sfu.inLanes()), "lane")
}

func (s *SFU) inLanes() int {
	n := 0
	for _, x := range s.lanes {
		x.mu.Lock()
		n += len(x.queue) + len(x.sounds)
		x.mu.Unlock()
	}
	return n
}

// estimate is what the downlink is believed to carry, in bits per second.
func (s *subscriber) estimate() float64 {
	s.wideMu.Lock()
	defer s.wideMu.Unlock()
	return float64(s.estimator.Estimate())
}
