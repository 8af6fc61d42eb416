package quality

import (
	"strings"
	"testing"
	"time"
)

// well is a second of a good connection.
var well = Sample{RoundTrip: 40 * time.Millisecond, UplinkLoss: 0.005, DownlinkLoss: 0.01, UplinkBitsPerSecond: 2_000_000, ShownVideos: 3}

// steady is what a connection is told to be when every second is like this one.
func steady(s Sample) Verdict {
	var j Judge
	var told Verdict
	for range 20 {
		told = j.Settle(j.Weigh(s))
	}
	return told
}

func TestVerdictOfNumbers(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Sample)
		want   Verdict
	}{
		{"nothing to complain about", func(*Sample) {}, Verdict{}},
		{"nothing known", func(s *Sample) { *s = Sample{} }, Verdict{}},
		{"a little loss", func(s *Sample) { s.UplinkLoss = 0.03 }, Verdict{}},
		{"upload loses", func(s *Sample) { s.UplinkLoss = 0.05 }, Verdict{Weak, UplinkLoss}},
		{"upload loses much", func(s *Sample) { s.UplinkLoss = 0.2 }, Verdict{Bad, UplinkLoss}},
		{"download loses", func(s *Sample) { s.DownlinkLoss = 0.05 }, Verdict{Weak, DownlinkLoss}},
		{"the worse side counts", func(s *Sample) { s.UplinkLoss, s.DownlinkLoss = 0.05, 0.2 }, Verdict{Bad, DownlinkLoss}},
		{"far away", func(s *Sample) { s.RoundTrip = 400 * time.Millisecond }, Verdict{Weak, RoundTrip}},
		{"very far away", func(s *Sample) { s.RoundTrip = time.Second }, Verdict{Bad, RoundTrip}},
		{"busy processor", func(s *Sample) { s.CPULimited = 1 }, Verdict{Weak, CPU}},
		{"held back but good", func(s *Sample) { s.UplinkLimited = 1 }, Verdict{}},
		{"thin upload", func(s *Sample) { s.UplinkLimited, s.UplinkBitsPerSecond = 1, 400_000 }, Verdict{Weak, UplinkBandwidth}},
		{"hardly any upload", func(s *Sample) { s.UplinkLimited, s.UplinkBitsPerSecond = 1, 90_000 }, Verdict{Bad, UplinkBandwidth}},
		{"sends little because it has little to send", func(s *Sample) { s.UplinkBitsPerSecond = 30_000 }, Verdict{}},
		{"one video paused", func(s *Sample) { s.PausedVideos = 1 }, Verdict{Weak, DownlinkBandwidth}},
		{"all videos paused", func(s *Sample) { s.PausedVideos = 3 }, Verdict{Bad, DownlinkBandwidth}},
		{"pictures stop", func(s *Sample) { s.Frozen = 0.3 }, Verdict{Weak, Frozen}},
		{"pictures stand", func(s *Sample) { s.Frozen = 1 }, Verdict{Bad, Frozen}},
		{"freezes are explained by loss", func(s *Sample) { s.Frozen, s.DownlinkLoss = 0.3, 0.1 }, Verdict{Weak, DownlinkLoss}},
		{"interrupted", func(s *Sample) { s.Interrupted, s.UplinkLoss = true, 0.5 }, Verdict{Bad, Lost}},
		{"the server is late", func(s *Sample) { s.Late = 500 * time.Millisecond }, Verdict{Weak, ServerBusy}},
		{"the server stands", func(s *Sample) { s.Late, s.RoundTrip = 2*time.Second, 2*time.Second }, Verdict{Bad, ServerBusy}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := well
			test.change(&s)
			if got := steady(s); got != test.want {
				t.Errorf("%v %v, want %v %v", got.Level, got.Reason, test.want.Level, test.want.Reason)
			}
		})
	}
}

// TestVerdictHolds draws what is told while the upload's loss changes: a digit for each second's percents, and below it
// the first letter of the level that stands.
func TestVerdictHolds(t *testing.T) {
	tests := []struct{ name, percents, told string }{
		{"one bad second is no trouble", "0 0 9 0 0 0 0 0", "gggggggg"},
		{"trouble is believed after it lasted", "0 0 9 9 9 9 9 9", "gggggwww"},
		{"a value at the threshold does not flap", "6 6 6 6 4 3 4 3 4 3 4 5", "ggwwwwwwwwww"},
		{"it is over when it stays away", "6 6 6 6 0 0 0 0 0 0 0 0", "ggwwwwwwwwgg"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var j Judge
			told := ""
			for _, p := range strings.Fields(test.percents) {
				s := well
				s.UplinkLoss = float64(p[0]-'0') / 100
				v := j.Settle(j.Weigh(s))
				told += v.Level.String()[:1]
			}
			if told != test.told {
				t.Errorf("told %s, want %s", told, test.told)
			}
		})
	}
}

// What is lost while a queue is full is lost because the link is too thin; without a queue it is the network's loss.
func TestLossInAFullQueueIsBandwidth(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Sample)
		want   Verdict
	}{
		{"lost in a queue", func(s *Sample) { s.UplinkLoss, s.RoundTrip = 0.08, 300*time.Millisecond }, Verdict{Weak, UplinkBandwidth}},
		{"much is lost in a queue", func(s *Sample) { s.UplinkLoss, s.RoundTrip = 0.2, 300*time.Millisecond }, Verdict{Bad, UplinkBandwidth}},
		{"lost without a queue", func(s *Sample) { s.UplinkLoss = 0.08 }, Verdict{Weak, UplinkLoss}},
		{"lost on a fat link", func(s *Sample) {
			s.UplinkLoss, s.RoundTrip, s.UplinkBitsPerSecond = 0.08, 300*time.Millisecond, 3_000_000
		}, Verdict{Weak, UplinkLoss}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var j Judge
			thin := well
			thin.UplinkBitsPerSecond = 200_000
			for range 5 {
				j.Settle(j.Weigh(thin))
			}
			test.change(&thin)
			var told Verdict
			for range 10 {
				told = j.Settle(j.Weigh(thin))
			}
			if told != test.want {
				t.Errorf("%v %v, want %v %v", told.Level, told.Reason, test.want.Level, test.want.Reason)
			}
		})
	}
}

// What a sender's uplink loses is missing at the others a second before the sender is known to be in trouble.
func TestLossOfASenderIsNotTheReceivers(t *testing.T) {
	var j Judge
	missing, explained := well, well
	missing.DownlinkLoss = 0.25
	explained.DownlinkLoss, explained.SendersTroubled = 0, true
	for i, s := range []Sample{well, well, missing, missing, explained, explained, explained, explained, explained} {
		if told := j.Settle(j.Weigh(s)); told != (Verdict{}) {
			t.Fatalf("after %d s: %v %v", i, told.Level, told.Reason)
		}
	}
}

func TestTroubleOfAnotherKindMustLast(t *testing.T) {
	var j Judge
	up, down := Verdict{Weak, UplinkLoss}, Verdict{Weak, DownlinkLoss}
	settle := func(v Verdict, times int) (told Verdict) {
		for range times {
			told = j.Settle(v)
		}
		return told
	}
	if got := settle(up, worseAfter); got != up {
		t.Fatalf("told %v", got)
	}
	if got := settle(down, betterAfter-1); got != up {
		t.Errorf("another reason after %d s", betterAfter-1)
	}
	if got := settle(down, 1); got != down {
		t.Errorf("told %v", got)
	}
	if got := settle(Verdict{Bad, DownlinkLoss}, 1); got.Level != Bad {
		t.Error("what gets worse step by step waits again")
	}
}

func TestWidespread(t *testing.T) {
	up, down, cpu, fine := Verdict{Weak, UplinkLoss}, Verdict{Bad, DownlinkLoss}, Verdict{Weak, CPU}, Verdict{}
	tests := []struct {
		name string
		all  []Verdict
		want bool
	}{
		{"nobody", nil, false},
		{"two of two say nothing about the server", []Verdict{up, up}, false},
		{"three of three", []Verdict{up, down, up}, true},
		{"three of four", []Verdict{up, down, up, fine}, true},
		{"three of five", []Verdict{up, down, up, fine, cpu}, false},
		{"busy computers are not the server's", []Verdict{cpu, cpu, cpu}, false},
	}
	for _, test := range tests {
		if got := Widespread(test.all); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	if got := up.AtServer(); got != (Verdict{Weak, ServerLoss}) {
		t.Errorf("at the server %v", got)
	}
	if got := cpu.AtServer(); got != cpu {
		t.Errorf("a computer became a server: %v", got)
	}
}

func TestEveryReasonHasAName(t *testing.T) {
	seen := map[string]bool{}
	for r := range reasons {
		name, side := Reason(r).String(), Reason(r).Side()
		if seen[name] || (Reason(r) == NoReason) != (side == NoSide) || (Reason(r) == NoReason) != (name == "") {
			t.Errorf("reason %d: %q at %q", r, name, side)
		}
		seen[name] = true
		for _, level := range []Level{Weak, Bad} {
			v := Verdict{level, Reason(r)}
			if back := verdictOf(v.code()); Reason(r) != NoReason && back != v {
				t.Errorf("%v came back as %v", v, back)
			}
		}
	}
}
