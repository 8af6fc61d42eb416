package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/sfu"
)

// begin runs a server and a load in one process. What is done with it ends before the test's context.
func begin(t *testing.T, cfg loadConfig) (context.Context, *load) {
	t.Helper()
	metrics := prometheus.NewRegistry()
	unit, err := sfu.New(sfu.Config{UDPAddr: "127.0.0.1:0", TCPAddr: "off"}, slog.New(slog.DiscardHandler), metrics)
	must(t, err)
	h := httptest.NewServer((&server{sfu: unit, log: slog.New(slog.DiscardHandler), metrics: metrics, peers: map[string]*peer{}}).routes())
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{cfg: cfg, signaling: &signaling{base: h.URL}, pollers: []*poller{newPoller(-1)}, delays: []*histogram{{}}}
	l.signaling.client = http.Client{Transport: h.Client().Transport}
	ended := make(chan error, 2)
	go func() { ended <- l.pollers[0].run(ctx) }()
	must(t, l.publish(ctx))
	go func() { ended <- runStage(ctx, l.publishers, l.traffic(), &l.window) }()
	t.Cleanup(func() {
		cancel()
		for range cap(ended) {
			must(t, <-ended)
		}
		for _, p := range l.publishers {
			must(t, p.conn.shut())
		}
		for _, s := range l.subscribers {
			_ = s.conn.shut()
		}
		h.Close()
		must(t, unit.Close())
	})
	return ctx, l
}

func TestRoom(t *testing.T) {
	ctx, l := begin(t, loadConfig{Publishers: 4, Tiles: 2, Window: time.Second})
	r, err := l.room(ctx)
	must(t, err)
	if r.Changes == 0 || r.Allocations.Count == 0 || r.Allocations.within(0.5) > 1 || r.PerSecond == 0 || r.Missing > 0.5 {
		t.Errorf("%+v", r)
	}
}

func TestChurn(t *testing.T) {
	ctx, l := begin(t, loadConfig{Publishers: 1})
	var joined histogram
	must(t, l.comeAndGo(ctx, churnAtOnce+5, &joined))
	if joined.total != churnAtOnce+5 || len(*l.pollers[0].sockets.Load()) != len(l.publishers) {
		t.Errorf("%d joined, %d sockets are left", joined.total, len(*l.pollers[0].sockets.Load()))
	}
}

// TestEverythingArrivesAuthentic sees every packet through.
func TestEverythingArrivesAuthentic(t *testing.T) {
	ctx, l := begin(t, loadConfig{Publishers: 2})
	must(t, l.join(ctx, 3))
	must(t, l.settle(ctx))
	must(t, l.observe(ctx, time.Second, nil))
	expected, received, least := l.counts()
	if expected == 0 || received != expected || least*3 != expected {
		t.Errorf("%d of %d packets arrived, at least %d at each", received, expected, least)
	}
	for _, s := range l.subscribers {
		if s.conn.rejected.Load() != 0 || s.damaged.Load() != 0 || s.duplicates.Load() != 0 || s.firstVideo.Load() <= s.began.Load() {
			t.Errorf("subscriber %d: %d not authentic, %d damaged, %d twice", s.number, s.conn.rejected.Load(), s.damaged.Load(), s.duplicates.Load())
		}
	}
	var delays histogram
	l.pollers[0].do(func() { delays.merge(l.delays[0]) })
	if delays.total != received || delays.quantile(0.5) <= 0 {
		t.Errorf("%d delays, p50 %v", delays.total, delays.quantile(0.5))
	}

	// A key that is not the server's must be noticed.
	s := l.subscribers[0]
	other, err := newSecured(make([]byte, exportedSize), true)
	must(t, err)
	s.conn.keys.Store(other)
	for deadline := time.Now().Add(time.Minute); s.conn.rejected.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing was rejected")
		}
	}
}
