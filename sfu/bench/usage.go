package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what a process has used since it began.
type usage struct {
	UserSeconds      float64 `json:"userSeconds"`
	SystemSeconds    float64 `json:"systemSeconds"`
	GuardSeconds     float64 `json:"guardSeconds"` // of the core's guard
	ResidentBytes    int64   `json:"residentBytes"`
	Goroutines       uint64  `json:"goroutines"`
	HeapBytes        uint64  `json:"heapBytes"`  // of objects, dead ones included
	StackBytes       uint64  `json:"stackBytes"` // of goroutines
	AllocatedObjects uint64  `json:"allocatedObjects"`
	Collections      uint64  `json:"collections"`
}

func (u usage) cpuSeconds() float64 { return u.UserSeconds + u.SystemSeconds }

// readUsage reads this process's.
func readUsage() (usage, error) {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		return usage{}, os.NewSyscallError("getrusage", err)
	}
	seconds := func(t unix.Timeval) float64 { return float64(t.Nano()) / float64(time.Second) }
	u := usage{UserSeconds: seconds(r.Utime), SystemSeconds: seconds(r.Stime)}
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return usage{}, err
	}
	fields := strings.Fields(string(statm))
	if len(fields) < 2 {
		return usage{}, fmt.Errorf("/proc/self/statm: %q", statm)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return usage{}, fmt.Errorf("/proc/self/statm: %w", err)
	}
	u.ResidentBytes = pages * int64(os.Getpagesize())
	samples := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"}, {Name: "/gc/heap/allocs:objects"}, {Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
	}
	metrics.Read(samples)
	u.Goroutines, u.AllocatedObjects, u.Collections = samples[0].Value.Uint64(), samples[1].Value.Uint64(), samples[2].Value.Uint64()
	u.HeapBytes, u.StackBytes = samples[3].Value.Uint64(), samples[4].Value.Uint64()
	return u, nil
}

// ticks are how a core's time was spent, in clock ticks.
type ticks struct{ total, idle, stolen uint64 }

func (t ticks) since(before ticks) ticks {
	return ticks{t.total - before.total, t.idle - before.idle, t.stolen - before.stolen}
}

// busy is the share of the time that the core worked for this machine.
func (t ticks) busy() float64 { return share(t.total-min(t.total, t.idle+t.stolen), t.total) }

// steal is the share of the time that the host gave to others.
func (t ticks) steal() float64 { return share(t.stolen, t.total) }

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// readTicks reads /proc/stat by core.
func readTicks() (map[int]ticks, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return nil, err
	}
	return parseTicks(b)
}

func parseTicks(b []byte) (map[int]ticks, error) {
	cores := map[int]ticks{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 9 || !strings.HasPrefix(fields[0], "cpu") || fields[0] == "cpu" {
			continue
		}
		core, err := strconv.Atoi(fields[0][len("cpu"):])
		if err != nil {
			return nil, fmt.Errorf("/proc/stat: %w", err)
		}
		var t ticks
		// user nice system idle iowait irq softirq steal
		for i, f := range fields[1:9] {
			n, err := strconv.ParseUint(f, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("/proc/stat: %w", err)
			}
			t.total += n
			switch i {
			case 3, 4:
				t.idle += n
			case 7:
				t.stolen += n
			}
		}
		cores[core] = t
	}
	return cores, lines.Err()
}

// readLoad returns the load average of the last minute.
func readLoad() (float64, error) {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), " ")
	return strconv.ParseFloat(first, 64)
}

// allowedCores returns the cores that this process may use.
func allowedCores() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, os.NewSyscallError("sched_getaffinity", err)
	}
	var cores []int
	for i := range 8 * len(set) * 8 {
		if set.IsSet(i) {
			cores = append(cores, i)
		}
	}
	return cores, nil
}

// pin moves the calling thread to these cores.
func pin(cores ...int) error {
	var set unix.CPUSet
	for _, c := range cores {
		set.Set(c)
	}
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &set))
}

// hurry lets the calling thread run as soon as it wakes, whatever else waits for its core: a publisher that stalls and then
// sends everything at once is a load of another kind. It is allowed to root alone, and left out for others. It is not made a
// real-time thread: Go's runtime spins on what other threads hold, for example while the collector scans its stack, and a
// real-time thread that spins keeps those off its core until the kernel stops it, 950 ms later.
func hurry() {
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{
		Policy: unix.SCHED_NORMAL, Nice: -20, Runtime: uint64(shortSlice), Flags: unix.SCHED_FLAG_RESET_ON_FORK,
	}, 0)
}

// shortSlice is the time slice that hurry asks for: the shorter, the sooner a thread that woke is given the core.
const shortSlice = 100 * time.Microsecond

// sleep lets the calling thread sleep, past Go's timers, which need another thread to wake it.
func sleep(nanoseconds int64) {
	t := unix.NsecToTimespec(nanoseconds)
	_ = unix.Nanosleep(&t, nil)
}
