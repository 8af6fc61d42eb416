package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"parley/whiteboard/ydoc"
)

// Cases of the load.
const (
	caseDraw = "draw"
	caseJoin = "join"
	caseCold = "cold"
	caseDrag = "drag"
	// caseSelect is a caseDrag in which one person moves all elements together.
	caseSelect = "select"
)

// job is what a load does.
type job struct {
	Case     string        `json:"case"`
	Target   target        `json:"target"`
	Clients  int           `json:"clients"`
	Writers  int           `json:"writers"`
	Hertz    float64       `json:"hertz"`    // changes of one writer each second
	Selected int           `json:"selected"` // elements that each writer moves together, 1 when 0
	Pointers bool          `json:"pointers"` // writers send their pointer with each change
	Window   time.Duration `json:"window"`
	Elements int           `json:"elements"` // that are on the board before
	Changes  int           `json:"changes"`  // of one writer, for drags
	Joins    int           `json:"joins"`
}

const (
	// warmUp is how long writers write before the window begins.
	warmUp = 2 * time.Second
	// drainTimeout is how long a server may take to deliver the rest.
	drainTimeout = 40 * time.Second
	// syncTimeout bounds the wait for a state.
	syncTimeout = 30 * time.Second
	// chunk is how many elements an author sets in one update when it fills a board: about 100 kB.
	chunk = 200
	// dialing is how many clients connect at the same time.
	dialing = 16
)

// load runs the clients of one case.
type load struct {
	job
	authors []*author // by client, as far as it wrote
	clients []*client
}

// runLoad does a job, given as JSON, and prints its result as JSON.
func runLoad(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("load: want a job")
	}
	var l load
	if err := json.Unmarshal([]byte(args[0]), &l.job); err != nil {
		return err
	}
	l.authors = make([]*author, l.Clients+2)
	for i := range l.authors {
		l.authors[i] = newAuthor(firstClient + uint64(i))
	}
	defer l.closeAll()
	var result any
	var err error
	switch l.Case {
	case caseDraw:
		result, err = l.draw(ctx)
	case caseJoin:
		result, err = l.join(ctx)
	case caseCold:
		result, err = l.cold(ctx)
	case caseDrag:
		result, err = l.drag(ctx)
	default:
		err = fmt.Errorf("load: no case %q", l.Case)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func (l *load) dial(ctx context.Context, number int) (*client, error) {
	return dial(ctx, l.Target, number, len(l.authors), false)
}

// connect brings the clients with the numbers from 0 on to the board, until all have its state.
func (l *load) connect(ctx context.Context) error {
	l.clients = make([]*client, l.Clients)
	failures := make([]error, l.Clients)
	var group sync.WaitGroup
	for first := range dialing {
		group.Go(func() {
			for i := first; i < l.Clients; i += dialing {
				l.clients[i], failures[i] = l.dial(ctx, i)
			}
		})
	}
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		return err
	}
	return wait(ctx, "the state of the board", syncTimeout, func() bool {
		for _, c := range l.clients {
			if !c.synced.Load() {
				return false
			}
		}
		return true
	})
}

func (l *load) closeAll() {
	var all sync.WaitGroup
	for _, c := range l.clients {
		if c != nil {
			all.Go(c.close)
		}
	}
	all.Wait()
}

// fill puts elements on the board in the name of a person who leaves again, and waits until the clients have them.
func (l *load) fill(ctx context.Context, elements int) error {
	number := l.Clients
	c, err := l.dial(ctx, number)
	if err != nil {
		return err
	}
	defer c.close()
	a := l.authors[number]
	ticks := time.NewTicker(time.Second / 30)
	defer ticks.Stop()
	for from := 0; from < elements; from += chunk {
		var list []element
		for i := from; i < min(elements, from+chunk); i++ {
			list = append(list, element{
				id: elementID(fmt.Sprintf("fill %d", i)), index: fmt.Sprintf("a%05d", i), version: 1,
				x: float64(i%100) * 200.125, y: float64(i/100) * 110.375,
			})
		}
		if err := c.sendUpdate(a.set(nil, list...)); err != nil {
			return err
		}
		<-ticks.C
	}
	if err := l.drain(ctx); err != nil {
		return err
	}
	return c.err
}

// written sums what authors wrote, without one of them.
func (l *load) written(without int) uint64 {
	var sum uint64
	for i, a := range l.authors {
		if i != without {
			sum += a.clock
		}
	}
	return sum
}

// behind counts clients that do not have everything.
func (l *load) behind() int {
	n := 0
	for _, c := range l.clients {
		if c.clocks.Load() < l.written(c.number) {
			n++
		}
	}
	return n
}

func (l *load) drain(ctx context.Context) error {
	return wait(ctx, "everything at every client", drainTimeout, func() bool { return l.behind() == 0 })
}

var errTimeout = errors.New("waited in vain")

// wait looks every few milliseconds.
func wait(ctx context.Context, what string, most time.Duration, ok func() bool) error {
	for deadline := time.Now().Add(most); !ok(); {
		if time.Now().After(deadline) {
			return fmt.Errorf("%w for %s", errTimeout, what)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// witness joins, takes the whole state as a document and compares it with what was written. It answers the size of the
// state in bytes.
func (l *load) witness(ctx context.Context) (size int, err error) {
	number := l.Clients + 1
	c, err := dial(ctx, l.Target, number, len(l.authors), true)
	if err != nil {
		return 0, err
	}
	defer c.close()
	want := l.written(number)
	if err := wait(ctx, "the state for the witness", syncTimeout, func() bool { return c.clocks.Load() >= want }); err != nil {
		return 0, fmt.Errorf("%w: it knows %d of %d changes", err, c.clocks.Load(), want)
	}
	c.close()
	for _, b := range c.kept {
		size = max(size, len(b)) // Hocuspocus sends a state that it has just loaded a second time
	}
	doc, err := ydoc.Load(ydoc.Limits{}, c.kept...)
	if err != nil {
		return 0, err
	}
	sv := doc.StateVector()
	for _, a := range l.authors {
		if a.clock != sv[a.client] {
			return 0, fmt.Errorf("the server knows %d of %d changes of client %d", sv[a.client], a.clock, a.client)
		}
	}
	return size, compare(doc.Root(elementsRoot).Map(), l.authors)
}

// compare tells whether each element has the version of its last change.
func compare(elements map[string]any, authors []*author) error {
	count := 0
	for _, a := range authors {
		for id, newest := range a.newest {
			count++
			e, ok := elements[id].(map[string]any)
			if !ok {
				return fmt.Errorf("element %s is not there", id)
			}
			if have, want := e["version"], float64(newest.element.version); have != want {
				return fmt.Errorf("element %s has version %v of %v", id, have, want)
			}
		}
	}
	if len(elements) != count {
		return fmt.Errorf("%d elements instead of %d", len(elements), count)
	}
	return nil
}

// quantiles of delays, in microseconds.
type quantiles struct {
	P50 int32 `json:"p50"`
	P95 int32 `json:"p95"`
	P99 int32 `json:"p99"`
	Max int32 `json:"max"`
}

// quantilesOf sorts the list.
func quantilesOf(list []int32) quantiles {
	if len(list) == 0 {
		return quantiles{}
	}
	slices.SortFunc(list, cmp.Compare[int32])
	at := func(q float64) int32 { return list[min(len(list)-1, int(q*float64(len(list))))] }
	return quantiles{at(0.5), at(0.95), at(0.99), list[len(list)-1]}
}
