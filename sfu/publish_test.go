package sfu

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtcp"

	"parley/sfu/packet"
	"parley/sfu/transport"
)

const (
	wideID = 3
	// referenceWrap is when the 24 bits of a reference time in units of 64 ms begin anew.
	referenceWrap = (1 << 24) * 64 * time.Millisecond
)

// arrivalsOf undoes what TransportLayerCC says (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1): the times
// on the clock of the receiver, modulo referenceWrap, of the packets that came.
func arrivalsOf(t *testing.T, f *rtcp.TransportLayerCC) map[uint16]time.Duration {
	t.Helper()
	var symbols []uint16
	for _, c := range f.PacketChunks {
		switch c := c.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				symbols = append(symbols, c.PacketStatusSymbol)
			}
		case *rtcp.StatusVectorChunk:
			symbols = append(symbols, c.SymbolList...)
		}
	}
	if len(symbols) < int(f.PacketStatusCount) {
		t.Fatalf("%d symbols for %d packets", len(symbols), f.PacketStatusCount)
	}
	at := time.Duration(f.ReferenceTime) * 64 * time.Millisecond
	came := map[uint16]time.Duration{}
	deltas := f.RecvDeltas
	for i, s := range symbols[:f.PacketStatusCount] {
		if s == rtcp.TypeTCCPacketNotReceived {
			continue
		}
		if len(deltas) == 0 {
			t.Fatal("a packet that came has no time")
		}
		at += time.Duration(deltas[0].Delta) * time.Microsecond
		deltas = deltas[1:]
		came[f.BaseSequenceNumber+uint16(i)] = at
	}
	if len(deltas) > 0 {
		t.Fatalf("%d times without a packet", len(deltas))
	}
	return came
}

// rtpWith is a packet of RTP with a transport-wide number.
func rtpWith(ssrc uint32, seq, wide uint16) []byte {
	b := []byte{0x90, 96}
	b = binary.BigEndian.AppendUint16(b, seq)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = append(b, 0xbe, 0xde, 0, 1, wideID<<4|1)
	b = binary.BigEndian.AppendUint16(b, wide)
	return append(b, 0, 1, 2, 3, 4)
}

func TestWideFeedbackTellsArrivals(t *testing.T) {
	for _, c := range []struct {
		name    string
		running time.Duration // for how long the SFU has been up
	}{
		{"new", 0},
		{"hours", 5*time.Hour + 63*time.Millisecond},
		{"reference time begins anew", referenceWrap - 2*time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(20) {
				synctest.Test(t, func(t *testing.T) { testArrivals(t, rand.New(rand.NewPCG(seed, 1)), c.running) })
			}
		})
	}
}

// testArrivals sends packets of several streams over a network that loses, delays and bunches them, and holds what the
// publisher reports against when they came.
func testArrivals(t *testing.T, rng *rand.Rand, running time.Duration) {
	epoch := time.Now().Add(-running)
	b := &publisher{
		peer: &Peer{sfu: &SFU{epoch: epoch, arrivals: transport.NewArrivals(epoch)}}, wide: newWideArrivals(1),
		conn: &connection{},
	}
	b.extensions.Store(&packet.Extensions{TransportCC: wideID})
	b.streams.Store(&map[uint32]*incoming{})
	b.repairs.Store(&map[uint32]*incoming{})
	came := map[int]time.Duration{}
	reported := map[int]bool{}
	var count uint8
	first := int(rng.Uint32() % (1 << 16))
	next := first
	report := func() {
		for _, p := range b.wide.feedback() {
			raw, err := p.Marshal()
			must(t, err)
			f := &rtcp.TransportLayerCC{}
			must(t, f.Unmarshal(raw))
			if f.FbPktCount != count {
				t.Fatalf("feedback %d, want %d", f.FbPktCount, count)
			}
			count++
			for number, at := range arrivalsOf(t, f) {
				wide := next - 1 - int(uint16(next-1)-number)
				real, ok := came[wide]
				if !ok {
					t.Fatalf("%d never came", wide)
				}
				if off := (at - real%referenceWrap).Abs(); min(off, referenceWrap-off) > 250*time.Microsecond {
					t.Fatalf("%d came at %v, reported as %v", wide, real, at)
				}
				reported[wide] = true
			}
		}
	}
	var held []int
	receive := func(wide int) {
		came[wide] = time.Since(epoch)
		b.onRTP(rtpWith(uint32(1+wide%3), uint16(wide), uint16(wide)))
	}
	for range 600 {
		for range 1 + rng.IntN(8) {
			wide := next
			next++
			switch dice := rng.IntN(100); {
			case dice < 5: // lost
			case dice < 15:
				held = append(held, wide)
			default:
				receive(wide)
			}
			if rng.IntN(3) == 0 {
				time.Sleep(time.Duration(rng.IntN(3_000_000)))
			}
		}
		if len(held) > 0 && rng.IntN(4) == 0 {
			receive(held[0])
			held = held[1:]
		}
		switch rng.IntN(100) {
		case 0:
			report()
			time.Sleep(12 * time.Second) // longer than the largest delta
		case 1:
			next += rng.IntN(300)
		default:
			time.Sleep(time.Duration(rng.IntN(20_000_000)))
		}
		if rng.IntN(5) == 0 {
			report()
		}
	}
	report()
	for wide := range came {
		if !reported[wide] {
			t.Fatalf("%d came and was never reported", wide)
		}
	}
}
