package main

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// stuckAfter is how long packets may come without a picture until a keyframe is asked for.
const stuckAfter = 600 * time.Millisecond

// reception is what somebody gets of a source.
type reception struct {
	source *source

	mu       sync.Mutex
	pictures pictures
	shown    []shown
	came     map[int]time.Time // sounds by number
	arrivals []arrival         // of pictures
	pauses   []pause
	askedAt  time.Time
}

// shown is a picture that could be shown.
type shown struct {
	at    time.Time
	width int
}

type arrival struct {
	at   time.Time
	size int
}

// pause is a stretch in which the server said that it holds the picture back.
type pause struct{ from, to time.Time }

func newReception(s *source) *reception {
	return &reception{source: s, came: map[int]time.Time{}, pictures: newPictures()}
}

// flows tells whether sound and pictures came.
func (r *reception) flows() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.shown) > 0 && len(r.came) > 0
}

func (r *reception) setPaused(paused bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.pauses); paused {
		r.pauses = append(r.pauses, pause{from: time.Now()})
	} else if n > 0 {
		r.pauses[n-1].to = time.Now()
	}
}

// read takes a track until it ends.
func (r *reception) read(remote *webrtc.TrackRemote, pc *webrtc.PeerConnection) {
	for {
		p, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		now := time.Now()
		if remote.Kind() == webrtc.RTPCodecTypeAudio {
			r.hear(p.Payload, now)
		} else if r.see(p.SequenceNumber, p.Payload, p.MarshalSize(), now) {
			_ = pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(remote.SSRC())}})
		}
	}
}

func (r *reception) hear(payload []byte, now time.Time) {
	if len(payload) < 5 {
		return
	}
	number := int(binary.BigEndian.Uint32(payload[1:]))
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.came[number]; !ok {
		r.came[number] = now
	}
}

// see takes a packet of the picture and tells whether a keyframe is to be asked for.
func (r *reception) see(sequence uint16, payload []byte, size int, now time.Time) (stuck bool) {
	m, ok := markOf(payload)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrivals = append(r.arrivals, arrival{now, size})
	if !ok {
		return false
	}
	for range r.pictures.take(sequence, m) {
		r.shown = append(r.shown, shown{now, int(m.width)})
		r.askedAt = now
	}
	if now.Sub(r.askedAt) > stuckAfter {
		r.askedAt = now
		return true
	}
	return false
}

// pictures finds out which frames a decoder could show: whole ones, that refer to one it showed, in order.
type pictures struct {
	highest uint64 // extended sequence number
	frames  map[frameID]*frame
	decoded map[frameID]bool
	last    uint64 // extended number of the newest one that was shown
}

type frameID struct {
	width  uint16
	number uint32
}

type frame struct {
	mark
	first uint64 // extended number of its first packet
	parts map[uint16]bool
}

func newPictures() pictures {
	return pictures{frames: map[frameID]*frame{}, decoded: map[frameID]bool{}}
}

// take takes a packet and returns the frames that can be shown by it.
func (p *pictures) take(sequence uint16, m mark) (list []frameID) {
	if p.highest == 0 {
		p.highest = 1<<16 | uint64(sequence)
	}
	number := p.highest + uint64(int64(int16(sequence-uint16(p.highest))))
	p.highest = max(p.highest, number)
	id := frameID{m.width, m.frame}
	f := p.frames[id]
	if f == nil {
		f = &frame{mark: m, first: number - uint64(m.index), parts: map[uint16]bool{}}
		p.frames[id] = f
	}
	f.parts[m.index] = true
	for {
		next := p.next()
		if next == nil {
			return list
		}
		id := frameID{next.width, next.frame}
		p.decoded[id], p.last = true, next.first
		delete(p.frames, id)
		list = append(list, id)
	}
}

// next returns the oldest frame that can be shown now.
func (p *pictures) next() (best *frame) {
	for id, f := range p.frames {
		switch {
		case f.first < p.last:
			delete(p.frames, id) // too late
		case len(f.parts) < int(f.count) || !f.key && !p.decoded[frameID{f.width, f.refers}]:
		case best == nil || f.first < best.first:
			best = f
		}
	}
	return best
}
