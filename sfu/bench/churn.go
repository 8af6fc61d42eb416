package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// churnFirst join and leave before anything is counted: what they leave behind is made once.
	churnFirst = 50
	// churnAtOnce are in the meeting at the same time.
	churnAtOnce = 10
	// churnGrowth is the most that may be left behind, as a share of what was there before.
	churnGrowth = 0.1
	churnRests  = 2 * time.Second
)

// churn is what joins and leaves left behind.
type churn struct {
	Joins      int       `json:"joins"`
	Seconds    float64   `json:"seconds"`
	Before     usage     `json:"before"`
	After      usage     `json:"after"`
	JoinMillis quantiles `json:"joinFirstVideoMillis"`
}

// churn lets subscribers join, see a picture and leave.
func (l *load) churn(ctx context.Context) (*churn, error) {
	r := &churn{Joins: l.cfg.Churn}
	var all histogram
	rest := func(u *usage) error {
		if err := pause(ctx, churnRests); err != nil {
			return err
		}
		return l.signaling.get(ctx, "/usage?collect", u)
	}
	if err := l.comeAndGo(ctx, churnFirst, &all); err != nil {
		return nil, err
	}
	if err := rest(&r.Before); err != nil {
		return nil, err
	}
	all = histogram{}
	began := time.Now()
	if err := l.comeAndGo(ctx, r.Joins, &all); err != nil {
		return nil, err
	}
	r.Seconds = time.Since(began).Seconds()
	r.JoinMillis = quantilesOf(&all, time.Millisecond)
	return r, rest(&r.After)
}

// comeAndGo has n subscribers join one after another, each leaving when churnAtOnce others joined after it.
func (l *load) comeAndGo(ctx context.Context, n int, joined *histogram) error {
	for i := range n {
		if err := l.join(ctx, 1); err != nil {
			return err
		}
		s := l.subscribers[len(l.subscribers)-1]
		joined.add(time.Duration(s.firstVideo.Load() - s.began.Load()))
		if i >= churnAtOnce {
			if err := l.dismiss(ctx, len(l.subscribers)-1-churnAtOnce); err != nil {
				return err
			}
		}
	}
	for i := len(l.subscribers) - min(n, churnAtOnce); i < len(l.subscribers); i++ {
		if err := l.dismiss(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// dismiss lets a subscriber leave.
func (l *load) dismiss(ctx context.Context, i int) error {
	s := l.subscribers[i]
	if err := l.signaling.post(ctx, "/leave", leaveRequest{ID: s.request.ID}, nil); err != nil {
		return err
	}
	l.pollers[i%len(l.pollers)].remove(s.conn.socket)
	_ = s.conn.shut() // the server closed it already
	return nil
}

func (d *driver) runChurn(ctx context.Context) error {
	var r churn
	if err := d.run(ctx, loadConfig{Publishers: 3, Churn: d.churn}, &r); err != nil {
		return err
	}
	fmt.Printf("%d joins and leaves in %.0f s, %d at once, 3 publishers; first picture after %.0f/%.0f ms (p50/p95)\n",
		r.Joins, r.Seconds, churnAtOnce, r.JoinMillis.P50, r.JoinMillis.P95)
	grown := func(what string, before, after, unit float64) error {
		growth := after/before - 1
		fmt.Printf("  %s: %.2f before, %.2f after (%+.1f %%)\n", what, before/unit, after/unit, 100*growth)
		if growth > churnGrowth {
			return fmt.Errorf("%s grew by %.1f %%", what, 100*growth)
		}
		return nil
	}
	a, b := r.Before, r.After
	err := errors.Join(
		grown("goroutines", float64(a.Goroutines), float64(b.Goroutines), 1),
		grown("heap after collection, MB", float64(a.HeapBytes), float64(b.HeapBytes), 1e6),
		grown("resident, MB", float64(a.ResidentBytes), float64(b.ResidentBytes), 1e6))
	return errors.Join(err, d.save(&report{At: time.Now(), Machine: d.machine, Churn: &r}))
}
