package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// options of the driver.
type options struct {
	servers []string
	cases   []string
	window  time.Duration
	hertz   float64
	pointer bool
	peers   string
	profile string
	procs   int
}

// Cases of the driver, as -cases names them: clients x writers, or a word.
var standardCases = []string{"50x10", "200x40", "join", "drag", "select"}

const (
	joinElements = 5000
	joins        = 40
	drawElements = 200
	dragElements = 20
	dragChanges  = 500 // of each element
)

func (o *options) has(server string) bool { return slices.Contains(o.servers, server) }

func parseOptions(args []string) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	servers := flags.String("servers", strings.Join([]string{serverParley, serverYWebsocket, serverHocuspocus}, ","), "which servers, in this order")
	cases := flags.String("cases", strings.Join(standardCases, ","), "CLIENTSxWRITERS (drawing), join (late joiners), drag and select (what is stored)")
	flags.DurationVar(&o.window, "window", 10*time.Second, "how long drawing is measured")
	flags.Float64Var(&o.hertz, "hertz", 30, "changes of one writer each second")
	flags.BoolVar(&o.pointer, "pointers", false, "writers send their pointer with each change as well")
	flags.StringVar(&o.peers, "peers", ".build/bench-board", "folder in which npm installed the other servers")
	flags.StringVar(&o.profile, "profile", "", "write a CPU profile of our server to this `file` (of the last case)")
	flags.IntVar(&o.procs, "procs", 0, "GOMAXPROCS of our server; 0 leaves it to Go")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	o.servers, o.cases = strings.Split(*servers, ","), strings.Split(*cases, ",")
	for _, s := range o.servers {
		if s != serverParley && s != serverYWebsocket && s != serverHocuspocus {
			return nil, fmt.Errorf("no server %q", s)
		}
	}
	return o, nil
}

// runDriver measures all cases on all servers and prints tables. A server that loses something is an error, if it is ours.
func runDriver(ctx context.Context, args []string) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	h, err := openHall(ctx, o)
	if h != nil {
		defer h.close()
	}
	if err != nil {
		return err
	}
	if err := printMachine(h, o); err != nil {
		return err
	}
	var failed []error
	for _, c := range o.cases {
		if err := h.runCase(ctx, o, c); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", c, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

func (h *hall) runCase(ctx context.Context, o *options, name string) error {
	var clients, writers int
	if n, _ := fmt.Sscanf(name, "%dx%d", &clients, &writers); n == 2 && writers <= clients {
		return h.drawing(ctx, o, job{
			Case: caseDraw, Clients: clients, Writers: writers, Hertz: o.hertz, Pointers: o.pointer, Window: o.window,
			Elements: drawElements,
		})
	}
	switch name {
	case caseJoin:
		return h.joining(ctx, o)
	case caseDrag:
		return h.dragging(ctx, o, fmt.Sprintf("%d people drag an element %d times each", dragElements, dragChanges), dragElements, 1)
	case caseSelect:
		return h.dragging(ctx, o, fmt.Sprintf("one person drags %d elements together %d times", dragElements, dragChanges), 1, dragElements)
	}
	return errors.New("no such case")
}

// drawing measures people who draw at the same time, on each server.
func (h *hall) drawing(ctx context.Context, o *options, j job) error {
	t := newTable(fmt.Sprintf("%d clients, %d of them write %g times a second", j.Clients, j.Writers, j.Hertz),
		"server", "p50 ms", "p95 ms", "p99 ms", "max ms", "CPU %", "PostgreSQL %", "RSS MB", "most MB", "MB/s out", "frames", "replaced %", "lost", "behind", "gone", "Hz", "load's CPU %", "load average")
	var failed error
	for _, name := range o.servers {
		var r drawn
		if err := h.once(ctx, name, j, &r); err != nil {
			t.row(name, err.Error())
			failed = errors.Join(failed, ours(name, err))
			continue
		}
		expected := max(1, r.Sent*(j.Clients-1))
		t.row(name, ms(r.Delay.P50), ms(r.Delay.P95), ms(r.Delay.P99), ms(r.Delay.Max), percent(r.CPU), percent(r.Database),
			megabytes(r.Resident), megabytes(r.Most), megabytes(r.Received), fmt.Sprint(r.Frames),
			fmt.Sprintf("%.1f", 100*float64(r.Replaced)/float64(expected)), fmt.Sprint(r.Lost), fmt.Sprint(r.Behind),
			fmt.Sprint(r.Gone), fmt.Sprintf("%.1f", r.HertzDone), percent(r.LoadCPU), fmt.Sprintf("%.1f", r.LoadBefore))
		if r.Converged != "" {
			t.note(name + ": " + r.Converged)
			failed = errors.Join(failed, ours(name, errors.New(r.Converged)))
		}
		if r.DrainMS > 1000 {
			t.note(fmt.Sprintf("%s: the last change was at everybody's %.1f s after the end", name, float64(r.DrainMS)/1000))
		}
	}
	t.print(os.Stdout)
	return failed
}

// ours drops what other servers do wrong: it is in the table.
func ours(name string, err error) error {
	if name != serverParley {
		return nil
	}
	return err
}

// once starts a server, does a job with a new board on it and stops the server.
func (h *hall) once(ctx context.Context, name string, j job, result any) error {
	var err error
	if j.Target, err = h.prepare(name); err != nil {
		return err
	}
	p, err := h.start(ctx, &j.Target)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := perform(ctx, j, result); err != nil {
		return fmt.Errorf("%w\n%s", err, p.output)
	}
	return nil
}

// joining measures late joiners: at first on a board that the server has in memory, then after a restart.
func (h *hall) joining(ctx context.Context, o *options) error {
	t := newTable(fmt.Sprintf("late joiners on a board of %d elements", joinElements),
		"server", "p50 ms", "p95 ms", "max ms", "CPU ms each", "kB received", "RSS MB", "most MB", "first after a restart ms")
	var failed error
	for _, name := range o.servers {
		warm, cold, err := h.joiningOn(ctx, name)
		if err != nil {
			t.row(name, err.Error())
			failed = errors.Join(failed, ours(name, err))
			continue
		}
		t.row(name, ms(warm.Delay.P50), ms(warm.Delay.P95), ms(warm.Delay.Max), fmt.Sprintf("%.1f", warm.CPU), kilobytes(warm.Bytes),
			megabytes(warm.Resident), megabytes(warm.Most), ms(cold.Delay.P50))
	}
	t.print(os.Stdout)
	return failed
}

func (h *hall) joiningOn(ctx context.Context, name string) (warm, cold joined, err error) {
	j := job{Case: caseJoin, Clients: 1, Elements: joinElements, Joins: joins}
	if j.Target, err = h.prepare(name); err != nil {
		return warm, cold, err
	}
	p, err := h.start(ctx, &j.Target)
	if err != nil {
		return warm, cold, err
	}
	err = perform(ctx, j, &warm)
	if err == nil {
		_, err = h.settled(ctx, j.Target)
	}
	p.stop()
	if err != nil {
		return warm, cold, fmt.Errorf("%w\n%s", err, p.output)
	}
	j.Case = caseCold
	if p, err = h.start(ctx, &j.Target); err != nil {
		return warm, cold, err
	}
	defer p.stop()
	return warm, cold, perform(ctx, j, &cold)
}

// dragging measures what is sent and stored when a few elements are moved very often.
func (h *hall) dragging(ctx context.Context, o *options, title string, writers, selected int) error {
	t := newTable(title, "server", "JSON kB", "updates kB", "each client received kB", "state kB", "state / JSON", "stored kB", "stored / JSON",
		"what is stored")
	j := job{Case: caseDrag, Clients: writers + 1, Writers: writers, Selected: selected, Hertz: o.hertz, Changes: dragChanges}
	var failed error
	for _, name := range o.servers {
		r, s, err := h.draggingOn(ctx, name, j)
		if err != nil {
			t.row(name, err.Error())
			failed = errors.Join(failed, ours(name, err))
			continue
		}
		t.row(name, kilobytes(r.JSON), kilobytes(r.Updates), kilobytes(r.Received), kilobytes(r.State), ratio(r.State, r.JSON),
			kilobytes(s.bytes), ratio(s.bytes, int64(r.JSON)), s.what)
	}
	t.print(os.Stdout)
	return failed
}

func (h *hall) draggingOn(ctx context.Context, name string, j job) (r dragged, s stored, err error) {
	if j.Target, err = h.prepare(name); err != nil {
		return r, s, err
	}
	p, err := h.start(ctx, &j.Target)
	if err != nil {
		return r, s, err
	}
	defer p.stop()
	if err := perform(ctx, j, &r); err != nil {
		return r, s, fmt.Errorf("%w\n%s", err, p.output)
	}
	s, err = h.settled(ctx, j.Target)
	return r, s, err
}
