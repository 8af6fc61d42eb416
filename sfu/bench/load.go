package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"
)

const (
	// joinPatience is how long after a subscriber the next one joins if the first picture has not come yet.
	joinPatience = 100 * time.Millisecond
	// videoTimeout bounds the wait for the first picture.
	videoTimeout = 20 * time.Second
	// settleStep and settleTimeout: until everything arrives, the rate of steps is looked at.
	settleStep    = 500 * time.Millisecond
	settleTimeout = 20 * time.Second
	settledSteps  = 2
	settledLoss   = 0.002
	// drain is how long after a window packets are waited for.
	drain = 300 * time.Millisecond
	idle  = 6 * time.Second // until the caches of the publishers are full
)

// loadConfig is what the driver tells the load, as JSON.
type loadConfig struct {
	Server      string        `json:"server"`
	ServerCore  int           `json:"serverCore"`
	PollCores   []int         `json:"pollCores"`
	Publishers  int           `json:"publishers"`
	Subscribers int           `json:"subscribers"`
	Window      time.Duration `json:"window"`
	Profiles    profiles      `json:"profiles"`
	Hold        bool          `json:"hold"`
	From        int           `json:"from"`  // subscribers of the first step of Hold
	Tiles       int           `json:"tiles"` // of a room; Publishers are its participants
	Churn       int           `json:"churn"` // that many join and leave
}

// load is the process with the publishers and subscribers.
type load struct {
	cfg       loadConfig
	signaling *signaling
	pollers   []*poller
	delays    []*histogram // by poller, who owns it
	window    window

	publishers  []*publisher
	subscribers []*subscriber
	before      usage // of the server, without subscribers
	settledIn   time.Duration
}

// runLoad runs the scenario that its argument describes and prints the result as JSON.
func runLoad(ctx context.Context, args []string) error {
	l := &load{}
	if len(args) != 1 {
		return errors.New("load: one argument is expected")
	}
	if err := json.Unmarshal([]byte(args[0]), &l.cfg); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	l.signaling = &signaling{base: l.cfg.Server, client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, core := range l.cfg.PollCores {
		p := newPoller(core)
		l.pollers, l.delays = append(l.pollers, p), append(l.delays, &histogram{})
		go func() {
			if err := p.run(ctx); err != nil {
				cancel(err)
			}
		}()
	}
	if err := l.publish(ctx); err != nil {
		return err
	}
	go func() {
		if err := runStage(ctx, l.publishers, l.traffic(), &l.window); err != nil {
			cancel(err)
		}
	}()
	if err := pause(ctx, idle); err != nil {
		return err
	}
	var err error
	if l.before, err = l.usage(ctx); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	switch {
	case l.cfg.Tiles > 0:
		r, err := l.room(ctx)
		if err != nil {
			return err
		}
		return out.Encode(r)
	case l.cfg.Churn > 0:
		r, err := l.churn(ctx)
		if err != nil {
			return err
		}
		return out.Encode(r)
	case l.cfg.Hold:
		held, err := l.hold(ctx)
		if err != nil {
			return err
		}
		return out.Encode(held)
	}
	r, err := l.raise(ctx, l.cfg.Subscribers, l.cfg.Window)
	if err != nil {
		return err
	}
	return out.Encode(r)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

func (l *load) usage(ctx context.Context) (usage, error) {
	var u usage
	return u, l.signaling.get(ctx, "/usage", &u)
}

func (l *load) publish(ctx context.Context) error {
	for i := range l.cfg.Publishers {
		p, err := newPublisher(i, l.traffic())
		if err != nil {
			return err
		}
		if err := p.join(ctx, l.signaling, l.pollers[i%len(l.pollers)]); err != nil {
			return fmt.Errorf("publisher %d: %w", i, err)
		}
		l.publishers = append(l.publishers, p)
	}
	return nil
}

// raise brings the subscribers to a number, waits until all get everything, and measures.
func (l *load) raise(ctx context.Context, subscribers int, d time.Duration) (*result, error) {
	if err := l.join(ctx, subscribers-len(l.subscribers)); err != nil {
		return nil, err
	}
	if err := l.settle(ctx); err != nil {
		return nil, err
	}
	return l.measure(ctx, d)
}

// join adds subscribers one after another: each when the one before has its first picture, or loses patience.
func (l *load) join(ctx context.Context, n int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for range n {
		i := len(l.subscribers)
		on := i % len(l.pollers)
		s, err := newSubscriber(i, &l.window, l.delays[on])
		if err != nil {
			return err
		}
		l.subscribers = append(l.subscribers, s)
		wg.Go(func() {
			err := s.join(ctx, l.signaling, l.pollers[on])
			if err == nil {
				err = s.awaitVideo(ctx)
			}
			if err != nil {
				cancel(fmt.Errorf("subscriber %d: %w", i, err))
			}
		})
		select {
		case <-s.video:
		case <-time.After(joinPatience):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (s *subscriber) awaitVideo(ctx context.Context) error {
	select {
	case <-s.video:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(videoTimeout):
		return errors.New("no picture came")
	}
}

// settle waits until all get everything. That it never happens is no error: the measurement shows it.
func (l *load) settle(ctx context.Context) error {
	began, good := time.Now(), 0
	for time.Since(began) < settleTimeout && good < settledSteps {
		if err := l.observe(ctx, settleStep, nil); err != nil {
			return err
		}
		expected, received, _ := l.counts()
		if good++; float64(received) < float64(expected)*(1-settledLoss) || expected == 0 {
			good = 0
		}
	}
	l.settledIn = time.Since(began)
	return nil
}

// observe opens the window for a while and waits until its packets are through. At its begin and its end, edge is called.
func (l *load) observe(ctx context.Context, d time.Duration, edge func() error) error {
	l.reset()
	if edge == nil {
		edge = func() error { return nil }
	}
	if err := edge(); err != nil {
		return err
	}
	from := nanotime()
	l.window.to.Store(from + int64(d))
	l.window.from.Store(from)
	if err := pause(ctx, d); err != nil {
		return err
	}
	if err := edge(); err != nil {
		return err
	}
	return pause(ctx, drain)
}

// reset forgets what was counted.
func (l *load) reset() {
	l.window.from.Store(0)
	l.window.to.Store(0)
	for _, p := range l.publishers {
		p.sent.Store(0)
	}
	for i, p := range l.pollers {
		p.do(func() { *l.delays[i] = histogram{} })
	}
	for _, s := range l.subscribers {
		s.received.Store(0)
	}
}

// counts returns how many packets the window holds, how many of them came, and the least that a subscriber got.
func (l *load) counts() (expected, received, least uint64) {
	var sent uint64
	for _, p := range l.publishers {
		sent += p.sent.Load()
	}
	least = sent
	for _, s := range l.subscribers {
		n := s.received.Load()
		received += n
		least = min(least, n)
	}
	return sent * uint64(len(l.subscribers)), received, least
}

// edges is what is read at the begin and the end of a window.
type edges struct {
	at      [2]time.Time
	usage   [2]usage
	cores   [2]map[int]ticks
	working [2][]int64
	n       int
}

func (l *load) edge(ctx context.Context, e *edges) error {
	var err error
	i := e.n
	e.n++
	if e.usage[i], err = l.usage(ctx); err != nil {
		return err
	}
	e.at[i] = time.Now()
	if e.cores[i], err = readTicks(); err != nil {
		return err
	}
	for _, p := range l.pollers {
		e.working[i] = append(e.working[i], p.working.Load())
	}
	return nil
}

func (l *load) measure(ctx context.Context, d time.Duration) (*result, error) {
	var e edges
	profiled := make(chan error, 1)
	if l.cfg.Profiles.CPU != "" {
		query := fmt.Sprintf("profile?seconds=%d", int(d.Seconds()))
		go func() { profiled <- l.profile(ctx, query, l.cfg.Profiles.CPU) }()
	} else {
		profiled <- nil
	}
	if err := l.observe(ctx, d, func() error { return l.edge(ctx, &e) }); err != nil {
		return nil, err
	}
	if err := <-profiled; err != nil {
		return nil, err
	}
	r, err := l.result(&e)
	return r, errors.Join(err, l.snapshots(ctx))
}

// snapshots writes the profiles that are not of a time.
func (l *load) snapshots(ctx context.Context) error {
	p := l.cfg.Profiles
	return errors.Join(
		l.profile(ctx, "heap?gc=1", p.Heap), l.profile(ctx, "mutex", p.Mutex), l.profile(ctx, "goroutine?debug=1", p.Stack))
}

// profile writes a profile of the server to a file, if that has a name.
func (l *load) profile(ctx context.Context, query, file string) error {
	if file == "" {
		return nil
	}
	var b []byte
	if err := l.signaling.get(ctx, "/debug/pprof/"+query, &b); err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}

func (l *load) result(e *edges) (*result, error) {
	var least uint64
	r := &result{
		Publishers: len(l.publishers), Subscribers: len(l.subscribers),
		Seconds: e.at[1].Sub(e.at[0]).Seconds(), SettledSeconds: l.settledIn.Seconds(),
	}
	r.Expected, r.Packets, least = l.counts()
	if r.Expected == 0 || r.Packets == 0 {
		return nil, errors.New("nothing arrived")
	}
	r.Loss = 1 - float64(r.Packets)/float64(r.Expected)
	r.WorstLoss = 1 - float64(least)*float64(len(l.subscribers))/float64(r.Expected)
	r.PerSecond = float64(r.Packets) / r.Seconds
	l.addDelays(r)
	l.addServer(r, e)
	if err := l.addCounts(r); err != nil {
		return nil, err
	}
	if err := l.addMachine(r, e); err != nil {
		return nil, err
	}
	return r, r.judge(l.nominal(r.Seconds))
}

func (l *load) addDelays(r *result) {
	var all, securedIn, videoIn histogram
	for i, p := range l.pollers {
		p.do(func() { all.merge(l.delays[i]) })
	}
	for _, s := range l.subscribers {
		began := s.began.Load()
		securedIn.add(time.Duration(s.secured.Load() - began))
		videoIn.add(time.Duration(s.firstVideo.Load() - began))
	}
	r.Delay = quantilesOf(&all, time.Microsecond)
	r.JoinSecured = quantilesOf(&securedIn, time.Millisecond)
	r.JoinVideo = quantilesOf(&videoIn, time.Millisecond)
}

func (l *load) addServer(r *result, e *edges) {
	a, b := e.usage[0], e.usage[1]
	each := func(seconds float64) float64 { return seconds * 1e6 / float64(r.Packets) }
	r.User, r.System = each(b.UserSeconds-a.UserSeconds), each(b.SystemSeconds-a.SystemSeconds)
	r.CPU = r.User + r.System
	r.ServerBusy = (b.cpuSeconds() - a.cpuSeconds()) / r.Seconds
	r.ResidentBefore, r.Resident = l.before.ResidentBytes, b.ResidentBytes
	r.PerSubscriber = (b.ResidentBytes - l.before.ResidentBytes) / int64(len(l.subscribers))
	r.Goroutines = b.Goroutines
	r.Allocations = float64(b.AllocatedObjects-a.AllocatedObjects) / float64(r.Packets)
	r.Collections = b.Collections - a.Collections
}

func (l *load) addCounts(r *result) error {
	for _, s := range l.subscribers {
		r.Duplicates += s.duplicates.Load()
		r.Damaged += s.damaged.Load()
		r.Rejected += s.conn.rejected.Load()
		n, err := s.conn.dropped()
		if err != nil {
			return err
		}
		r.DroppedByLoad += uint64(n)
	}
	for _, p := range l.publishers {
		r.Rejected += p.conn.rejected.Load()
	}
	return nil
}

func (l *load) addMachine(r *result, e *edges) error {
	for i := range l.pollers {
		r.LoadBusy = append(r.LoadBusy, float64(e.working[1][i]-e.working[0][i])/1e9/r.Seconds)
	}
	for core, t := range e.cores[1] {
		d := t.since(e.cores[0][core])
		r.Steal = max(r.Steal, d.steal())
		if core == l.cfg.ServerCore {
			guard := (e.usage[1].GuardSeconds - e.usage[0].GuardSeconds) / r.Seconds
			r.OthersOnCore = max(0, d.busy()-r.ServerBusy-guard)
		}
	}
	var err error
	r.LoadAverage, err = readLoad()
	return err
}

// nominal returns how many packets publishers send within that many seconds, on average.
func (l *load) nominal(seconds float64) float64 {
	const count = 1000
	plan := newSchedule(1, meeting)
	plan.sources[0].keyframe = false
	packets := 0
	var last int64
	for range count {
		b := plan.next()
		packets += len(b.sizes)
		last = b.at
	}
	return float64(packets) / (float64(last) / 1e9) * seconds * float64(len(l.publishers)) * float64(len(l.subscribers))
}
