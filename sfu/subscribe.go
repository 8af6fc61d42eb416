package sfu

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu/bandwidth"
)

// slot is a media section of the subscribe connection. Sections are used again, so that descriptions do not grow for ever.
type slot struct {
	transceiver *webrtc.RTPTransceiver
	kind        webrtc.RTPCodecType
	down        *downTrack // nil when free
	freed       bool       // free, and the client knows
}

// subscriber is the sending half of a peer.
type subscriber struct {
	// Static after construction.
	peer *Peer
	conn *connection
	ssrc uint32 // of our feedback
	lane *lane

	bytes   atomic.Uint64
	changed atomic.Bool  // allocation is to be looked at
	held    atomic.Int64 // bytes of pictures that wait for the link
	rate    rate

	twice        atomic.Bool   // packets of sound leave twice
	asksForSound atomic.Bool   // that was lost: it did once
	soundLost    atomic.Uint32 // the largest share of a sound that was told as lost since the last look, in parts of 256

	// Owned by the peer's goroutine.
	wanted     map[*Track]bool
	slots      []*slot
	number     int
	pending    bool  // an offer is out
	dirty      bool  // the offer that is out, or none, does not say what is wanted
	out        Offer // the latest offer
	restarting bool
	sections   []*section                           // of a peer that watches
	shown      []*Track                             // wanted in them
	agreed     map[Kind][]webrtc.RTPCodecParameters // what the client takes; empty before its first answer

	// Guarded by mu.
	mu     sync.Mutex
	downs  map[*Track]*downTrack
	bySSRC map[uint32]*downTrack
	tiles  map[string]ViewTile // by track id; nil before the first view
	rtt    time.Duration

	// Guarded by wideMu.
	wideMu    sync.Mutex
	wide      uint16
	estimator *bandwidth.Estimator
	paced     pacer

	// Owned by the lane.
	burst []due

	// Owned by the feedback goroutine.
	allocator  allocator
	turn       []*downTrack // those of this turn
	lastReport int64
	lastChoice int64
	repetition repetition
	soundSent  int // bits per second of sound, once
}

func newSubscriber(p *Peer) (*subscriber, error) {
	s := &subscriber{
		peer: p, ssrc: rand.Uint32(), wanted: map[*Track]bool{},
		agreed: map[Kind][]webrtc.RTPCodecParameters{},
		downs:  map[*Track]*downTrack{}, bySSRC: map[uint32]*downTrack{}, estimator: bandwidth.New(),
	}
	s.rate.count = s.bytes.Load
	var err error
	if s.conn, err = newConnection(p, TargetSubscribe, taps{rtp: func([]byte) {}, rtcp: s.onRTCP}); err != nil {
		return nil, err
	}
	s.lane = p.sfu.assign()
	return s, nil
}

func (s *subscriber) subscribe(t *Track) {
	if !s.wanted[t] {
		s.wanted[t] = true
		s.dirty = true
	}
}

func (s *subscriber) unsubscribe(t *Track) {
	if s.wanted[t] {
		delete(s.wanted, t)
		s.dirty = true
	}
	if d := s.down(t); d != nil {
		d.released = true
		t.detach(d) // nothing more is sent, whatever the negotiation is about
	}
}

// resubscribe negotiates a track again, because its codec is not what was expected.
func (s *subscriber) resubscribe(t *Track) {
	for _, x := range s.sections {
		if x.down != nil && x.down.track == t {
			x.drop()
			s.showNext()
		}
	}
	if !s.wanted[t] {
		return
	}
	if d := s.down(t); d != nil {
		s.remove(d)
		s.dirty = true
	}
}

// restart wants new ICE credentials. An offer that is out cannot be taken back: it is told again, in case it or its answer
// was lost, and the restart follows its answer.
func (s *subscriber) restart() {
	if len(s.slots) == 0 && len(s.wanted) == 0 {
		return
	}
	s.restarting, s.dirty = true, true
	if s.pending {
		s.number++
		s.out.Number = s.number
		s.peer.handler.OnSubscribeOffer(s.out)
	}
}

// refresh asks for keyframes after the connection was lost: what the client missed is more than can be sent again.
func (s *subscriber) refresh() {
	s.rerouted()
	for _, d := range s.list() {
		d.keyframe()
	}
}

// rerouted forgets what was known of another way to the client; the new one is probed.
func (s *subscriber) rerouted() {
	s.wideMu.Lock()
	s.estimator.Heal()
	s.wideMu.Unlock()
	s.changed.Store(true)
	s.peer.nudge()
}

func (s *subscriber) down(t *Track) *downTrack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.downs[t]
}

// due tells whether something changed and no offer is out.
func (s *subscriber) due() bool { return s.dirty && !s.pending }

// negotiate offers what is wanted.
func (s *subscriber) negotiate() {
	if !s.due() {
		return
	}
	if err := s.offer(); err != nil && !errors.Is(err, ErrClosed) {
		s.peer.log.Warn("subscribe offer failed", "error", err)
	}
}

func (s *subscriber) offer() error {
	s.apply()
	restart := s.restarting
	s.dirty, s.restarting = false, false
	if len(s.slots) == 0 {
		return nil
	}
	d, err := s.conn.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart && s.conn.pc.RemoteDescription() != nil})
	if err != nil {
		return fmt.Errorf("create: %w", err)
	}
	text, err := s.conn.describe(d)
	if err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	s.pending = true
	s.number++
	s.out = Offer{SDP: text, Number: s.number}
	for _, x := range s.slots {
		if x.down != nil {
			s.out.Tracks = append(s.out.Tracks, OfferTrack{MID: x.transceiver.Mid(), TrackID: x.down.track.id})
		}
	}
	s.peer.handler.OnSubscribeOffer(s.out)
	return nil
}

// apply brings the sections in line with what is wanted.
func (s *subscriber) apply() {
	for _, x := range s.slots {
		if x.down != nil && (x.down.released || !s.wanted[x.down.track]) {
			s.remove(x.down)
		}
	}
	for t := range s.wanted {
		if s.down(t) != nil {
			continue
		}
		if err := s.add(t); err != nil {
			s.peer.log.Warn("track not added", "track", t.id, "error", err)
			delete(s.wanted, t)
		}
	}
}

func (s *subscriber) add(t *Track) error {
	d := newDownTrack(t, s)
	agreed := s.agreed[t.kind]
	if _, ok := best(t.capability(), agreed); !ok && len(agreed) > 0 {
		s.refuse(t, agreed)
		return nil
	}
	x, err := s.place(d)
	if err != nil {
		return err
	}
	x.down, x.freed = d, false
	s.prefer(x)
	s.mu.Lock()
	s.downs[t] = d
	s.mu.Unlock()
	if !t.attach(d, nil) {
		s.remove(d)
		delete(s.wanted, t)
		return nil
	}
	s.peer.sfu.metrics.downTracks.Inc()
	s.changed.Store(true)
	s.peer.nudge()
	return nil
}

// place takes a free section or adds one.
func (s *subscriber) place(d *downTrack) (*slot, error) {
	for _, x := range s.slots {
		if x.down != nil || !x.freed || x.kind != d.Kind() {
			continue
		}
		_ = x.transceiver.SetCodecPreferences(nil)
		sender, err := s.conn.pc.AddTrack(d)
		if err != nil {
			return nil, err
		}
		for _, y := range s.slots {
			if y.transceiver.Sender() == sender {
				return y, nil
			}
		}
		for _, tr := range s.conn.pc.GetTransceivers() {
			if tr.Sender() == sender {
				y := &slot{transceiver: tr, kind: d.Kind()}
				s.slots = append(s.slots, y)
				return y, nil
			}
		}
	}
	tr, err := s.conn.pc.AddTransceiverFromTrack(d, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, err
	}
	x := &slot{transceiver: tr, kind: d.Kind()}
	s.slots = append(s.slots, x)
	return x, nil
}

// prefer leaves only the track's codec in its section. Until it is known what the client takes, the first section of
// pictures offers everything.
func (s *subscriber) prefer(x *slot) {
	t := x.down.track
	offered := s.agreed[t.kind]
	if len(offered) == 0 {
		if t.kind != KindVideo || x == s.firstVideo() {
			return
		}
		offered = offeredVideo()
	}
	c, ok := best(t.capability(), offered)
	if !ok {
		return
	}
	list := []webrtc.RTPCodecParameters{c}
	if rtx, ok := retransmission(c.PayloadType, offered); ok {
		list = append(list, rtx)
	}
	if red, ok := redundant(c.PayloadType, offered); ok {
		list = append(list, red)
	}
	if err := x.transceiver.SetCodecPreferences(list); err != nil {
		s.peer.log.Debug("codec preference", "track", t.id, "error", err)
	}
}

func (s *subscriber) firstVideo() *slot {
	for _, x := range s.slots {
		if x.kind == webrtc.RTPCodecTypeVideo {
			return x
		}
	}
	return nil
}

// remove ends a down-track and frees its section.
func (s *subscriber) remove(d *downTrack) {
	d.track.detach(d)
	s.mu.Lock()
	_, counted := s.downs[d.track]
	if s.downs[d.track] == d {
		delete(s.downs, d.track)
	}
	s.mu.Unlock()
	if counted {
		s.peer.sfu.metrics.downTracks.Dec()
	}
	for _, x := range s.slots {
		if x.down == d {
			x.down, x.freed = nil, false
			if err := s.conn.pc.RemoveTrack(x.transceiver.Sender()); err != nil {
				s.peer.log.Debug("track not removed", "track", d.track.id, "error", err)
			}
		}
	}
}

// refuse tells that the client cannot take a track, but these codecs.
func (s *subscriber) refuse(t *Track, takes []webrtc.RTPCodecParameters) {
	delete(s.wanted, t)
	s.peer.log.Info("subscriber cannot decode", "track", t.id, "codec", t.Codec())
	if h, ok := s.peer.handler.(UnsupportedHandler); ok {
		h.OnUnsupported(t.id, string(t.Codec()), codecNames(takes))
	}
}

// answer applies the client's answer.
func (s *subscriber) answer(text string, number int) error {
	if !s.pending || number != s.number {
		return ErrStaleAnswer
	}
	if err := s.conn.setRemote(webrtc.SDPTypeAnswer, text); err != nil {
		return err
	}
	s.pending = false
	s.learnCodecs(text)
	for _, x := range s.slots {
		switch {
		case x.down == nil:
			x.freed = true
		case x.down.unsupported.Load():
			t := x.down.track
			s.remove(x.down)
			s.refuse(t, s.agreed[t.kind])
			s.dirty = true
		default:
			s.prefer(x)
		}
	}
	s.changed.Store(true)
	s.peer.nudge()
	return nil
}

// learnCodecs takes what the client accepts from the first answer with a section of a kind, which offered everything.
func (s *subscriber) learnCodecs(text string) {
	d := &sdp.SessionDescription{}
	if d.UnmarshalString(text) != nil {
		return
	}
	for _, m := range d.MediaDescriptions {
		kind := Kind(m.MediaName.Media)
		if m.MediaName.Port.Value == 0 || len(s.agreed[kind]) > 0 {
			continue
		}
		s.agreed[kind] = sectionCodecs(m)
	}
}

func (s *subscriber) register(ssrc uint32, d *downTrack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bySSRC[ssrc] = d
}

func (s *subscriber) unregister(ssrc uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.bySSRC, ssrc)
}

// sent takes note of a packet of size bytes that is about to leave and returns its transport-wide number. wideMu is held.
func (s *subscriber) sent(size int, now int64) uint16 {
	s.wide++
	s.estimator.Sent(s.wide, size, now)
	return s.wide
}

// onRTCP takes what the client reports.
func (s *subscriber) onRTCP(p rtcp.Packet) {
	switch p := p.(type) {
	case *rtcp.TransportLayerCC:
		s.onWideFeedback(p)
	case *rtcp.ReceiverEstimatedMaximumBitrate:
		s.wideMu.Lock()
		s.estimator.Remote(float64(p.Bitrate))
		s.wideMu.Unlock()
	case *rtcp.TransportLayerNack:
		if d := s.sending(p.MediaSSRC); d != nil {
			if !d.video {
				s.asksForSound.Store(true)
			}
			s.lane.do(func(x *lane) { d.retransmit(x, p.Nacks) })
		}
	case *rtcp.PictureLossIndication:
		s.onKeyframeRequest(p.MediaSSRC)
	case *rtcp.FullIntraRequest:
		for _, f := range p.FIR {
			s.onKeyframeRequest(f.SSRC)
		}
	case *rtcp.ReceiverReport:
		s.onReception(p.Reports)
	case *rtcp.SenderReport:
		s.onReception(p.Reports)
	}
}

// sending returns the down-track of an SSRC, nil when there is none.
func (s *subscriber) sending(ssrc uint32) *downTrack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bySSRC[ssrc]
}

func (s *subscriber) onKeyframeRequest(ssrc uint32) {
	if d := s.sending(ssrc); d != nil {
		d.onKeyframeRequest()
	}
}

// onWideFeedback moves the estimate; layers are chosen again soon when there is clearly more room.
func (s *subscriber) onWideFeedback(p *rtcp.TransportLayerCC) {
	s.wideMu.Lock()
	before := s.estimator.Estimate()
	s.estimator.Feedback(p, s.peer.sfu.now())
	more := s.estimator.Estimate() > before+before/8
	s.wideMu.Unlock()
	if more {
		s.changed.Store(true)
		s.peer.nudge()
	}
}

// retransmitInterval is how long after a retransmission another one of the same packet makes sense, in nanoseconds.
func (s *subscriber) retransmitInterval() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(max(s.rtt/2, 10*time.Millisecond))
}

func (s *subscriber) onReception(blocks []rtcp.ReceptionReport) {
	now := s.peer.sfu.now()
	for _, r := range blocks {
		d := s.sending(r.SSRC)
		if d == nil {
			continue
		}
		d.fraction.Store(uint32(r.FractionLost))
		if !d.video {
			s.onSoundReport(r.FractionLost)
		}
		if r.LastSenderReport == 0 || r.LastSenderReport != d.lastMiddle.Load() {
			continue
		}
		if rtt := now - d.lastReport.Load() - int64(r.Delay)*int64(time.Second)/65536; rtt > 0 {
			s.mu.Lock()
			s.rtt = time.Duration(rtt)
			s.mu.Unlock()
		}
	}
}

// feedback does what is due by time: allocation, keyframes that are waited for, sender reports.
func (s *subscriber) feedback(now int64) {
	if !s.conn.carries() {
		return
	}
	s.allocate(now)
	s.turn = s.appendDowns(s.turn[:0])
	defer func() { clear(s.turn) }()
	downs := s.turn
	for _, d := range downs {
		d.tend()
	}
	if now-s.lastReport < int64(reportInterval) || !s.conn.connected.Load() {
		return
	}
	s.lastReport = now
	s.decideTwice(now)
	var out []rtcp.Packet
	for _, d := range downs {
		if r := d.senderReport(now); r != nil {
			out = append(out, r)
		}
	}
	s.conn.sendControl(out)
}

func (s *subscriber) list() []*downTrack { return s.appendDowns(nil) }

// appendDowns appends every down-track to a list.
func (s *subscriber) appendDowns(list []*downTrack) []*downTrack {
	s.mu.Lock()
	defer s.mu.Unlock()
	list = slices.Grow(list, len(s.downs))
	for _, d := range s.downs {
		list = append(list, d)
	}
	return list
}

func (s *subscriber) setView(tiles []ViewTile) {
	view := make(map[string]ViewTile, len(tiles))
	for _, t := range tiles {
		view[t.TrackID] = t
	}
	s.mu.Lock()
	s.tiles = view
	s.mu.Unlock()
	s.changed.Store(true)
}

func (s *subscriber) close() {
	for _, d := range s.list() {
		d.track.detach(d)
		s.peer.sfu.metrics.downTracks.Dec()
	}
	s.mu.Lock()
	clear(s.downs)
	s.mu.Unlock()
	s.conn.leave()
	if err := s.conn.pc.GracefulClose(); err != nil {
		s.peer.log.Debug("subscribe connection closed", "error", err)
	}
	s.peer.sfu.unassign(s.lane)
}
