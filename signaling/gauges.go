package signaling

import (
	"parley/signaling/wire"

	"github.com/prometheus/client_golang/prometheus"
)

// gauges look at rooms and connections when an operator asks.
type gauges struct {
	server          *Server
	troubled, queue *prometheus.Desc
}

func newGauges(s *Server) *gauges {
	return &gauges{
		server: s,
		troubled: prometheus.NewDesc("parley_signaling_troubled_participants",
			"Participants whose connection is not good, by the side that has the cause.", []string{"side"}, nil),
		queue: prometheus.NewDesc("parley_signaling_queued",
			"What waits: messages to clients (outbox), work for the rooms (room).", []string{"queue"}, nil),
	}
}

// Describe implements prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	to <- g.troubled
	to <- g.queue
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	sides := map[string]int{"uplink": 0, "downlink": 0, "link": 0, "device": 0, "server": 0}
	waiting := 0
	for _, id := range g.server.rooms.ids() {
		if found, ok := g.server.rooms.find(id); ok {
			waiting += found.room.Queued()
		}
		snapshot, _ := g.server.rooms.Snapshot(id)
		for _, p := range snapshot.Participants {
			if p.Quality.Level != wire.QualityGood {
				sides[p.Quality.Side]++
			}
		}
	}
	for side, n := range sides {
		to <- prometheus.MustNewConstMetric(g.troubled, prometheus.GaugeValue, float64(n), side)
	}
	to <- prometheus.MustNewConstMetric(g.queue, prometheus.GaugeValue, float64(waiting), "room")
	to <- prometheus.MustNewConstMetric(g.queue, prometheus.GaugeValue, float64(g.server.unwritten()), "outbox")
}

// unwritten is how many messages wait to be written to clients.
func (s *Server) unwritten() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for v := range s.visits {
		if v.session != nil {
			n += v.session.Queued()
		}
	}
	return n
}
