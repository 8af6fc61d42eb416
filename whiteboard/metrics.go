package whiteboard

import "github.com/prometheus/client_golang/prometheus"

// metrics answer what an operator asks.
type metrics struct {
	connections prometheus.Gauge
	updates     prometheus.Counter
	updateBytes prometheus.Counter
	panics      prometheus.Counter
	refused     *prometheus.CounterVec // by reason
	closed      *prometheus.CounterVec // by code and reason
	trouble     *prometheus.CounterVec // by event
}

func newMetrics(registry prometheus.Registerer, s *Server) (*metrics, error) {
	m := &metrics{
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "parley_board_connections", Help: "Open connections to boards.",
		}),
		updates: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_board_updates_total", Help: "Changes of boards that were taken.",
		}),
		updateBytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_board_update_bytes_total", Help: "Bytes of the changes that were taken.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_board_panics_total", Help: "Boards that a mistake in the server ended.",
		}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_board_refused_total", Help: "Messages that were not taken, by reason.",
		}, []string{"reason"}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_board_closed_connections_total", Help: "Connections that ended, by close code and reason.",
		}, []string{"code", "reason"}),
		trouble: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_board_saving_events_total", Help: "How often boards could not be saved (trouble) and could again (healed).",
		}, []string{"event"}),
	}
	if registry == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.connections, m.updates, m.updateBytes, m.panics, m.refused, m.closed, m.trouble,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "parley_boards_open", Help: "Boards that are loaded."}, s.countBoards),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "parley_board_unsaved_bytes", Help: "Bytes of changes that wait for the database.",
		}, func() float64 { return float64(s.unsaved.Load()) }),
	} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
