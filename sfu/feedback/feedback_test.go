package feedback

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

// reported returns feedback of a receiver that gets packets in bursts, loses some and gets some late.
func reported(t testing.TB, rng *rand.Rand) []byte {
	t.Helper()
	r := twcc.NewRecorder(1)
	at, number := rng.Int64N(1<<40), uint16(rng.Uint32())
	for range 1 + rng.IntN(150) {
		number++
		switch rng.IntN(20) {
		case 0:
			number += uint16(rng.IntN(300))
		case 1:
			at += rng.Int64N(400_000)
		}
		at += rng.Int64N(2000)
		r.Record(2, number-uint16(rng.IntN(2)*rng.IntN(4)), at)
	}
	var all []byte
	for _, p := range r.BuildFeedbackPacket() {
		b, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// plain makes what was read comparable with what pion reads: values in place of pointers.
func plain(f *rtcp.TransportLayerCC) (head rtcp.TransportLayerCC, chunks []any, deltas []rtcp.RecvDelta) {
	head = *f
	for _, c := range f.PacketChunks {
		switch c := c.(type) {
		case *rtcp.RunLengthChunk:
			chunks = append(chunks, *c)
		case *rtcp.StatusVectorChunk:
			chunks = append(chunks, *c)
		}
	}
	for _, d := range f.RecvDeltas {
		deltas = append(deltas, *d)
	}
	head.PacketChunks, head.RecvDeltas = nil, nil
	return head, chunks, deltas
}

// same tells what differs from what pion reads of one packet that it can read.
func same(t *testing.T, b []byte) {
	t.Helper()
	var want rtcp.TransportLayerCC
	if want.Unmarshal(b) != nil {
		return
	}
	w := wides.Get().(*wide)
	defer wides.Put(w)
	if err := w.read(b); err != nil {
		t.Fatalf("%v: %x", err, b)
	}
	head, chunks, deltas := plain(&w.packet)
	wantHead, wantChunks, wantDeltas := plain(&want)
	if !reflect.DeepEqual(head, wantHead) || !reflect.DeepEqual(chunks, wantChunks) || !reflect.DeepEqual(deltas, wantDeltas) {
		t.Fatalf("%x\nread %+v %+v %v\nwant %+v %+v %v", b, head, chunks, deltas, wantHead, wantChunks, wantDeltas)
	}
}

func TestWideFeedbackIsReadAsPionReadsIt(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		n := 0
		Each(reported(t, rng), func(p rtcp.Packet) {
			if _, ok := p.(*rtcp.TransportLayerCC); !ok {
				t.Errorf("read as %T", p)
			}
			n++
		})
		if n == 0 {
			t.Fatal("nothing read")
		}
		all := reported(t, rng)
		for len(all) > 0 {
			size := 4 * (1 + int(all[2])<<8 + int(all[3]))
			same(t, all[:size])
			all = all[size:]
		}
	}
}

func TestEachReadsACompound(t *testing.T) {
	list := []rtcp.Packet{
		&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 2, FractionLost: 3}}},
		&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: 1, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "a"}}}}},
		&rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: 2, Nacks: []rtcp.NackPair{{PacketID: 7}}},
		&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 2},
	}
	raw, err := rtcp.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(raw)
	damaged[1] = 0 // of no known type
	for name, c := range map[string]struct {
		b    []byte
		want int
	}{"whole": {raw, 4}, "cut": {raw[:len(raw)-1], 3}, "of an unknown type": {damaged, 4}, "empty": {nil, 0}} {
		var got []rtcp.Packet
		Each(c.b, func(p rtcp.Packet) { got = append(got, p) })
		if len(got) != c.want {
			t.Errorf("%s: %d packets", name, len(got))
		}
	}
}

func TestWideFeedbackTakesNoMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	b := reported(t, rng)
	b = b[:4*(1+int(b[2])<<8+int(b[3]))]
	w := new(wide)
	read := func() {
		if err := w.read(b); err != nil || len(w.packet.RecvDeltas) == 0 {
			t.Fatalf("%d times read: %v", len(w.packet.RecvDeltas), err)
		}
	}
	if each := testing.AllocsPerRun(200, read); each != 0 {
		t.Errorf("%v allocations", each)
	}
}

func FuzzEach(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		f.Add(reported(f, rng))
	}
	f.Add([]byte{0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 4, 0, 0, 1, 0, 0x20, 4, 1, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		Each(b, func(rtcp.Packet) {})
		if len(b) >= 4 && b[1] == 205 && b[0]&0x1f == rtcp.FormatTCC && len(b) == 4*(1+int(b[2])<<8+int(b[3])) {
			same(t, b)
		}
	})
}

func BenchmarkWideFeedback(b *testing.B) {
	raw := reported(b, rand.New(rand.NewPCG(1, 2)))
	b.ReportAllocs()
	for b.Loop() {
		Each(raw, func(rtcp.Packet) {})
	}
}
