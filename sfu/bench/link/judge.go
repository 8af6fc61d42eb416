package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// tooLate is the delay with which a sound is worth nothing any more.
const tooLate = 2 * time.Second

// stretch is what somebody saw and heard in a stretch of time.
type stretch struct {
	SoundLost       float64 // percent of what was sent, after retransmission
	SoundDelay      int     // milliseconds, 95th percentile
	FramesPerSecond float64
	Width           int // that most frames had
	Kbps            int
	LongestGap      float64 // seconds without a new frame
	HeldBack        float64 // percent of the time
}

// cell is one cell of the matrix. Moves and FullSize are seconds after the link's recovery, negative for never.
type cell struct {
	Direction, Link      string
	Load                 string
	Before, Impaired     stretch
	Moves, FullSize      float64
	OthersBefore, Others stretch
	Seconds              []stretch // of the whole time, from before the impairment
}

// between tells what came from one moment to another.
func (r *reception) between(from, to time.Time) stretch {
	r.mu.Lock()
	defer r.mu.Unlock()
	seconds := to.Sub(from).Seconds()
	frames, widths, bytes := 0, map[int]int{}, 0
	last, gap := from, time.Duration(0)
	for _, f := range r.shown {
		if f.at.Before(from) || f.at.After(to) {
			continue
		}
		frames++
		widths[f.width]++
		gap, last = max(gap, f.at.Sub(last)), f.at
	}
	gap = max(gap, to.Sub(last))
	for _, a := range r.arrivals {
		if !a.at.Before(from) && !a.at.After(to) {
			bytes += a.size
		}
	}
	s := stretch{
		FramesPerSecond: float64(frames) / seconds, Kbps: int(float64(bytes*8) / seconds / 1000),
		LongestGap: gap.Seconds(), HeldBack: 100 * r.heldBackLocked(from, to).Seconds() / seconds,
	}
	for width, n := range widths {
		if n > widths[s.Width] || n == widths[s.Width] && width > s.Width {
			s.Width = width
		}
	}
	s.SoundLost, s.SoundDelay = r.soundLocked(from, to)
	return s
}

// soundLocked returns the share in percent of the sounds that were sent from one moment to another and did not come in time,
// and the 95th percentile of how many milliseconds the others took.
func (r *reception) soundLocked(from, to time.Time) (lost float64, delay int) {
	sent, missing := 0, 0
	var delays []time.Duration
	for number := 0; ; number++ {
		at, ok := r.source.sent(number)
		if !ok || at.After(to) {
			break
		}
		if at.Before(from) {
			continue
		}
		sent++
		if came, ok := r.came[number]; ok && came.Sub(at) < tooLate {
			delays = append(delays, came.Sub(at))
		} else {
			missing++
		}
	}
	if sent == 0 {
		return 100, 0
	}
	slices.Sort(delays)
	if n := len(delays); n > 0 {
		delay = int(delays[(n-1)*95/100].Milliseconds())
	}
	return 100 * float64(missing) / float64(sent), delay
}

func (r *reception) heldBackLocked(from, to time.Time) (total time.Duration) {
	for _, p := range r.pauses {
		begin, end := p.from, p.to
		if end.IsZero() || end.After(to) {
			end = to
		}
		if begin.Before(from) {
			begin = from
		}
		total += max(0, end.Sub(begin))
	}
	return total
}

// recovery returns the seconds after healing until there were 80 % of the frames of before for a second, of at least a width;
// negative when there never were.
func (r *reception) recovery(healed time.Time, before stretch, width int) float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, first := range r.shown {
		if first.at.Before(healed) {
			continue
		}
		n := 0
		for _, f := range r.shown[i:] {
			if f.at.Sub(first.at) < time.Second && f.width >= width {
				n++
			}
		}
		if float64(n) >= 0.8*before.FramesPerSecond {
			return first.at.Sub(healed).Seconds()
		}
	}
	return -1
}

// seconds returns every second from a moment on.
func (r *reception) seconds(from time.Time) (list []stretch) {
	for at := from; at.Add(time.Second).Before(time.Now()); at = at.Add(time.Second) {
		list = append(list, r.between(at, at.Add(time.Second)))
	}
	return list
}

const tableHead = `| direction | link | load | sound lost % | sound's delay p95 ms | longest gap s | frames/s | width | kbit/s | moves after s | full size after s | others: gap s | others: frames/s | others: sound lost % |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`

// row is the cell as a row of a Markdown table.
func (c *cell) row() string {
	held := ""
	if c.Impaired.HeldBack > 0 {
		held = fmt.Sprintf(" (held back %.0f %%)", c.Impaired.HeldBack)
	}
	return strings.Join([]string{
		"| " + c.Direction, c.Link, c.Load,
		fmt.Sprintf("%.1f", c.Impaired.SoundLost),
		fmt.Sprintf("%d of %d", c.Impaired.SoundDelay, c.Before.SoundDelay),
		fmt.Sprintf("%.1f%s", c.Impaired.LongestGap, held),
		fmt.Sprintf("%.1f of %.1f", c.Impaired.FramesPerSecond, c.Before.FramesPerSecond),
		fmt.Sprintf("%d of %d", c.Impaired.Width, c.Before.Width),
		fmt.Sprintf("%d of %d", c.Impaired.Kbps, c.Before.Kbps),
		orDash(c.Moves), orDash(c.FullSize),
		fmt.Sprintf("%.1f", c.Others.LongestGap),
		fmt.Sprintf("%.1f of %.1f", c.Others.FramesPerSecond, c.OthersBefore.FramesPerSecond),
		fmt.Sprintf("%.1f |", c.Others.SoundLost),
	}, " | ")
}

func orDash(seconds float64) string {
	if seconds < 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", seconds)
}

// load is the load average of the last minute.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "–"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}
