package main

import (
	"context"
	"encoding/binary"
	"fmt"
	mrand "math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
)

// publishedSections are what every publisher offers.
var publishedSections = []section{
	{mid: "0", pt: "111", wide: 3, level: 1},
	{mid: "1", video: true, pt: "96", wide: 3},
}

const (
	opusPayloadType = 111
	vp8PayloadType  = 96
	wideID          = 3
	levelID         = 1
	// spokenLevel is -30 dBov with the voice bit (RFC 6464).
	spokenLevel = 0x80 | 30
	silentLevel = 127
	// historySize is how many packets can be sent again, a power of two.
	historySize    = 512
	reportInterval = int64(time.Second)
	ntpEpoch       = 2208988800 // seconds from 1900 to 1970
)

// publisher sends sound and a picture.
type publisher struct {
	// Static after construction.
	number  int
	traffic traffic
	conn    *connection

	keyframe atomic.Bool   // one was asked for
	sent     atomic.Uint64 // packets that the window counts

	// Owned by the sending goroutine.
	audio, video stream
	wide         uint16
	picture      uint16
	reported     int64
	packets      [][]byte
	out          outbox

	// Guarded by mu.
	mu      sync.Mutex
	history map[uint32]*[historySize][]byte // sealed packets of a stream by sequence number
}

// stream is one outgoing RTP stream.
type stream struct {
	ssrc            uint32
	pt              byte
	extended        uint64 // sequence number with its rollover counter
	timestamp       uint32
	number          uint64 // of the next mark
	packets, octets uint32
}

func newPublisher(number int, t traffic) (*publisher, error) {
	p := &publisher{number: number, traffic: t, picture: uint16(mrand.Uint32())}
	// Below 2^15, as senders begin, so that a first packet out of order does not confuse the rollover counter.
	p.audio = stream{ssrc: mrand.Uint32(), pt: opusPayloadType, extended: uint64(mrand.Uint32N(1 << 15)), timestamp: mrand.Uint32()}
	p.video = stream{ssrc: mrand.Uint32(), pt: vp8PayloadType, extended: uint64(mrand.Uint32N(1 << 15)), timestamp: mrand.Uint32()}
	p.history = map[uint32]*[historySize][]byte{p.audio.ssrc: {}, p.video.ssrc: {}}
	var err error
	p.conn, err = newConnection(true, p)
	return p, err
}

// join publishes through the server's signaling.
func (p *publisher) join(ctx context.Context, s *signaling, poll *poller) error {
	offer, err := offerOf(p)
	if err != nil {
		return err
	}
	request := publishRequest{ID: fmt.Sprintf("publisher%d", p.number), Offer: offer}
	for _, x := range publishedSections {
		request.Sections = append(request.Sections, publishedSection{MID: x.mid, Video: x.video})
	}
	var reply publishReply
	if err := s.post(ctx, "/publish", request, &reply); err != nil {
		return err
	}
	d, err := parseDescription(reply.Answer)
	if err != nil {
		return err
	}
	if err := p.conn.reach(d, poll); err != nil {
		return err
	}
	return p.conn.establish(ctx, d)
}

// level is the loudness of what is sent (RFC 6464).
func (p *publisher) level() byte {
	if p.number < p.traffic.speakers {
		return spokenLevel
	}
	return silentLevel
}

// send sends a burst whose packets are marked with the time now.
func (p *publisher) send(keys *secured, b burst, now int64) error {
	s, clock := &p.audio, uint32(48000*audioInterval/int64(time.Second))
	if b.video {
		s, clock = &p.video, uint32(90000/p.traffic.framesPerSecond)
		p.picture++
	}
	s.timestamp += clock
	for len(p.packets) < len(b.sizes) {
		p.packets = append(p.packets, make([]byte, 0, datagram))
	}
	for i, size := range b.sizes {
		last := i == len(b.sizes)-1
		p.packets[i] = p.packet(keys, s, p.packets[i][:0], b, i, size, b.video && last, now)
	}
	p.remember(s.ssrc, p.packets[:len(b.sizes)])
	return p.out.send(p.conn.socket, p.packets[:len(b.sizes)])
}

// packet makes and seals one packet.
func (p *publisher) packet(keys *secured, s *stream, b []byte, of burst, i, size int, marker bool, now int64) []byte {
	p.wide++
	b = append(b, 0x90, s.pt)
	if marker {
		b[1] |= 0x80
	}
	b = binary.BigEndian.AppendUint16(b, uint16(s.extended))
	b = binary.BigEndian.AppendUint32(b, s.timestamp)
	b = binary.BigEndian.AppendUint32(b, s.ssrc)
	if of.video {
		b = append(b, 0xbe, 0xde, 0, 1, wideID<<4|1, byte(p.wide>>8), byte(p.wide), 0)
	} else {
		b = append(b, 0xbe, 0xde, 0, 2, wideID<<4|1, byte(p.wide>>8), byte(p.wide), levelID<<4, p.level(), 0, 0, 0)
	}
	header := len(b)
	b = b[:header+size]
	payload := b[header:]
	if of.video {
		writeVP8(payload, i == 0, of.keyframe, p.picture)
	}
	mark{publisher: uint16(p.number), video: of.video, number: s.number, sent: now}.put(payload)
	b = keys.out.seal(b, header, s.ssrc, s.extended)
	s.extended++
	s.number++
	s.packets++
	s.octets += uint32(size)
	return b
}

// remember keeps sealed packets for retransmission.
func (p *publisher) remember(ssrc uint32, packets [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.history[ssrc]
	for _, b := range packets {
		slot := &h[binary.BigEndian.Uint16(b[2:])%historySize]
		*slot = append((*slot)[:0], b...)
	}
}

// report sends sender reports (RFC 3550 section 6.4.1) once a second.
func (p *publisher) report(keys *secured, now int64) {
	if now-p.reported < reportInterval {
		return
	}
	p.reported = now
	wall := time.Now().UnixNano()
	ntp := uint64(wall/1e9+ntpEpoch)<<32 | uint64(wall%1e9)<<32/1e9
	var list []rtcp.Packet
	for _, s := range []*stream{&p.audio, &p.video} {
		list = append(list, &rtcp.SenderReport{SSRC: s.ssrc, NTPTime: ntp, RTPTime: s.timestamp, PacketCount: s.packets, OctetCount: s.octets})
	}
	p.conn.sendRTCP(keys, list)
}

// onRTP implements media; nobody sends media to a publisher.
func (p *publisher) onRTP(*secured, []byte, int64) {}

// onTick implements media.
func (p *publisher) onTick(*secured, int64) {}

// onRTCP implements media: keyframes and lost packets are asked for.
func (p *publisher) onRTCP(packets []rtcp.Packet, _ int64) {
	for _, x := range packets {
		switch x := x.(type) {
		case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
			p.keyframe.Store(true)
		case *rtcp.TransportLayerNack:
			p.resend(x)
		}
	}
}

// resend sends packets again as they were.
func (p *publisher) resend(x *rtcp.TransportLayerNack) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.history[x.MediaSSRC]
	if h == nil {
		return
	}
	for _, pair := range x.Nacks {
		for _, n := range pair.PacketList() {
			if b := h[n%historySize]; len(b) > 0 && binary.BigEndian.Uint16(b[2:]) == n {
				_ = p.conn.send(b)
			}
		}
	}
}

// runStage sends what publishers have to send until the context ends.
func runStage(ctx context.Context, publishers []*publisher, t traffic, w *window) error {
	runtime.LockOSThread() // never unlocked: the thread, made urgent, ends with the goroutine
	hurry()
	plan, began := newSchedule(len(publishers), t), nanotime()
	for {
		at, number, _ := plan.due()
		if wait := began + at - nanotime(); wait > 0 {
			sleep(wait)
		}
		if ctx.Err() != nil {
			return nil
		}
		p := publishers[number]
		keys := p.conn.keys.Load()
		now := nanotime()
		p.report(keys, now)
		if p.keyframe.Swap(false) {
			plan.demand(number)
		}
		b := plan.next()
		if err := p.send(keys, b, now); err != nil {
			return fmt.Errorf("publisher %d: %w", number, err)
		}
		if w.holds(now) {
			p.sent.Add(uint64(len(b.sizes)))
		}
	}
}
