package main

import (
	"context"
	"encoding/json"
	"math"
	"sync"
)

// dragged is the result of elements that were moved again and again.
type dragged struct {
	JSON     int   `json:"json"`     // bytes of the elements as JSON
	Updates  int64 `json:"updates"`  // bytes of all updates as the writers sent them
	Received int64 `json:"received"` // bytes that one watching client received meanwhile
	State    int   `json:"state"`    // bytes of the whole state for the next who comes
}

// drag lets writers move their elements so many times. What is stored in the end, the driver reads.
func (l *load) drag(ctx context.Context) (*dragged, error) {
	if err := l.connect(ctx); err != nil {
		return nil, err
	}
	var writers sync.WaitGroup
	failures := make([]error, l.Writers)
	for i := range l.Writers {
		writers.Go(func() { _, failures[i] = l.write(ctx, i, &window{0, math.MaxInt64}, l.Changes) })
	}
	writers.Wait()
	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}
	if err := l.drain(ctx); err != nil {
		return nil, err
	}
	r := &dragged{}
	for i, c := range l.clients {
		if i < l.Writers {
			r.Updates += c.counted.written.Load()
		} else {
			r.Received = c.counted.read.Load()
		}
	}
	l.closeAll()
	return r, l.finishDrag(ctx, r)
}

func (l *load) finishDrag(ctx context.Context, r *dragged) (err error) {
	if r.State, err = l.witness(ctx); err != nil {
		return err
	}
	elements := map[string]any{}
	for _, a := range l.authors {
		for id, newest := range a.newest {
			elements[id] = newest.element.object()
		}
	}
	text, err := json.Marshal(elements)
	r.JSON = len(text)
	return err
}
