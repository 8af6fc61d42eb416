package signaling

import (
	"parley/internal/fault"
	"parley/signaling/wire"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics implements session.Meter.
type metrics struct {
	received, sent, failed, ended *prometheus.CounterVec
	connections                   prometheus.Gauge
	refused, dropped              prometheus.Counter
}

func newMetrics(r prometheus.Registerer, counts func() (rooms, participants int)) (*metrics, error) {
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_signaling_" + name, Help: help}, []string{label})
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "parley_signaling_" + name, Help: help}, value)
	}
	m := &metrics{
		received: counter("messages_received_total", "Messages of clients by type; invalid ones cannot be read.", "type"),
		sent:     counter("messages_sent_total", "Messages of rooms to clients by type, one for each receiver.", "type"),
		failed:   counter("errors_total", "Errors told to clients by code.", "code"),
		ended:    counter("connections_ended_total", "Connections that ended, by reason.", "reason"),
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "parley_signaling_connections", Help: "Open signaling connections.",
		}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_signaling_connections_refused_total", Help: "Connections refused because there were too many.",
		}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_signaling_media_events_dropped_total",
			Help: "Speakers, qualities and codecs not told to a room that was too busy.",
		}),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{
		m.received, m.sent, m.failed, m.ended, m.connections, m.refused, m.dropped,
		gauge("rooms", "Running meetings.", func() float64 { rooms, _ := counts(); return float64(rooms) }),
		gauge("participants", "Participants of running meetings.", func() float64 { _, people := counts(); return float64(people) }),
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) Received(messageType string) { m.received.WithLabelValues(messageType).Inc() }
func (m *metrics) Failed(code fault.Code)      { m.failed.WithLabelValues(string(code)).Inc() }
func (m *metrics) Ended(reason wire.EndReason) { m.ended.WithLabelValues(string(reason)).Inc() }

func (m *metrics) sentTo(messageType string, receivers int) {
	m.sent.WithLabelValues(messageType).Add(float64(receivers))
}
