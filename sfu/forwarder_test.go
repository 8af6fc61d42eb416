package sfu

import (
	"slices"
	"testing"

	"parley/sfu/codec"
)

// TestFewerFrames leaves temporal layers out and takes them in again: whole frames, with continuous numbers and picture
// ids, and never one that needs a frame which was left out.
func TestFewerFrames(t *testing.T) {
	f := newForwarder(KindVideo)
	l := &layer{track: &Track{}, metrics: &metrics{}}
	f.aim(l)
	// The pattern of three temporal layers; the first frame of a layer after the lowest needs only that.
	pattern := []codec.Info{{Temporal: 0}, {Temporal: 2, SwitchUp: true}, {Temporal: 1, SwitchUp: true}, {Temporal: 2}}
	limits := map[int]uint8{12: 0, 26: 1, 41: 2, 60: allTemporals, 63: 0}
	var number uint64 = 100
	var sent []uint8
	var lastNumber uint64
	var lastID uint16
	for frame := range 80 {
		if limit, ok := limits[frame]; ok {
			f.limit = limit
		}
		info := pattern[frame%4]
		info.HasTemporal, info.PictureIDBits, info.PictureID = true, 15, uint16(frame)
		info.Keyframe = frame == 0
		packets := 0
		for index := range 3 {
			number++
			p := &inPacket{Extended: number, Timestamp: uint32(frame * 3000), Frame: info, Marker: index == 2}
			p.Frame.Start = index == 0
			out, ok := f.pass(l, p, int64(number))
			if !ok {
				continue
			}
			packets++
			id := info.PictureID + out.Shift.PictureID
			if lastNumber != 0 && out.Extended != lastNumber+1 {
				t.Fatalf("frame %d: number %d after %d", frame, out.Extended, lastNumber)
			}
			if index == 0 && frame > 0 && id != lastID+1 {
				t.Fatalf("frame %d: picture %d after %d", frame, id, lastID)
			}
			lastNumber, lastID = out.Extended, id
		}
		switch packets {
		case 0:
		case 3:
			sent = append(sent, info.Temporal)
		default:
			t.Fatalf("frame %d: %d of 3 packets", frame, packets)
		}
	}
	all := []uint8{0, 2, 1, 2}
	want := slices.Concat(
		slices.Repeat(all, 3),
		[]uint8{0, 0, 0, 0},
		[]uint8{1, 0, 1, 0, 1, 0, 1, 0}, // from frame 26 on, which needs only the lowest layer
		[]uint8{2, 1, 2}, slices.Repeat(all, 4), []uint8{0, 2, 1},
		[]uint8{0, 0, 0, 0},
	)
	if !slices.Equal(sent, want) {
		t.Errorf("sent %v, want %v", sent, want)
	}
}

// TestAPauseBeginsAtTheEndOfAFrame pauses within a frame, at its end and between two that come out of order.
func TestAPauseBeginsAtTheEndOfAFrame(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []string // packets by frame and part, of which the last is c; those after come when the pause is wanted
		sent          []string
	}{
		"within a frame":          {[]string{"1a", "1b", "1c", "2a"}, []string{"2b", "2c", "3a", "3b"}, []string{"2b", "2c"}},
		"at its end":              {[]string{"1a", "1b", "1c"}, []string{"2a", "2b", "2c"}, nil},
		"its end does not come":   {[]string{"1a", "1b"}, []string{"2a", "2b", "2c", "1c"}, nil},
		"out of order":            {[]string{"1a", "1b", "1c", "2b"}, []string{"2a", "2c", "3a"}, []string{"2a", "2c"}},
		"a part of before":        {[]string{"1a", "1c", "2a"}, []string{"1b", "2b", "2c", "3a"}, []string{"1b", "2b", "2c"}},
		"the end came before":     {[]string{"1a", "1c", "1b"}, []string{"2a"}, nil},
		"wanted again at once":    {[]string{"1a", "1b"}, []string{"again", "1c", "2a"}, []string{"1c", "2a"}},
		"wanted again afterwards": {[]string{"1a", "1b"}, []string{"1c", "again", "2a", "3a"}, []string{"1c"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForwarder(KindVideo)
			l := &layer{track: &Track{}, metrics: &metrics{}}
			f.aim(l)
			pass := func(name string) bool {
				frame, part := uint64(name[0]-'0'), uint64(name[1]-'a')
				p := &inPacket{Extended: 100 + 3*frame + part, Timestamp: uint32(frame * 3000), Marker: part == 2}
				p.Frame = codec.Info{Keyframe: frame == 1, Start: part == 0}
				_, ok := f.pass(l, p, int64(p.Extended))
				return ok
			}
			for _, name := range c.before {
				if !pass(name) {
					t.Fatalf("%s was left out", name)
				}
			}
			f.aim(nil)
			var sent []string
			for _, name := range c.after {
				if name == "again" {
					f.aim(l)
				} else if pass(name) {
					sent = append(sent, name)
				}
			}
			if !slices.Equal(sent, c.sent) {
				t.Errorf("sent %v, want %v", sent, c.sent)
			}
		})
	}
}
