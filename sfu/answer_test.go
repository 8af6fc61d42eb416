package sfu

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// watcher returns a client with one connection, on which it offers sections that receive.
func (n *network) watcher(name string, kinds ...webrtc.RTPCodecType) *client {
	n.t.Helper()
	c := n.oneWay(name, (*SFU).NewWatchPeer)
	for _, kind := range kinds {
		_, err := c.sub.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		must(n.t, err)
	}
	return c
}

// oneWay returns a client with a peer that make makes.
func (n *network) oneWay(name string, make func(*SFU, string, PeerHandler) (*Peer, error)) *client {
	c := n.client(name)
	must(n.t, c.peer.Close())
	var err error
	c.peer, err = make(n.sfu, name, c)
	must(n.t, err)
	return c
}

// watch offers and returns the sections of the answer; what comes in a section is received under its mid.
func (c *client) watch(o *webrtc.OfferOptions) []WatchSection {
	c.t.Helper()
	offer, err := c.sub.CreateOffer(o)
	must(c.t, err)
	must(c.t, c.sub.SetLocalDescription(offer))
	answer, sections, err := c.peer.Watch(context.Background(), offer.SDP)
	must(c.t, err)
	c.mu.Lock()
	for _, s := range sections {
		c.mids[s.MID] = s.MID
	}
	c.mu.Unlock()
	must(c.t, c.sub.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}))
	return sections
}

// sound checks what came in a section.
func (c *client) sound(mid string) {
	c.t.Helper()
	rep := c.receiver(mid).check()
	if rep.packets == 0 || rep.holes+rep.doubles+rep.backward+rep.idJumps+rep.cut > 0 {
		c.t.Errorf("%s: section %s is damaged: %+v", c.name, mid, rep)
	}
}

func (c *client) gets(mid string, more int) {
	c.t.Helper()
	before := c.receiver(mid).count()
	eventually(c.t, 20*time.Second, c.name+" receives in section "+mid, func() bool { return c.receiver(mid).count() > before+more })
}

func TestWatchShowsOneTrackAfterAnother(t *testing.T) {
	n := newNetwork(t)
	people := []*client{n.client("ann"), n.client("bob"), n.client("eve")}
	for _, p := range people {
		p.addMicrophone(mic(p)).start()
		p.addCamera(cam(p)).start()
		p.publish()
	}
	w := n.watcher("viewer", webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeVideo)
	sections := w.watch(nil)
	if len(sections) != 3 || sections[0].Kind != KindAudio || sections[2].Kind != KindVideo {
		t.Fatalf("sections %+v", sections)
	}
	ann, bob, eve := people[0], people[1], people[2]
	for _, show := range [][3]*client{{ann, ann, bob}, {bob, bob, eve}, {eve, eve, ann}, {eve, bob, nil}, {ann, eve, ann}} {
		tracks := []*Track{show[0].track(mic(show[0])), show[1].track(cam(show[1])), nil}
		if show[2] != nil {
			tracks[2] = show[2].track(cam(show[2]))
		}
		w.peer.Show(tracks)
		w.gets("0", 20)
		w.gets("1", 60)
		if show[2] != nil {
			w.gets("2", 60)
		}
	}
	for _, mid := range []string{"0", "1", "2"} {
		w.sound(mid)
	}
	if rep := w.receiver("1").check(); !rep.firstKey || rep.broken > 0 {
		t.Errorf("a picture does not begin with a keyframe: %+v", rep)
	}
}

func TestWatchRepairsLossOverSwitches(t *testing.T) {
	n := newNetwork(t)
	a, b := n.client("ann"), n.client("bob")
	for _, p := range []*client{a, b} {
		p.addCamera(cam(p)).start()
		p.publish()
	}
	w := n.watcher("viewer", webrtc.RTPCodecTypeVideo)
	w.watch(nil)
	w.peer.Show([]*Track{a.track(cam(a))})
	w.gets("0", 60)
	n.lossy(0.03)
	for range 3 {
		for _, p := range []*client{b, a} {
			w.peer.Show([]*Track{p.track(cam(p))})
			w.gets("0", 120)
		}
	}
	n.lossy(0)
	w.gets("0", 200)
	if w.receiver("0").repaired() == 0 {
		t.Error("nothing was sent again")
	}
	if rep := w.receiver("0").check(); rep.doubles+rep.backward+rep.idJumps > rep.holes {
		t.Errorf("damaged: %+v", rep)
	}
}

func TestWatchSilence(t *testing.T) {
	n := newNetwork(t)
	a := n.client("ann")
	a.addCamera(cam(a)).start()
	a.publish()
	w := n.watcher("viewer", webrtc.RTPCodecTypeVideo)
	w.watch(nil)
	w.peer.Show([]*Track{a.track(cam(a))})
	w.gets("0", 10)
	w.peer.Show(nil)
	eventually(t, 5*time.Second, "nothing is subscribed", func() bool { return len(w.peer.Stats().Down) == 0 })
	still(t, "nothing comes", w.receiver("0").count)
	w.peer.Show([]*Track{a.track(cam(a))})
	w.gets("0", 10)
	must(t, a.peer.Close())
	eventually(t, 5*time.Second, "the end of the track", func() bool {
		down := w.peer.Stats().Down
		return len(down) == 0 || down[0].TargetRID == ""
	})
	w.peer.Show(nil)
	w.sound("0")
}

func TestWatchRestartsICE(t *testing.T) {
	n := newNetwork(t)
	a := n.client("ann")
	a.addCamera(cam(a)).start()
	a.publish()
	w := n.watcher("viewer", webrtc.RTPCodecTypeVideo)
	w.watch(nil)
	w.peer.Show([]*Track{a.track(cam(a))})
	w.gets("0", 30)
	before := w.sub.CurrentRemoteDescription().SDP
	w.watch(&webrtc.OfferOptions{ICERestart: true})
	if ufrag(before) == ufrag(w.sub.CurrentRemoteDescription().SDP) {
		t.Error("the answer has the credentials of before")
	}
	w.gets("0", 60)
	w.sound("0")
}

func ufrag(sdp string) string {
	_, rest, _ := strings.Cut(sdp, "a=ice-ufrag:")
	found, _, _ := strings.Cut(rest, "\r\n")
	return found
}

func TestWatchLeavesOutWhatTheViewerCannotDecode(t *testing.T) {
	n := newNetwork(t)
	a := n.client("ann")
	a.addCamera(cam(a)).start()
	a.publish()
	c := n.clientWith("viewer", clientOptions{codecs: func(m *webrtc.MediaEngine) error {
		return m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 98, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP9, ClockRate: 90000, SDPFmtpLine: "profile-id=0",
		}}, webrtc.RTPCodecTypeVideo)
	}})
	must(t, c.peer.Close())
	var err error
	c.peer, err = n.sfu.NewWatchPeer("viewer", c)
	must(t, err)
	_, err = c.sub.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
	must(t, err)
	if s := c.watch(nil); len(s) != 1 || len(s[0].Codecs) != 1 || s[0].Codecs[0] != "VP9" {
		t.Fatalf("sections %+v", s)
	}
	c.peer.Show([]*Track{a.track(cam(a))})
	eventually(t, 5*time.Second, "the refusal", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.unsupported) == 1
	})
}

func TestPublishPeerEndsWithItsConnection(t *testing.T) {
	n := newNetwork(t)
	c := n.oneWay("program", (*SFU).NewPublishPeer)
	c.addMicrophone(mic(c)).start()
	c.addCamera(cam(c), "q", "h", "f").start()
	c.publish()
	b := n.client("bob")
	b.peer.Subscribe(c.track(mic(c)))
	b.peer.Subscribe(c.track(cam(c)))
	eventually(t, 10*time.Second, "sound and picture", func() bool {
		return b.receiver(mic(c)).count() > 50 && b.receiver(cam(c)).count() > 50
	})
	if err := c.peer.AddCandidate(TargetSubscribe, Candidate{}); !errors.Is(err, ErrOneWay) {
		t.Errorf("a candidate of no connection: %v", err)
	}
	if _, _, err := c.peer.Watch(context.Background(), ""); !errors.Is(err, ErrOneWay) {
		t.Errorf("a publisher watches: %v", err)
	}
	must(t, c.pub.Close())
	eventually(t, 10*time.Second, "the end of the peer", func() bool { return c.state(TargetPublish) == StateClosed })
}

func TestWatchRefuses(t *testing.T) {
	n := newNetwork(t)
	section := func(mid, line, direction string) string {
		return "m=" + line + "\r\nc=IN IP4 0.0.0.0\r\na=mid:" + mid + "\r\na=" + direction +
			"\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\na=rtcp-mux\r\n" +
			"a=fingerprint:sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\r\n"
	}
	head := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	vp8 := "video 9 UDP/TLS/RTP/SAVPF 96"
	cases := map[string]struct {
		offer string
		want  error
	}{
		"nothing":          {"", ErrBadSDP},
		"no description":   {"hello", ErrBadSDP},
		"no section":       {head, ErrBadSDP},
		"only sends":       {head + section("0", vp8, "sendonly") + "a=rtpmap:96 VP8/90000\r\n", ErrBadSDP},
		"no codec of ours": {head + section("0", vp8, "recvonly") + "a=rtpmap:96 theora/90000\r\n", ErrBadSDP},
		"a mid twice":      {head + strings.Repeat(section("0", vp8, "recvonly")+"a=rtpmap:96 VP8/90000\r\n", 2), ErrBadSDP},
		"far too many":     {head + many(section, vp8), ErrTooManyTracks},
		"only data":        {head + section("0", "application 9 UDP/DTLS/SCTP webrtc-datachannel", "recvonly"), ErrBadSDP},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := n.oneWay("viewer", (*SFU).NewWatchPeer)
			if _, _, err := w.peer.Watch(context.Background(), c.offer); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func many(section func(mid, line, direction string) string, line string) string {
	var b strings.Builder
	for i := range maxWatchSections + 1 {
		b.WriteString(section(strings.Repeat("x", i+1), line, "recvonly") + "a=rtpmap:96 VP8/90000\r\n")
	}
	return b.String()
}
