package quality

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
)

var began = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)

func TestBlockKeepsWhatWasNoted(t *testing.T) {
	l := NewLog(began)
	trouble := Second{
		Verdict: Verdict{Bad, UplinkLoss}, RoundTripMs: 120, UplinkLoss: 130, DownlinkLoss: 4, UplinkKbps: 800, DownlinkKbps: 2400,
		EstimateKbps: 3200, AvailableKbps: 640, FreezeMs: 400, CPULimitedMs: 10, BandwidthLimitedMs: 2000, PausedVideos: 1, OthersFrozen: 2,
	}
	sent := Sent{150, 12, 1504, 8, 3, 720, 1, 30, 5, 6}
	received := Received{140, 1400, 3, 1, 20, 2, PausedBandwidth, 4, 30, 200}
	for i := range 6 {
		at := began.Add(time.Duration(i) * time.Second)
		if i == 5 {
			at = at.Add(3 * time.Second) // the server slept
		}
		l.Tick(at)
		if i == 3 {
			l.Person("a", trouble)
		} else {
			l.Person("a", Second{RoundTripMs: 20 + i})
		}
		if i != 2 {
			l.Sent("a", "a-cam", "camera", sent)
		}
		if i >= 4 {
			l.Received("b", "a-cam", "camera", received)
		}
	}
	b := l.Block()
	if !b.StartedAt.Equal(began) || !b.EndedAt.Equal(began.Add(8*time.Second)) || !reflect.DeepEqual(b.Troubled, []string{"a"}) {
		t.Errorf("block %v to %v, trouble of %v", b.StartedAt, b.EndedAt, b.Troubled)
	}
	people, err := DecodePeople(b.People)
	if err != nil || len(people) != 1 || people[0].ParticipantID != "a" || len(people[0].Seconds) != 6 {
		t.Fatalf("people %+v: %v", people, err)
	}
	if got := people[0].Seconds[3]; got.Row != trouble || !got.At.Equal(began.Add(3*time.Second)) {
		t.Errorf("second %+v", got)
	}
	if got := people[0].Seconds[5]; got.Row.RoundTripMs != 25 || !got.At.Equal(began.Add(8*time.Second)) {
		t.Errorf("the second after a gap %+v", got)
	}
	sents, receiveds, err := DecodeTracks(b.Tracks)
	if err != nil || len(sents) != 2 || len(receiveds) != 1 {
		t.Fatalf("%d sent, %d received: %v", len(sents), len(receiveds), err)
	}
	if s := sents[1]; len(s.Seconds) != 3 || !s.Seconds[0].At.Equal(began.Add(3*time.Second)) || s.Seconds[0].Row != sent || s.Source != "camera" {
		t.Errorf("a track that came back: %+v", s)
	}
	if r := receiveds[0]; r.ParticipantID != "b" || r.PublicationID != "a-cam" || r.Seconds[1].Row != received {
		t.Errorf("received %+v", r)
	}
}

func TestALogGoesOnAfterItWasEncoded(t *testing.T) {
	once, often := NewLog(began), NewLog(began)
	for i := range 30 {
		at := began.Add(time.Duration(i) * time.Second)
		for _, l := range []*Log{once, often} {
			l.Tick(at)
			l.Person("a", Second{RoundTripMs: i / 7})
		}
		if again := often.Block(); again.ID != often.Block().ID {
			t.Fatal("the id changed")
		}
	}
	a, err := DecodePeople(once.Block().People)
	if err != nil {
		t.Fatal(err)
	}
	b, err := DecodePeople(often.Block().People)
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("differs: %v", err)
	}
}

func TestColumnsOfAnyNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var c column
		var want []int64
		for range random.IntN(80) {
			v := int64(0)
			switch random.IntN(3) {
			case 0:
				v = random.Int64N(1 << 40)
			case 1:
				v = -random.Int64N(300)
			}
			c.add(v)
			want = append(want, v)
		}
		got, err := decodeColumn(c.runEnd(), len(want))
		if err != nil || len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%v became %v: %v", want, got, err)
		}
		if _, err := decodeColumn(c.runEnd(), len(want)+1); err == nil {
			t.Fatal("a row too many is taken")
		}
	}
}

func FuzzDecode(f *testing.F) {
	l := NewLog(began)
	for i := range 5 {
		l.Tick(began.Add(time.Duration(i) * time.Second))
		l.Person("a", Second{RoundTripMs: i})
		l.Sent("a", "p", "camera", Sent{Packets: i})
		l.Received("b", "p", "camera", Received{Packets: i})
	}
	f.Add(l.Block().People)
	f.Add(l.Block().Tracks)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, part := range [][]byte{b, deflate(b), deflate(append([]byte{blockVersion}, b...))} {
			_, _ = DecodePeople(part)
			_, _, _ = DecodeTracks(part)
		}
	})
}

// TestALargeMeetingCostsLittle is a minute of 50 people who all send camera and microphone, hear 24 and see 18 others, with
// numbers that jump as real ones do. Four hours are 240 such minutes.
func TestALargeMeetingCostsLittle(t *testing.T) {
	before := heap()
	l := largeMinute()
	open := int(heap()) - int(before)
	b := l.Block()
	stored := len(b.People) + len(b.Tracks)
	t.Logf("open %d kB; stored %d kB a minute (people %d), %d MB in four hours", open>>10, stored>>10, len(b.People)>>10, 240*stored>>20)
	if open > 4<<20 {
		t.Errorf("an open minute takes %d bytes", open)
	}
	if stored > 200<<10 {
		t.Errorf("a closed minute takes %d bytes", stored)
	}
	runtime.KeepAlive(l)
}

func TestWhatIsAlwaysNewIsBounded(t *testing.T) {
	l := NewLog(began)
	for i := range 60 {
		l.Tick(began.Add(time.Duration(i) * time.Second))
		l.Person("a", Second{RoundTripMs: i})
		l.Sent("a", "steady", "camera", Sent{Packets: i})
		for n := range 1000 {
			l.Received("a", fmt.Sprint(i, n), "microphone", Received{Packets: n})
		}
	}
	b := l.Block()
	sent, received, err := DecodeTracks(b.Tracks)
	if err != nil || len(sent) != 1 || len(sent[0].Seconds) != 60 || len(received) != maxTrackSeries-1 {
		t.Errorf("%d sent, %d received: %v", len(sent), len(received), err)
	}
	if people, err := DecodePeople(b.People); err != nil || len(people[0].Seconds) != 60 {
		t.Errorf("people %v: %v", people, err)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func largeMinute() *Log {
	const people, audios, videos = 50, 24, 18
	random := rand.New(rand.NewPCG(3, 4))
	around := func(v, by int) int { return max(0, v+int(random.NormFloat64()*float64(by))) }
	ids := make([]string, people)
	for i := range ids {
		ids[i] = uuid.NewString()
	}
	publication := func(i int, source string) string { return fmt.Sprintf("%s-%.8s", ids[i][:27], source) }
	l := NewLog(began)
	for second := range 60 {
		l.Tick(began.Add(time.Duration(second) * time.Second))
		for i, id := range ids {
			loss := 0
			if random.IntN(20) == 0 {
				loss = random.IntN(40)
			}
			l.Person(id, Second{
				RoundTripMs: around(40, 4), UplinkLoss: loss, DownlinkLoss: loss / 2, UplinkKbps: around(1800, 120),
				DownlinkKbps: around(5200, 300), EstimateKbps: around(8000, 200), AvailableKbps: 2500,
			})
			l.Sent(id, publication(i, "camera"), "camera", Sent{
				Packets: around(220, 15), Lost: loss / 10, Kbps: around(1750, 120), JitterMs: around(6, 2), Layers: 3, Height: 720, FramesPerSecond: around(30, 1),
			})
			l.Sent(id, publication(i, "microphone"), "microphone", Sent{Packets: around(50, 1), Kbps: around(32, 6), JitterMs: around(4, 2), Layers: 1})
			for n := range audios {
				from := (i + 1 + n) % people
				l.Received(id, publication(from, "microphone"), "microphone", Received{Packets: around(50, 1), Kbps: around(32, 6), Layer: 1})
			}
			for n := range videos {
				from := (i + 1 + n) % people
				row := Received{Packets: around(60, 6), Kbps: around(280, 40), Layer: 2}
				if loss > 0 {
					row.Retransmitted, row.Loss = random.IntN(5), loss
				}
				l.Received(id, publication(from, "camera"), "camera", row)
			}
		}
	}
	return l
}

// BenchmarkLargeMeeting is the work for the largest meeting: a second of it, and the encoding of a whole minute, which is
// done every five seconds.
func BenchmarkLargeMeeting(b *testing.B) {
	b.Run("minute", func(b *testing.B) {
		for b.Loop() {
			largeMinute()
		}
	})
	l := largeMinute()
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			l.Block()
		}
	})
	block := l.Block()
	b.Run("decode people", func(b *testing.B) {
		for b.Loop() {
			if _, err := DecodePeople(block.People); err != nil {
				b.Fatal(err)
			}
		}
	})
}
