package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	holdWindow   = 3 * time.Second
	holdTries    = 2
	holdMost     = 1000
	holdSmallest = 10
)

// held is the most subscribers that a server served well, and how it went.
type held struct {
	Subscribers int       `json:"subscribers"`
	Steps       []*result `json:"steps"`
}

// hold adds subscribers until too much is lost or late.
func (l *load) hold(ctx context.Context) (*held, error) {
	h := &held{}
	for n := l.cfg.From; n <= holdMost; n += max(holdSmallest, n/80*holdSmallest) {
		ok := false
		for try := 0; try < holdTries && !ok; try++ {
			r, err := l.raise(ctx, n, holdWindow)
			if errors.Is(err, errSlowLoad) && try+1 < holdTries {
				fmt.Fprintf(os.Stderr, "%4d subscribers: %v\n", n, err)
				continue
			}
			if err != nil {
				return nil, err
			}
			ok = !r.Overloaded
			fmt.Fprintf(os.Stderr, "%4d subscribers: loss %.2f %%, p95 %.1f ms, server's core %.0f %%\n",
				n, 100*r.Loss, r.Delay.P95/1000, 100*r.ServerBusy)
			h.Steps = append(h.Steps, r)
		}
		if !ok {
			break
		}
		h.Subscribers = n
	}
	return h, nil
}
