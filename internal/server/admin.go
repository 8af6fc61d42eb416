package server

import (
	"log/slog"
	"net/http"
	"net/http/pprof"

	"parley/internal/obs"

	"github.com/prometheus/client_golang/prometheus"
)

// NewAdmin is the operators' server: metrics, health and profiles. It has no log-in and belongs on an address that
// only operators reach.
func NewAdmin(metrics *prometheus.Registry, health *obs.Health, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", obs.MetricsHandler(metrics))
	mux.HandleFunc("GET /healthz", health.Live)
	mux.HandleFunc("GET /readyz", health.Ready)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return newHTTPServer(mux, log)
}

// NewRedirect serves a handler on the plain HTTP address beside TLS.
func NewRedirect(handler http.Handler, log *slog.Logger) *http.Server {
	s := newHTTPServer(handler, log)
	s.ReadTimeout, s.WriteTimeout = readHeaderTimeout, readHeaderTimeout
	return s
}
