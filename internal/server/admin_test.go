package server

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/internal/obs"
)

// operatorsOnly are paths with a word that is in each answer.
var operatorsOnly = map[string]string{
	"/metrics":                       "go_goroutines",
	"/debug/pprof/":                  "goroutine",
	"/debug/pprof/goroutine?debug=1": "goroutine profile:",
	"/debug/pprof/heap?debug=1":      "heap profile:",
	"/debug/pprof/mutex?debug=1":     "mutex",
	"/debug/pprof/cmdline":           ".test",
	"/debug/pprof/symbol":            "num_symbols",
}

func TestProfilesAndMetricsAreForOperators(t *testing.T) {
	admin := NewAdmin(obs.NewMetrics(), obs.NewHealth(slog.New(slog.DiscardHandler), nil), slog.New(slog.DiscardHandler))
	for path, word := range operatorsOnly {
		w := httptest.NewRecorder()
		admin.Handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), word) {
			t.Errorf("%s at the operators' port: %d %.200s", path, w.Code, w.Body)
		}
	}
}

func TestProfilesAndMetricsAreNotForEverybody(t *testing.T) {
	main := newServer(t, func(c *Config) { c.API = http.NotFoundHandler() })
	redirect := NewRedirect(http.RedirectHandler("https://meet.example.com/", http.StatusMovedPermanently), slog.New(slog.DiscardHandler))
	for path, word := range operatorsOnly {
		for name, h := range map[string]http.Handler{"main": main.http.Handler, "redirect": redirect.Handler} {
			for _, at := range []string{path, "/api" + path, "/api/v1" + path} {
				w := httptest.NewRecorder()
				h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://meet.example.com"+at, nil))
				if strings.Contains(w.Body.String(), word) {
					t.Errorf("%s at the %s port: %d %.200s", at, name, w.Code, w.Body)
				}
			}
		}
	}
}
