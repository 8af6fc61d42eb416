package sfu

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// newest returns the newest extended number and how many packets came.
func (r *receiver) newest() (uint64, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.extended, len(r.order)
}

// holesAfter returns how many of the packets after a number are missing, but for the newest ones.
func (r *receiver) holesAfter(first uint64) (holes int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for seq := first + 1; seq+30 < r.extended; seq++ {
		if r.packets[seq] == nil && !r.padding[seq] {
			holes++
		}
	}
	return holes
}

// restart makes both connections look for new ways.
func (c *client) restart() {
	c.t.Helper()
	c.offer(&webrtc.OfferOptions{ICERestart: true})
	c.peer.RestartSubscribe()
}

// goesOver restarts ICE, again and again as a client does, until what it asks for has come.
func (c *client) goesOver(protocol string, restart func(), there func() bool) {
	c.t.Helper()
	var next time.Time
	eventually(c.t, 20*time.Second, c.name+" over "+protocol, func() bool {
		if there() {
			return true
		}
		if time.Now().After(next) {
			restart()
			next = time.Now().Add(10 * time.Second)
		}
		return false
	})
}

// runsOver tells whether both connections of a client go over a protocol.
func (c *client) runsOver(protocol string) bool {
	s := c.peer.Stats()
	return s.Publish.Protocol == protocol && s.Subscribe.Protocol == protocol &&
		s.Publish.State == StateConnected && s.Subscribe.State == StateConnected
}

// A client whose UDP is cut moves to ICE-TCP and back. What it sends and gets goes on: keys, numbers and rollovers are the
// same on both ways.
func TestMediaMovesBetweenUDPAndTCP(t *testing.T) {
	s := local(t, Config{UDPAddr: "127.0.0.1:0", TCPAddr: "127.0.0.1:0"})
	g := newGate(t)
	a := newClient(t, s, "ann", g.options(webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4))
	b := newClient(t, s, "bob", overLoopback(webrtc.NetworkTypeUDP4))
	meet(a, b)
	eventually(t, 20*time.Second, "ann over udp", func() bool { return a.runsOver("udp") })
	eventually(t, 20*time.Second, "media", func() bool { return flowing(a, b) })
	for _, protocol := range []string{"tcp", "udp"} {
		g.cut.Store(protocol == "tcp")
		a.goesOver(protocol, a.restart, func() bool { return a.runsOver(protocol) })
		steady(t, a, b)
	}
	if bad := g.refused(); len(bad) > 0 {
		t.Errorf("%d packets were refused, the first: %s", len(bad), bad[0])
	}
	if a.peer.sub.conn.session.Load() == nil {
		t.Error("sealed by Pion")
	}
}

func flowing(a, b *client) bool {
	return a.receiver(cam(b)).count() > 60 && a.receiver(mic(b)).count() > 60 &&
		b.receiver(cam(a)).count() > 60 && b.receiver(mic(a)).count() > 60
}

// steady waits until the moves' losses are over and then for a stretch without any, in both directions.
func steady(t *testing.T, a, b *client) {
	t.Helper()
	all := []*receiver{a.receiver(cam(b)), a.receiver(mic(b)), b.receiver(cam(a)), b.receiver(mic(a))}
	whole := func(i int) bool {
		first, had := all[i].newest()
		eventually(t, 20*time.Second, "more media", func() bool { return all[i].count() > had+90 })
		return all[i].holesAfter(first) == 0
	}
	for i := range all {
		eventually(t, 40*time.Second, "media without holes", func() bool { return whole(i) })
	}
}

// flood sends packets in step with what is taken, so that nothing is lost to full queues.
type flood struct {
	local *webrtc.TrackLocalStaticRTP
	seq   uint16
	ts    uint32
}

func (f *flood) packet() error {
	f.seq++
	f.ts += 960
	return f.local.WriteRTP(&rtp.Packet{
		Header:  rtp.Header{Version: 2, SequenceNumber: f.seq, Timestamp: f.ts},
		Payload: []byte{0xf8, 1, 2, 3, 4},
	})
}

// upTo sends until so many more packets came at the receiver. What is not there after a while was lost, and is made up for.
func (f *flood) upTo(t *testing.T, r *receiver, more int) {
	t.Helper()
	const underWay, gone = 512, 300 * time.Millisecond
	before := r.count()
	deadline := time.Now().Add(4 * time.Minute)
	sent, lost, came, moved := 0, 0, 0, time.Now()
	for came < more {
		if n := r.count() - before; n > came {
			came, moved = n, time.Now()
		}
		switch {
		case sent-lost-came < underWay:
			for range 16 {
				must(t, f.packet())
			}
			sent += 16
			time.Sleep(time.Duration(200+rand.IntN(100)) * time.Microsecond)
		case time.Since(moved) > gone:
			lost = sent - came
		default:
			time.Sleep(time.Millisecond)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d packets came, %d were sent", came, more, sent)
		}
	}
}

// Rollovers on either way are counted on both.
func TestRolloversOnBothWays(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 300,000 packets")
	}
	s := local(t, Config{UDPAddr: "127.0.0.1:0", TCPAddr: "127.0.0.1:0"})
	up, down := newGate(t), newGate(t)
	a := newClient(t, s, "ann", up.options(webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4))
	b := newClient(t, s, "bob", down.options(webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4))
	src := a.addMicrophone("m")
	a.publish()
	b.peer.Subscribe(a.track("m"))
	f := &flood{local: src.locals[0], seq: 65500}
	eventually(t, 20*time.Second, "the first packets", func() bool {
		must(t, f.packet())
		return b.receiver("m").count() > 10
	})
	r := b.receiver("m")
	over := func(c *client, g *gate, target Target, protocol string) {
		t.Helper()
		g.cut.Store(protocol == "tcp")
		restart, stats := c.peer.RestartSubscribe, func() ConnectionStats { return c.peer.Stats().Subscribe }
		if target == TargetPublish {
			restart = func() { c.offer(&webrtc.OfferOptions{ICERestart: true}) }
			stats = func() ConnectionStats { return c.peer.Stats().Publish }
		}
		c.goesOver(protocol, restart, func() bool { return stats().Protocol == protocol && stats().State == StateConnected })
	}
	const rollover = 1 << 16
	f.upTo(t, r, rollover)
	over(a, up, TargetPublish, "tcp")
	over(b, down, TargetSubscribe, "tcp")
	f.upTo(t, r, rollover)
	over(a, up, TargetPublish, "udp")
	over(b, down, TargetSubscribe, "udp")
	f.upTo(t, r, rollover)
	over(b, down, TargetSubscribe, "tcp")
	f.upTo(t, r, rollover/2)
	for _, g := range []*gate{up, down} {
		if bad := g.refused(); len(bad) > 0 {
			t.Errorf("%d packets were refused, the first: %s", len(bad), bad[0])
		}
	}
	for _, in := range *a.peer.pub.streams.Load() {
		if !in.claimed.Load() {
			t.Error("not taken from the socket")
		}
	}
}

// A client that is gone, as ICE found out, is sent nothing more (RFC 7675), and its numbers stand still: after 1<<15 packets
// that it missed it could not tell the rollovers.
func TestNothingIsSentWithoutConsent(t *testing.T) {
	s := local(t, Config{UDPAddr: "127.0.0.1:0", TCPAddr: off, DisconnectedAfter: time.Second, FailedAfter: 2 * time.Second})
	g := newGate(t)
	a := newClient(t, s, "ann", g.options(webrtc.NetworkTypeUDP4))
	b := newClient(t, s, "bob", overLoopback(webrtc.NetworkTypeUDP4))
	meet(a, b)
	eventually(t, 20*time.Second, "media", func() bool { return flowing(a, b) })
	g.cut.Store(true)
	eventually(t, 20*time.Second, "failed", func() bool { return a.state(TargetSubscribe) == StateFailed })
	d := a.peer.sub.down(b.track(mic(b)))
	number := func() uint64 {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.packets
	}
	// What was under way when the state changed is through when more has come in.
	in := func() uint64 { return (*b.track(mic(b)).current.Load())[0].packets.Load() }
	mark := in()
	eventually(t, 20*time.Second, "more sound", func() bool { return in() > mark+10 })
	sent, media := number(), g.in.Load()
	mark = in()
	eventually(t, 20*time.Second, "more sound", func() bool { return in() > mark+50 })
	if now := number(); now != sent {
		t.Errorf("%d packets of sound went to nobody", now-sent)
	}
	if now := g.in.Load(); now != media {
		t.Errorf("%d packets came at an address that did not answer", now-media)
	}
	g.cut.Store(false)
	a.goesOver("udp", a.restart, func() bool { return a.runsOver("udp") })
	steady(t, a, b)
	if bad := g.refused(); len(bad) > 0 {
		t.Errorf("%d packets were refused, the first: %s", len(bad), bad[0])
	}
}

// What Pion tells of a connection's state comes on goroutines of its own, so in any order.
func TestStatesThatAreToldLate(t *testing.T) {
	n := newNetwork(t)
	c := n.client("ann")
	c.addMicrophone("m")
	c.publish()
	eventually(t, 20*time.Second, "connected", func() bool { return c.state(TargetPublish) == StateConnected })
	conn := c.peer.pub.conn
	for _, late := range []webrtc.PeerConnectionState{
		webrtc.PeerConnectionStateConnecting, webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateConnected,
	} {
		conn.onConnectionState(late)
		if got := conn.state.Load(); got != StateConnected || !conn.connected.Load() || !conn.carries() {
			t.Errorf("%v told late: the connection counts as %v", late, got)
		}
	}
	must(t, c.peer.call(t.Context(), func() error { return nil })) // what was posted is told
	if got := c.state(TargetPublish); got != StateConnected {
		t.Errorf("the client was told %v", got)
	}
}
