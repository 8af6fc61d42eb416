package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const floorWindow = 4 * time.Second

// options are those of the command line.
type options struct {
	scenarios []scenario
	window    time.Duration
	core      int
	profiles  profiles
	out       string
	hold      bool
	from      int
	room      scenario // participants and tiles
	churn     int
	public    bool
}

// profiles are the files that profiles of the server are written to; empty names write none.
type profiles struct {
	CPU   string `json:"cpu"`
	Heap  string `json:"heap"`  // in use, right after a collection
	Mutex string `json:"mutex"` // contention since the server's start
	Stack string `json:"stack"` // of all goroutines, as text
}

// scenario is a number of publishers and of subscribers.
type scenario struct{ publishers, subscribers int }

func (s scenario) String() string { return fmt.Sprintf("%d × %d", s.publishers, s.subscribers) }

// env is what the server needs in its environment for them.
func (p profiles) env() []string {
	var list []string
	if p.Heap != "" {
		list = append(list, "GODEBUG=memprofilerate=4096")
	}
	if p.Mutex != "" {
		list = append(list, mutexFraction+"=1")
	}
	return list
}

func parseScenarios(text string) ([]scenario, error) {
	var list []scenario
	for part := range strings.SplitSeq(text, ",") {
		n, m, ok := strings.Cut(part, "x")
		publishers, err1 := strconv.Atoi(n)
		subscribers, err2 := strconv.Atoi(m)
		if !ok || err1 != nil || err2 != nil || publishers < 1 || subscribers < 1 || publishers > 1000 || subscribers > 1000 {
			return nil, fmt.Errorf("scenario %q: wanted is PUBLISHERSxSUBSCRIBERS, like 5x30", part)
		}
		list = append(list, scenario{publishers, subscribers})
	}
	return list, nil
}

func parseOptions(args []string) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	scenarios := f.String("scenarios", "5x10,5x30,5x100,1x50", "publishers x subscribers, several with commas")
	f.DurationVar(&o.window, "window", 8*time.Second, "how long each scenario is measured")
	f.IntVar(&o.core, "core", -1, "the server's core; the last one by default")
	f.StringVar(&o.profiles.CPU, "profile", "", "write a CPU profile of the server to this file; with one scenario only, as the others")
	f.StringVar(&o.profiles.Heap, "memprofile", "", "write a profile of the server's memory to this file")
	f.StringVar(&o.profiles.Mutex, "mutexprofile", "", "write a profile of the locks that were waited for to this file")
	f.StringVar(&o.profiles.Stack, "stacks", "", "write the stacks of the server's goroutines to this file")
	f.StringVar(&o.out, "out", "artifacts/bench-sfu.json", "where the results go as JSON")
	f.BoolVar(&o.hold, "hold", false, "find the most subscribers of 5 publishers that are held, instead of the scenarios")
	f.IntVar(&o.from, "from", 20, "with how many subscribers -hold begins")
	f.BoolVar(&o.public, "public", false, "leave encryption to Pion: what the server costs by Pion's public write path")
	room := f.String("room", "", "a room instead of the scenarios: participants x tiles, like 200x16")
	f.IntVar(&o.churn, "churn", 0, "let that many join and leave, instead of the scenarios")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unknown argument %q", f.Arg(0))
	}
	var err error
	if o.scenarios, err = parseScenarios(*scenarios); err != nil {
		return nil, err
	}
	if *room != "" {
		list, err := parseScenarios(*room)
		if err != nil || len(list) != 1 || list[0].subscribers >= list[0].publishers {
			return nil, fmt.Errorf("room %q: wanted is PARTICIPANTSxTILES, like 200x16", *room)
		}
		o.room, o.scenarios = list[0], list
	}
	if o.profiles != (profiles{}) && (len(o.scenarios) != 1 || o.hold) {
		return nil, errors.New("profiles need exactly one scenario")
	}
	if o.window < time.Second {
		return nil, errors.New("-window is at least a second")
	}
	return o, nil
}

// layout says which cores do what.
type layout struct {
	server int
	misc   []int // publishers, signaling, feedback
	poll   []int // a thread each
}

// arrange gives the server a core of its own, the pollers those that are left but one.
func arrange(cores []int, server int) (layout, error) {
	if len(cores) < 2 {
		return layout{}, errors.New("two cores are needed at least")
	}
	if server < 0 {
		server = cores[len(cores)-1]
	}
	at := slices.Index(cores, server)
	if at < 0 {
		return layout{}, fmt.Errorf("core %d is none of %v", server, cores)
	}
	rest := slices.Delete(slices.Clone(cores), at, at+1)
	l := layout{server: server, misc: rest[:1], poll: rest[1:]}
	if len(rest) == 1 {
		l.poll = rest
	}
	return l, nil
}

// driver runs scenarios one after another.
type driver struct {
	*options
	layout
	machine machine
}

func runDriver(ctx context.Context, args []string) error {
	o, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	cores, err := allowedCores()
	if err != nil {
		return err
	}
	d := &driver{options: o}
	if d.layout, err = arrange(cores, o.core); err != nil {
		return err
	}
	if d.machine, err = readMachine(); err != nil {
		return err
	}
	fmt.Printf("%v\nserver on core %d, load on %v\n\n", d.machine, d.server, append(slices.Clone(d.misc), d.poll...))
	switch {
	case d.hold:
		return d.runHold(ctx)
	case d.room.publishers > 0:
		return d.runRoom(ctx)
	case d.churn > 0:
		return d.runChurn(ctx)
	}
	return d.runScenarios(ctx)
}

// report is the file with the results.
type report struct {
	At      time.Time `json:"at"`
	Machine machine   `json:"machine"`
	Results []*result `json:"results,omitempty"`
	Held    *held     `json:"held,omitempty"`
	Room    *room     `json:"room,omitempty"`
	Churn   *churn    `json:"churn,omitempty"`
}

func (d *driver) runScenarios(ctx context.Context) error {
	all := report{At: time.Now(), Machine: d.machine}
	printHead(os.Stdout)
	var failed error
	for _, s := range d.scenarios {
		var r result
		if err := d.run(ctx, loadConfig{Publishers: s.publishers, Subscribers: s.subscribers, Window: d.window, Profiles: d.profiles}, &r); err != nil {
			return fmt.Errorf("%v: %w", s, err)
		}
		floor, err := d.floor(ctx, s)
		if err != nil {
			return fmt.Errorf("%v: floor: %w", s, err)
		}
		r.FloorCPU = floor
		if !r.Overloaded {
			r.FloorRatio = r.CPU / floor
		} else {
			failed = errors.New("the server was overloaded")
		}
		all.Results = append(all.Results, &r)
		printRow(os.Stdout, &r)
	}
	for _, r := range all.Results {
		printDetails(os.Stdout, r)
	}
	if err := d.save(&all); err != nil {
		return err
	}
	return failed
}

func (d *driver) runHold(ctx context.Context) error {
	var h held
	if err := d.run(ctx, loadConfig{Publishers: 5, Hold: true, From: max(1, d.from)}, &h); err != nil {
		return err
	}
	fmt.Printf("held on one core with 5 publishers: %d subscribers\n", h.Subscribers)
	return d.save(&report{At: time.Now(), Machine: d.machine, Held: &h})
}

func (d *driver) save(r *report) error {
	if err := os.MkdirAll(filepath.Dir(d.out), 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(d.out, append(b, '\n'), 0o644)
}

// run starts a server and a load and reads what the load found out.
func (d *driver) run(ctx context.Context, cfg loadConfig, into any) error {
	server, err := start(ctx, roleServer, []int{d.server}, nil, d.env()...)
	if err != nil {
		return err
	}
	defer func() { _ = server.stop() }()
	var at listening
	if err := server.read(&at); err != nil {
		return err
	}
	cfg.Server, cfg.ServerCore, cfg.PollCores = at.URL, d.server, d.poll
	load, err := d.startLoad(ctx, roleLoad, cfg)
	if err != nil {
		return err
	}
	err = load.read(into)
	if errors.Is(err, io.EOF) {
		return errors.Join(errors.New("the load gave up"), load.wait())
	}
	return errors.Join(err, load.wait())
}

// env is the environment of the server.
func (d *driver) env() []string {
	env := append(d.profiles.env(), "GOMAXPROCS=1")
	if d.public {
		env = append(env, throughPion+"=1")
	}
	return env
}

// startLoad starts a role on the cores that are not the server's. Each poller needs a thread for itself, and so does the
// stage.
func (d *driver) startLoad(ctx context.Context, role string, cfg any) (*process, error) {
	return start(ctx, role, d.misc, cfg, "GOGC=400", fmt.Sprintf("GOMAXPROCS=%d", len(d.poll)+3))
}

// floor returns the microseconds that sealing and sending a packet cost on the server's core.
func (d *driver) floor(ctx context.Context, s scenario) (float64, error) {
	sink, err := d.startLoad(ctx, roleSink, sinkConfig{PollCores: d.poll, Receivers: s.subscribers})
	if err != nil {
		return 0, err
	}
	defer func() { _ = sink.stop() }()
	var receivers []netip.AddrPort
	if err := sink.read(&receivers); err != nil {
		return 0, err
	}
	cfg := floorConfig{Publishers: s.publishers, Receivers: receivers, Window: floorWindow}
	sender, err := start(ctx, roleFloor, []int{d.server}, cfg, "GOMAXPROCS=1")
	if err != nil {
		return 0, err
	}
	var r floorResult
	if err := errors.Join(sender.read(&r), sender.wait()); err != nil {
		return 0, err
	}
	_ = sink.in.Close()
	var came uint64
	if err := sink.read(&came); err != nil {
		return 0, err
	}
	if came < r.Packets {
		return 0, fmt.Errorf("%d packets sent, %d came", r.Packets, came)
	}
	return r.Used.cpuSeconds() * 1e6 / float64(r.Packets), nil
}
