package main

import (
	"context"
	"fmt"
	"time"
)

// joined is the result of people who come to a board late.
type joined struct {
	Delay    quantiles `json:"delay"`    // from before connecting to the complete state
	CPU      float64   `json:"cpu"`      // of the server for each, in milliseconds
	Bytes    int       `json:"bytes"`    // that each received
	Resident int64     `json:"resident"` // memory of the server at the end, in bytes
	Most     int64     `json:"most"`
}

// join fills a board and lets people come one after another, while one is there.
func (l *load) join(ctx context.Context) (*joined, error) {
	if err := l.connect(ctx); err != nil {
		return nil, err
	}
	if err := l.fill(ctx, l.Elements); err != nil {
		return nil, err
	}
	time.Sleep(time.Second)
	r := &joined{}
	before, err := readStat(l.Target.Pid)
	if err != nil {
		return nil, err
	}
	var delays []int32
	for i := range l.Joins {
		delay, bytes, err := l.joinOnce(ctx, 100+i)
		if err != nil {
			return nil, err
		}
		delays, r.Bytes = append(delays, int32(delay/time.Microsecond)), bytes
	}
	after, err := readStat(l.Target.Pid)
	if err != nil {
		return nil, err
	}
	r.Delay = quantilesOf(delays)
	r.CPU = float64(after.cpu-before.cpu) / float64(l.Joins) / float64(time.Millisecond)
	r.Resident, r.Most, err = readMemory(l.Target.Pid)
	return r, err
}

// cold lets one person come to a filled board that the server does not have in memory.
func (l *load) cold(ctx context.Context) (*joined, error) {
	l.authors[l.Clients].clock = uint64(l.Elements)
	delay, bytes, err := l.joinOnce(ctx, 100)
	if err != nil {
		return nil, err
	}
	us := int32(delay / time.Microsecond)
	return &joined{Delay: quantiles{us, us, us, us}, Bytes: bytes}, nil
}

func (l *load) joinOnce(ctx context.Context, number int) (time.Duration, int, error) {
	want := l.written(-1)
	began := clock()
	c, err := l.dial(ctx, number)
	if err != nil {
		return 0, 0, err
	}
	defer c.close()
	err = wait(ctx, "the state of the board", syncTimeout, func() bool { return c.clocks.Load() >= want })
	if err != nil {
		return 0, 0, fmt.Errorf("%w: %d of %d changes", err, c.clocks.Load(), want)
	}
	return time.Duration(c.newest.Load() - began), int(c.counted.read.Load()), nil
}
