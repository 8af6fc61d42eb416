package sfu

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
	"parley/sfu/packet"
)

// Intervals of what is sent to a publisher.
const (
	wideFeedbackInterval = 90 * time.Millisecond // of the ticks of feedbackInterval, each
	reportInterval       = time.Second
)

// publisher is the receiving half of a peer.
type publisher struct {
	// Static after construction.
	peer *Peer
	conn *connection
	ssrc uint32 // of our reports
	wide *wideArrivals

	extensions atomic.Pointer[packet.Extensions]
	redundancy atomic.Pointer[redundancy]           // nil where it was not negotiated
	streams    atomic.Pointer[map[uint32]*incoming] // by SSRC; copied on write, under mu
	repairs    atomic.Pointer[map[uint32]*incoming] // by the SSRC of their retransmissions; the same
	roundTrip  atomic.Int64                         // nanoseconds, 0 when unknown
	spokeAt    atomic.Int64                         // 0 for never
	clockShift clockShift
	bytes      atomic.Uint64
	lossMilli  atomic.Int64 // thousandths lost in the last report
	rate       rate

	// Owned by the feedback goroutine.
	lastWide, lastReport int64

	// Guarded by mu; changed by the peer's goroutine.
	mu       sync.Mutex
	tracks   map[string]*Track // by id
	byMID    map[string]*Track
	incoming []*incoming
	closed   bool
}

func newPublisher(p *Peer) (*publisher, error) {
	b := &publisher{
		peer: p, ssrc: rand.Uint32(), tracks: map[string]*Track{}, byMID: map[string]*Track{},
	}
	b.wide = newWideArrivals(b.ssrc)
	b.rate.count = b.bytes.Load
	b.extensions.Store(&packet.Extensions{})
	b.streams.Store(&map[uint32]*incoming{})
	b.repairs.Store(&map[uint32]*incoming{})
	var err error
	if b.conn, err = newConnection(p, TargetPublish, taps{media: b.onMedia, rtp: b.onRTP, rtcp: b.onRTCP}); err != nil {
		return nil, err
	}
	b.conn.pc.OnTrack(b.onRemote)
	return b, nil
}

// publish applies an offer and answers it.
func (b *publisher) publish(offer string, list []PublishTrack) (string, []*Track, error) {
	if len(list) > b.peer.sfu.cfg.MaxTracksPerPeer {
		return "", nil, fmt.Errorf("%w: %d, at most %d", ErrTooManyTracks, len(list), b.peer.sfu.cfg.MaxTracksPerPeer)
	}
	parsed, err := parseOffer(offer)
	if err != nil {
		return "", nil, err
	}
	for _, t := range list {
		if kind, ok := parsed.kinds[t.MID]; !ok || kind != t.Kind || t.TrackID == "" {
			return "", nil, fmt.Errorf("%w: no %s section %q", ErrBadSDP, t.Kind, t.MID)
		}
	}
	published := b.bind(list, parsed)
	if err := b.conn.setRemote(webrtc.SDPTypeOffer, parsed.text); err != nil {
		return "", nil, err
	}
	answer, err := b.conn.pc.CreateAnswer(nil)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	text, err := b.conn.describe(answer)
	if err != nil {
		return "", nil, fmt.Errorf("sfu: describe: %w", err)
	}
	answered := &sdp.SessionDescription{}
	if err := answered.UnmarshalString(text); err != nil {
		return "", nil, fmt.Errorf("sfu: own answer: %w", err)
	}
	parsed.order(answered)
	b.extensions.Store(extensionIDs(answered))
	b.learnCodecs(answered)
	text, err = parsed.finish(answered, b.shares())
	return text, published, err
}

// bind makes, keeps and ends tracks as the list says.
func (b *publisher) bind(list []PublishTrack, offer *parsedOffer) []*Track {
	b.mu.Lock()
	wanted := make(map[string]bool, len(list))
	clear(b.byMID)
	published := make([]*Track, 0, len(list))
	for _, in := range list {
		wanted[in.TrackID] = true
		t := b.tracks[in.TrackID]
		if t == nil {
			t = newTrack(b, in)
			b.tracks[in.TrackID] = t
			b.peer.sfu.metrics.tracks.Inc()
		}
		t.update(in, offer.rids[in.MID])
		b.byMID[in.MID] = t
		published = append(published, t)
	}
	var ended []*Track
	for id, t := range b.tracks {
		if !wanted[id] {
			delete(b.tracks, id)
			ended = append(ended, t)
		}
	}
	for _, in := range b.incoming {
		in.rebind(b.byMID[in.mid])
	}
	b.mu.Unlock()
	for _, t := range ended {
		b.endTrack(t)
	}
	return published
}

func (b *publisher) endTrack(t *Track) {
	t.end()
	b.peer.sfu.metrics.tracks.Dec()
	b.peer.handler.OnTrackEnded(t)
}

// learnCodecs gives tracks the codec that the sender will use: the first one in the answer.
func (b *publisher) learnCodecs(answer *sdp.SessionDescription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range answer.MediaDescriptions {
		mid, _ := m.Attribute(sdp.AttrKeyMID)
		t := b.byMID[mid]
		if t == nil {
			continue
		}
		codecs := sectionCodecs(m)
		if r := redundancyOf(codecs); r != nil {
			b.redundancy.Store(r) // one type means the same in all sections (RFC 9143 section 9.1)
		}
		for _, c := range codecs {
			if codec.FromMime(c.MimeType) != codec.Unknown {
				t.expectCodec(c.RTPCodecCapability)
				break
			}
		}
	}
}

// shares returns the sections of shared sound, which is music as often as speech.
func (b *publisher) shares() map[string]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	sections := map[string]bool{}
	for mid, t := range b.byMID {
		if t.share && t.kind == KindAudio {
			sections[mid] = true
		}
	}
	return sections
}

// onRemote gets every incoming stream, on a goroutine of Pion's.
func (b *publisher) onRemote(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	var mid string
	if tr := receiver.RTPTransceiver(); tr != nil {
		mid = tr.Mid()
	}
	if strings.EqualFold(remote.Codec().MimeType, webrtc.MimeTypeRTX) {
		// A sender that names its retransmissions by rid instead of repaired rid (RFC 8852).
		b.peer.log.Debug("retransmissions not told as such", "mid", mid, "rid", remote.RID())
		return
	}
	in := &incoming{publisher: b, mid: mid, remote: remote}
	in.last.Store(-1)
	in.echo.Store(-1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.incoming = append(b.incoming, in)
	b.indexLocked()
	in.rebind(b.byMID[mid])
	b.peer.wg.Go(in.run)
	b.peer.log.Debug("stream", "mid", mid, "rid", remote.RID(), "ssrc", uint32(remote.SSRC()), "codec", remote.Codec().MimeType)
}

func (b *publisher) dropIncoming(in *incoming) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, x := range b.incoming {
		if x == in {
			b.incoming = append(b.incoming[:i], b.incoming[i+1:]...)
			b.indexLocked()
			return
		}
	}
}

// onRTCP takes what the client reports.
func (b *publisher) onRTCP(p rtcp.Packet) {
	if r, ok := p.(*rtcp.SenderReport); ok {
		b.onSenderReport(r)
	}
}

func (b *publisher) onSenderReport(p *rtcp.SenderReport) {
	now := b.peer.sfu.now()
	b.clockShift.observe(ntpNanoseconds(p.NTPTime))
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, in := range b.incoming {
		if uint32(in.remote.SSRC()) != p.SSRC {
			continue
		}
		if l := in.layer.Load(); l != nil {
			l.onSenderReport(p.NTPTime, p.RTPTime, now)
		}
	}
}

// feedback sends what is due: transport feedback, reports and keyframe requests.
func (b *publisher) feedback(now int64) {
	if !b.conn.connected.Load() {
		return
	}
	var out []rtcp.Packet
	if now-b.lastWide >= int64(wideFeedbackInterval) {
		b.lastWide = now
		out = append(out, b.wide.feedback()...)
	}
	report := now-b.lastReport >= int64(reportInterval)
	if report {
		b.lastReport = now
		b.roundTrip.Store(int64(b.conn.roundTrip()))
	}
	var blocks []rtcp.ReceptionReport
	b.want(now)
	for _, l := range b.layers() {
		if l.keyframeDue(now) {
			out = append(out, &rtcp.PictureLossIndication{SenderSSRC: b.ssrc, MediaSSRC: l.ssrc})
			b.peer.sfu.metrics.keyframeRequests.Inc()
		}
		if !report {
			continue
		}
		if r, ok := l.report(now); ok {
			blocks = append(blocks, r)
		}
	}
	if report {
		b.rate.at(now)
		b.lossMilli.Store(worst(blocks))
	}
	for len(blocks) > 0 {
		n := min(len(blocks), 31)
		out = append(out, &rtcp.ReceiverReport{SSRC: b.ssrc, Reports: blocks[:n]})
		blocks = blocks[n:]
	}
	b.conn.sendControl(out)
}

// worst returns the greatest loss among reports in thousandths.
func worst(blocks []rtcp.ReceptionReport) int64 {
	var most int64
	for _, r := range blocks {
		most = max(most, int64(r.FractionLost)*1000/256)
	}
	return most
}

// speaks tells whether its microphone was among the speakers lately.
func (b *publisher) speaks(now int64) bool {
	at := b.spokeAt.Load()
	return at != 0 && now-at < int64(countsAsSpeaking)
}

func (b *publisher) layers() []*layer {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]*layer, 0, len(b.incoming))
	for _, in := range b.incoming {
		if l := in.layer.Load(); l != nil {
			list = append(list, l)
		}
	}
	return list
}

// nack asks for lost packets of a stream. Called by the stream's goroutine.
func (b *publisher) nack(ssrc uint32, lost []uint16) {
	b.peer.sfu.metrics.nacksSent.Add(float64(len(lost)))
	b.conn.sendControl([]rtcp.Packet{&rtcp.TransportLayerNack{
		SenderSSRC: b.ssrc, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(lost),
	}})
}

// roundTripTime is what is known, else a guess.
func (b *publisher) roundTripTime() time.Duration {
	if v := b.roundTrip.Load(); v > 0 {
		return time.Duration(v)
	}
	return 50 * time.Millisecond
}

func (b *publisher) close() {
	b.mu.Lock()
	b.closed = true
	tracks := b.tracks
	b.tracks = map[string]*Track{}
	clear(b.byMID)
	b.mu.Unlock()
	for _, t := range tracks {
		b.endTrack(t)
	}
	b.conn.leave()
	if err := b.conn.pc.GracefulClose(); err != nil {
		b.peer.log.Debug("publish connection closed", "error", err)
	}
}
