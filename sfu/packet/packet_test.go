package packet

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"
)

var ids = &Extensions{AudioLevel: 1, MID: 2, RID: 3, RepairedRID: 4, TransportCC: 5, AbsSendTime: 6, Dependencies: 7}

// fill puts a packet into p's buffer and returns its size.
func fill(t testing.TB, p *Packet, r *rtp.Packet) int {
	t.Helper()
	n, err := r.MarshalTo(p.Buffer())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func example(t testing.TB, profile uint16) *rtp.Packet {
	t.Helper()
	r := &rtp.Packet{Header: rtp.Header{
		Version: 2, Marker: true, PayloadType: 96, SequenceNumber: 65535, Timestamp: 1 << 31, SSRC: 7, CSRC: []uint32{1, 2},
		Extension: true, ExtensionProfile: profile,
	}, Payload: []byte("payload")}
	for id, v := range map[uint8][]byte{
		ids.AudioLevel: {0x80 | 42}, ids.MID: []byte("0"), ids.RID: []byte("q"), ids.RepairedRID: []byte("h"),
		ids.TransportCC: {0x12, 0x34}, ids.AbsSendTime: {1, 2, 3}, ids.Dependencies: {9, 8, 7}, 8: {1},
	} {
		if err := r.SetExtension(id, v); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestParse(t *testing.T) {
	for name, profile := range map[string]uint16{"one byte": 0xBEDE, "two bytes": 0x1000} {
		t.Run(name, func(t *testing.T) {
			var p Packet
			r := example(t, profile)
			r.Padding, r.PaddingSize = true, 4
			if err := p.Parse(fill(t, &p, r), ids); err != nil {
				t.Fatal(err)
			}
			switch {
			case !p.Marker, p.PayloadType != 96, p.Sequence != 65535, p.Timestamp != 1<<31, p.SSRC != 7:
				t.Errorf("header: %+v", &p)
			case !p.HasLevel, !p.Voice, p.Level != 42:
				t.Errorf("level %v %v %d", p.HasLevel, p.Voice, p.Level)
			case string(p.MID) != "0", string(p.RID) != "q", string(p.RepairedRID) != "h":
				t.Errorf("ids %q %q %q", p.MID, p.RID, p.RepairedRID)
			case !p.HasWide, p.Wide != 0x1234, p.AbsSendTime != 0x010203:
				t.Errorf("wide %v %x, time %x", p.HasWide, p.Wide, p.AbsSendTime)
			case !bytes.Equal(p.Dependencies, []byte{9, 8, 7}):
				t.Errorf("dependencies %v", p.Dependencies)
			case string(p.Payload) != "payload":
				t.Errorf("payload %q", p.Payload)
			}
			wide, ok := TransportCC(p.Bytes(), ids.TransportCC)
			if !ok || wide != 0x1234 {
				t.Errorf("unparsed: %x %v", wide, ok)
			}
			var c Packet
			c.Copy(&p)
			p.buf = [MaxSize]byte{}
			if string(c.Payload) != "payload" || !bytes.Equal(c.Dependencies, []byte{9, 8, 7}) || c.Sequence != 65535 || c.Level != 42 {
				t.Errorf("copy: %q %v", c.Payload, c.Dependencies)
			}
		})
	}
}

func TestParseRefusesDamage(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty":             {},
		"short":             make([]byte, 11),
		"version":           make([]byte, 12),
		"csrc":              append([]byte{0x8f}, make([]byte, 20)...),
		"extension head":    append([]byte{0x90}, make([]byte, 13)...),
		"extension length":  append(append([]byte{0x90}, make([]byte, 11)...), 0xBE, 0xDE, 0, 9, 0, 0, 0, 0),
		"padding too long":  append(append([]byte{0xa0}, make([]byte, 11)...), 1, 2, 200),
		"padding of zero":   append(append([]byte{0xa0}, make([]byte, 11)...), 1, 2, 0),
		"larger than taken": make([]byte, MaxSize),
	} {
		var p Packet
		n := copy(p.Buffer(), b)
		if name == "larger than taken" {
			n = MaxSize + 1
		}
		if p.Parse(n, ids) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	var p Packet
	n := fill(f, &p, example(f, 0xBEDE))
	f.Add(append([]byte(nil), p.Buffer()[:n]...))
	n = fill(f, &p, example(f, 0x1000))
	f.Add(append([]byte(nil), p.Buffer()[:n]...))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p, c Packet
		n := copy(p.Buffer(), b)
		TransportCC(b, 5)
		if p.Parse(n, ids) != nil {
			return
		}
		if len(p.Payload) > n {
			t.Fatal("payload beyond the packet")
		}
		c.Copy(&p)
		if !bytes.Equal(c.Payload, p.Payload) || !bytes.Equal(c.Dependencies, p.Dependencies) {
			t.Fatal("copy differs")
		}
		var r rtp.Packet
		if err := r.Unmarshal(b[:n]); err == nil && len(r.Payload) > 0 && !r.Padding {
			if r.SequenceNumber != p.Sequence || r.SSRC != p.SSRC || !bytes.Equal(r.Payload, p.Payload) {
				t.Fatalf("pion reads %v, we read %v", r, &p)
			}
		}
	})
}

func TestExtenderNearAndWraps(t *testing.T) {
	var e Extender
	if v := e.Extend(10); v != 1<<16|10 {
		t.Fatalf("first %d", v)
	}
	if v := e.Extend(65530); v != 65530 {
		t.Fatalf("before the first: %d", v)
	}
	for i := uint64(11); i < 200_000; i += 977 {
		if v := e.Extend(uint16(i)); v != 1<<16+i {
			t.Fatalf("%d extends to %d", i, v)
		}
		if v := e.Extend(uint16(i - 5)); v != 1<<16+i-5 {
			t.Fatalf("late %d extends to %d", i-5, v)
		}
	}
}

func put(r *Ring, extended uint64, at time.Duration) bool {
	p := r.Spare()
	p.Buffer()[0] = 0x80
	p.Buffer()[12] = byte(extended)
	_ = p.Parse(13, ids)
	p.Extended, p.Arrival = extended, int64(at)
	return r.Put()
}

func TestRingKeepsWhatIsYoung(t *testing.T) {
	r := NewRing(PictureRing)
	for i := range uint64(1000) { // 1000 packets in a second
		if !put(r, 1000+i, time.Duration(i)*time.Millisecond) {
			t.Fatalf("%d not taken", i)
		}
	}
	if r.Len() != 1024 {
		t.Errorf("%d slots for a second of 1000 packets", r.Len())
	}
	var p Packet
	for i := range uint64(1000) {
		if !r.Copy(1000+i, &p) || p.Extended != 1000+i || p.Payload[0] != byte(1000+i) {
			t.Fatalf("%d is gone", i)
		}
	}
	slow := NewRing(PictureRing)
	for i := range uint64(1000) { // 20 packets in a second
		put(slow, i, time.Duration(i)*50*time.Millisecond)
	}
	if slow.Len() != PictureRing {
		t.Errorf("%d slots for a slow stream", slow.Len())
	}
	if slow.Copy(0, &p) {
		t.Error("an old packet stayed")
	}
	for i := range uint64(10_000) {
		put(r, 5000+i, 2*time.Second)
	}
	if r.Len() != maxRing {
		t.Errorf("grew to %d", r.Len())
	}
}

func TestRingTakesEveryPacketOnce(t *testing.T) {
	r := NewRing(PictureRing)
	if !put(r, 500, 0) || put(r, 500, 0) {
		t.Error("a duplicate was taken")
	}
	if !put(r, 499, 0) {
		t.Error("a late packet was refused")
	}
	put(r, 500+PictureRing, 10*time.Second)
	if put(r, 500, 10*time.Second) {
		t.Error("a packet took the place of a later one")
	}
}

func TestRingUnderReaders(t *testing.T) {
	r := NewRing(PictureRing)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		var p Packet
		for {
			select {
			case <-stop:
				return
			default:
			}
			want := rand.Uint64N(5000)
			if r.Copy(want, &p) && (p.Extended != want || p.Payload[0] != byte(want)) {
				t.Error("read another packet than asked for")
				return
			}
		}
	}()
	for i := range uint64(5000) {
		put(r, i, time.Duration(i)*time.Millisecond)
	}
	close(stop)
	<-done
}

func TestLosses(t *testing.T) {
	l := NewLosses(false)
	ms := int64(time.Millisecond)
	l.Received(100)
	l.Received(101)
	l.Received(103)
	if due := l.Due(1, 0); len(due) != 0 {
		t.Errorf("asked for %v before it could be late", due)
	}
	l.Received(104)
	if due := l.Due(1, 40*time.Millisecond); len(due) != 1 || due[0] != 102 {
		t.Errorf("asked for %v", due)
	}
	if due := l.Due(10*ms, 40*time.Millisecond); len(due) != 0 {
		t.Errorf("asked again within the round trip: %v", due)
	}
	if due := l.Due(60*ms, 40*time.Millisecond); len(due) != 1 {
		t.Errorf("not asked again: %v", due)
	}
	if !l.Received(102) || l.Pending() != 0 {
		t.Error("not recovered")
	}
	l.Received(110)
	asked := 0
	var last int64
	for i := range int64(200) {
		if n := len(l.Due(100*ms+i*10*ms, 0)); n > 0 {
			asked, last = asked+n, i*10
		}
	}
	if asked > 6*maxTries {
		t.Errorf("asked %d times for six packets", asked)
	}
	if last < 300 {
		t.Errorf("no longer asked after %d ms, which a sender whose link is thin may take", last)
	}
	if !l.GaveUp(104) || l.GaveUp(104) {
		t.Error("giving up is told once")
	}
	if l.Pending() > 1 {
		t.Errorf("%d still asked for after all tries", l.Pending())
	}
	l.Received(110 + 2*maxMissing)
	if l.Pending() != 0 || !l.GaveUp(104) {
		t.Error("a leap cannot be repaired")
	}
	l.Received(111 + 4*maxMissing)
	if l.GaveUp(111 + 4*maxMissing) {
		t.Error("what came before a keyframe is not missed")
	}
	for i := range uint64(maxMissing) {
		l.Received(5000 + 2*i)
	}
	if l.Pending() > maxMissing {
		t.Errorf("%d pending", l.Pending())
	}
}

// On a link that is full, where every packet that is sent again takes the place of another, only a share is asked for.
func TestLossesAskWithinMeasure(t *testing.T) {
	for name, sound := range map[string]bool{"sound": true, "pictures": false} {
		l := NewLosses(sound)
		asked, came := 0, 0
		for i := range uint64(2000) {
			if i%2 == 0 {
				l.Received(i)
				came++
			}
			asked += len(l.Due(1+int64(i)*int64(10*time.Millisecond), 20*time.Millisecond))
		}
		if asked == 0 || asked > maxQuestions+came/4+1 {
			t.Errorf("%s: %d packets came, asked %d times", name, came, asked)
		}
	}
}

// Sound that would come too late is not asked for.
func TestLateSoundIsNotAskedFor(t *testing.T) {
	for _, sound := range []bool{true, false} {
		l := NewLosses(sound)
		for _, i := range []uint64{1, 2, 4, 5, 6} {
			l.Received(i)
		}
		if asked := len(l.Due(1, 300*time.Millisecond)) > 0; asked == sound {
			t.Errorf("sound %v, asked %v", sound, asked)
		}
	}
}

func TestReception(t *testing.T) {
	r := Reception{ClockRate: 48000}
	if _, ok := r.Report(); ok {
		t.Error("a report before media")
	}
	for i := range uint64(100) {
		if i%10 == 5 {
			continue
		}
		jitter := time.Duration(i%2) * 4 * time.Millisecond
		r.Received(1000+i, uint32(i*960), int64(time.Duration(i)*20*time.Millisecond+jitter))
	}
	rep, ok := r.Report()
	if !ok || rep.Lost != 10 || rep.Highest != 1099 || rep.Fraction != 25 {
		t.Errorf("%+v", rep)
	}
	if j := r.Jitter(); j < 3*time.Millisecond || j > 5*time.Millisecond {
		t.Errorf("jitter %v", j)
	}
	if rep, _ = r.Report(); rep.Fraction != 0 {
		t.Errorf("loss told twice: %+v", rep)
	}
}

func TestReceptionAfterACut(t *testing.T) {
	r := Reception{ClockRate: 48000}
	at := func(extended uint64, cut time.Duration) {
		r.Received(extended, uint32(extended*960), int64(cut+time.Duration(extended)*20*time.Millisecond))
	}
	for _, extended := range []uint64{1002, 1000, 1001, 1004} {
		at(extended, 0)
	}
	if rep, _ := r.Report(); rep.Lost != 1 {
		t.Errorf("before: %+v", rep)
	}
	at(1500, 0)
	at(1502, 0)
	at(1300, 0) // sent again, of no use
	if rep, _ := r.Report(); rep.Lost != 2 || rep.Fraction != 85 || rep.Highest != 1502 {
		t.Errorf("after: %+v", rep)
	}
	at(1503, 5*time.Second) // the sender paused
	at(1501, 5*time.Second)
	if rep, _ := r.Report(); rep.Lost != 2 || rep.Fraction != 0 || r.Lost() != 2 {
		t.Errorf("after a pause: %+v", rep)
	}
}

func BenchmarkParseAndPut(b *testing.B) {
	r := NewRing(PictureRing)
	var example1 Packet
	n := fill(b, &example1, example(b, 0xBEDE))
	raw := example1.Buffer()[:n]
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := r.Spare()
		copy(p.Buffer(), raw)
		_ = p.Parse(n, ids)
		p.Extended, p.Arrival = uint64(i), int64(i)*int64(time.Millisecond)
		r.Put()
	}
}

// What is found without parsing is what parsing finds.
func FuzzTransportCC(f *testing.F) {
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0x31, 1, 2, 0, 9}, uint8(3))
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 0, 0, 1, 3, 2, 1, 2, 9}, uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, id uint8) {
		wide, ok := TransportCC(b, id)
		p := new(Packet)
		if id == 0 || id > 14 || len(b) > MaxSize || p.Parse(copy(p.Buffer(), b), &Extensions{TransportCC: id}) != nil {
			return
		}
		if p.HasWide && !ok {
			t.Errorf("parsed %d, not found", p.Wide)
		}
		if ok && !p.HasWide {
			t.Errorf("found %d, not parsed", wide)
		}
	})
}
