package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// Rules of a room: everybody sends a small picture and has a microphone open, a few speak.
const (
	roomBitsPerSecond   = 100_000
	roomFramesPerSecond = 15
	roomSpeakers        = 6
	// roomSpare are the pictures that a participant subscribed to beyond those it is shown.
	roomSpare = 8
	// viewInterval is how often somebody's tiles change.
	viewInterval = 50 * time.Millisecond
	roomSettles  = 5 * time.Second
)

// room is what a large room cost.
type room struct {
	Participants   int         `json:"participants"`
	Tiles          int         `json:"tiles"`
	Seconds        float64     `json:"seconds"`
	PerSecond      float64     `json:"forwardedPerSecond"`
	CPU            float64     `json:"cpuMicrosPerPacket"`
	ServerBusy     float64     `json:"serverCoreBusy"`
	Missing        float64     `json:"missing"` // share of the RTP numbers that never came
	Delay          quantiles   `json:"soundDelayMicros"`
	Resident       int64       `json:"residentBytes"`
	PerParticipant int64       `json:"residentBytesPerParticipant"`
	Goroutines     uint64      `json:"goroutines"`
	Changes        int         `json:"changes"`
	Allocations    allocations `json:"allocations"`
	OthersOnCore   float64     `json:"othersOnServerCore"`
	LoadAverage    float64     `json:"loadAverage"`
}

// allocations tell how long the server's choices of layers took.
type allocations struct {
	// Bounds are the upper bounds of the counts in seconds; what is beyond is in Count alone.
	Bounds []float64 `json:"bounds"`
	Counts []uint64  `json:"counts"` // up to the bound
	Count  uint64    `json:"count"`
}

// within returns the least bound, in seconds, below which a share of them lie.
func (a allocations) within(share float64) float64 {
	for i, n := range a.Counts {
		if float64(n) >= share*float64(a.Count) {
			return a.Bounds[i]
		}
	}
	return math.Inf(1)
}

func (a allocations) since(before allocations) allocations {
	for i := range a.Counts {
		a.Counts[i] -= before.Counts[i]
	}
	a.Count -= before.Count
	return a
}

// allocations reads the histogram of the SFU.
func (s *server) allocations() allocations {
	var a allocations
	families, _ := s.metrics.Gather()
	for _, f := range families {
		if f.GetName() != "parley_sfu_allocation_seconds" {
			continue
		}
		h := f.GetMetric()[0].GetHistogram()
		a.Count = h.GetSampleCount()
		for _, b := range h.GetBucket() {
			a.Bounds, a.Counts = append(a.Bounds, b.GetUpperBound()), append(a.Counts, b.GetCumulativeCount())
		}
	}
	return a
}

func (l *load) traffic() traffic {
	if l.cfg.Tiles == 0 {
		return meeting
	}
	return traffic{bitsPerSecond: roomBitsPerSecond, framesPerSecond: roomFramesPerSecond, speakers: roomSpeakers}
}

// watched returns the pictures that a participant subscribed to.
func (l *load) watched(i int) []string {
	var list []string
	for k := 1; k <= min(l.cfg.Tiles+roomSpare, l.cfg.Publishers-1); k++ {
		list = append(list, fmt.Sprintf("publisher%d/1", (i+k)%l.cfg.Publishers))
	}
	return list
}

// room lets every publisher watch others and measures it while tiles change.
func (l *load) room(ctx context.Context) (*room, error) {
	for i := range l.publishers {
		on := i % len(l.pollers)
		s, err := newSubscriber(i, &l.window, l.delays[on])
		if err != nil {
			return nil, err
		}
		watched := l.watched(i)
		s.soundDelays = true
		s.request = subscribeRequest{ID: fmt.Sprintf("publisher%d", i), Tracks: watched, View: watched[:l.cfg.Tiles]}
		for k := range min(roomSpeakers, len(l.publishers)) {
			if k != i {
				s.request.Tracks = append(s.request.Tracks, fmt.Sprintf("publisher%d/0", k))
			}
		}
		l.subscribers = append(l.subscribers, s)
		if err := s.join(ctx, l.signaling, l.pollers[on]); err != nil {
			return nil, fmt.Errorf("participant %d: %w", i, err)
		}
		if err := s.awaitVideo(ctx); err != nil {
			return nil, fmt.Errorf("participant %d: %w", i, err)
		}
	}
	if err := pause(ctx, roomSettles); err != nil {
		return nil, err
	}
	return l.measureRoom(ctx)
}

func (l *load) measureRoom(ctx context.Context) (*room, error) {
	var e edges
	var chosen [2]allocations
	r := &room{Participants: len(l.publishers), Tiles: l.cfg.Tiles}
	changing, stop := context.WithCancel(ctx)
	defer stop()
	changed := make(chan error, 1)
	profiled := make(chan error, 1)
	profiled <- nil
	if file := l.cfg.Profiles.CPU; file != "" {
		<-profiled
		go func() {
			profiled <- l.profile(ctx, fmt.Sprintf("profile?seconds=%d", int(l.cfg.Window.Seconds())), file)
		}()
	}
	go func() { changed <- l.changeViews(changing, r) }()
	err := l.observe(ctx, l.cfg.Window, func() error {
		return errors.Join(l.signaling.get(ctx, "/allocations", &chosen[e.n]), l.edge(ctx, &e))
	})
	stop()
	if err := errors.Join(err, <-changed, <-profiled); err != nil {
		return nil, err
	}
	var of result
	of.Seconds = e.at[1].Sub(e.at[0]).Seconds()
	_, of.Packets, _ = l.counts()
	if of.Packets == 0 {
		return nil, errors.New("nothing arrived")
	}
	l.addServer(&of, &e)
	l.addDelays(&of)
	if err := errors.Join(l.addCounts(&of), l.addMachine(&of, &e)); err != nil {
		return nil, err
	}
	if of.Rejected > 0 || of.Damaged > 0 {
		return nil, fmt.Errorf("%d packets were not authentic, %d not what was sent", of.Rejected, of.Damaged)
	}
	r.Seconds, r.PerSecond, r.CPU, r.ServerBusy = of.Seconds, float64(of.Packets)/of.Seconds, of.CPU, of.ServerBusy
	r.Delay, r.Resident, r.PerParticipant, r.Goroutines = of.Delay, of.Resident, of.Resident/int64(r.Participants), of.Goroutines
	r.OthersOnCore, r.LoadAverage = of.OthersOnCore, of.LoadAverage
	r.Missing = l.missing()
	r.Allocations = chosen[1].since(chosen[0])
	return r, l.snapshots(ctx)
}

// missing returns the share of the RTP numbers that never came at subscribers.
func (l *load) missing() float64 {
	var lost, got uint64
	for i, p := range l.pollers {
		p.do(func() {
			for k := i; k < len(l.subscribers); k += len(l.pollers) {
				for _, in := range l.subscribers[k].inbound {
					lost += in.missing()
					got += in.got
				}
			}
		})
	}
	return float64(lost) / float64(max(1, lost+got))
}

// changeViews shows one participant after another other pictures.
func (l *load) changeViews(ctx context.Context, r *room) error {
	t := time.NewTicker(viewInterval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		i := r.Changes % len(l.publishers)
		watched := l.watched(i)
		from := (1 + r.Changes/len(l.publishers)) * 3 % (len(watched) - l.cfg.Tiles + 1)
		request := viewRequest{ID: fmt.Sprintf("publisher%d", i), View: watched[from : from+l.cfg.Tiles]}
		if err := l.signaling.post(ctx, "/view", request, nil); err != nil && ctx.Err() == nil {
			return err
		}
		r.Changes++
	}
}

func (d *driver) runRoom(ctx context.Context) error {
	var r room
	cfg := loadConfig{Publishers: d.room.publishers, Tiles: d.room.subscribers, Window: d.window, Profiles: d.profiles}
	if err := d.run(ctx, cfg, &r); err != nil {
		return err
	}
	fmt.Printf("room of %d, %d tiles each: %.0f packets/s forwarded, server's core %.0f %% busy (%.2f µs a packet), delay of sound p50 %.2f p95 %.2f p99 %.2f ms, missing %.3f %%\n",
		r.Participants, r.Tiles, r.PerSecond, 100*r.ServerBusy, r.CPU, r.Delay.P50/1000, r.Delay.P95/1000, r.Delay.P99/1000, 100*r.Missing)
	fmt.Printf("  resident %.0f MB, %.2f MB a participant, %d goroutines; others on the server's core %.1f %%, load average %.1f\n",
		float64(r.Resident)/1e6, float64(r.PerParticipant)/1e6, r.Goroutines, 100*r.OthersOnCore, r.LoadAverage)
	fmt.Printf("  %d changes of tiles, %d allocations: p50 within %.2f ms, p95 within %.2f ms, p99 within %.2f ms\n",
		r.Changes, r.Allocations.Count, 1000*r.Allocations.within(0.5), 1000*r.Allocations.within(0.95), 1000*r.Allocations.within(0.99))
	return d.save(&report{At: time.Now(), Machine: d.machine, Room: &r})
}
