package sfu

import (
	"strconv"
	"sync/atomic"

	"parley/sfu/codec"
	"parley/sfu/layers"
)

// spatialLayer is what is known of a spatial layer inside a stream (SVC). What lies below it is sent with it.
type spatialLayer struct {
	lastAt   atomic.Int64
	temporal [layers.MaxTemporal]atomic.Int64 // bits per second
	size     atomic.Uint32
	resting  atomic.Bool // its publisher need not send it

	// Owned by the publisher's feedback goroutine.
	rest rest
}

// picture is one of the sizes in which a track can be sent: a stream with its spatial layers up to a number.
type picture struct {
	layer   *layer
	spatial uint8
}

// pictures returns the sizes in which the track can be sent, the smallest first.
func (t *Track) pictures() []picture {
	alive := *t.current.Load()
	list := make([]picture, 0, max(len(alive), codec.MaxSpatial))
	for _, l := range alive {
		for s := range l.spatialCount() {
			list = append(list, picture{l, s})
		}
	}
	return list
}

// learnSpatials takes how many spatial layers there are, and which are not sent any more. They may begin again.
func (l *layer) learnSpatials(f *codec.Info) {
	for s := range l.spatial {
		if f.Active>>s&1 == 0 {
			l.spatial[s].lastAt.Store(0)
		}
	}
	l.spatials.Store(max(l.spatials.Load(), uint32(f.Spatials)))
	for s, size := range f.Sizes {
		if size.Width != 0 {
			l.spatial[s].size.Store(uint32(size.Width)<<16 | uint32(size.Height))
		}
	}
}

// spatialCount returns how many spatial layers a stream has, 1 where it does not say.
func (l *layer) spatialCount() uint8 { return uint8(max(1, l.spatials.Load())) }

// single tells whether the picture is a stream without spatial layers.
func (p picture) single() bool { return p.layer.spatialCount() == 1 }

// size returns width and height, 0 when not known.
func (p picture) size() (width, height int) {
	size := p.layer.size.Load()
	if !p.single() {
		size = p.layer.spatial[p.spatial].size.Load()
	}
	return int(size >> 16), int(size & 0xffff)
}

// available tells whether it comes in, or will when it is wanted.
func (p picture) available(now int64) bool {
	if p.spatial == 0 || p.layer.resting.Load() {
		return p.layer.available(now)
	}
	s := &p.layer.spatial[p.spatial]
	return s.resting.Load() || now-s.lastAt.Load() < int64(aliveFor)
}

// expected returns the rate that is measured, or was before it rested, 0 when not known.
func (p picture) expected(now int64) int {
	if p.single() {
		return p.layer.expected(now)
	}
	sum := 0
	for s := range p.spatial + 1 {
		if rate := p.layer.spatial[s].rate(); rate > 0 {
			sum += rate
		} else {
			return 0
		}
	}
	return sum
}

// upTo returns the rates of the frames up to each temporal layer but the last one.
func (p picture) upTo() (rates [layers.MaxTemporal - 1]int) {
	sum, at := 0, 0
	for t := range layers.MaxTemporal {
		rate := 0
		for s := range p.spatial + 1 {
			rate += int(p.layer.spatial[s].temporal[t].Load())
		}
		if rate == 0 {
			break
		}
		if t > 0 {
			rates[at] = sum
			at++
		}
		sum += rate
	}
	return rates
}

// name tells the picture from the others of its track: the rid of a stream, the number of a spatial layer.
func (p picture) name() string {
	if p.single() {
		return p.layer.rid
	}
	return "s" + strconv.Itoa(int(p.spatial))
}

// rate returns the bits per second of the layer alone.
func (s *spatialLayer) rate() int {
	sum := 0
	for t := range s.temporal {
		sum += int(s.temporal[t].Load())
	}
	return sum
}
