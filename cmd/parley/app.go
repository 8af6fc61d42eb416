package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"parley/internal/config"
	"parley/internal/obs"

	"github.com/prometheus/client_golang/prometheus"
)

// stopTime is what a stop in order may take altogether before requests and meetings are cut.
const stopTime = 20 * time.Second

// app is what the parts of a running Parley share while they are brought up.
type app struct {
	cfg     config.Config
	log     *slog.Logger
	metrics *prometheus.Registry
	parts   []part // in the order of their start
}

// part is something that must be closed.
type part struct {
	name  string
	close func(context.Context) error
}

func newApp(cfg config.Config, log *slog.Logger) *app {
	return &app{cfg: cfg, log: log, metrics: obs.NewMetrics()}
}

// started remembers how to close a part.
func (a *app) started(name string, closing func(context.Context) error) {
	a.parts = append(a.parts, part{name, closing})
}

// close takes the parts down, the last one first. Each is closed even when one before it fails or ctx has ended.
func (a *app) close(ctx context.Context) error {
	var errs []error
	for len(a.parts) > 0 {
		last := a.parts[len(a.parts)-1]
		a.parts = a.parts[:len(a.parts)-1]
		began := time.Now()
		if err := last.close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", last.name, err))
		}
		a.log.Debug("stopped", "part", last.name, "took", time.Since(began))
	}
	return errors.Join(errs...)
}
