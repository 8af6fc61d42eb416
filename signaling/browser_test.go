package signaling_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/signaling"
	"parley/signaling/wire"

	"github.com/gorilla/websocket"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// patience is how long a test waits for what must come; it is only ever used up when something is broken.
const patience = time.Minute

// browser is a client of the protocol with real peer connections.
type browser struct {
	t    *testing.T
	name string
	url  string
	head http.Header

	ws       *websocket.Conn
	inbox    chan letter
	quit     chan struct{} // closed when the connection ended
	token    string
	id       string
	requests int64
	writing  sync.Mutex

	pub, sub *webrtc.PeerConnection
	sending  map[string]*sender // by mid

	pending []webrtc.ICECandidateInit // of the subscribe connection, before its first offer; owned by listen

	mu    sync.Mutex
	byMID map[string]string
	heard map[string]int // packets by publication
}

type letter struct {
	message wire.ServerMessage
	id      int64
}

type sender struct {
	stop chan struct{}
	done chan struct{}
}

func (s *stand) browser(name, person string) *browser {
	b := s.visitor(name, person)
	s.t.Cleanup(b.close)
	return b
}

func (s *stand) visitor(name, person string) *browser {
	return &browser{
		t: s.t, name: name, url: "ws" + strings.TrimPrefix(s.http.URL, "http") + "/meet/abc-defg-hij/signal",
		head: http.Header{"X-Person": {person}}, sending: map[string]*sender{}, byMID: map[string]string{}, heard: map[string]int{},
	}
}

// dial opens a WebSocket; what arrives goes to the inbox.
func (b *browser) dial() {
	b.t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{signaling.Subprotocol}, HandshakeTimeout: patience}
	ws, response, err := dialer.Dial(b.url, b.head)
	if err != nil {
		b.t.Fatalf("%s: dial: %v", b.name, err)
	}
	_ = response.Body.Close()
	b.ws, b.inbox, b.quit = ws, make(chan letter, 65536), make(chan struct{})
	go b.listen(ws, b.inbox, b.quit)
}

// refusedWith answers the status that a handshake gets instead of a WebSocket.
func (b *browser) refusedWith() int {
	dialer := websocket.Dialer{Subprotocols: []string{signaling.Subprotocol}}
	ws, response, err := dialer.Dial(b.url, b.head)
	if err == nil {
		_ = ws.Close()
	}
	if response == nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
	return response.StatusCode
}

func (b *browser) listen(ws *websocket.Conn, inbox chan<- letter, quit chan<- struct{}) {
	defer close(quit)
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			return
		}
		message, id, err := wire.DecodeServer(data)
		if err != nil {
			b.t.Errorf("%s: %v in %s", b.name, err, data)
			return
		}
		b.onMedia(message)
		inbox <- letter{message, id}
	}
}

func (b *browser) send(message wire.ClientMessage) int64 {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.requests++
	if err := b.ws.WriteMessage(websocket.TextMessage, wire.EncodeClient(message, b.requests)); err != nil {
		b.t.Logf("%s: write: %v", b.name, err)
	}
	return b.requests
}

func (b *browser) sendRaw(data []byte) {
	b.writing.Lock()
	defer b.writing.Unlock()
	_ = b.ws.WriteMessage(websocket.TextMessage, data)
}

// await returns the next message of type M that matches, and drops what comes before it.
func await[M wire.ServerMessage](b *browser, match func(M) bool) M {
	b.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case l := <-b.inbox:
			if m, ok := l.message.(M); ok && (match == nil || match(m)) {
				return m
			}
		case <-timeout:
			var m M
			b.t.Fatalf("%s: no %T", b.name, m)
			return m
		}
	}
}

// ask sends a request and returns its answer.
func (b *browser) ask(message wire.ClientMessage) wire.ServerMessage {
	b.t.Helper()
	return b.answer(b.send(message))
}

func (b *browser) answer(id int64) wire.ServerMessage {
	b.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case l := <-b.inbox:
			if l.id == id {
				return l.message
			}
		case <-timeout:
			b.t.Fatalf("%s: request %d has no answer", b.name, id)
		}
	}
}

// do sends a request that must succeed.
func (b *browser) do(message wire.ClientMessage) {
	b.t.Helper()
	if answer, ok := b.ask(message).(*wire.OK); !ok {
		b.t.Fatalf("%s: %T is answered %+v", b.name, message, answer)
	}
}

func (b *browser) hello(hello *wire.Hello) *wire.Welcome {
	b.t.Helper()
	b.dial()
	hello.Version, hello.Client = wire.Version, "test"
	answer := b.ask(hello)
	welcome, ok := answer.(*wire.Welcome)
	if !ok {
		b.t.Fatalf("%s: hello answered by %T %+v", b.name, answer, answer)
	}
	b.token, b.id = welcome.ResumeToken, welcome.ParticipantID
	return welcome
}

// join comes in and sets up both peer connections.
func (b *browser) join() *wire.Joined {
	b.t.Helper()
	b.connect()
	b.hello(&wire.Hello{})
	return await[*wire.Joined](b, nil)
}

// resume comes back over a new WebSocket.
func (b *browser) resume() (*wire.Welcome, *wire.Joined) {
	b.t.Helper()
	welcome := b.hello(&wire.Hello{Resume: b.token})
	return welcome, await[*wire.Joined](b, nil)
}

// drop loses the connection without a word.
func (b *browser) drop() {
	_ = b.ws.NetConn().Close()
	<-b.quit
}

func (b *browser) gone() {
	b.t.Helper()
	select {
	case <-b.quit:
	case <-time.After(patience):
		b.t.Fatalf("%s: still connected", b.name)
	}
}

func (b *browser) close() {
	for _, s := range b.sending {
		close(s.stop)
		<-s.done
	}
	if b.ws != nil {
		_ = b.ws.Close()
		<-b.quit
	}
	for _, pc := range []*webrtc.PeerConnection{b.pub, b.sub} {
		if pc != nil {
			_ = pc.GracefulClose()
		}
	}
}

func newAPI() *webrtc.API {
	var engine webrtc.SettingEngine
	engine.SetIncludeLoopbackCandidate(true)
	engine.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	engine.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	var media webrtc.MediaEngine
	if err := media.RegisterDefaultCodecs(); err != nil {
		panic(err)
	}
	level := webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}
	if err := media.RegisterHeaderExtension(level, webrtc.RTPCodecTypeAudio); err != nil {
		panic(err)
	}
	return webrtc.NewAPI(webrtc.WithSettingEngine(engine), webrtc.WithMediaEngine(&media))
}

func (b *browser) connect() {
	b.t.Helper()
	for _, pc := range []**webrtc.PeerConnection{&b.pub, &b.sub} {
		made, err := newAPI().NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			b.t.Fatal(err)
		}
		*pc = made
	}
	trickle := func(target wire.Target) func(*webrtc.ICECandidate) {
		return func(c *webrtc.ICECandidate) {
			if c == nil {
				return
			}
			init := c.ToJSON()
			m := &wire.Candidate{Target: target, Candidate: init.Candidate}
			if init.SDPMid != nil {
				m.SDPMid = *init.SDPMid
			}
			b.send(m)
		}
	}
	b.pub.OnICECandidate(trickle(wire.TargetPublish))
	b.sub.OnICECandidate(trickle(wire.TargetSubscribe))
	b.sub.OnTrack(b.onTrack)
}

func (b *browser) onTrack(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	mid := ""
	for _, t := range b.sub.GetTransceivers() {
		if t.Receiver() == receiver {
			mid = t.Mid()
		}
	}
	for {
		if _, _, err := track.ReadRTP(); err != nil {
			return
		}
		b.mu.Lock()
		b.heard[b.byMID[mid]]++
		b.mu.Unlock()
	}
}

// onMedia does what a client does by itself: it answers offers and takes candidates.
func (b *browser) onMedia(message wire.ServerMessage) {
	switch m := message.(type) {
	case *wire.SubscribeOffer:
		b.onOffer(m)
	case *wire.Candidate:
		init := webrtc.ICECandidateInit{Candidate: m.Candidate}
		if m.SDPMid != "" {
			init.SDPMid = &m.SDPMid
		}
		switch {
		case m.Candidate == "" || b.pub == nil:
		case m.Target == wire.TargetPublish:
			_ = b.pub.AddICECandidate(init)
		case b.sub.RemoteDescription() == nil:
			b.pending = append(b.pending, init)
		default:
			_ = b.sub.AddICECandidate(init)
		}
	}
}

func (b *browser) onOffer(m *wire.SubscribeOffer) {
	b.mu.Lock()
	for _, t := range m.Tracks {
		b.byMID[t.MID] = t.PublicationID
	}
	b.mu.Unlock()
	if b.sub == nil {
		return
	}
	err := b.sub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: m.SDP})
	if err != nil {
		b.t.Errorf("%s: offer %d: %v", b.name, m.Offer, err)
		return
	}
	answer, err := b.sub.CreateAnswer(nil)
	if err == nil {
		err = b.sub.SetLocalDescription(answer)
	}
	if err != nil {
		b.t.Errorf("%s: answer %d: %v", b.name, m.Offer, err)
		return
	}
	for _, c := range b.pending {
		_ = b.sub.AddICECandidate(c)
	}
	b.pending = nil
	b.send(&wire.SubscribeAnswer{SDP: answer.SDP, Offer: m.Offer})
}

// publish sends a source and returns the publication.
func (b *browser) publish(source wire.Source, muted bool) string {
	b.t.Helper()
	mime, kind := webrtc.MimeTypeVP8, webrtc.RTPCodecTypeVideo
	if source == wire.SourceMicrophone {
		mime, kind = webrtc.MimeTypeOpus, webrtc.RTPCodecTypeAudio
	}
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, kind.String(), b.name)
	if err != nil {
		b.t.Fatal(err)
	}
	transceiver, err := b.pub.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{
		Direction: webrtc.RTPTransceiverDirectionSendonly,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	sdp := b.offer(nil)
	tracks := []wire.PublishTrack{}
	for _, t := range b.pub.GetTransceivers() {
		src := source
		if t != transceiver {
			src = b.sourceOf(t)
		}
		tracks = append(tracks, wire.PublishTrack{MID: t.Mid(), Source: src, Muted: muted})
	}
	published := b.negotiate(sdp, tracks)
	s := &sender{stop: make(chan struct{}), done: make(chan struct{})}
	b.sending[transceiver.Mid()] = s
	go s.run(track, kind, audioLevelID(transceiver))
	for _, p := range published.Publications {
		if p.MID == transceiver.Mid() {
			return p.PublicationID
		}
	}
	b.t.Fatalf("%s: %s is refused: %+v", b.name, source, published.Refused)
	return ""
}

func (b *browser) sourceOf(t *webrtc.RTPTransceiver) wire.Source {
	if t.Kind() == webrtc.RTPCodecTypeAudio {
		return wire.SourceMicrophone
	}
	return wire.SourceCamera
}

func (b *browser) offer(options *webrtc.OfferOptions) string {
	b.t.Helper()
	offer, err := b.pub.CreateOffer(options)
	if err == nil {
		err = b.pub.SetLocalDescription(offer)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return offer.SDP
}

func (b *browser) negotiate(sdp string, tracks []wire.PublishTrack) *wire.Published {
	b.t.Helper()
	answer := b.ask(&wire.Publish{SDP: sdp, Tracks: tracks})
	published, ok := answer.(*wire.Published)
	if !ok {
		b.t.Fatalf("%s: publish is answered %+v", b.name, answer)
	}
	err := b.pub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: published.SDP})
	if err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
	return published
}

// republish offers what is published again, with new ICE credentials.
func (b *browser) republish() *wire.Published {
	b.t.Helper()
	sdp := b.offer(&webrtc.OfferOptions{ICERestart: true})
	var tracks []wire.PublishTrack
	for _, t := range b.pub.GetTransceivers() {
		tracks = append(tracks, wire.PublishTrack{MID: t.Mid(), Source: b.sourceOf(t)})
	}
	return b.negotiate(sdp, tracks)
}

func audioLevelID(t *webrtc.RTPTransceiver) uint8 {
	for _, e := range t.Sender().GetParameters().HeaderExtensions {
		if e.URI == sdp.AudioLevelURI {
			return uint8(e.ID)
		}
	}
	return 0
}

// run sends small packets, the video ones all keyframes, the audio ones loud.
func (s *sender) run(track *webrtc.TrackLocalStaticRTP, kind webrtc.RTPCodecType, levelID uint8) {
	defer close(s.done)
	payload := []byte{0xfc, 0xff, 0xfe} // Opus, silence
	step := uint32(960)
	if kind == webrtc.RTPCodecTypeVideo {
		// VP8 payload descriptor, then a keyframe header of 320x180 (RFC 7741, RFC 6386 section 9.1).
		payload = []byte{0x10, 0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00, 0x00, 0x00}
		step = 1800
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	packet := &rtp.Packet{Header: rtp.Header{Version: 2, Marker: true}, Payload: payload}
	if levelID != 0 { // RFC 6464: voice, 20 dB below the loudest
		if err := packet.SetExtension(levelID, []byte{0x80 | 20}); err != nil {
			return
		}
	}
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
		}
		packet.SequenceNumber++
		packet.Timestamp += step
		if err := track.WriteRTP(packet); err != nil {
			return
		}
	}
}

// hears waits until packets of the publication arrive that were not there before.
func (b *browser) hears(publicationID string) {
	b.t.Helper()
	before := b.packets(publicationID)
	deadline := time.Now().Add(patience)
	for b.packets(publicationID) < before+5 {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s: nothing of %s arrives", b.name, publicationID)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// quiet waits until nothing of the publication arrives any more: what was on the way may still come.
func (b *browser) quiet(publicationID string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for before := -1; before != b.packets(publicationID); time.Sleep(300 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("%s: packets of %s still arrive", b.name, publicationID)
		}
		before = b.packets(publicationID)
	}
}

func (b *browser) packets(publicationID string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard[publicationID]
}
