package sfu

import (
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/transport/v4/vnet"
	"github.com/pion/webrtc/v4"
)

// camera and microphone names of a client.
func cam(c *client) string { return c.name + "-camera" }
func mic(c *client) string { return c.name + "-microphone" }

// join publishes a camera in three layers and a microphone.
func join(c *client) {
	c.t.Helper()
	c.addMicrophone(mic(c)).start()
	c.addCamera(cam(c), "q", "h", "f").start()
	c.publish()
}

// meet makes clients publish and everyone subscribe to everyone else.
func meet(clients ...*client) {
	for _, c := range clients {
		join(c)
	}
	for _, c := range clients {
		for _, o := range clients {
			if o != c {
				c.peer.Subscribe(o.track(mic(o)))
				c.peer.Subscribe(o.track(cam(o)))
			}
		}
	}
}

func TestThreePeersReceiveContinuousStreams(t *testing.T) {
	n := newNetwork(t)
	clients := []*client{n.client("ann"), n.client("bob"), n.client("eve")}
	meet(clients...)
	for _, c := range clients {
		for _, o := range clients {
			if o == c {
				continue
			}
			eventually(t, 20*time.Second, c.name+" sees "+o.name, func() bool {
				return c.receiver(cam(o)).count() > 150 && c.receiver(mic(o)).count() > 100
			})
			for _, id := range []string{cam(o), mic(o)} {
				rep := c.receiver(id).check()
				if rep.holes+rep.doubles+rep.broken+rep.backward+rep.idJumps > 0 {
					t.Errorf("%s got %s damaged: %+v", c.name, id, rep)
				}
			}
			if rep := c.receiver(cam(o)).check(); !rep.firstKey {
				t.Errorf("%s: %s does not begin with a keyframe: %+v", c.name, o.name, rep)
			}
		}
	}
}

// pair returns two clients that see each other.
func pair(n *network) (a, b *client) {
	a, b = n.client("ann"), n.client("bob")
	meet(a, b)
	eventually(n.t, 10*time.Second, "both see each other", func() bool {
		return b.receiver(cam(a)).count() > 5 && a.receiver(cam(b)).count() > 5 &&
			b.receiver(mic(a)).count() > 5 && a.receiver(mic(b)).count() > 5
	})
	return a, b
}

// show makes b see a's camera in a tile.
func show(b, a *client, width, height int) {
	b.peer.SetView([]ViewTile{{TrackID: cam(a), Width: width, Height: height}})
}

// place returns the layer that b saw last of a.
func place(b, a *client) int {
	rep := b.receiver(cam(a)).check()
	if len(rep.places) == 0 {
		return -1
	}
	return rep.places[len(rep.places)-1]
}

func TestLayerFollowsView(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	for _, v := range []struct{ width, height, place int }{{1280, 720, 2}, {300, 170, 0}, {640, 360, 1}, {1920, 1080, 2}} {
		show(b, a, v.width, v.height)
		eventually(t, 6*time.Second, "the layer of the view", func() bool { return place(b, a) == v.place })
	}
	rep := b.receiver(cam(a)).check()
	if rep.holes+rep.doubles+rep.backward+rep.idJumps > 0 || rep.frames < 30 {
		t.Errorf("damaged by switches: %+v", rep)
	}
}

func TestHiddenVideoIsNotSent(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	b.peer.SetView([]ViewTile{})
	before := still(t, "the hidden video stops", b.receiver(cam(a)).count)
	sound := b.receiver(mic(a)).count()
	eventually(t, 5*time.Second, "sound goes on", func() bool { return b.receiver(mic(a)).count() > sound+5 })
	if after := b.receiver(cam(a)).count(); after != before {
		t.Errorf("%d packets of a hidden video", after-before)
	}
	show(b, a, 320, 180)
	eventually(t, 5*time.Second, "the picture comes back", func() bool { return b.receiver(cam(a)).count() > before+5 })
	rep := b.receiver(cam(a)).check()
	if rep.holes+rep.backward+rep.idJumps+rep.cut+rep.broken > 0 {
		t.Errorf("damaged by the pause: %+v", rep)
	}
}

func TestLossReorderingAndDuplicates(t *testing.T) {
	t.Run("with RTX", func(t *testing.T) { testLoss(t, clientOptions{}, true) })
	t.Run("without RTX", func(t *testing.T) { testLoss(t, clientOptions{codecs: plain}, false) })
}

func testLoss(t *testing.T, viewer clientOptions, rtx bool) {
	n := newNetwork(t)
	duplicates, err := vnet.NewDuplicationFilter(n.router,
		vnet.WithDuplicationProbability(0.05), vnet.WithDuplicationExtraDelay(time.Millisecond, 30*time.Millisecond))
	must(t, err)
	t.Cleanup(func() { must(t, duplicates.Close()) })
	n.router.AddChunkFilter(duplicates.ChunkFilter())
	a, b := n.clientWith("ann", clientOptions{codecs: plain}), n.clientWith("bob", viewer)
	a.addMicrophone(mic(a)).start()
	camera := a.addCamera(cam(a), "q", "h", "f")
	camera.reorder = true
	camera.start()
	a.publish()
	b.peer.Subscribe(a.track(mic(a)))
	b.peer.Subscribe(a.track(cam(a)))
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "connected", func() bool { return b.receiver(cam(a)).count() > 50 && b.receiver(mic(a)).count() > 5 })
	n.lossy(0.05)
	eventually(t, 20*time.Second, "packets under loss", func() bool { return b.receiver(cam(a)).count() > 1500 })
	n.lossy(0)
	eventually(t, 10*time.Second, "what was lost is repaired", func() bool {
		rep := b.receiver(cam(a)).check()
		return rep.holes*200 <= rep.packets
	})
	rep := b.receiver(cam(a)).check()
	if rep.doubles > 0 || rep.idJumps > rep.holes {
		t.Errorf("not repaired: %+v", rep)
	}
	stats := a.peer.Stats()
	var recovered uint64
	for _, u := range stats.Up {
		for _, l := range u.Layers {
			recovered += l.Recovered
		}
	}
	down := b.peer.Stats()
	var resent uint64
	for _, d := range down.Down {
		resent += d.Retransmitted
	}
	if recovered == 0 || resent == 0 {
		t.Errorf("recovered %d from the publisher, sent %d again", recovered, resent)
	}
	if again := b.receiver(cam(a)).repaired(); (again > 0) != rtx {
		t.Errorf("%d packets by RTX", again)
	}
	t.Logf("%+v, recovered %d, resent %d", rep, recovered, resent)
}

func TestMuteGate(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	for _, id := range []string{mic(a), cam(a)} {
		a.track(id).SetMuted(true)
	}
	sound := still(t, "sound ends at the closed gate", b.receiver(mic(a)).count)
	picture := still(t, "pictures end at the closed gate", b.receiver(cam(a)).count)
	for _, id := range []string{mic(a), cam(a)} {
		a.track(id).SetMuted(false)
	}
	eventually(t, 5*time.Second, "both come back", func() bool {
		return b.receiver(mic(a)).count() > sound+5 && b.receiver(cam(a)).count() > picture+10
	})
	for _, id := range []string{mic(a), cam(a)} {
		if rep := b.receiver(id).check(); rep.holes+rep.backward+rep.broken+rep.idJumps > 0 {
			t.Errorf("%s damaged by the gate: %+v", id, rep)
		}
	}
}

func TestUnsubscribeAndSubscribeAgainUsesTheSameSections(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	for range 5 {
		b.peer.Unsubscribe(a.track(cam(a)))
		b.peer.Unsubscribe(a.track(mic(a)))
		old, oldSound := b.receiver(cam(a)), b.receiver(mic(a))
		eventually(t, 5*time.Second, "nothing is sent", func() bool {
			x := old.count()
			time.Sleep(50 * time.Millisecond)
			return old.count() == x
		})
		eventually(t, 5*time.Second, "the answer is taken", func() bool { return !b.negotiating() })
		b.peer.Subscribe(a.track(cam(a)))
		b.peer.Subscribe(a.track(mic(a)))
		eventually(t, 5*time.Second, "both are back", func() bool {
			return b.receiver(cam(a)) != old && b.receiver(cam(a)).count() > 5 && b.receiver(mic(a)) != oldSound && b.receiver(mic(a)).count() > 5
		})
	}
	if got := strings.Count(b.sub.RemoteDescription().SDP, "\r\nm="); got != 2 {
		t.Errorf("%d sections for two tracks", got)
	}
}

func TestSubscribeRightAfterUnsubscribe(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	old := b.receiver(cam(a))
	b.peer.Unsubscribe(a.track(cam(a)))
	b.peer.Subscribe(a.track(cam(a)))
	eventually(t, 5*time.Second, "the picture is back", func() bool {
		return b.receiver(cam(a)) != old && b.receiver(cam(a)).count() > 5
	})
}

func TestDescriptionsStaySmall(t *testing.T) {
	n := newNetwork(t)
	a, b := n.client("ann"), n.client("bob")
	for _, id := range []string{"1", "2", "3", "4", "5", "6"} {
		a.addCamera(id).start()
	}
	a.publish()
	b.peer.post(func() { // at once, so that one offer has them all
		for _, id := range []string{"1", "2", "3", "4", "5"} {
			b.peer.sub.subscribe(a.track(id))
		}
	})
	eventually(t, 5*time.Second, "all are seen", func() bool {
		for _, id := range []string{"1", "2", "3", "4", "5"} {
			if b.receiver(id).count() < 5 {
				return false
			}
		}
		return true
	})
	first := b.sub.RemoteDescription().SDP
	if got := strings.Count(first, "a=rtpmap:"); got != 2*len(videoCodecs)+4*2 {
		t.Errorf("%d codecs in the first offer:\n%s", got, first)
	}
	b.peer.Subscribe(a.track("6"))
	eventually(t, 5*time.Second, "the sixth", func() bool { return b.receiver("6").count() > 5 })
	second := b.sub.RemoteDescription().SDP
	if got := strings.Count(second, "a=rtpmap:"); got != 6*2 {
		t.Errorf("%d codecs in the second offer", got)
	}
	for _, feedback := range []string{"nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"} {
		if got := strings.Count(second, "a=rtcp-fb:96 "+feedback+"\r\n"); got != 6 {
			t.Errorf("%s in %d sections of the second offer:\n%s", feedback, got, second)
		}
	}
	if perSection := len(second) / 6; perSection > 1200 {
		t.Errorf("%d bytes for a section", perSection)
	}
	for _, id := range []string{"1", "6"} {
		if rep := b.receiver(id).check(); rep.holes+rep.broken > 0 {
			t.Errorf("%s: %+v", id, rep)
		}
	}
}

// negotiating tells whether the peer has work or an offer out.
func (c *client) negotiating() bool {
	var busy bool
	_ = c.peer.call(c.t.Context(), func() error {
		busy = c.peer.sub.pending || c.peer.sub.dirty
		return nil
	})
	return busy
}

func TestPublisherReloads(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	a.close()
	eventually(t, 5*time.Second, "the tracks end", func() bool { return len(b.peer.sub.list()) == 0 })
	again := n.client("ann")
	join(again)
	b.peer.Subscribe(again.track(cam(again)))
	b.peer.Subscribe(again.track(mic(again)))
	old := b.receiver(cam(a))
	eventually(t, 5*time.Second, "the new tracks are seen", func() bool {
		return b.receiver(cam(again)) != old && b.receiver(cam(again)).count() > 30
	})
	if rep := b.receiver(cam(again)).check(); !rep.firstKey || rep.broken > 0 {
		t.Errorf("damaged: %+v", rep)
	}
}

func TestLateViewerGetsPictureAtOnce(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	late := n.client("eve")
	begin := time.Now()
	late.peer.Subscribe(a.track(cam(a)))
	late.peer.Subscribe(b.track(cam(b)))
	eventually(t, 5*time.Second, "first pictures", func() bool {
		return late.receiver(cam(a)).count() > 0 && late.receiver(cam(b)).count() > 0
	})
	t.Logf("first pictures after %v", time.Since(begin))
	eventually(t, 5*time.Second, "more", func() bool { return late.receiver(cam(a)).count() > 40 })
	if rep := late.receiver(cam(a)).check(); !rep.firstKey {
		t.Errorf("does not begin with a keyframe: %+v", rep)
	}
}

func TestViewersBeginFromTheCache(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	eventually(t, 10*time.Second, "a picture", func() bool { return b.receiver(cam(a)).count() > 30 })
	small := (*a.track(cam(a)).current.Load())[0]
	late := n.client("eve")
	late.peer.SetView([]ViewTile{{TrackID: cam(a), Width: 160, Height: 90}})
	// begin answers whether the picture began from the cache; on a busy machine it may grow old before it is shown.
	begin := func() bool {
		small.requestKeyframe()
		eventually(t, 5*time.Second, "a keyframe", func() bool { return !small.keyframeWanted.Load() && a.peer.sfu.now()-small.keyframeAt.Load() < 3e8 })
		key, old := small.keyframe.Load(), late.receiver(cam(a))
		late.peer.Subscribe(a.track(cam(a)))
		eventually(t, 5*time.Second, "the picture", func() bool { return late.receiver(cam(a)) != old && late.receiver(cam(a)).count() > 40 })
		if rep := late.receiver(cam(a)).check(); rep.holes+rep.doubles+rep.backward+rep.idJumps+rep.broken > 0 || !rep.firstKey {
			t.Errorf("damaged: %+v", rep)
		}
		late.peer.sub.mu.Lock()
		d := late.peer.sub.downs[a.track(cam(a))]
		late.peer.sub.mu.Unlock()
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.caught.layer == small && d.caught.upTo >= key
	}
	for tries := 1; !begin(); tries++ {
		if tries == 10 {
			t.Fatal("never begins from the cache")
		}
		late.peer.Unsubscribe(a.track(cam(a)))
		eventually(t, 5*time.Second, "the answer is taken", func() bool { return !late.negotiating() })
	}
}

func TestNothingFromBeforeTheGateClosedIsShownLater(t *testing.T) {
	n := newNetwork(t)
	a, _ := pair(n)
	track := a.track(cam(a))
	track.SetMuted(true)
	late := n.client("eve")
	late.peer.Subscribe(track)
	eventually(t, 5*time.Second, "connected", func() bool { return late.state(TargetSubscribe) == StateConnected })
	time.Sleep(500 * time.Millisecond)
	if got := late.receiver(cam(a)); got != nil && got.count() > 0 {
		t.Errorf("%d packets", got.count())
	}
	opened := time.Now()
	track.SetMuted(false)
	eventually(t, 5*time.Second, "a new keyframe", func() bool {
		r := late.receiver(cam(a))
		return r != nil && lastKeyframe(r).After(opened)
	})
	if rep := late.receiver(cam(a)).check(); !rep.firstKey || rep.broken > 0 {
		t.Errorf("%+v", rep)
	}
}

func TestKeyframesAreAskedForAtMostTwiceASecond(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	l := (*a.track(cam(a)).current.Load())[0]
	const more = 5
	begin, before := time.Now(), l.keyframesAsked.Load()
	eventually(t, 10*time.Second, "keyframes are asked for", func() bool {
		for _, d := range b.peer.sub.list() {
			d.keyframe()
		}
		return l.keyframesAsked.Load() >= before+more
	})
	if took := time.Since(begin); took < (more-2)*keyframeInterval { // one may have been on its way
		t.Errorf("asked %d times in %v", more, took)
	}
}

func TestPictureThatStoppedIsAskedFor(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	camera := a.sources[cam(a)]
	seen := func() DownStats {
		for _, d := range b.peer.Stats().Down {
			if d.TrackID == cam(a) {
				return d
			}
		}
		return DownStats{}
	}
	camera.silent.Store(true)
	eventually(t, 20*time.Second, "nothing flows", func() bool { return seen().PausedReason == "noLayer" })
	if s := seen(); s.TargetRID == "" || s.RID != "" {
		t.Fatalf("shows %q and waits for %q, want none and the layer before", s.RID, s.TargetRID)
	}
	at := slices.Index([]string{"q", "h", "f"}, seen().TargetRID)
	asked := camera.asked[at].Load()
	eventually(t, 5*time.Second, "keyframes are asked for", func() bool { return camera.asked[at].Load() > asked+1 })
	before := b.receiver(cam(a)).count()
	camera.silent.Store(false)
	eventually(t, 5*time.Second, "the picture comes back", func() bool { return b.receiver(cam(a)).count() > before+30 })
	if rep := b.receiver(cam(a)).check(); rep.holes+rep.backward+rep.idJumps > 0 {
		t.Errorf("damaged by the pause: %+v", rep)
	}
}

func TestPublisherHearsOneReporter(t *testing.T) {
	n := newNetwork(t)
	a := n.client("ann")
	var mu sync.Mutex
	heard := map[string]map[uint32]int{"reports": {}, "feedback": {}}
	camera := a.addCamera(cam(a), "q", "h", "f")
	camera.heard = func(p rtcp.Packet) {
		mu.Lock()
		defer mu.Unlock()
		switch p := p.(type) {
		case *rtcp.ReceiverReport:
			heard["reports"][p.SSRC]++
		case *rtcp.TransportLayerCC:
			heard["feedback"][p.SenderSSRC]++
		}
	}
	a.publish()
	a.deaf = true // nobody watches
	camera.start()
	eventually(t, 20*time.Second, "several of each", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return most(heard["reports"]) > 5 && most(heard["feedback"]) > 20
	})
	mu.Lock()
	defer mu.Unlock()
	for what, by := range heard {
		if len(by) != 1 {
			t.Errorf("%s by SSRC: %v, want one reporter", what, by)
		}
	}
}

func most(counts map[uint32]int) (n int) {
	for _, c := range counts {
		n = max(n, c)
	}
	return n
}

func TestICERestart(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	count := b.receiver(cam(a)).count()
	b.peer.RestartSubscribe()
	eventually(t, 5*time.Second, "media after a restart of subscribe", func() bool {
		return !b.negotiating() && b.receiver(cam(a)).count() > count+30
	})
	count = b.receiver(cam(a)).count()
	a.offer(&webrtc.OfferOptions{ICERestart: true})
	eventually(t, 5*time.Second, "media after a restart of publish", func() bool { return b.receiver(cam(a)).count() > count+60 })
	if rep := b.receiver(cam(a)).check(); rep.doubles+rep.backward+rep.idJumps > 0 {
		t.Errorf("damaged by restarts: %+v", rep)
	}
}

func TestRestartReplacesALostOffer(t *testing.T) {
	n := newNetwork(t)
	a, b := n.client("ann"), n.client("bob")
	join(a)
	b.holdAnswers = true
	b.peer.Subscribe(a.track(cam(a)))
	eventually(t, 5*time.Second, "an offer", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.held) == 1 })
	b.mu.Lock()
	b.holdAnswers = false
	b.mu.Unlock()
	b.peer.RestartSubscribe()
	eventually(t, 5*time.Second, "the picture", func() bool { return b.receiver(cam(a)).count() > 10 })
}

func TestSpeakers(t *testing.T) {
	n := newNetwork(t)
	a, b := n.client("ann"), n.client("bob")
	loud, quiet := a.addMicrophone(mic(a)), b.addMicrophone(mic(b))
	loud.level, quiet.level = 20, 100
	loud.start()
	quiet.start()
	a.publish()
	b.publish()
	heard := make(chan []SpeakerLevel, 100)
	x := n.sfu.NewSpeakers(func(l []SpeakerLevel) { heard <- l })
	defer x.Close()
	x.Add(a.track(mic(a)))
	x.Add(b.track(mic(b)))
	wait := func(what string, ok func([]SpeakerLevel) bool) {
		t.Helper()
		for timeout := time.After(5 * time.Second * slack); ; {
			select {
			case l := <-heard:
				if ok(l) {
					return
				}
			case <-timeout:
				t.Fatal("never heard: " + what)
			}
		}
	}
	wait("ann", func(l []SpeakerLevel) bool { return len(l) == 1 && l[0].TrackID == mic(a) && l[0].Level > 0.5 })
	a.track(mic(a)).SetMuted(true)
	wait("silence", func(l []SpeakerLevel) bool { return len(l) == 0 })
}

// police makes the network towards a client carry only so much; the rest is lost.
func (n *network) police(to string, bitsPerSecond float64) {
	var mu sync.Mutex
	tokens, last := bitsPerSecond/4, time.Now()
	f := func(b []byte, _, dst net.Addr) bool {
		if b[0]>>6 != 2 || dst.(*net.UDPAddr).IP.String() != to || bitsPerSecond == 0 {
			return true
		}
		mu.Lock()
		defer mu.Unlock()
		tokens = min(bitsPerSecond/4, tokens+time.Since(last).Seconds()*bitsPerSecond)
		last = time.Now()
		if tokens < float64(len(b)*8) {
			return false
		}
		tokens -= float64(len(b) * 8)
		return true
	}
	n.filter.Store(&f)
}

func TestThinLinkLowersThenPausesTheVideo(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Run("with RTX", func(t *testing.T) {
		testThinLink(t, clientOptions{}, false)
	})
	t.Run("without RTX", func(t *testing.T) {
		testThinLink(t, clientOptions{codecs: plain}, true)
	})
}

// testThinLink makes a viewer's link thin and well again; probes tells whether their padding comes among the media.
func testThinLink(t *testing.T, viewer clientOptions, probes bool) {
	n := newNetwork(t)
	a, b := n.client("ann"), n.clientWith("bob", viewer)
	join(a)
	b.peer.Subscribe(a.track(mic(a)))
	b.peer.Subscribe(a.track(cam(a)))
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "the full picture", func() bool { return b.receiver(cam(a)).count() > 5 && place(b, a) == 2 })
	n.police("10.0.1.3", 450_000)
	eventually(t, 15*time.Second, "a smaller picture", func() bool { return place(b, a) < 2 })
	n.police("10.0.1.3", 60_000)
	paused := func() bool { b.mu.Lock(); defer b.mu.Unlock(); return b.paused[cam(a)] }
	eventually(t, 25*time.Second, "told that it is paused", paused)
	sound := b.receiver(mic(a)).count()
	n.police("10.0.1.3", 0)
	healed := time.Now()
	eventually(t, 25*time.Second, "told that it is back", func() bool { return !paused() })
	if b.receiver(mic(a)).count() <= sound {
		t.Error("no sound while the picture was paused")
	}
	// What was sent last before the pause was lost behind the newest that came.
	last, _ := b.receiver(cam(a)).newest()
	first := last
	eventually(t, 10*time.Second, "the picture again", func() bool { first, _ = b.receiver(cam(a)).newest(); return first > last+10 })
	eventually(t, 25*time.Second, "the full picture again", func() bool { return place(b, a) == 2 })
	t.Logf("the full picture %v after the link healed", time.Since(healed))
	eventually(t, 10*time.Second, "more", func() bool { now, _ := b.receiver(cam(a)).newest(); return now > first+300 })
	rep := b.receiver(cam(a)).check()
	t.Logf("%+v", rep)
	if (rep.padding > 0) != probes {
		t.Errorf("%d packets of padding among the media", rep.padding)
	}
	if holes := b.receiver(cam(a)).holesAfter(first); holes > 0 {
		t.Errorf("%d packets are missing since the link is well", holes)
	}
}

func TestViewerWithoutTheCodecIsTold(t *testing.T) {
	n := newNetwork(t)
	a, b := n.client("ann"), n.clientWith("bob", clientOptions{codecs: func(m *webrtc.MediaEngine) error {
		return errors.Join(
			m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
			}}, webrtc.RTPCodecTypeAudio),
			m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 98, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeVP9, ClockRate: 90000, SDPFmtpLine: "profile-id=0",
			}}, webrtc.RTPCodecTypeVideo),
		)
	}})
	join(a)
	b.peer.Subscribe(a.track(cam(a)))
	b.peer.Subscribe(a.track(mic(a)))
	told := func(count int) func() bool {
		return func() bool { b.mu.Lock(); defer b.mu.Unlock(); return len(b.unsupported) == count }
	}
	eventually(t, 5*time.Second, "told after the first answer", told(1))
	eventually(t, 5*time.Second, "sound", func() bool { return b.receiver(mic(a)).count() > 5 })
	b.peer.Subscribe(a.track(cam(a)))
	eventually(t, 5*time.Second, "told without an offer", told(2))
}

// tape is a Sink.
type tape struct {
	mu      sync.Mutex
	packets []SinkPacket
	reports int
	ended   bool
	slow    time.Duration
}

func (x *tape) OnPacket(p SinkPacket) {
	time.Sleep(x.slow)
	x.mu.Lock()
	defer x.mu.Unlock()
	p.Payload = slices.Clone(p.Payload)
	x.packets = append(x.packets, p)
}

func (x *tape) OnReport(ntp time.Time, _ uint32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if d := time.Since(ntp); d > -time.Minute && d < time.Minute {
		x.reports++
	}
}

func (x *tape) OnEnd() { x.mu.Lock(); defer x.mu.Unlock(); x.ended = true }

func (x *tape) count() int { x.mu.Lock(); defer x.mu.Unlock(); return len(x.packets) }

func TestSinkGetsTheBestLayer(t *testing.T) {
	n := newNetwork(t)
	a := n.client("ann")
	join(a)
	picture, sound := &tape{}, &tape{}
	a.track(cam(a)).AddSink(picture)
	remove := a.track(mic(a)).AddSink(sound)
	eventually(t, 10*time.Second, "packets", func() bool { return picture.count() > 250 && sound.count() > 100 })
	eventually(t, 5*time.Second, "the publisher's clock", func() bool { sound.mu.Lock(); defer sound.mu.Unlock(); return sound.reports > 0 })
	remove()
	remove()
	if !sound.ended {
		t.Error("remove did not end the sink")
	}
	picture.mu.Lock()
	for i, p := range picture.packets {
		if i == 0 && !p.Keyframe || i > 0 && p.Sequence != picture.packets[i-1].Sequence+1 {
			t.Fatalf("packet %d: %d, keyframe %v", i, p.Sequence, p.Keyframe)
		}
	}
	if last := picture.packets[len(picture.packets)-1]; last.Payload[16+4] != 2 {
		t.Errorf("layer %d is recorded", last.Payload[16+4])
	}
	picture.mu.Unlock()
	a.close()
	if picture.mu.Lock(); !picture.ended {
		t.Error("the end of the track did not end the sink")
	}
	picture.mu.Unlock()
}

func TestSlowSinkIsNotWaitedFor(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	slow := &tape{slow: 40 * time.Millisecond}
	remove := a.track(cam(a)).AddSink(slow)
	before := b.receiver(cam(a)).count()
	eventually(t, 5*time.Second, "others go on", func() bool { return b.receiver(cam(a)).count() > before+60 })
	remove()
	if !slow.ended {
		t.Error("not ended")
	}
}

func TestCandidatesThatCannotBeUsed(t *testing.T) {
	n := newNetwork(t)
	c := n.client("ann")
	c.addMicrophone("m").start()
	for text, ok := range map[string]bool{
		"": true,
		"candidate:1 1 udp 2122260223 4f1c.local 50000 typ host generation 0": true,
		"candidate:1 1 udp 2122260223 10.9.9.9 50000 typ host generation 0":   true,
	} {
		if err := c.peer.AddCandidate(TargetPublish, Candidate{Candidate: text, SDPMid: "0"}); (err == nil) != ok {
			t.Errorf("%q before the offer: %v", text, err)
		}
	}
	c.publish()
	eventually(t, 5*time.Second, "connected", func() bool { return c.state(TargetPublish) == StateConnected })
	if err := c.peer.AddCandidate(TargetPublish, Candidate{Candidate: "candidate:nonsense", SDPMid: "0"}); !errors.Is(err, ErrBadCandidate) {
		t.Errorf("nonsense: %v", err)
	}
}

func TestBadPublish(t *testing.T) {
	n := newNetwork(t)
	c := n.client("ann")
	c.addMicrophone("m")
	offer, err := c.pub.CreateOffer(nil)
	must(t, err)
	many := make([]PublishTrack, 9)
	for name, x := range map[string]struct {
		sdp    string
		tracks []PublishTrack
		want   error
	}{
		"no description":  {"nonsense", nil, ErrBadSDP},
		"empty":           {"", nil, ErrBadSDP},
		"unknown section": {offer.SDP, []PublishTrack{{MID: "7", TrackID: "x", Kind: KindAudio}}, ErrBadSDP},
		"other kind":      {offer.SDP, []PublishTrack{{MID: "0", TrackID: "x", Kind: KindVideo}}, ErrBadSDP},
		"too many":        {offer.SDP, many, ErrTooManyTracks},
	} {
		if _, _, err := c.peer.Publish(t.Context(), x.sdp, x.tracks); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.peer.AnswerSubscribe("nonsense", 1); !errors.Is(err, ErrStaleAnswer) {
		t.Errorf("answer without an offer: %v", err)
	}
	must(t, c.peer.Close())
	must(t, c.peer.Close())
	if _, _, err := c.peer.Publish(t.Context(), offer.SDP, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestCutNetworkComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 20 seconds")
	}
	n := newNetwork(t)
	a, b := n.clientWith("ann", clientOptions{codecs: plain}), n.clientWith("bob", clientOptions{codecs: plain})
	meet(a, b)
	eventually(t, 10*time.Second, "both see each other", func() bool {
		return b.receiver(cam(a)).count() > 5 && a.receiver(cam(b)).count() > 5
	})
	cut := func(_ []byte, from, to net.Addr) bool {
		return from.(*net.UDPAddr).IP.String() != "10.0.1.3" && to.(*net.UDPAddr).IP.String() != "10.0.1.3"
	}
	n.filter.Store(&cut)
	time.Sleep(10 * time.Second)
	n.filter.Store(nil)
	healed := time.Now()
	count := b.receiver(cam(a)).count()
	counter := a.receiver(cam(b)).count()
	eventually(t, 5*time.Second, "both directions", func() bool {
		return b.receiver(cam(a)).count() > count+30 && a.receiver(cam(b)).count() > counter+30
	})
	t.Logf("back after %v", time.Since(healed))
	eventually(t, 5*time.Second, "a keyframe after the cut", func() bool { return lastKeyframe(b.receiver(cam(a))).After(healed) })
	t.Logf("keyframe after %v", lastKeyframe(b.receiver(cam(a))).Sub(healed))
}

// lastKeyframe returns when the newest keyframe came.
func lastKeyframe(r *receiver) (at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keyAt
}
