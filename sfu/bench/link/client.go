package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v4"
	"github.com/pion/webrtc/v4"

	"parley/sfu"
)

// Bounds of what a sender believes of its link, in bits per second.
const (
	startRate = 2_000_000
	mostRate  = 3_000_000
)

// client is a participant whose connections are Pion's.
type client struct {
	name      string
	peer      *sfu.Peer
	pub, sub  *webrtc.PeerConnection
	estimator cc.BandwidthEstimator // of what is published
	source    *source
	stop      chan struct{}
	work      sync.WaitGroup

	// Guarded by mu.
	mu        sync.Mutex
	published []*sfu.Track
	tracks    map[string]string     // by mid
	seen      map[string]*reception // by sender
	closed    bool
}

// newClient makes a client on a network, the machine's own without one.
func newClient(s *sfu.SFU, name string, network transport.Net) (*client, error) {
	c := &client{name: name, stop: make(chan struct{}), tracks: map[string]string{}, seen: map[string]*reception{}}
	var err error
	if c.pub, err = c.connect(network, true); err != nil {
		return nil, err
	}
	if c.sub, err = c.connect(network, false); err != nil {
		return nil, errors.Join(err, c.pub.Close())
	}
	if c.peer, err = s.NewPeer(name, c); err != nil {
		return nil, errors.Join(err, c.pub.Close(), c.sub.Close())
	}
	c.trickle(c.pub, sfu.TargetPublish)
	c.trickle(c.sub, sfu.TargetSubscribe)
	c.sub.OnTrack(c.onTrack)
	return c, nil
}

func (c *client) trickle(pc *webrtc.PeerConnection, target sfu.Target) {
	pc.OnICECandidate(func(found *webrtc.ICECandidate) {
		if found != nil {
			init := found.ToJSON()
			_ = c.peer.AddCandidate(target, sfu.Candidate{Candidate: init.Candidate, SDPMid: *init.SDPMid})
		}
	})
}

// connect makes a connection as Pion's examples do, with congestion control where it sends.
func (c *client) connect(network transport.Net, sends bool) (*webrtc.PeerConnection, error) {
	m, r := &webrtc.MediaEngine{}, &interceptor.Registry{}
	if sends {
		if err := registerSent(m); err != nil {
			return nil, err
		}
		control, err := cc.NewInterceptor(func() (cc.BandwidthEstimator, error) {
			return gcc.NewSendSideBWE(gcc.SendSideBWEInitialBitrate(startRate), gcc.SendSideBWEMaxBitrate(mostRate),
				gcc.SendSideBWEPacer(gcc.NewNoOpPacer())) // the source paces, sound first
		})
		if err != nil {
			return nil, err
		}
		control.OnNewPeerConnection(func(_ string, e cc.BandwidthEstimator) { c.estimator = e })
		r.Add(control)
		if err := webrtc.ConfigureTWCCHeaderExtensionSender(m, r); err != nil {
			return nil, err
		}
	} else if err := registerReceived(m); err != nil {
		return nil, err
	}
	if err := webrtc.RegisterDefaultInterceptors(m, r); err != nil {
		return nil, err
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	se := webrtc.SettingEngine{LoggerFactory: quiet}
	if network != nil {
		se.SetNet(network)
	}
	return webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r), webrtc.WithSettingEngine(se)).
		NewPeerConnection(webrtc.Configuration{})
}

var (
	opus = webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}},
	}}
	vp8 = webrtc.RTPCodecParameters{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeVP8, ClockRate: 90000,
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}},
	}}
	vp8Again = webrtc.RTPCodecParameters{PayloadType: 97, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=96",
	}}
)

// registerSent leaves RTX out: Pion puts the name of a simulcast layer (RFC 8852 section 3.1) on its retransmissions, where
// it should be the repaired one (3.2).
func registerSent(m *webrtc.MediaEngine) error {
	var err error
	for _, uri := range []string{sdp.SDESMidURI, sdp.SDESRTPStreamIDURI} {
		err = errors.Join(err, m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, webrtc.RTPCodecTypeVideo))
	}
	return errors.Join(err,
		m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.AudioLevelURI}, webrtc.RTPCodecTypeAudio),
		m.RegisterCodec(opus, webrtc.RTPCodecTypeAudio), m.RegisterCodec(vp8, webrtc.RTPCodecTypeVideo))
}

func registerReceived(m *webrtc.MediaEngine) error {
	return errors.Join(m.RegisterCodec(opus, webrtc.RTPCodecTypeAudio),
		m.RegisterCodec(vp8, webrtc.RTPCodecTypeVideo), m.RegisterCodec(vp8Again, webrtc.RTPCodecTypeVideo))
}

// publish begins to send a camera and a microphone.
func (c *client) publish(ctx context.Context) error {
	var err error
	if c.source, err = newSource(c); err != nil {
		return err
	}
	offer, err := c.pub.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err := c.pub.SetLocalDescription(offer); err != nil {
		return err
	}
	answer, published, err := c.peer.Publish(ctx, offer.SDP, []sfu.PublishTrack{
		{MID: c.source.microphone.transceiver.Mid(), TrackID: c.name + "-microphone", Kind: sfu.KindAudio},
		{MID: c.source.camera.Mid(), TrackID: c.name + "-camera", Kind: sfu.KindVideo},
	})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.published = published
	c.mu.Unlock()
	if err := c.pub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}
	c.source.start()
	return nil
}

// watch begins to receive what somebody sends, in a tile of the whole picture's size.
func (c *client) watch(sender *client) {
	c.mu.Lock()
	c.seen[sender.name] = newReception(sender.source)
	c.mu.Unlock()
	sender.mu.Lock()
	tracks := sender.published
	sender.mu.Unlock()
	for _, t := range tracks {
		c.peer.Subscribe(t)
	}
	full := layers[len(layers)-1]
	c.peer.SetView([]sfu.ViewTile{{TrackID: sender.name + "-camera", Width: full.width, Height: full.height}})
}

func (c *client) watching(sender *client) *reception {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[sender.name]
}

func (c *client) close() {
	close(c.stop)
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	_ = c.peer.Close()
	_ = c.pub.GracefulClose()
	_ = c.sub.GracefulClose()
	c.work.Wait()
}

// goes runs work that ends with the client.
func (c *client) goes(work func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.work.Go(work)
	}
}

func (c *client) onTrack(remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	c.mu.Lock()
	id := c.tracks[receiver.RTPTransceiver().Mid()]
	var of *reception
	for sender, r := range c.seen {
		if id == sender+"-camera" || id == sender+"-microphone" {
			of = r
		}
	}
	c.mu.Unlock()
	if of == nil {
		return
	}
	c.goes(func() { of.read(remote, c.sub) })
	c.goes(func() { drain(receiver.Read) })
}

// drain lets Pion's interceptors see what comes.
func drain(read func([]byte) (int, interceptor.Attributes, error)) {
	b := make([]byte, 1500)
	for {
		if _, _, err := read(b); err != nil {
			return
		}
	}
}

// OnCandidate implements sfu.PeerHandler.
func (c *client) OnCandidate(target sfu.Target, in sfu.Candidate) {
	pc := c.pub
	if target == sfu.TargetSubscribe {
		pc = c.sub
	}
	if in.Candidate != "" {
		c.goes(func() { _ = pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: in.Candidate, SDPMid: &in.SDPMid}) })
	}
}

// OnSubscribeOffer implements sfu.PeerHandler.
func (c *client) OnSubscribeOffer(o sfu.Offer) {
	c.goes(func() {
		if err := c.answer(o); err != nil {
			fmt.Printf("%s: offer not answered: %v\n", c.name, err)
		}
	})
}

func (c *client) answer(o sfu.Offer) error {
	c.mu.Lock()
	for _, t := range o.Tracks {
		c.tracks[t.MID] = t.TrackID
	}
	c.mu.Unlock()
	if err := c.sub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.SDP}); err != nil {
		return err
	}
	answer, err := c.sub.CreateAnswer(nil)
	if err != nil {
		return err
	}
	if err := c.sub.SetLocalDescription(answer); err != nil {
		return err
	}
	if err := c.peer.AnswerSubscribe(answer.SDP, o.Number); !errors.Is(err, sfu.ErrStaleAnswer) {
		return err
	}
	return nil
}

// OnTrack implements sfu.PeerHandler.
func (c *client) OnTrack(*sfu.Track) {}

// OnTrackEnded implements sfu.PeerHandler.
func (c *client) OnTrackEnded(*sfu.Track) {}

// OnState implements sfu.PeerHandler.
func (c *client) OnState(sfu.Target, sfu.State) {}

// OnPaused implements sfu.PeerHandler.
func (c *client) OnPaused(trackID string, paused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for sender, r := range c.seen {
		if trackID == sender+"-camera" {
			r.setPaused(paused)
		}
	}
}

// OnUnwanted implements sfu.WantedHandler.
func (c *client) OnUnwanted(_ string, rids []string) { c.source.rest(rids) }
