package main

import (
	"math"
	"math/rand/v2"
	"time"
)

// What a publisher sends.
const (
	videoBitsPerSecond = 1_500_000
	framesPerSecond    = 30
	audioInterval      = int64(20 * time.Millisecond)
	silenceInterval    = int64(400 * time.Millisecond)
	audioPayload       = 100 // bytes
	// maxPayload keeps a packet with its header, extensions and tag within 1200 bytes, as browsers do.
	maxPayload = 1164
	// keyframeFactor is how much larger than others a keyframe is.
	keyframeFactor = 3
	// frameSpread is how far the size of a frame is from the mean, at most, as a share of it.
	frameSpread = 0.25
)

// burst is what one publisher sends at once: an Opus packet or the packets of a video frame.
type burst struct {
	at        int64 // nanoseconds since the schedule's begin
	publisher int
	video     bool
	keyframe  bool
	sizes     []int // of the payloads; reused by the next burst
}

// traffic is how much a publisher sends.
type traffic struct {
	bitsPerSecond, framesPerSecond int
	// speakers are how many publishers speak; the others send what an encoder sends in silence (DTX).
	speakers int
}

// meeting is the traffic of the scenarios.
var meeting = traffic{bitsPerSecond: videoBitsPerSecond, framesPerSecond: framesPerSecond, speakers: math.MaxInt}

// schedule says what publishers send when. It is the same for the same number of publishers, but for keyframes.
type schedule struct {
	traffic
	sources []source
	sizes   []int
}

type source struct {
	random       *rand.Rand
	audio, video int64 // when the next is due
	keyframe     bool
}

func newSchedule(publishers int, t traffic) *schedule {
	s := &schedule{traffic: t, sources: make([]source, publishers)}
	for i := range s.sources {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		s.sources[i] = source{random: r, audio: r.Int64N(audioInterval), video: r.Int64N(s.frameInterval()), keyframe: true}
	}
	return s
}

func (t traffic) frameInterval() int64 { return int64(time.Second) / int64(t.framesPerSecond) }

// demand makes the publisher's next frame a keyframe.
func (s *schedule) demand(publisher int) { s.sources[publisher].keyframe = true }

// due returns when the next burst is due and whose it is.
func (s *schedule) due() (at int64, publisher int, video bool) {
	at = s.sources[0].audio
	for i := range s.sources {
		x := &s.sources[i]
		if x.audio < at {
			at, publisher, video = x.audio, i, false
		}
		if x.video < at {
			at, publisher, video = x.video, i, true
		}
	}
	return at, publisher, video
}

// next returns what is sent next.
func (s *schedule) next() burst {
	at, publisher, video := s.due()
	x := &s.sources[publisher]
	b := burst{at: at, publisher: publisher, video: video}
	if !video {
		if x.audio += audioInterval; publisher >= s.speakers {
			x.audio += silenceInterval - audioInterval
		}
		s.sizes = append(s.sizes[:0], audioPayload)
	} else {
		x.video += s.frameInterval()
		b.keyframe, x.keyframe = x.keyframe, false
		s.sizes = split(s.sizes[:0], s.frame(x, b.keyframe), maxPayload)
	}
	b.sizes = s.sizes
	return b
}

// frame returns the size of the next frame in bytes.
func (t traffic) frame(x *source, keyframe bool) int {
	mean := float64(t.bitsPerSecond) / 8 / float64(t.framesPerSecond)
	size := mean * (1 + frameSpread*(2*x.random.Float64()-1))
	if keyframe {
		size *= keyframeFactor
	}
	return int(size)
}

// split appends the sizes of the payloads that a frame of that many bytes is cut into: about equal, the larger ones last,
// as libwebrtc's packetizer does it (RtpPacketizer::SplitAboutEqually).
func split(sizes []int, bytes, most int) []int {
	n := (bytes + most - 1) / most
	small, larger := bytes/n, bytes%n
	for i := range n {
		size := small
		if i >= n-larger {
			size++
		}
		sizes = append(sizes, size)
	}
	return sizes
}
