package obs

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// AccessLog records requests in the log and in metrics.
type AccessLog struct {
	// static
	log      *slog.Logger
	route    func(*http.Request) string
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	active   prometheus.Gauge
}

// NewAccessLog records under the route of a request: a pattern such as "GET /api/v1/meetings/{id}". Paths and queries
// may hold invitation tokens and are never recorded.
func NewAccessLog(log *slog.Logger, metrics prometheus.Registerer, route func(*http.Request) string) (*AccessLog, error) {
	a := &AccessLog{
		log:   log,
		route: route,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_http_requests_total", Help: "HTTP requests by route and status code.",
		}, []string{"route", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "parley_http_request_seconds", Help: "Time to answer HTTP requests, without WebSockets.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		active: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "parley_http_active_requests", Help: "HTTP requests and WebSockets that are open.",
		}),
	}
	for _, c := range []prometheus.Collector{a.requests, a.duration, a.active} {
		if err := metrics.Register(c); err != nil {
			return nil, fmt.Errorf("access log: %w", err)
		}
	}
	return a, nil
}

// Wrap records what next answers.
func (a *AccessLog) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &recorder{ResponseWriter: w}
		a.active.Inc()
		defer func() {
			a.active.Dec()
			a.record(rec, r, time.Since(began))
		}()
		next.ServeHTTP(rec, r)
	})
}

func (a *AccessLog) record(rec *recorder, r *http.Request, took time.Duration) {
	route := a.route(r)
	code := rec.code
	if code == 0 {
		code = http.StatusOK
	}
	a.requests.WithLabelValues(route, strconv.Itoa(code)).Inc()
	if !rec.hijacked {
		a.duration.WithLabelValues(route).Observe(took.Seconds())
	}
	level := slog.LevelDebug
	if code >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	a.log.LogAttrs(r.Context(), level, "request",
		slog.String("method", r.Method), slog.String("route", route), slog.Int("code", code),
		slog.Int64("bytes", rec.bytes), slog.Duration("took", took), slog.String("remote", r.RemoteAddr))
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	code     int
	bytes    int64
	hijacked bool
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(code int) {
	if r.code == 0 && code >= http.StatusOK || code == http.StatusSwitchingProtocols {
		r.code = code
	}
	r.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	if r.code == 0 {
		r.code = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach what is below.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush implements http.Flusher.
func (r *recorder) Flush() {
	if err := http.NewResponseController(r.ResponseWriter).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return // the client has gone; the next write says so
	}
}

// Hijack implements http.Hijacker for WebSockets.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(r.ResponseWriter).Hijack()
	if err == nil {
		r.hijacked, r.code = true, http.StatusSwitchingProtocols
	}
	return conn, rw, err
}
