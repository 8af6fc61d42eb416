package codec

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// red writes a payload of RFC 2198.
func red(payloadType uint8, primary []byte, blocks ...Redundant) []byte {
	var b []byte
	for _, x := range blocks {
		b = binary.BigEndian.AppendUint32(b, 0x80000000|uint32(x.PayloadType)<<24|x.Before<<10|uint32(len(x.Data)))
	}
	b = append(b, payloadType)
	for _, x := range blocks {
		b = append(b, x.Data...)
	}
	return append(b, primary...)
}

func TestParseRED(t *testing.T) {
	one := Redundant{111, 1920, []byte("older")}
	two := Redundant{111, 960, bytes.Repeat([]byte{7}, 1023)}
	for _, c := range []struct {
		name    string
		payload []byte
		primary string
		blocks  []Redundant
		ok      bool
	}{
		{"alone", red(111, []byte("now")), "now", nil, true},
		{"one before", red(111, []byte("now"), one), "now", []Redundant{one}, true},
		{"two before, the largest", red(111, []byte("now"), one, two), "now", []Redundant{one, two}, true},
		{"the furthest before", red(111, []byte("now"), Redundant{111, 1<<14 - 1, nil}), "now", []Redundant{{111, 1<<14 - 1, []byte{}}}, true},
		{"empty primary", red(111, nil, one), "", []Redundant{one}, true},
		{"nothing", nil, "", nil, false},
		{"no primary header", red(111, nil, one)[:4], "", nil, false},
		{"half a header", []byte{0x80 | 111, 0}, "", nil, false},
		{"block longer than the packet", red(111, nil, one)[:7], "", nil, false},
		{"too many", red(111, nil, slices.Repeat([]Redundant{one}, MaxRedundant+1)...), "", nil, false},
	} {
		pt, primary, blocks, ok := ParseRED(c.payload, nil)
		if ok != c.ok {
			t.Errorf("%s: ok %v", c.name, ok)
			continue
		}
		same := slices.EqualFunc(blocks, c.blocks, func(a, b Redundant) bool {
			return a.PayloadType == b.PayloadType && a.Before == b.Before && bytes.Equal(a.Data, b.Data)
		})
		if ok && (pt != 111 || string(primary) != c.primary || !same) {
			t.Errorf("%s: %d %q %v", c.name, pt, primary, blocks)
		}
	}
}

// FuzzParseRED: what is read is what was written, and nothing lies outside of the payload.
func FuzzParseRED(f *testing.F) {
	f.Add(red(111, []byte("now")))
	f.Add(red(111, []byte("now"), Redundant{111, 960, []byte("before")}))
	f.Add([]byte{0x80, 0, 0, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		pt, primary, blocks, ok := ParseRED(payload, nil)
		if !ok {
			if len(blocks) != 0 {
				t.Error("blocks of what is damaged")
			}
			return
		}
		if again := red(pt, primary, blocks...); !bytes.Equal(again, payload) {
			t.Errorf("%x became %x", payload, again)
		}
	})
}
