package main

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// What a source sends.
const (
	framesPerSecond = 15
	soundInterval   = 20 * time.Millisecond
	soundSize       = 80     // bytes: 32 kbit/s
	soundRate       = 56_000 // bits per second with headers
	packetSize      = 1100
	paceStep        = 5 * time.Millisecond
	paceFactor      = 2.5
	// keyframeFactor is how much larger than others a keyframe is; the frames after it are smaller until that is made up for.
	keyframeFactor = 5
	debtShare      = 0.25
	// leastShare is how much more than its least rate a layer needs to begin.
	leastShare = 1.2
	// mostWaiting is how much may wait to leave for another frame to be encoded.
	mostWaiting = 200 * time.Millisecond
)

// simulcastLayer is a layer of a picture, with the rates between which it is sent as browsers do.
type simulcastLayer struct {
	rid           string
	width, height int
	least, most   int // bits per second
}

var layers = []simulcastLayer{
	{"q", 240, 136, 30_000, 150_000},
	{"h", 480, 270, 120_000, 500_000},
	{"f", 960, 540, 350_000, 1_050_000},
}

// temporalPattern is that of three temporal layers.
var temporalPattern = [4]uint8{0, 2, 1, 2}

// source is a camera in three layers and a microphone. It does as browsers do: sound first, then the smallest layer, then
// what the rest is enough for, in steps of 5 ms.
type source struct {
	client     *client
	camera     *webrtc.RTPTransceiver
	microphone microphone
	streams    []*stream

	// Guarded by mu.
	mu      sync.Mutex
	resting []string
	sounds  []time.Time // when each one was sent

	// Owned by the goroutine of the camera.
	waiting []waiting
	credit  float64
}

type microphone struct {
	transceiver *webrtc.RTPTransceiver
	local       *webrtc.TrackLocalStaticRTP
}

// stream is one layer that is sent.
type stream struct {
	simulcastLayer
	local     *webrtc.TrackLocalStaticRTP
	keyframe  atomic.Bool
	on        bool
	frame     uint32
	shows     uint32 // frames of the source since
	last      [3]uint32
	sequence  uint16
	timestamp uint32
	tl0       uint8
	debt      float64
}

type waiting struct {
	stream *stream
	packet *rtp.Packet
}

func newSource(c *client) (*source, error) {
	s := &source{client: c}
	local, err := webrtc.NewTrackLocalStaticRTP(opus.RTPCodecCapability, c.name+"-microphone", c.name)
	if err != nil {
		return nil, err
	}
	sendonly := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
	s.microphone.local = local
	if s.microphone.transceiver, err = c.pub.AddTransceiverFromTrack(local, sendonly); err != nil {
		return nil, err
	}
	for _, l := range layers {
		local, err := webrtc.NewTrackLocalStaticRTP(vp8.RTPCodecCapability, c.name+"-camera", c.name, webrtc.WithRTPStreamID(l.rid))
		if err != nil {
			return nil, err
		}
		s.streams = append(s.streams, &stream{
			simulcastLayer: l, local: local, sequence: uint16(rand.Uint32N(1 << 15)), timestamp: rand.Uint32(),
		})
		if s.camera == nil {
			s.camera, err = c.pub.AddTransceiverFromTrack(local, sendonly)
		} else {
			err = s.camera.Sender().AddEncoding(local)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *source) start() {
	for _, st := range s.streams {
		s.client.goes(func() { s.listen(st) })
	}
	s.client.goes(func() { drain(s.microphone.transceiver.Sender().Read) })
	s.client.goes(s.speak)
	s.client.goes(s.film)
}

// listen takes requests for keyframes.
func (s *source) listen(st *stream) {
	for {
		packets, _, err := s.camera.Sender().ReadSimulcastRTCP(st.rid)
		if err != nil {
			return
		}
		for _, p := range packets {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				st.keyframe.Store(true)
			}
		}
	}
}

// rest stops the layers that nobody wants; others begin with a keyframe.
func (s *source) rest(rids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resting = rids
}

// sent returns when a sound was sent, and whether it was.
func (s *source) sent(number int) (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number >= len(s.sounds) {
		return time.Time{}, false
	}
	return s.sounds[number], true
}

func (s *source) connected() bool {
	return s.client.pub.ConnectionState() == webrtc.PeerConnectionStateConnected
}

// speak sends sound until the client is closed. Each carries its number.
func (s *source) speak() {
	tick := time.NewTicker(soundInterval)
	defer tick.Stop()
	level := s.extension(s.microphone.transceiver, sdp.AudioLevelURI)
	timestamp := rand.Uint32()
	for number := uint32(0); ; number++ {
		select {
		case <-s.client.stop:
			return
		case <-tick.C:
		}
		if !s.connected() {
			number--
			continue
		}
		timestamp += uint32(48000 * soundInterval / time.Second)
		p := &rtp.Packet{
			Header:  rtp.Header{Version: 2, SequenceNumber: uint16(number), Timestamp: timestamp},
			Payload: append(binary.BigEndian.AppendUint32([]byte{0xf8}, number), make([]byte, soundSize-5)...),
		}
		if level != 0 {
			_ = p.SetExtension(level, []byte{0x80 | 30}) // RFC 6464
		}
		s.mu.Lock()
		s.sounds = append(s.sounds, time.Now())
		s.mu.Unlock()
		_ = s.microphone.local.WriteRTP(p)
	}
}

func (s *source) extension(t *webrtc.RTPTransceiver, uri string) uint8 {
	for _, x := range t.Sender().GetParameters().HeaderExtensions {
		if x.URI == uri {
			return uint8(x.ID)
		}
	}
	return 0
}

// film sends pictures until the client is closed.
func (s *source) film() {
	tick := time.NewTicker(paceStep)
	defer tick.Stop()
	mid, rid := s.extension(s.camera, sdp.SDESMidURI), s.extension(s.camera, sdp.SDESRTPStreamIDURI)
	var next time.Time
	for {
		var now time.Time
		select {
		case <-s.client.stop:
			return
		case now = <-tick.C:
		}
		if !s.connected() {
			continue
		}
		target := max(0, s.client.estimator.GetTargetBitrate()-soundRate)
		if now.After(next) {
			next = now.Add(time.Second / framesPerSecond)
			s.encode(target, mid, rid)
		}
		s.pace(target)
	}
}

// encode makes a frame of every layer that there is room for.
func (s *source) encode(target int, mid, rid uint8) {
	s.mu.Lock()
	resting := s.resting
	s.mu.Unlock()
	left := target
	if float64(len(s.waiting)*packetSize*8) > mostWaiting.Seconds()*float64(target) {
		return // what was encoded before has not left yet
	}
	for i, st := range s.streams {
		st.shows++
		st.timestamp += 90000 / framesPerSecond
		least := st.least
		if !st.on {
			least = int(leastShare * float64(least))
		}
		if on := !slices.Contains(resting, st.rid) && (left >= least || i == 0); on != st.on {
			st.on = on
			st.keyframe.Store(true)
		}
		if !st.on {
			continue
		}
		rate := min(left, st.most)
		if left -= rate; rate < st.least {
			// Fewer frames: those of the highest temporal layers are left out.
			if every := uint32(st.least/max(1, rate)) + 1; st.shows%every != 0 && !st.keyframe.Load() {
				continue
			}
			rate = st.least
		}
		for _, p := range st.encode(rate) {
			_ = p.SetExtension(mid, []byte(s.camera.Mid()))
			_ = p.SetExtension(rid, []byte(st.rid))
			s.waiting = append(s.waiting, waiting{st, p})
		}
	}
}

// encode makes the packets of a frame at a rate.
func (st *stream) encode(rate int) []*rtp.Packet {
	key := st.keyframe.Swap(false) || st.frame == 0
	st.frame++
	mean := float64(rate) / 8 / framesPerSecond
	size := mean * (0.8 + 0.4*rand.Float64())
	temporal, refers := st.refer(key)
	switch {
	case key:
		size *= keyframeFactor
		st.debt += size - mean
	case st.debt > 0:
		paid := min(st.debt, debtShare*size)
		st.debt -= paid
		size -= paid
	}
	return st.packets(mark{frame: st.frame, refers: refers, key: key, width: uint16(st.width)}, temporal, int(size))
}

// refer returns the temporal layer of the next frame and the frame that it refers to.
func (st *stream) refer(key bool) (temporal uint8, refers uint32) {
	if key {
		st.last = [3]uint32{st.frame, st.frame, st.frame}
		st.tl0++
		return 0, 0
	}
	at := (st.frame - st.last[0]) % uint32(len(temporalPattern))
	temporal = temporalPattern[at]
	switch temporal {
	case 0:
		refers = st.last[0]
		st.last = [3]uint32{st.frame, st.frame, st.frame}
		st.tl0++
	case 1:
		refers = st.last[0]
		st.last[1], st.last[2] = st.frame, st.frame
	default:
		refers = max(st.last[0], st.last[1])
		st.last[2] = st.frame
	}
	return temporal, refers
}

func (st *stream) packets(m mark, temporal uint8, size int) []*rtp.Packet {
	m.count = uint16(max(1, (size+packetSize-1)/packetSize))
	list := make([]*rtp.Packet, m.count)
	each := max(markSize, size/int(m.count))
	for i := range list {
		m.index = uint16(i)
		st.sequence++
		descriptor := []byte{0x80, 0xf0, 0x80 | byte(st.frame>>8)&0x7f, byte(st.frame), st.tl0, temporal << 6}
		if m.refers == st.last[0] {
			descriptor[5] |= 0x20 // refers to the lowest layer only: a place to switch up
		}
		if i == 0 {
			descriptor[0] |= 0x10
		}
		list[i] = &rtp.Packet{
			Header: rtp.Header{
				Version: 2, SequenceNumber: st.sequence, Timestamp: st.timestamp, Marker: i == len(list)-1,
			},
			Payload: append(m.append(append(descriptor, st.head(m.key && i == 0)...)), make([]byte, each-markSize)...),
		}
	}
	return list
}

// head is the beginning of a VP8 frame (RFC 6386 section 9.1), as far as it is looked at, in the size of a keyframe's.
func (st *stream) head(key bool) []byte {
	if !key {
		return []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	}
	b := []byte{0, 0, 0, 0x9d, 0x01, 0x2a}
	b = binary.LittleEndian.AppendUint16(b, uint16(st.width))
	return binary.LittleEndian.AppendUint16(b, uint16(st.height))
}

// pace sends what may leave in a step.
func (s *source) pace(target int) {
	step := paceFactor * float64(max(target, layers[0].least)) / 8 * paceStep.Seconds()
	s.credit = min(s.credit+step, 2*step+packetSize)
	n := 0
	for n < len(s.waiting) && s.credit > 0 {
		w := s.waiting[n]
		_ = w.stream.local.WriteRTP(w.packet)
		s.credit -= float64(w.packet.MarshalSize())
		n++
	}
	s.waiting = slices.Delete(s.waiting, 0, n)
}
