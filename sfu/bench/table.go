package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// machine describes where it was measured.
type machine struct {
	Processor string `json:"processor"`
	Cores     int    `json:"cores"`
	Kernel    string `json:"kernel"`
	Go        string `json:"go"`
}

func (m machine) String() string {
	return fmt.Sprintf("%d cores, %s, Linux %s, %s", m.Cores, m.Processor, m.Kernel, m.Go)
}

func readMachine() (machine, error) {
	m := machine{Cores: runtime.NumCPU(), Go: runtime.Version(), Processor: runtime.GOARCH}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return m, err
	}
	m.Kernel = string(bytes.TrimSpace(kernel))
	cpus, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m, err
	}
	for line := range strings.Lines(string(cpus)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	return m, nil
}

func printHead(w io.Writer) {
	fmt.Fprintln(w, "| publishers × subscribers | packets/s | µs/packet | user | system | floor | ratio | p50 ms | p95 ms | p99 ms | max ms | loss % | join p50/p95 ms | MB/subscriber |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
}

// printRow prints what matters. Of an overloaded server no cost of a packet is told: it did not do its work.
func printRow(w io.Writer, r *result) {
	cost := fmt.Sprintf("%.2f | %.2f | %.2f | %.2f | %.1f", r.CPU, r.User, r.System, r.FloorCPU, r.FloorRatio)
	if r.Overloaded {
		cost = fmt.Sprintf("overload | | | %.2f |", r.FloorCPU)
	}
	fmt.Fprintf(w, "| %d × %d | %.0f | %s | %.2f | %.2f | %.2f | %.1f | %.3f | %.0f/%.0f | %.2f |\n",
		r.Publishers, r.Subscribers, r.PerSecond, cost, r.Delay.P50/1000, r.Delay.P95/1000, r.Delay.P99/1000, r.Delay.Max/1000,
		100*r.Loss, r.JoinVideo.P50, r.JoinVideo.P95, float64(r.PerSubscriber)/1e6)
}

// printDetails prints the rest.
func printDetails(w io.Writer, r *result) {
	fmt.Fprintf(w, "\n%d × %d: server's core %.0f %% busy, resident %.0f MB (%.0f MB without subscribers), %d goroutines, %.2f allocations a packet, %d collections\n",
		r.Publishers, r.Subscribers, 100*r.ServerBusy, float64(r.Resident)/1e6, float64(r.ResidentBefore)/1e6, r.Goroutines, r.Allocations, r.Collections)
	busy := make([]string, 0, len(r.LoadBusy))
	for _, b := range r.LoadBusy {
		busy = append(busy, fmt.Sprintf("%.0f %%", 100*b))
	}
	fmt.Fprintf(w, "  joined: keys after %.0f/%.0f ms (p50/p95), first picture %.0f/%.0f; settled after %.1f s; worst subscriber lost %.3f %%, %d duplicates\n",
		r.JoinSecured.P50, r.JoinSecured.P95, r.JoinVideo.P50, r.JoinVideo.P95, r.SettledSeconds, 100*r.WorstLoss, r.Duplicates)
	fmt.Fprintf(w, "  load's threads busy %s; others on the server's core %.1f %%; steal %.1f %%; load average %.1f\n",
		strings.Join(busy, ", "), 100*r.OthersOnCore, 100*r.Steal, r.LoadAverage)
	for _, x := range r.Warnings {
		fmt.Fprintf(w, "  WARNING: %s\n", x)
	}
}
