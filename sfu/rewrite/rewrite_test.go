package rewrite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"parley/sfu/codec"
)

const ms = int64(time.Millisecond)

// frame makes the packets of one frame; ids follow number.
func frame(number, first uint64, packets int, temporal uint8) []In {
	list := make([]In, packets)
	for i := range list {
		list[i] = In{Extended: first + uint64(i), Timestamp: uint32(number * 3000), Frame: &codec.Info{
			Start: i == 0, Temporal: temporal, HasTemporal: true,
			PictureID: uint16(number) & 0x7fff, PictureIDBits: 15,
			TL0: uint8(number), HasTL0: true, KeyIndex: uint8(number) & 0x1f, HasKeyIndex: true,
		}}
	}
	return list
}

func TestFirstSourceGoesThroughUnchanged(t *testing.T) {
	r := New(90000)
	in := frame(5, 70000, 1, 0)[0]
	out := r.Switch(0, in, 0, 0, false)
	if uint64(out.Sequence) != in.Extended&0xffff || out.Timestamp != in.Timestamp || !out.Shift.Zero() {
		t.Errorf("%+v", out)
	}
}

func TestSwitchContinues(t *testing.T) {
	r := New(90000)
	r.Switch(0, frame(100, 65530, 1, 0)[0], 0, 0, false)
	last, _ := r.Forward(0, frame(101, 65535, 1, 0)[0], 33*ms)
	for _, c := range []struct {
		name    string
		aligned uint32
		known   bool
		at      int64
		want    uint32
	}{
		{"by time", 0, false, 66 * ms, 101*3000 + 33*90},
		{"by reports", 101*3000 + 2950, true, 66 * ms, 101*3000 + 2950},
		{"never back", 101*3000 - 500, true, 66 * ms, 101*3000 + 90},
		{"never by mad reports", 1 << 30, true, 66 * ms, 101*3000 + 33*90},
	} {
		copied := *r
		in := frame(7, 200, 1, 0)[0]
		out := copied.Switch(1, in, c.at, c.aligned, c.known)
		if out.Sequence != last.Sequence+1 || out.Timestamp != c.want {
			t.Errorf("%s: %+v after %+v", c.name, out, last)
		}
		if id := in.Frame.PictureID + out.Shift.PictureID; id != 102 {
			t.Errorf("%s: picture %d", c.name, id)
		}
	}
}

func TestPauseKeepsTheSourcesClock(t *testing.T) {
	r := New(90000)
	r.Switch(0, frame(1, 100, 1, 0)[0], 0, 0, false)
	out := r.Switch(0, frame(90, 500, 1, 0)[0], 3000*ms, 0, false)
	if out.Sequence != 101 || out.Timestamp != 90*3000 {
		t.Errorf("%+v", out)
	}
}

func TestDropClosesTheRanksAndKeepsHoles(t *testing.T) {
	r := New(90000)
	var next uint64 = 1000
	send := func(number uint64, temporal uint8, drop bool) (outs []Out) {
		for _, in := range frame(number, next, 2, temporal) {
			next++
			if drop {
				if !r.Drop(in) {
					t.Fatalf("%d cannot be dropped", in.Extended)
				}
				continue
			}
			if !r.Started() {
				outs = append(outs, r.Switch(0, in, 0, 0, false))
				continue
			}
			out, ok := r.Forward(0, in, 0)
			if !ok {
				t.Fatalf("%d has no place", in.Extended)
			}
			outs = append(outs, out)
		}
		return outs
	}
	send(1, 0, false) // 1000, 1001
	send(2, 1, true)  // 1002, 1003 left out
	b := send(3, 0, false)
	if b[0].Sequence != 1002 || 3+b[0].Shift.PictureID != 2 {
		t.Errorf("after a frame left out: %+v", b[0])
	}
	next += 2        // 1006, 1007 lost
	send(5, 1, true) // 1008, 1009 left out
	c := send(6, 0, false)
	if c[0].Sequence != 1006 { // 1004, 1005 stay open for the lost
		t.Errorf("after lost and left out: %+v", c[0])
	}
	late := In{Extended: 1006, Timestamp: 4 * 3000, Frame: &codec.Info{}}
	if r.Drop(late) {
		t.Error("a hole was closed")
	}
	out, ok := r.Forward(0, late, 0)
	if !ok || out.Sequence != 1004 {
		t.Errorf("late: %+v %v", out, ok)
	}
	for want, seq := range map[uint64]uint16{1000: 1000, 1004: 1002, 1007: 1005, 1010: 1006} {
		if _, got, ok := r.Original(seq); !ok || got != want {
			t.Errorf("%d was %d, not %d", seq, got, want)
		}
	}
	if _, _, ok := r.Original(2000); ok {
		t.Error("a number that never went out has an original")
	}
}

func TestPaddingBetweenFrames(t *testing.T) {
	r := New(90000)
	first := frame(1, 1000, 2, 0)
	r.Switch(0, first[0], 0, 0, false)
	r.Forward(0, first[1], 0)
	pad := func(want uint16) {
		t.Helper()
		if out, ok := r.Pad(); !ok || out.Sequence != want || out.Timestamp != 3000 {
			t.Errorf("%+v %v, want number %d", out, ok, want)
		}
	}
	pad(1002)
	left := frame(2, 1002, 2, 1)
	r.Drop(left[0])
	pad(1003) // within a frame that is left out
	r.Drop(left[1])
	pad(1004)
	next := frame(3, 1005, 1, 0) // 1004 is missing
	out, ok := r.Forward(0, next[0], 0)
	if !ok || out.Sequence != 1006 || 3+out.Shift.PictureID != 2 {
		t.Errorf("after padding: %+v %v", out, ok)
	}
	if out, ok := r.Forward(0, In{Extended: 1004, Frame: next[0].Frame}, 0); !ok || out.Sequence != 1005 {
		t.Errorf("late: %+v %v", out, ok)
	}
}

// TestStreamsStayContinuous drives a Rewriter with sources that lose, reorder and repeat, and switches, pauses and drops at
// random, and looks at the result as a receiver does.
func TestStreamsStayContinuous(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { run(t, rand.New(rand.NewPCG(seed, 1)), 400) })
	}
}

// world is a sender with three sources and what a receiver got.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	r       *Rewriter
	next    [3]uint64
	got     map[uint64]string // by extended outgoing number
	sent    map[string]uint64
	order   []uint64
	padded  map[uint64]bool
	lost    map[string]In
	lostSrc map[string]int
	now     int64
}

func run(t *testing.T, rng *rand.Rand, frames int) {
	w := &world{
		t: t, rng: rng, r: New(90000), got: map[uint64]string{}, sent: map[string]uint64{},
		padded: map[uint64]bool{}, lost: map[string]In{}, lostSrc: map[string]int{},
	}
	for i := range w.next {
		w.next[i] = 1<<16 + uint64(rng.IntN(70000)) // some begin just before a wrap
	}
	source, fresh := 0, true
	for number := range uint64(frames) {
		w.now += 33 * ms
		if rng.IntN(40) == 0 {
			source, fresh = rng.IntN(3), true
		}
		packets := frame(number*7+uint64(source)*1000, w.next[source], 1+rng.IntN(4), uint8(rng.IntN(2)))
		w.next[source] += uint64(len(packets))
		if fresh {
			w.take(source, packets[0], true, false)
			packets, fresh = packets[1:], false
		}
		drop := rng.IntN(6) == 0 && packets != nil && len(packets) > 0 && packets[0].Frame.Start
		rng.Shuffle(len(packets), func(i, j int) {
			if rng.IntN(5) == 0 {
				packets[i], packets[j] = packets[j], packets[i]
			}
		})
		for _, p := range packets {
			if rng.IntN(12) == 0 {
				key := fmt.Sprint(source, p.Extended)
				w.lost[key], w.lostSrc[key] = p, source
				continue
			}
			w.take(source, p, false, drop)
		}
		if rng.IntN(10) == 0 {
			w.repair(source)
		}
		if rng.IntN(8) == 0 {
			w.pad(1 + rng.IntN(5))
		}
	}
	w.judge()
}

func (w *world) take(source int, in In, switches, drop bool) {
	key := fmt.Sprint(source, in.Extended)
	var out Out
	switch {
	case switches:
		out = w.r.Switch(source, in, w.now, 0, false)
	case drop && w.r.Drop(in):
		return
	default:
		var ok bool
		if out, ok = w.r.Forward(source, in, w.now); !ok {
			return
		}
	}
	if uint16(out.Extended) != out.Sequence {
		w.t.Fatalf("%d is not %d", out.Extended, out.Sequence)
	}
	if before, ok := w.got[out.Extended]; ok && before != key {
		w.t.Fatalf("%d went out as %s and as %s", out.Extended, before, key)
	}
	w.got[out.Extended] = key
	w.sent[key] = out.Extended
	w.order = append(w.order, out.Extended)
}

// pad puts padding after what went out.
func (w *world) pad(packets int) {
	for range packets {
		out, ok := w.r.Pad()
		if !ok {
			w.t.Fatal("nothing to go on from")
		}
		if before, ok := w.got[out.Extended]; ok || w.padded[out.Extended] {
			w.t.Fatalf("%d went out as %q and as padding", out.Extended, before)
		}
		w.padded[out.Extended] = true
		w.order = append(w.order, out.Extended)
	}
}

// repair gives back what was lost of a source, as a retransmission does.
func (w *world) repair(source int) {
	for key, in := range w.lost {
		if w.lostSrc[key] == source && w.r.Source() == source {
			delete(w.lost, key)
			w.take(source, in, false, false)
		}
	}
}

// judge checks that holes are exactly what is still lost, and that every number leads back to its packet.
func (w *world) judge() {
	numbers := slices.Sorted(slices.Values(w.order))
	for seq := numbers[0]; seq <= numbers[len(numbers)-1]; seq++ {
		key, ok := w.got[seq]
		source, extended, known := w.r.Original(uint16(seq))
		if w.padded[seq] {
			if ok || known {
				w.t.Fatalf("%d is padding and leads to %d of %d", seq, extended, source)
			}
			continue
		}
		if !ok {
			if !known {
				w.t.Fatalf("hole at %d that no packet fills", seq)
			}
			if _, lost := w.lost[fmt.Sprint(source, extended)]; !lost {
				w.t.Fatalf("hole at %d for %d of %d, which was never lost", seq, extended, source)
			}
			continue
		}
		if known && fmt.Sprint(source, extended) != key {
			w.t.Fatalf("%d was %s, but leads back to %d %d", seq, key, source, extended)
		}
	}
}

func TestLongRunOverWraps(t *testing.T) {
	r := New(90000)
	in := In{Extended: 1 << 16, Frame: &codec.Info{PictureIDBits: 15, HasTL0: true}}
	prev := r.Switch(0, in, 0, 0, false)
	for i := uint64(1); i < 200_000; i++ {
		in := In{Extended: 1<<16 + i, Timestamp: uint32(i * 3000), Frame: &codec.Info{
			PictureID: uint16(i) & 0x7fff, PictureIDBits: 15, TL0: uint8(i), HasTL0: true,
		}}
		out, ok := r.Forward(0, in, int64(i))
		if !ok || out.Sequence != prev.Sequence+1 || out.Timestamp != prev.Timestamp+3000 {
			t.Fatalf("%d: %+v after %+v", i, out, prev)
		}
		prev = out
	}
}

func FuzzRewriter(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7})
	f.Fuzz(func(t *testing.T, ops []byte) {
		r := New(90000)
		got := map[uint64][2]uint64{}
		next := [4]uint64{1 << 16, 1<<16 + 65000, 1<<17 - 3, 1 << 16}
		for i, op := range ops {
			source := int(op & 3)
			step := uint64(op >> 5)
			next[source] += step
			in := In{Extended: next[source], Timestamp: uint32(next[source] * 100), Frame: &codec.Info{
				PictureID: uint16(next[source]) & 0x7fff, PictureIDBits: 15,
			}}
			var out Out
			ok := true
			switch op >> 2 & 7 {
			case 0:
				next[source]++
				in.Extended = next[source]
				out = r.Switch(source, in, int64(i)*ms, uint32(op)*1000, op&0x80 != 0)
			case 1:
				r.Drop(In{Extended: next[source], Frame: in.Frame})
				ok = false
			case 2:
				r.Original(uint16(op) << 8)
				ok = false
			case 3:
				if out, ok = r.Pad(); ok {
					source, in.Extended = -1, out.Extended // no packet of a source
				}
			default:
				out, ok = r.Forward(source, in, int64(i)*ms)
			}
			if !ok {
				continue
			}
			from := [2]uint64{uint64(int64(source)), in.Extended}
			if before, was := got[out.Extended]; was && before != from {
				t.Fatalf("%d stands for %v and %v", out.Extended, before, from)
			}
			got[out.Extended] = from
		}
	})
}

func BenchmarkForward(b *testing.B) {
	r := New(90000)
	info := &codec.Info{PictureIDBits: 15}
	r.Switch(0, In{Extended: 1 << 16, Frame: info}, 0, 0, false)
	b.ReportAllocs()
	for i := uint64(1); b.Loop(); i++ {
		r.Forward(0, In{Extended: 1<<16 + i, Frame: info}, int64(i))
	}
}
