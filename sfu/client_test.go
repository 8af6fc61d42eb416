package sfu

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v4"
	"github.com/pion/transport/v4/vnet"
	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
)

// network is a virtual network with an SFU on it.
type network struct {
	t      testing.TB
	router *vnet.Router
	sfu    *SFU
	next   atomic.Int32
	filter atomic.Pointer[func(b []byte, from, to net.Addr) bool]
}

func testLog(t testing.TB) *slog.Logger {
	if testing.Verbose() {
		return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.DiscardHandler)
}

// testWriter writes to a test's log until the test is over.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	if w.t.Context().Err() == nil {
		w.t.Log(string(b[:len(b)-1]))
	}
	return len(b), nil
}

func newNetwork(t testing.TB) *network {
	t.Helper()
	n := &network{t: t}
	factory := logging.NewDefaultLoggerFactory()
	factory.DefaultLogLevel = logging.LogLevelDisabled
	var err error
	n.router, err = vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "10.0.0.0/16", QueueSize: 20000, MinDelay: 2 * time.Millisecond, LoggerFactory: factory,
	})
	must(t, err)
	n.router.AddChunkFilter(func(c vnet.Chunk) bool {
		if f := n.filter.Load(); f != nil && len(c.UserData()) > 12 {
			return (*f)(c.UserData(), c.SourceAddr(), c.DestinationAddr())
		}
		return true
	})
	server := n.host("10.0.0.1")
	must(t, n.router.Start())
	t.Cleanup(func() { _ = n.router.Stop() })
	n.sfu, err = New(Config{net: server}, testLog(t), nil)
	must(t, err)
	t.Cleanup(func() { must(t, n.sfu.Close()) })
	return n
}

func (n *network) host(ip string) transport.Net {
	h, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{ip}})
	must(n.t, err)
	must(n.t, n.router.AddNet(h))
	return h
}

// lossy makes the network drop a share of media packets.
func (n *network) lossy(share float64) {
	f := func(b []byte, _, _ net.Addr) bool {
		return b[0]>>6 != 2 || rand.Float64() >= share
	}
	n.filter.Store(&f)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition.
func eventually(t testing.TB, within time.Duration, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(within * slack)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// still waits until nothing more comes for a while, and answers how much came.
func still(t testing.TB, what string, count func() int) (n int) {
	t.Helper()
	eventually(t, 10*time.Second, what, func() bool {
		n = count()
		time.Sleep(300 * time.Millisecond)
		return count() == n
	})
	return n
}

// client is a browser's stand-in: two Pion connections to a Peer.
type client struct {
	t        testing.TB
	name     string
	peer     *Peer
	pub, sub *webrtc.PeerConnection
	wg       sync.WaitGroup
	stop     chan struct{}

	mu          sync.Mutex
	tracks      []PublishTrack
	published   map[string]*Track
	sources     map[string]*source
	received    map[string]*receiver // by track id
	paused      map[string]bool
	unsupported []string
	states      map[Target]State
	offers      int
	mids        map[string]string // mid to track id
	holdAnswers bool
	tune        func(sdp string) string // changes what is answered; nil for nothing
	held        []Offer
	deaf        bool // sends what nobody wants
	onTrack     []string
	ended       []string
}

type clientOptions struct {
	net      transport.Net
	settings func(*webrtc.SettingEngine)
	codecs   func(*webrtc.MediaEngine) error
	unwide   bool // knows no transport-wide numbers
}

func newClient(t testing.TB, s *SFU, name string, o clientOptions) *client {
	t.Helper()
	c := &client{
		t: t, name: name, stop: make(chan struct{}), published: map[string]*Track{}, sources: map[string]*source{},
		received: map[string]*receiver{}, paused: map[string]bool{}, states: map[Target]State{}, mids: map[string]string{},
	}
	publish := o
	if publish.codecs == nil {
		publish.codecs = plain
	}
	var err error
	c.pub, err = publish.connect()
	must(t, err)
	c.sub, err = o.connect()
	must(t, err)
	c.peer, err = s.NewPeer(name, c)
	must(t, err)
	trickle := func(target Target) func(*webrtc.ICECandidate) {
		return func(found *webrtc.ICECandidate) {
			if found == nil {
				return
			}
			init := found.ToJSON()
			err := c.peer.AddCandidate(target, Candidate{Candidate: init.Candidate, SDPMid: *init.SDPMid})
			if err != nil && !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		}
	}
	c.pub.OnICECandidate(trickle(TargetPublish))
	c.sub.OnICECandidate(trickle(TargetSubscribe))
	c.sub.OnTrack(c.receive)
	t.Cleanup(c.close)
	return c
}

func (n *network) client(name string) *client { return n.clientWith(name, clientOptions{}) }

func (n *network) clientWith(name string, o clientOptions) *client {
	i := n.next.Add(1)
	o.net = n.host(fmt.Sprintf("10.0.%d.%d", 1+i/200, 1+i%200))
	return newClient(n.t, n.sfu, name, o)
}

// plain registers Opus and VP8 without RTX. Pion as a sender puts the name of a simulcast layer (RFC 8852 section 3.1) on
// its retransmissions, where it should be the repaired one (3.2), and as a receiver then takes them for the layer itself.
func plain(m *webrtc.MediaEngine) error {
	feedback := []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	return errors.Join(
		m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, RTCPFeedback: feedback[:1],
		}}, webrtc.RTPCodecTypeAudio),
		m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: feedback,
		}}, webrtc.RTPCodecTypeVideo),
	)
}

func (o clientOptions) connect() (*webrtc.PeerConnection, error) {
	m := &webrtc.MediaEngine{}
	codecs := (*webrtc.MediaEngine).RegisterDefaultCodecs
	if o.codecs != nil {
		codecs = o.codecs
	}
	if err := codecs(m); err != nil {
		return nil, err
	}
	if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	r := &interceptor.Registry{}
	configure := []func(*webrtc.MediaEngine, *interceptor.Registry) error{
		webrtc.RegisterDefaultInterceptors, webrtc.ConfigureTWCCHeaderExtensionSender,
	}
	if o.unwide {
		configure = []func(*webrtc.MediaEngine, *interceptor.Registry) error{webrtc.ConfigureNack}
	}
	for _, f := range configure {
		if err := f(m, r); err != nil {
			return nil, err
		}
	}
	se := webrtc.SettingEngine{LoggerFactory: pionLog{slog.New(slog.DiscardHandler)}}
	if o.net != nil {
		se.SetNet(o.net)
	}
	se.SetICETimeouts(2*time.Second, 30*time.Second, 500*time.Millisecond)
	if o.settings != nil {
		o.settings(&se)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r), webrtc.WithSettingEngine(se)).
		NewPeerConnection(webrtc.Configuration{})
}

func (c *client) close() {
	c.mu.Lock()
	select {
	case <-c.stop:
		c.mu.Unlock()
		return
	default:
		close(c.stop)
	}
	c.mu.Unlock()
	_ = c.peer.Close()
	_ = c.pub.GracefulClose()
	_ = c.sub.GracefulClose()
	c.wg.Wait()
}

// The handler. Answers are made on a goroutine of the client, as a network would.

func (c *client) OnCandidate(target Target, in Candidate) {
	pc := c.pub
	if target == TargetSubscribe {
		pc = c.sub
	}
	if in.Candidate == "" {
		return
	}
	c.wg.Go(func() {
		_ = pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: in.Candidate, SDPMid: &in.SDPMid})
	})
}

func (c *client) OnSubscribeOffer(o Offer) {
	c.mu.Lock()
	c.offers++
	hold := c.holdAnswers
	if hold {
		c.held = append(c.held, o)
	}
	c.mu.Unlock()
	if !hold {
		c.wg.Go(func() { c.answer(o) })
	}
}

func (c *client) answer(o Offer) {
	c.mu.Lock()
	clear(c.mids)
	for _, x := range o.Tracks {
		c.mids[x.MID] = x.TrackID
	}
	c.mu.Unlock()
	if err := c.sub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.SDP}); err != nil {
		c.fail("offer", err)
		return
	}
	a, err := c.sub.CreateAnswer(nil)
	if err != nil {
		c.fail("answer", err)
		return
	}
	if err := c.sub.SetLocalDescription(a); err != nil {
		c.fail("answer", err)
		return
	}
	if c.tune != nil {
		a.SDP = c.tune(a.SDP)
	}
	if err := c.peer.AnswerSubscribe(a.SDP, o.Number); err != nil && !errors.Is(err, ErrStaleAnswer) {
		c.fail("answer", err)
	}
}

func (c *client) fail(what string, err error) {
	select {
	case <-c.stop:
	default:
		if !errors.Is(err, ErrClosed) {
			c.t.Errorf("%s: %s: %v", c.name, what, err)
		}
	}
}

func (c *client) OnTrack(t *Track)      { c.note(&c.onTrack, t.ID()) }
func (c *client) OnTrackEnded(t *Track) { c.note(&c.ended, t.ID()) }

func (c *client) note(list *[]string, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*list = append(*list, id)
}

func (c *client) OnState(target Target, s State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.states[target] = s
}

func (c *client) OnPaused(id string, paused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused[id] = paused
}

// OnUnwanted does as a browser: what is wanted again begins with a keyframe.
func (c *client) OnUnwanted(id string, rids []string, spatials int) {
	c.mu.Lock()
	s := c.sources[id]
	c.mu.Unlock()
	if s == nil || c.deaf {
		return
	}
	if before := int(s.spatials.Swap(int32(spatials))); before != 0 && (spatials == 0 || spatials > before) {
		s.keyframe[0].Store(true)
	}
	for i, l := range s.locals {
		rests := slices.Contains(rids, l.RID())
		if s.resting[i].Swap(rests) && !rests {
			s.keyframe[i].Store(true)
		}
	}
}

func (c *client) OnUnsupported(id, _ string, _ []string) { c.note(&c.unsupported, id) }

func (c *client) state(t Target) State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.states[t]
}

// publish negotiates everything the client sends.
func (c *client) publish() {
	c.t.Helper()
	c.offer(nil)
}

func (c *client) offer(o *webrtc.OfferOptions) {
	c.t.Helper()
	offer, err := c.pub.CreateOffer(o)
	must(c.t, err)
	must(c.t, c.pub.SetLocalDescription(offer))
	c.mu.Lock()
	for i := range c.tracks {
		c.tracks[i].MID = c.sources[c.tracks[i].TrackID].transceiver.Mid()
	}
	tracks := slices.Clone(c.tracks)
	c.mu.Unlock()
	answer, published, err := c.peer.Publish(context.Background(), offer.SDP, tracks)
	must(c.t, err)
	must(c.t, c.pub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.published)
	for _, t := range published {
		c.published[t.ID()] = t
	}
}

func (c *client) track(id string) *Track {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.published[id]
}

// addMicrophone adds a source of Opus packets.
func (c *client) addMicrophone(id string) *source {
	c.t.Helper()
	local, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
	}, id, c.name)
	must(c.t, err)
	return c.add(id, KindAudio, local)
}

// addCamera adds a source of VP8 packets in layers, with simulcast when there are several names.
func (c *client) addCamera(id string, rids ...string) *source {
	c.t.Helper()
	return c.addVideo(id, webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, rids...)
}

func (c *client) addVideo(id string, capability webrtc.RTPCodecCapability, rids ...string) *source {
	c.t.Helper()
	var locals []*webrtc.TrackLocalStaticRTP
	for _, rid := range rids {
		local, err := webrtc.NewTrackLocalStaticRTP(capability, id, c.name, webrtc.WithRTPStreamID(rid))
		must(c.t, err)
		locals = append(locals, local)
	}
	if len(rids) == 0 {
		local, err := webrtc.NewTrackLocalStaticRTP(capability, id, c.name)
		must(c.t, err)
		locals = append(locals, local)
	}
	return c.add(id, KindVideo, locals...)
}

func (c *client) add(id string, kind Kind, locals ...*webrtc.TrackLocalStaticRTP) *source {
	tr, err := c.pub.AddTransceiverFromTrack(locals[0], webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	must(c.t, err)
	for _, l := range locals[1:] {
		must(c.t, tr.Sender().AddEncoding(l))
	}
	s := &source{client: c, id: id, kind: kind, transceiver: tr, locals: locals, level: 127}
	s.keyframe = make([]atomic.Bool, len(locals))
	s.asked = make([]atomic.Int32, len(locals))
	s.resting = make([]atomic.Bool, len(locals))
	c.mu.Lock()
	c.sources[id] = s
	c.tracks = append(c.tracks, PublishTrack{TrackID: id, Kind: kind})
	c.mu.Unlock()
	return s
}

// source makes packets that tell whether they were carried well.
type source struct {
	client      *client
	id          string
	kind        Kind
	transceiver *webrtc.RTPTransceiver
	locals      []*webrtc.TrackLocalStaticRTP
	keyframe    []atomic.Bool
	asked       []atomic.Int32
	resting     []atomic.Bool // nobody wants the layer
	spatials    atomic.Int32  // so many spatial layers are wanted, 0 for all
	level       uint8
	reorder     bool
	fps         int
	silent      atomic.Bool
	frames      atomic.Int64
	heard       func(rtcp.Packet) // nil, or gets what the SFU reports
}

// start sends until the client is closed.
func (s *source) start() *source {
	for i := range s.locals {
		s.client.wg.Go(func() { s.readRTCP(i) })
	}
	s.client.wg.Go(s.run)
	return s
}

func (s *source) readRTCP(layer int) {
	sender := s.transceiver.Sender()
	for {
		var packets []rtcp.Packet
		var err error
		if rid := s.locals[layer].RID(); rid != "" {
			packets, _, err = sender.ReadSimulcastRTCP(rid)
		} else {
			packets, _, err = sender.ReadRTCP()
		}
		if err != nil {
			return
		}
		for _, p := range packets {
			if s.heard != nil {
				s.heard(p)
			}
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				s.keyframe[layer].Store(true)
				s.asked[layer].Add(1)
			}
		}
	}
}

func (s *source) extension(uri string) uint8 {
	for _, x := range s.transceiver.Sender().GetParameters().HeaderExtensions {
		if x.URI == uri {
			return uint8(x.ID)
		}
	}
	return 0
}

func (s *source) run() {
	interval := 20 * time.Millisecond
	if s.kind == KindVideo {
		fps := s.fps
		if fps == 0 {
			fps = 30
		}
		interval = time.Second / time.Duration(fps)
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	layers := make([]stream, len(s.locals))
	for i := range layers {
		layers[i] = stream{
			source: s, index: i, seq: uint16(65536 - 100 + i*7), timestamp: rand.Uint32(), picture: uint16(0x7ff0 + i),
			tl0: 250, key: 30,
		}
	}
	for {
		select {
		case <-s.client.stop:
			return
		case <-tick.C:
		}
		if s.silent.Load() || s.client.pub.ConnectionState() != webrtc.PeerConnectionStateConnected {
			continue
		}
		n := s.frames.Add(1)
		for i := range layers {
			if !s.resting[i].Load() {
				layers[i].frame(uint32(n), interval)
			}
		}
	}
}

// stream is one layer of a source.
type stream struct {
	source    *source
	index     int
	seq       uint16
	timestamp uint32
	picture   uint16
	tl0, key  uint8
	started   bool
	held      *rtp.Packet
}

// sizes are the pictures' sizes and packets per frame of the layers.
var testSizes = [][3]int{{320, 180, 1}, {640, 360, 2}, {1280, 720, 4}}

func (st *stream) frame(number uint32, interval time.Duration) {
	s := st.source
	if s.kind == KindAudio {
		st.timestamp += uint32(48000 * interval / time.Second)
		p := st.packet(false)
		p.Payload = binary.BigEndian.AppendUint32([]byte{0xf8}, number)
		if id := s.extension(sdp.AudioLevelURI); id != 0 {
			_ = p.SetExtension(id, []byte{0x80 | s.level})
		}
		st.send(p)
		return
	}
	st.timestamp += uint32(90000 * interval / time.Second)
	st.picture++
	st.tl0++
	key := s.keyframe[st.index].Swap(false) || !st.started
	st.started = true
	if key {
		st.key++
	}
	place := st.index
	if len(s.locals) == 1 {
		place = 2
	}
	count := testSizes[place][2]
	for i := range count {
		p := st.packet(i == count-1)
		p.Payload = st.vp8(key, i == 0, place, number, uint8(i), uint8(count))
		if s.locals[st.index].RID() != "" {
			_ = p.SetExtension(s.extension(sdp.SDESMidURI), []byte(s.transceiver.Mid()))
			_ = p.SetExtension(s.extension(sdp.SDESRTPStreamIDURI), []byte(s.locals[st.index].RID()))
		}
		st.send(p)
	}
}

func (st *stream) packet(marker bool) *rtp.Packet {
	st.seq++
	return &rtp.Packet{Header: rtp.Header{Version: 2, Marker: marker, SequenceNumber: st.seq, Timestamp: st.timestamp}}
}

// send writes a packet; a source that reorders swaps every seventh with the one after.
func (st *stream) send(p *rtp.Packet) {
	if st.source.reorder && st.held == nil && p.SequenceNumber%7 == 3 && !p.Marker {
		st.held = p
		return
	}
	_ = st.source.locals[st.index].WriteRTP(p)
	if st.held != nil {
		_ = st.source.locals[st.index].WriteRTP(st.held)
		st.held = nil
	}
}

// vp8 makes a payload: descriptor, the head of a keyframe, and what the receiver checks.
func (st *stream) vp8(key, first bool, place int, number uint32, index, count uint8) []byte {
	b := []byte{0x80, 0xf0, 0x80 | byte(st.picture>>8)&0x7f, byte(st.picture), st.tl0, st.key & 0x1f}
	if first {
		b[0] |= 0x10
	}
	if first && key {
		b = append(b, 0x00, 0, 0, 0x9d, 0x01, 0x2a)
		b = binary.LittleEndian.AppendUint16(b, uint16(testSizes[place][0]))
		b = binary.LittleEndian.AppendUint16(b, uint16(testSizes[place][1]))
	} else {
		b = append(b, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	b = binary.BigEndian.AppendUint32(b, number)
	b = append(b, uint8(place), index, count)
	return append(b, make([]byte, 900)...)
}

// receiver keeps what came of a track.
type receiver struct {
	mu       sync.Mutex
	kind     Kind
	packets  map[uint64]*rtp.Packet
	order    []uint64
	padding  map[uint64]bool
	extended uint64
	doubles  int
	again    int // by RTX
	firstAt  time.Time
	keyAt    time.Time
	lastAt   time.Time
	ended    bool
	ssrc     uint32
}

func (c *client) receive(remote *webrtc.TrackRemote, rec *webrtc.RTPReceiver) {
	mid := rec.RTPTransceiver().Mid()
	c.mu.Lock()
	id := c.mids[mid]
	r := &receiver{kind: Kind(remote.Kind().String()), packets: map[uint64]*rtp.Packet{}, ssrc: uint32(remote.SSRC())}
	c.received[id] = r
	c.mu.Unlock()
	c.wg.Go(func() {
		for {
			p, attributes, err := remote.ReadRTP()
			if err != nil {
				r.mu.Lock()
				r.ended = true
				r.mu.Unlock()
				return
			}
			r.take(p, attributes.Get(webrtc.AttributeRtxSsrc) != nil)
		}
	})
	c.wg.Go(func() {
		for {
			if _, _, err := rec.ReadRTCP(); err != nil {
				return
			}
		}
	})
}

func (r *receiver) take(p *rtp.Packet, again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(p.Payload) == 0 && again {
		return
	}
	r.lastAt = time.Now()
	if len(p.Payload) > 0 && r.kind == KindVideo && new(codec.Reader).Parse(codec.VP8, p.Payload, nil).Keyframe {
		r.keyAt = r.lastAt
	}
	if r.extended == 0 {
		r.firstAt = r.lastAt
		r.extended = 1<<16 | uint64(p.SequenceNumber)
	}
	v := r.extended + uint64(int64(int16(p.SequenceNumber-uint16(r.extended))))
	r.extended = max(r.extended, v)
	if len(p.Payload) == 0 {
		if r.padding == nil {
			r.padding = map[uint64]bool{}
		}
		r.padding[v] = true
		return
	}
	if again {
		r.again++
	}
	if _, ok := r.packets[v]; ok {
		if !again { // Pion's receiver goes on asking for what came by RTX
			r.doubles++
		}
		return
	}
	r.packets[v] = p
	r.order = append(r.order, v)
}

func (c *client) receiver(id string) *receiver {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.received[id]
}

func (r *receiver) count() int {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.order)
}

// repaired returns how many packets came by RTX.
func (r *receiver) repaired() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.again
}

// report is what a check of a received stream found.
type report struct {
	packets, holes, doubles  int
	frames, broken, backward int
	places                   []int // layers in the order they were shown
	firstKey                 bool
	idJumps, cut             int
	padding                  int // among the media, between frames
}

// check goes through what was received in the order of sequence numbers. The newest packets may still be on their way.
func (r *receiver) check() report {
	r.mu.Lock()
	defer r.mu.Unlock()
	rep := report{packets: len(r.order), doubles: r.doubles}
	if len(r.order) == 0 {
		return rep
	}
	keys := slices.Sorted(slices.Values(r.order))
	last := keys[max(0, len(keys)-30)]
	var prev *rtp.Packet
	var prevInfo codec.Info
	inFrame := 0
	for seq := keys[0]; seq <= last; seq++ {
		p := r.packets[seq]
		if r.padding[seq] {
			rep.padding++
			if inFrame != 0 || p != nil {
				rep.broken++
			}
			continue
		}
		if p == nil {
			rep.holes++
			inFrame = 0
			continue
		}
		if r.kind == KindVideo {
			info := new(codec.Reader).Parse(codec.VP8, p.Payload, nil)
			tail := p.Payload[16:]
			place, index, count := int(tail[4]), int(tail[5]), int(tail[6])
			if prev == nil {
				rep.firstKey = info.Keyframe && info.Start
			}
			if index == 0 {
				switch {
				case prev == nil || inFrame == 0:
				case info.Keyframe:
					rep.cut++ // by a switch, and nothing refers to it any more
				default:
					rep.broken++
				}
				rep.frames++
				if n := len(rep.places); n == 0 || rep.places[n-1] != place {
					rep.places = append(rep.places, place)
					if !info.Keyframe {
						rep.broken++
					}
				}
				if prev != nil && (info.PictureID-prevInfo.PictureID)&0x7fff != 1 {
					rep.idJumps++
				}
				if prev != nil && int32(p.Timestamp-prev.Timestamp) <= 0 {
					rep.backward++
				}
			}
			inFrame = (index + 1) % count
			prevInfo = info
		} else if prev != nil && int32(p.Timestamp-prev.Timestamp) <= 0 {
			rep.backward++
		}
		prev = p
	}
	return rep
}

var _ io.Writer = testWriter{}
