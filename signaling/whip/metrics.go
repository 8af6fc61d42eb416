package whip

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	sessions                *prometheus.GaugeVec
	started, refused, ended *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_whip_" + name, Help: help}, []string{label})
	}
	m := &metrics{
		sessions: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "parley_whip_sessions", Help: "Programs that take part in meetings over WHIP (ingest) and WHEP (viewer).",
		}, []string{"kind"}),
		started: counter("sessions_started_total", "Sessions of programs that were started, by kind.", "kind"),
		refused: counter("requests_refused_total", "Requests of programs that were answered with an error, by code.", "code"),
		ended:   counter("sessions_ended_total", "Sessions of programs that ended, by reason.", "reason"),
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.sessions, m.started, m.refused, m.ended} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
