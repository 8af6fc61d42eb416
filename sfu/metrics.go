package sfu

import "github.com/prometheus/client_golang/prometheus"

// metrics are what an operator asks of the media plane.
type metrics struct {
	peers, tracks, downTracks prometheus.Gauge

	packetsIn, packetsOut, bytesIn, bytesOut prometheus.Counter
	nacksSent, nacksReceived                 prometheus.Counter
	retransmitted, recovered, repeated       prometheus.Counter
	keyframeRequests, keyframesWanted        prometheus.Counter
	layerSwitches                            prometheus.Counter
	direct, throughPion                      prometheus.Counter
	probes                                   prometheus.Counter
	forwardingDelay, allocation              prometheus.Histogram

	dropMuted, dropStale, dropWrite, dropSinkFull, dropSinkLate, dropMalformed, dropDuplicate, dropNackMiss, dropLaneFull, dropHeld, dropLaneWork, dropForged, dropQuiet, dropLate, dropCopy prometheus.Counter
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	drops := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parley_sfu_dropped_packets_total", Help: "Packets that were not passed on, by reason.",
	}, []string{"reason"})
	all := []prometheus.Collector{drops}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "parley_sfu_" + name, Help: help})
		all = append(all, g)
		return g
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "parley_sfu_" + name, Help: help})
		all = append(all, c)
		return c
	}
	m := &metrics{
		peers:            gauge("peers", "Peers that are connected or connecting."),
		tracks:           gauge("tracks", "Published tracks."),
		downTracks:       gauge("down_tracks", "Subscribed tracks."),
		packetsIn:        counter("received_packets_total", "RTP packets received from publishers."),
		packetsOut:       counter("sent_packets_total", "RTP packets sent to subscribers, retransmissions included."),
		bytesIn:          counter("received_bytes_total", "RTP bytes received from publishers."),
		bytesOut:         counter("sent_bytes_total", "RTP payload bytes sent to subscribers."),
		nacksSent:        counter("nacks_sent_total", "Packets asked for at publishers."),
		nacksReceived:    counter("nacks_received_total", "Packets asked for by subscribers."),
		retransmitted:    counter("retransmitted_packets_total", "Packets sent again to subscribers."),
		repeated:         counter("repeated_packets_total", "Packets of sound sent once more to subscribers that lose them and do not ask for them."),
		recovered:        counter("recovered_packets_total", "Lost packets of publishers that they sent again, or with a later one (RFC 2198)."),
		keyframeRequests: counter("keyframe_requests_total", "Keyframes asked for at publishers."),
		keyframesWanted:  counter("keyframe_requests_received_total", "Keyframes asked for by subscribers."),
		layerSwitches:    counter("layer_switches_total", "Switches of a subscriber's layer."),
		probes:           counter("probes_total", "Bursts of padding sent to learn what a link carries."),
		dropMuted:        drops.WithLabelValues("muted"),
		dropStale:        drops.WithLabelValues("stale"),
		dropWrite:        drops.WithLabelValues("write"),
		dropSinkFull:     drops.WithLabelValues("sinkFull"),
		dropSinkLate:     drops.WithLabelValues("sinkLate"),
		dropMalformed:    drops.WithLabelValues("malformed"),
		dropDuplicate:    drops.WithLabelValues("duplicate"),
		dropNackMiss:     drops.WithLabelValues("nackMiss"),
		dropLaneFull:     drops.WithLabelValues("laneFull"),
		dropLaneWork:     drops.WithLabelValues("laneWork"),
		dropForged:       drops.WithLabelValues("forged"),
		dropHeld:         drops.WithLabelValues("held"),
		dropQuiet:        drops.WithLabelValues("quiet"),
		dropLate:         drops.WithLabelValues("late"),
		dropCopy:         drops.WithLabelValues("copy"),
	}
	connections := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "parley_sfu_connections_total", Help: "Connections by who seals and opens their media: this server's lanes, or Pion.",
	}, []string{"media"})
	all = append(all, connections)
	m.direct, m.throughPion = connections.WithLabelValues("lanes"), connections.WithLabelValues("pion")
	m.forwardingDelay = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "parley_sfu_forwarding_delay_seconds", Help: "Time of a burst from its first packet's arrival until it left.",
		Buckets: []float64{50e-6, 100e-6, 200e-6, 400e-6, 800e-6, 1.6e-3, 3.2e-3, 6.4e-3, 12.8e-3, 25e-3, 50e-3, 100e-3, 200e-3},
	})
	m.allocation = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "parley_sfu_allocation_seconds", Help: "Time that choosing the layers of one subscriber took.",
		Buckets: []float64{20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 50e-3},
	})
	all = append(all, m.forwardingDelay, m.allocation)
	if r == nil {
		return m, nil
	}
	for _, c := range all {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
