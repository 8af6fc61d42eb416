package obs

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

const (
	checkTimeout = 3 * time.Second
	// checkAge is how long an answer of /readyz is reused: anyone may ask, the database should not notice.
	checkAge = time.Second
)

// Check tells whether something that we need can be reached.
type Check func(context.Context) error

// Health answers /healthz (the process runs) and /readyz (it can serve: every check passes and it is not stopping).
type Health struct {
	// static
	log    *slog.Logger
	checks map[string]Check

	mu       sync.Mutex
	last     Readiness // guarded by mu
	lastAt   time.Time // guarded by mu
	stopping bool      // guarded by mu
}

// Readiness is the body of /readyz.
type Readiness struct {
	Status string            `json:"status"` // ready, failing or stopping
	Checks map[string]string `json:"checks"` // ok or failing; the log says why
}

// NewHealth runs the checks at once, by name, whenever /readyz is asked.
func NewHealth(log *slog.Logger, checks map[string]Check) *Health {
	return &Health{log: log, checks: checks}
}

// Stopping makes /readyz fail, so that a load balancer looks elsewhere while we finish.
func (h *Health) Stopping() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
	h.lastAt = time.Time{}
}

// Live serves /healthz.
func (h *Health) Live(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, map[string]string{"status": "ok"})
}

// Ready serves /readyz.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	state := h.readiness(context.WithoutCancel(r.Context()))
	code := http.StatusOK
	if state.Status != "ready" {
		code = http.StatusServiceUnavailable
	}
	write(w, code, state)
}

// readiness lets concurrent askers share one round of checks.
func (h *Health) readiness(ctx context.Context) Readiness {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.lastAt) > checkAge {
		h.last, h.lastAt = h.runChecks(ctx), time.Now()
		if h.stopping {
			h.last.Status = "stopping"
		}
	}
	return h.last
}

func (h *Health) runChecks(ctx context.Context) Readiness {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var (
		running sync.WaitGroup
		mu      sync.Mutex
	)
	state := Readiness{Status: "ready", Checks: map[string]string{}}
	for name, check := range h.checks {
		running.Go(func() {
			err := check(ctx)
			mu.Lock()
			defer mu.Unlock()
			state.Checks[name] = "ok"
			if err != nil {
				h.log.Warn("readiness check failed", "check", name, "error", err)
				state.Checks[name], state.Status = "failing", "failing"
			}
		})
	}
	running.Wait()
	return state
}

func write(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		return // the client has gone
	}
}
