package main

import (
	"slices"
	"testing"
)

func TestParseScenarios(t *testing.T) {
	got, err := parseScenarios("5x10,1x50")
	if err != nil || !slices.Equal(got, []scenario{{5, 10}, {1, 50}}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "5", "5x", "x5", "0x5", "5x0", "5x10,", "5x1001"} {
		if _, err := parseScenarios(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestArrange(t *testing.T) {
	for _, c := range []struct {
		cores  []int
		server int
		want   layout
	}{
		{[]int{0, 1, 2, 3}, -1, layout{server: 3, misc: []int{0}, poll: []int{1, 2}}},
		{[]int{0, 1, 2, 3}, 0, layout{server: 0, misc: []int{1}, poll: []int{2, 3}}},
		{[]int{4, 6}, -1, layout{server: 6, misc: []int{4}, poll: []int{4}}},
	} {
		got, err := arrange(c.cores, c.server)
		if err != nil || got.server != c.want.server || !slices.Equal(got.misc, c.want.misc) || !slices.Equal(got.poll, c.want.poll) {
			t.Errorf("%v for %d: %+v, %v", c.cores, c.server, got, err)
		}
	}
	if _, err := arrange([]int{0}, -1); err == nil {
		t.Error("one core is enough")
	}
	if _, err := arrange([]int{0, 1}, 5); err == nil {
		t.Error("a core that is not there is used")
	}
}

func TestParseTicks(t *testing.T) {
	const text = "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 10 1 20 60 5 0 2 2 0 0\ncpu12 1 0 0 99 0 0 0 0 0 0\nintr 1 2\n"
	got, err := parseTicks([]byte(text))
	must(t, err)
	if len(got) != 2 || got[0] != (ticks{total: 100, idle: 65, stolen: 2}) || got[12] != (ticks{total: 100, idle: 99}) {
		t.Errorf("%+v", got)
	}
	d := ticks{total: 300, idle: 165, stolen: 22}.since(got[0])
	if d.busy() != 0.4 || d.steal() != 0.1 {
		t.Errorf("busy %v, stolen %v", d.busy(), d.steal())
	}
}
