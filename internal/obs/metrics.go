package obs

import (
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// NewMetrics makes a registry that already tells about the process, the Go runtime and the build.
func NewMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	build := BuildInfo()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "parley_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": build.Version, "revision": build.Revision, "go": build.Go},
	})
	info.Set(1)
	r.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// MetricsHandler serves the registry to Prometheus.
func MetricsHandler(r *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{Registry: r})
}

// RegisterPool tells about the connections of a pool.
func RegisterPool(r prometheus.Registerer, pool *pgxpool.Pool) error {
	gauge := func(name, help string, value func(*pgxpool.Stat) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(pool.Stat()) })
	}
	for _, c := range []prometheus.Collector{
		gauge("parley_database_connections", "Open database connections.", func(s *pgxpool.Stat) float64 { return float64(s.TotalConns()) }),
		gauge("parley_database_connections_in_use", "Database connections in use.", func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) }),
		gauge("parley_database_connections_max", "The most database connections there may be.", func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) }),
		gauge("parley_database_waits", "Requests that waited for a database connection since the start.", func(s *pgxpool.Stat) float64 { return float64(s.EmptyAcquireCount()) }),
	} {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}
