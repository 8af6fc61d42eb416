package sfu

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"parley/sfu/codec"
)

// svcPacket is a packet of a stream with three spatial and three temporal layers, as Chromium's L3T3_KEY makes it.
type svcPacket struct {
	inPacket
	picture int
	key     bool
	late    bool // it comes after the packets that follow
}

// svcStream makes pictures; every spatial layer has its own number of packets.
func svcStream(pictures int, key func(picture int) bool) []*svcPacket {
	var list []*svcPacket
	number := uint64(1<<16 - 200) // numbers and picture ids wrap on the way
	for picture := range pictures {
		temporal := []uint8{0, 2, 1, 2}[picture%4]
		isKey := key(picture)
		if isKey {
			temporal = 0
		}
		for spatial := range uint8(3) {
			for index := range spatial + 1 {
				p := &svcPacket{picture: picture, key: isKey}
				number++
				p.Extended, p.Timestamp = number, uint32(picture)*3000+1<<31-6000
				p.Marker = spatial == 2 && index == spatial
				p.Frame = codec.Info{
					Start: index == 0, End: index == spatial, Spatial: spatial, Temporal: temporal, HasTemporal: true,
					Keyframe: isKey && spatial == 0, UpTo: codec.AllTemporals, Distances: true,
					PictureID: uint16(picture+0x7ff0) & 0x7fff, PictureIDBits: 15,
				}
				list = append(list, p)
			}
		}
	}
	return list
}

// svcReceiver checks what a receiver gets, in the order of its numbers.
type svcReceiver struct {
	t    *testing.T
	sent map[uint64]svcSent
}

type svcSent struct {
	packet *svcPacket
	marker bool
	id     uint16
	top    uint8
}

// TestSpatialLayers changes at any packet what is wanted, and looks at what comes out: continuous numbers, whole pictures
// that end with a marker, more only where it can be decoded, picture ids as far apart as they were.
func TestSpatialLayers(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 7))
		f := newForwarder(KindVideo)
		l := &layer{track: &Track{}, metrics: &metrics{}}
		l.spatials.Store(3)
		f.aim(l)
		rec := &svcReceiver{t: t, sent: map[uint64]svcSent{}}
		for _, p := range svcStream(300, func(picture int) bool { return picture%60 == 0 }) {
			if r.IntN(15) == 0 {
				f.spatials, f.limit = uint8(r.IntN(3)), []uint8{0, 1, allTemporals}[r.IntN(3)]
			}
			rec.take(f, l, p)
		}
		rec.check(seed, true)
	}
}

// TestSpatialLayersUnderLoss does the same while packets are lost or come late.
func TestSpatialLayersUnderLoss(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 9))
		f := newForwarder(KindVideo)
		l := &layer{track: &Track{}, metrics: &metrics{}}
		l.spatials.Store(3)
		f.aim(l)
		rec := &svcReceiver{t: t, sent: map[uint64]svcSent{}}
		var held []*svcPacket
		for i, p := range svcStream(300, func(picture int) bool { return picture%60 == 0 }) {
			if r.IntN(15) == 0 {
				f.spatials, f.limit = uint8(r.IntN(3)), []uint8{0, 1, allTemporals}[r.IntN(3)]
			}
			switch n := r.IntN(40); {
			case i > 0 && n == 0: // lost
				continue
			case i > 0 && n < 3:
				p.late = true
				held = append(held, p)
				continue
			}
			rec.take(f, l, p)
			if len(held) > 0 && r.IntN(4) == 0 {
				rec.take(f, l, held[0])
				held = held[1:]
			}
		}
		rec.check(seed, false)
	}
}

func (r *svcReceiver) take(f *forwarder, l *layer, p *svcPacket) {
	out, ok := f.pass(l, &p.inPacket, int64(p.Extended))
	if !ok {
		return
	}
	if before, twice := r.sent[out.Extended]; twice {
		r.t.Fatalf("number %d is of %d and of %d", out.Extended, before.packet.Extended, p.Extended)
	}
	r.sent[out.Extended] = svcSent{
		p, p.Marker || out.Ends, (p.Frame.PictureID + out.Shift.PictureID) & 0x7fff, f.top,
	}
}

// check looks at everything that was sent. Nothing was lost on the way in where whole is set.
func (r *svcReceiver) check(seed uint64, whole bool) {
	r.t.Helper()
	numbers := make([]uint64, 0, len(r.sent))
	for n := range r.sent {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	pictures := map[int]uint8{} // with the highest of their spatial layers
	var before svcSent
	for i, n := range numbers {
		s := r.sent[n]
		if s.packet.late {
			continue
		}
		pictures[s.packet.picture] = max(pictures[s.packet.picture], s.packet.Frame.Spatial)
		if i > 0 {
			r.follows(seed, whole, n == numbers[i-1]+1, before, s)
		}
		before = s
	}
	if len(pictures) < 100 {
		r.t.Fatalf("seed %d: only %d pictures", seed, len(pictures))
	}
	if !whole {
		return
	}
	highest := uint8(2)
	for _, picture := range slices.Sorted(maps.Keys(pictures)) {
		if picture%60 != 0 && pictures[picture] > highest {
			r.t.Fatalf("seed %d, picture %d: spatial layer %d after %d without a keyframe", seed, picture, pictures[picture], highest)
		}
		highest = pictures[picture]
		if _, ok := pictures[picture-1]; !ok && picture%4 == 3 {
			r.t.Fatalf("seed %d, picture %d: without the one that it refers to", seed, picture)
		}
	}
}

// follows looks at two neighbours.
func (r *svcReceiver) follows(seed uint64, whole, next bool, a, b svcSent) {
	r.t.Helper()
	p, q := a.packet, b.packet
	if whole && !next {
		r.t.Fatalf("seed %d, picture %d: a hole", seed, q.picture)
	}
	if distance := (b.id - a.id) & 0x7fff; int(distance) != q.picture-p.picture {
		r.t.Fatalf("seed %d: pictures %d and %d are %d apart", seed, p.picture, q.picture, distance)
	}
	if !whole {
		return
	}
	switch {
	case p.picture == q.picture && a.marker:
		r.t.Fatalf("seed %d, picture %d: goes on after its marker", seed, p.picture)
	case p.picture != q.picture && !a.marker:
		r.t.Fatalf("seed %d, picture %d: ends without a marker, at spatial layer %d of %d", seed, p.picture, p.Frame.Spatial, a.top)
	case p.picture != q.picture && (!p.Frame.End || !q.Frame.Start || q.Frame.Spatial != 0):
		r.t.Fatalf("seed %d, pictures %d and %d: not whole", seed, p.picture, q.picture)
	}
}

// TestSpatialLayersAreSentAgainAsTheyWere asks for packets again after what is sent changed.
func TestSpatialLayersAreSentAgainAsTheyWere(t *testing.T) {
	f := newForwarder(KindVideo)
	l := &layer{track: &Track{}, metrics: &metrics{}}
	l.spatials.Store(3)
	f.aim(l)
	type sent struct {
		original uint64
		ends     bool
		id       uint16
	}
	left := map[uint64]sent{}
	stream := svcStream(40, func(picture int) bool { return picture%10 == 0 })
	byNumber := map[uint64]*svcPacket{}
	for _, p := range stream {
		byNumber[p.Extended] = p
		if p.Frame.Spatial == 0 && p.Frame.Start {
			f.spatials = uint8(p.picture / 7 % 3)
		}
		if out, ok := f.pass(l, &p.inPacket, 1); ok {
			left[out.Extended] = sent{p.Extended, out.Ends, out.Shift.PictureID}
		}
	}
	for number, s := range left {
		_, extended, ok := f.rw.Original(uint16(number))
		if !ok || extended != s.original {
			t.Fatalf("%d was %d, not %d", number, s.original, extended)
		}
		p := byNumber[extended]
		out, ok := f.rw.Map(f.base, rewriteIn(&p.inPacket))
		if !ok || out.Extended != number || out.Ends != s.ends || out.Shift.PictureID != s.id {
			t.Fatalf("%d again: %+v, was %+v", number, out, s)
		}
	}
}

// TestSpatialLayersNeedAKeyframeToRise asks for one only while a larger picture is wanted that comes in.
func TestSpatialLayersNeedAKeyframeToRise(t *testing.T) {
	f := newForwarder(KindVideo)
	l := &layer{track: &Track{}, metrics: &metrics{}}
	l.spatials.Store(3)
	f.spatials = 0
	f.aim(l)
	stream := svcStream(8, func(picture int) bool { return picture == 0 || picture == 6 })
	expect := func(when string, waits bool) {
		t.Helper()
		if f.waiting() != waits {
			t.Errorf("%s: waits for a keyframe: %v", when, f.waiting())
		}
	}
	expect("before anything came", true)
	step := func(picture int) {
		for _, p := range stream {
			if p.picture == picture {
				f.pass(l, &p.inPacket, 1)
			}
		}
	}
	step(0)
	expect("the small picture flows", false)
	f.spatials = 2
	step(1)
	expect("the large one is wanted", true)
	l.spatial[2].resting.Store(true)
	expect("its publisher rests", false)
	l.spatial[2].resting.Store(false)
	step(6)
	expect("after a keyframe", false)
	f.spatials = 1
	step(7)
	expect("a smaller one is wanted", false)
}

// TestSmallerPictureWhoseHeadCameLate ends where the smaller picture does, although the packet that ends it was missing when
// the picture began.
func TestSmallerPictureWhoseHeadCameLate(t *testing.T) {
	for name, to := range map[string]uint8{"smaller": 0, "in between": 1} {
		t.Run(name, func(t *testing.T) {
			f := newForwarder(KindVideo)
			l := &layer{track: &Track{}, metrics: &metrics{}}
			l.spatials.Store(3)
			f.aim(l)
			var late *svcPacket
			ends := map[int]uint64{} // by picture: numbers of the packets that carry a marker
			last := map[int]uint64{}
			pass := func(p *svcPacket) {
				if out, ok := f.pass(l, &p.inPacket, 1); ok {
					last[p.picture] = max(last[p.picture], out.Extended)
					if p.Marker || out.Ends {
						if ends[p.picture] != 0 {
							t.Fatalf("picture %d ends twice", p.picture)
						}
						ends[p.picture] = out.Extended
					}
				}
			}
			for _, p := range svcStream(6, func(picture int) bool { return picture == 0 }) {
				if p.picture == 3 && p.Frame.Spatial == 0 {
					f.spatials, late = to, p
					continue
				}
				pass(p)
			}
			pass(late)
			for picture := range 6 {
				if ends[picture] == 0 || ends[picture] != last[picture] {
					t.Errorf("picture %d goes to %d and ends at %d", picture, last[picture], ends[picture])
				}
			}
		})
	}
}
