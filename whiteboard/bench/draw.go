package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// drawn is the result of people who draw at the same time. Rates are those of the window.
type drawn struct {
	Delay      quantiles `json:"delay"`      // from before the writer's sending to each other client's receiving
	Sent       int       `json:"sent"`       // changes within the window
	Delivered  int       `json:"delivered"`  // of those to other clients
	Replaced   int       `json:"replaced"`   // of those not delivered, because a later change of the same element came along
	Lost       int       `json:"lost"`       // changes that did not come, nor a later one of the same author
	Behind     int       `json:"behind"`     // clients that did not have everything at the end
	Gone       int       `json:"gone"`       // clients whose connection ended
	DrainMS    int       `json:"drainMs"`    // from the last change to all clients having all
	CPU        float64   `json:"cpu"`        // of the server's process, in cores
	Database   float64   `json:"database"`   // of PostgreSQL, in cores
	LoadCPU    float64   `json:"loadCpu"`    // of this process, in cores
	Resident   int64     `json:"resident"`   // memory of the server at the end of the window, in bytes
	Most       int64     `json:"most"`       // the most that was resident
	Received   int64     `json:"received"`   // bytes a second on all connections, WebSocket headers included
	Frames     int       `json:"frames"`     // that all clients received, in all
	HertzDone  float64   `json:"hertzDone"`  // changes a second of one writer, as it came out
	Converged  string    `json:"converged"`  // empty, or what is wrong with the state of server or clients
	LoadBefore float64   `json:"loadBefore"` // load average of the machine
}

// draw lets writers move their elements, while everybody watches.
func (l *load) draw(ctx context.Context) (*drawn, error) {
	r := &drawn{}
	r.LoadBefore, _ = readLoad()
	if err := l.connect(ctx); err != nil {
		return nil, err
	}
	if err := l.fill(ctx, l.Elements); err != nil {
		return nil, err
	}
	begin := clock() + int64(warmUp)
	w := &window{begin, begin + int64(l.Window)}
	for _, c := range l.clients {
		c.delays = make([]int32, 0, int(1.2*l.Hertz*l.Window.Seconds())*l.Writers)
		c.window.Store(w)
	}
	end := begin + int64(l.Window)
	var writers sync.WaitGroup
	sent := make([]int, l.Writers)
	failures := make([]error, l.Writers)
	for i := range l.Writers {
		writers.Go(func() { sent[i], failures[i] = l.write(ctx, i, w, math.MaxInt) })
	}
	if err := l.measure(ctx, r, begin, end); err != nil {
		return nil, err
	}
	writers.Wait()
	stopped := clock()
	if err := l.drain(ctx); err != nil && !errors.Is(err, errTimeout) {
		return nil, err
	}
	r.Behind = l.behind()
	l.judge(ctx, r, stopped)
	for _, n := range sent {
		r.Sent += n
	}
	r.HertzDone = float64(r.Sent) / l.Window.Seconds() / float64(l.Writers)
	r.Replaced = r.Sent*(l.Clients-1) - r.Delivered - r.Lost
	for _, err := range failures {
		if err != nil {
			fmt.Fprintln(os.Stderr, "writer:", err)
		}
	}
	return r, nil
}

// write moves the writer's elements at its rate until the window ends, at most so many times. It answers the changes
// within the window.
func (l *load) write(ctx context.Context, number int, w *window, most int) (sent int, err error) {
	c, a := l.clients[number], l.authors[number]
	elements := make([]element, max(1, l.Selected))
	for i := range elements {
		elements[i] = element{id: elementID(fmt.Sprintf("drag %d %d", number, i)), index: fmt.Sprintf("b%05d", number*len(elements)+i)}
	}
	interval := float64(time.Second) / l.Hertz
	begin := time.Now().Add(time.Duration(rand.Float64() * interval))
	var update []byte
	for i := 0; i < most; i++ {
		select {
		case <-ctx.Done():
			return sent, context.Cause(ctx)
		case <-c.ended:
			return sent, fmt.Errorf("writer's connection ended: %w", c.err)
		case <-time.After(time.Until(begin.Add(time.Duration(float64(i) * interval)))):
		}
		at := clock()
		if at >= w.to {
			break
		}
		x, y := 400+300*math.Cos(float64(i)/40), 300+200*math.Sin(float64(i)/40)
		for n := range elements {
			e := &elements[n]
			e.version, e.x, e.y, e.at = e.version+1, x+220.5*float64(n), y, at
		}
		update = a.set(update[:0], elements...)
		if err := c.sendUpdate(update); err != nil {
			return sent, err
		}
		if at >= w.from {
			sent++
		}
		if l.Pointers {
			if err := c.point(x, y); err != nil {
				return sent, err
			}
		}
	}
	return sent, nil
}

// measure reads what the processes use between two times.
func (l *load) measure(ctx context.Context, r *drawn, begin, end int64) error {
	type reading struct {
		at                     int64
		server, database, load time.Duration
		received               int64
	}
	read := func() (u reading, err error) {
		server, err := readStat(l.Target.Pid)
		if err != nil {
			return u, err
		}
		load, err := readStat(os.Getpid())
		if err != nil {
			return u, err
		}
		u = reading{at: clock(), server: server.cpu, load: load.cpu}
		for _, c := range l.clients {
			u.received += c.counted.read.Load()
		}
		u.database, err = readFamily(l.Target.Postmaster)
		return u, err
	}
	if err := sleepUntil(ctx, begin); err != nil {
		return err
	}
	first, err := read()
	if err != nil {
		return err
	}
	if err := sleepUntil(ctx, end); err != nil {
		return err
	}
	last, err := read()
	if err != nil {
		return err
	}
	took := float64(last.at - first.at)
	r.CPU = float64(last.server-first.server) / took
	r.Database = float64(last.database-first.database) / took
	r.LoadCPU = float64(last.load-first.load) / took
	r.Received = int64(float64(last.received-first.received) / took * 1e9)
	r.Resident, r.Most, err = readMemory(l.Target.Pid)
	return err
}

func sleepUntil(ctx context.Context, at int64) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Duration(at - clock())):
		return nil
	}
}

// judge ends the clients, takes together what they saw, and compares it with what was written and what the server has.
func (l *load) judge(ctx context.Context, r *drawn, stopped int64) {
	for _, c := range l.clients {
		select {
		case <-c.ended:
			r.Gone++
			fmt.Fprintln(os.Stderr, c.err)
		default:
		}
		r.DrainMS = max(r.DrainMS, int((c.newest.Load()-stopped)/int64(time.Millisecond)))
	}
	l.closeAll()
	var delays []int32
	for _, c := range l.clients {
		delays = append(delays, c.delays...)
		r.Frames += c.frames
		r.Lost += int(c.gaps)
		if c.refused != "" {
			r.Converged = fmt.Sprintf("client %d was refused: %s", c.number, c.refused)
		}
		for i, a := range l.authors {
			if i != c.number && c.known[i] < a.clock {
				r.Lost += int(a.clock - c.known[i])
				r.Converged = fmt.Sprintf("client %d knows %d of %d changes of author %d", c.number, c.known[i], a.clock, i)
			}
		}
	}
	r.Delivered = len(delays)
	r.Delay = quantilesOf(delays)
	if _, err := l.witness(ctx); err != nil {
		r.Converged = err.Error()
	}
}
