package store

import (
	"errors"
	"time"

	"parley/whiteboard"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	commits *prometheus.HistogramVec
	folds   *prometheus.HistogramVec
	waiting prometheus.Gauge
	lost    prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		commits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "parley_boards_commit_seconds", Help: "Time to commit changes of boards.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}, []string{"result"}),
		folds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "parley_boards_compact_seconds", Help: "Time to compact the log of a board.",
			Buckets: prometheus.ExponentialBuckets(0.002, 2, 14),
		}, []string{"result"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "parley_boards_uncommitted_bytes", Help: "Changes of boards that are not committed yet.",
		}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_boards_leases_lost_total", Help: "Open boards that another node took over.",
		}),
	}
	if registry == nil {
		return m, nil
	}
	var errs []error
	for _, c := range []prometheus.Collector{m.commits, m.folds, m.waiting, m.lost} {
		errs = append(errs, registry.Register(c))
	}
	return m, errors.Join(errs...)
}

func (m *metrics) committed(began time.Time, err error) {
	m.commits.WithLabelValues(result(err)).Observe(time.Since(began).Seconds())
}

func (m *metrics) folded(began time.Time, err error) {
	m.folds.WithLabelValues(result(err)).Observe(time.Since(began).Seconds())
}

func result(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, whiteboard.ErrLost):
		return "lost"
	}
	return "failed"
}
