package main

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	good := func() *result { return &result{Expected: 100_000, Packets: 100_000} }
	for _, c := range []struct {
		name       string
		change     func(*result)
		fails      string
		overloaded bool
		warns      int
	}{
		{"good", func(*result) {}, "", false, 0},
		{"forged", func(r *result) { r.Rejected = 1 }, "not authentic", false, 0},
		{"damaged", func(r *result) { r.Damaged = 1 }, "not what was sent", false, 0},
		{"publishers too slow", func(r *result) { r.Expected = 90_000 }, "too slow", false, 0},
		{"sockets overflow", func(r *result) { r.DroppedByLoad = 100 }, "too slow", false, 0},
		{"a little loss", func(r *result) { r.Loss = 0.009 }, "", false, 0},
		{"overload", func(r *result) { r.Loss = 0.011 }, "", true, 0},
		{"late", func(r *result) { r.Delay.P95 = 51_000 }, "", true, 0},
		{"noise", func(r *result) { r.Steal, r.OthersOnCore, r.LoadBusy = 0.02, 0.1, []float64{0.2, 0.95} }, "", false, 3},
		{"duplicates", func(r *result) { r.Duplicates = 3 }, "", false, 1},
	} {
		r := good()
		c.change(r)
		err := r.judge(100_000)
		if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %v", c.name, err)
		}
		if r.Overloaded != c.overloaded || len(r.Warnings) != c.warns {
			t.Errorf("%s: overloaded %v, %q", c.name, r.Overloaded, r.Warnings)
		}
	}
}

func TestTableTellsNoCostOfOverload(t *testing.T) {
	var b strings.Builder
	printHead(&b)
	printRow(&b, &result{Publishers: 5, Subscribers: 30, CPU: 3.21, FloorCPU: 1.5})
	printRow(&b, &result{Publishers: 5, Subscribers: 30, CPU: 3.21, FloorCPU: 1.5, Overloaded: true})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, x := range lines {
		if n := strings.Count(x, "|"); n != strings.Count(lines[0], "|") {
			t.Errorf("%d columns: %s", n, x)
		}
	}
	if !strings.Contains(lines[2], "3.21") || strings.Contains(lines[3], "3.21") || !strings.Contains(lines[3], "overload") {
		t.Errorf("%s\n%s", lines[2], lines[3])
	}
}
