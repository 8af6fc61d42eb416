package main

import (
	"context"
	"encoding/binary"
	"fmt"
	mrand "math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
)

// wideInterval is how often transport-wide feedback is sent.
const wideInterval = int64(100 * time.Millisecond)

// window is the time that is measured, by when packets leave their publisher.
type window struct{ from, to atomic.Int64 }

func (w *window) holds(sent int64) bool { return sent >= w.from.Load() && sent < w.to.Load() }

// subscriber receives everything of every publisher and authenticates each packet.
type subscriber struct {
	// Static after construction.
	number  int
	request subscribeRequest
	conn    *connection
	window  *window
	// soundDelays leaves pictures out of the delays: those that begin with what the server kept are older.
	soundDelays bool
	delays      *histogram // of the poller, who owns it

	began, secured, firstVideo atomic.Int64 // of joining, 0 while it has not happened
	video                      chan struct{}

	received   atomic.Uint64 // packets of the window
	duplicates atomic.Uint64
	damaged    atomic.Uint64 // authentic, but not what was sent

	// Static once joined.
	wideID int
	rtx    map[byte]bool // payload types of retransmissions

	// Owned by the poller.
	ssrc           uint32
	inbound        []*inbound
	flows          map[uint32]*flow // by publisher and kind
	recorder       *twcc.Recorder
	wided, reports int64
}

// inbound is an RTP stream as it arrives.
type inbound struct {
	ssrc     uint32
	rtx      bool
	numbers  rollover
	got      uint64
	before   uint64 // expected at the last report
	gotThen  uint64
	middle   uint32 // of the last sender report
	reported int64  // and when it came
}

// flow is a publisher's sound or picture, over all streams that carry it.
type flow struct{ seen seen }

func newSubscriber(number int, w *window, delays *histogram) (*subscriber, error) {
	s := &subscriber{
		number: number, request: subscribeRequest{ID: "subscriber" + strconv.Itoa(number)}, window: w, delays: delays, video: make(chan struct{}), rtx: map[byte]bool{},
		ssrc: mrand.Uint32(), flows: map[uint32]*flow{},
	}
	s.recorder = twcc.NewRecorder(s.ssrc)
	var err error
	s.conn, err = newConnection(false, s)
	return s, err
}

// join subscribes through the server's signaling; it returns once media may flow.
func (s *subscriber) join(ctx context.Context, g *signaling, poll *poller) error {
	s.began.Store(nanotime())
	id := s.request.ID
	var offer subscribeReply
	if err := g.post(ctx, "/subscribe", s.request, &offer); err != nil {
		return err
	}
	d, err := parseDescription(offer.Offer)
	if err != nil {
		return err
	}
	for _, x := range d.sections {
		if s.wideID = x.wide; x.wide == 0 {
			return fmt.Errorf("section %s has no transport-wide numbers", x.mid)
		}
		if pt, err := strconv.ParseUint(x.rtx, 10, 7); err == nil {
			s.rtx[byte(pt)] = true
		}
	}
	answer, err := answerTo(d, s.conn)
	if err != nil {
		return err
	}
	if err := s.conn.reach(d, poll); err != nil {
		return err
	}
	if err := g.post(ctx, "/answer", answerRequest{ID: id, Number: offer.Number, Answer: answer}, nil); err != nil {
		return err
	}
	if err := s.conn.establish(ctx, d); err != nil {
		return err
	}
	s.secured.Store(nanotime())
	return nil
}

// onRTP implements media.
func (s *subscriber) onRTP(keys *secured, b []byte, at int64) {
	header, wide, ok := parseHeader(b, s.wideID)
	if !ok {
		s.damaged.Add(1)
		return
	}
	in := s.stream(binary.BigEndian.Uint32(b[8:]), s.rtx[b[1]&0x7f])
	extended := in.numbers.extend(binary.BigEndian.Uint16(b[2:]))
	payload, err := keys.in.open(b, header, in.ssrc, extended)
	if err != nil {
		s.conn.rejected.Add(1)
		return
	}
	in.numbers.accept(extended)
	in.got++
	if wide >= 0 {
		s.recorder.Record(in.ssrc, uint16(wide), at/1000)
	}
	if b[0]&0x20 != 0 && len(payload) > 0 { // padding (RFC 3550 section 5.1), alone when the server probes the link
		payload = payload[:max(0, len(payload)-int(payload[len(payload)-1]))]
		if len(payload) == 0 {
			return
		}
	}
	if in.rtx && len(payload) >= 2 {
		payload = payload[2:] // the original number (RFC 4588 section 4)
	}
	s.onPayload(payload, at)
}

// onPayload takes what was authenticated.
func (s *subscriber) onPayload(payload []byte, at int64) {
	m, ok := readMark(payload)
	if !ok {
		s.damaged.Add(1)
		return
	}
	key := uint32(m.publisher) << 1
	if m.video {
		key |= 1
	}
	f := s.flows[key]
	if f == nil {
		if f = s.begin(m, payload, at); f == nil {
			return
		}
		s.flows[key] = f
	}
	if !f.seen.add(m.number) {
		s.duplicates.Add(1)
		return
	}
	if s.window.holds(m.sent) {
		s.received.Add(1)
		if !s.soundDelays || !m.video {
			s.delays.add(time.Duration(at - m.sent))
		}
	}
}

// begin starts a flow, a picture with a keyframe: what comes before one is worth nothing and does not count.
func (s *subscriber) begin(m mark, payload []byte, at int64) *flow {
	if m.video && !beginsKeyframe(payload) {
		return nil
	}
	if m.video && s.firstVideo.CompareAndSwap(0, at) {
		close(s.video)
	}
	return &flow{}
}

func (s *subscriber) stream(ssrc uint32, rtx bool) *inbound {
	for _, in := range s.inbound {
		if in.ssrc == ssrc {
			return in
		}
	}
	in := &inbound{ssrc: ssrc, rtx: rtx}
	s.inbound = append(s.inbound, in)
	return in
}

// parseHeader returns the size of an RTP header and the transport-wide number in its extensions, -1 without one.
func parseHeader(b []byte, wideID int) (header, wide int, ok bool) {
	header, wide = 12+4*int(b[0]&15), -1
	if b[0]&0x10 == 0 {
		return header, wide, len(b) >= header+tagSize
	}
	if len(b) < header+4 {
		return 0, 0, false
	}
	profile := binary.BigEndian.Uint16(b[header:])
	at, end := header+4, header+4+4*int(binary.BigEndian.Uint16(b[header+2:]))
	if len(b) < end+tagSize || profile != 0xbede {
		return end, wide, len(b) >= end+tagSize
	}
	for at < end {
		id, size := int(b[at]>>4), int(b[at]&15)+1
		if b[at] == 0 {
			at++
			continue
		}
		if id == 15 || at+1+size > end {
			break
		}
		if id == wideID && size == 2 {
			wide = int(binary.BigEndian.Uint16(b[at+1:]))
		}
		at += 1 + size
	}
	return end, wide, true
}

// onRTCP implements media.
func (s *subscriber) onRTCP(packets []rtcp.Packet, at int64) {
	for _, x := range packets {
		r, ok := x.(*rtcp.SenderReport)
		if !ok {
			continue
		}
		for _, in := range s.inbound {
			if in.ssrc == r.SSRC {
				in.middle, in.reported = uint32(r.NTPTime>>16), at
			}
		}
	}
}

// onTick implements media: what browsers tell a sender, as often as they do.
func (s *subscriber) onTick(keys *secured, now int64) {
	if len(s.inbound) == 0 {
		return
	}
	if now-s.wided >= wideInterval {
		s.wided = now
		if list := s.recorder.BuildFeedbackPacket(); len(list) > 0 {
			s.conn.sendRTCP(keys, list)
		}
	}
	if now-s.reports >= reportInterval {
		s.reports = now
		s.report(keys, now)
	}
}

// report sends receiver reports (RFC 3550 section 6.4.2).
func (s *subscriber) report(keys *secured, now int64) {
	var blocks []rtcp.ReceptionReport
	for _, in := range s.inbound {
		if in.got > 0 {
			blocks = append(blocks, in.report(now))
		}
	}
	var list []rtcp.Packet
	for len(blocks) > 0 {
		n := min(len(blocks), 31)
		list = append(list, &rtcp.ReceiverReport{SSRC: s.ssrc, Reports: blocks[:n]})
		blocks = blocks[n:]
	}
	if len(list) > 0 {
		s.conn.sendRTCP(keys, list)
	}
}

func (in *inbound) report(now int64) rtcp.ReceptionReport {
	expected := in.numbers.highest - in.numbers.first + 1
	r := rtcp.ReceptionReport{
		SSRC: in.ssrc, LastSequenceNumber: uint32(in.numbers.highest), TotalLost: uint32(in.missing()),
		LastSenderReport: in.middle,
	}
	if in.middle != 0 {
		r.Delay = uint32((now - in.reported) * 65536 / int64(time.Second))
	}
	newly, got := expected-in.before, in.got-in.gotThen
	if newly > got {
		r.FractionLost = uint8(min(255, (newly-got)*256/newly))
	}
	in.before, in.gotThen = expected, in.got
	return r
}

// missing returns how many RTP numbers never came.
func (in *inbound) missing() uint64 {
	if in.got == 0 {
		return 0
	}
	expected := in.numbers.highest - in.numbers.first + 1
	return expected - min(expected, in.got)
}
