package obs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/obs"
	"parley/internal/postgres/pgtest"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func ready(h *obs.Health) (int, obs.Readiness) {
	w := httptest.NewRecorder()
	h.Ready(w, httptest.NewRequest("GET", "/readyz", nil))
	var state obs.Readiness
	if err := json.Unmarshal(w.Body.Bytes(), &state); err != nil {
		panic(err)
	}
	return w.Code, state
}

func TestReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failure atomic.Pointer[error]
		var calls atomic.Int32
		h := obs.NewHealth(quiet(), map[string]obs.Check{
			"database": func(context.Context) error {
				calls.Add(1)
				if err := failure.Load(); err != nil {
					return *err
				}
				return nil
			},
			"bus": func(context.Context) error { return nil },
		})
		if code, state := ready(h); code != 200 || state.Status != "ready" || state.Checks["database"] != "ok" {
			t.Errorf("%d %+v", code, state)
		}
		err := errors.New("password hunter2 refused")
		failure.Store(&err)
		if code, _ := ready(h); code != 200 || calls.Load() != 1 {
			t.Errorf("asked %d times within a second, code %d", calls.Load(), code)
		}
		time.Sleep(2 * time.Second)
		code, state := ready(h)
		if code != 503 || state.Status != "failing" || state.Checks["database"] != "failing" || state.Checks["bus"] != "ok" {
			t.Errorf("%d %+v", code, state)
		}
		failure.Store(nil)
		h.Stopping()
		if code, state := ready(h); code != 503 || state.Status != "stopping" {
			t.Errorf("%d %+v", code, state)
		}
	})
}

func TestReadyBoundsAHangingCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := obs.NewHealth(quiet(), map[string]obs.Check{"store": func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		began := time.Now()
		if code, _ := ready(h); code != 503 || time.Since(began) > 5*time.Second {
			t.Errorf("%d after %v", code, time.Since(began))
		}
	})
}

func TestLive(t *testing.T) {
	w := httptest.NewRecorder()
	obs.NewHealth(quiet(), nil).Live(w, httptest.NewRequest("GET", "/healthz", nil))
	if w.Code != 200 {
		t.Error(w.Code)
	}
}

func TestAccessLogHoldsNoSecrets(t *testing.T) {
	var out bytes.Buffer
	registry := obs.NewMetrics()
	access, err := obs.NewAccessLog(obs.NewLogger(&out, slog.LevelDebug, true), registry, func(*http.Request) string { return "GET /invite/{token}" })
	if err != nil {
		t.Fatal(err)
	}
	handler := access.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		w.Write([]byte("body"))
	}))
	r := httptest.NewRequest("GET", "/invite/hunter2?token=hunter2", nil)
	r.Header.Set("Cookie", "parley_session=hunter2")
	r.Header.Set("Authorization", "Bearer hunter2")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("tells a secret: %s", out.String())
	}
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["code"] != 418.0 || line["route"] != "GET /invite/{token}" || line["bytes"] != 4.0 {
		t.Errorf("have %v", line)
	}
	const want = `# HELP parley_http_requests_total HTTP requests by route and status code.
# TYPE parley_http_requests_total counter
parley_http_requests_total{code="418",route="GET /invite/{token}"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "parley_http_requests_total"); err != nil {
		t.Error(err)
	}
}

func TestAccessLogLetsWebSocketsThrough(t *testing.T) {
	registry := obs.NewMetrics()
	access, err := obs.NewAccessLog(quiet(), registry, func(*http.Request) string { return "ws" })
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(access.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
	})))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSwitchingProtocols {
		t.Error(resp.Status)
	}
}

func TestMetrics(t *testing.T) {
	registry := obs.NewMetrics()
	if err := obs.RegisterPool(registry, pgtest.Pool(t)); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	obs.MetricsHandler(registry).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{"parley_build_info{", "parley_database_connections ", "go_goroutines", "process_cpu_seconds_total"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestLoggerWritesUTC(t *testing.T) {
	var out bytes.Buffer
	obs.NewLogger(&out, slog.LevelInfo, false).Info("hello")
	if !strings.Contains(out.String(), "Z level=INFO msg=hello") {
		t.Error(out.String())
	}
	if s := obs.BuildInfo().String(); !strings.HasPrefix(s, "parley ") {
		t.Error(s)
	}
}
