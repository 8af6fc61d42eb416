package sfu

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// rough loses one datagram in thirty, repeats some and swaps some.
func rough([]byte) fate {
	switch rand.IntN(30) {
	case 0:
		return drop
	case 1:
		return twice
	case 2, 3:
		return later
	}
	return pass
}

// What we seal and open ourselves stays whole under loss, swaps and copies on both links, over layer switches, pauses, closed
// gates and a publisher that falls silent: the viewer sees one stream, and refuses no packet of it.
func TestSealedStreamsStayWhole(t *testing.T) {
	for name, c := range map[string]struct {
		damage func([]byte) fate
		codecs func(*webrtc.MediaEngine) error
		pion   bool
	}{
		"clean":                            {nil, nil, false},
		"rough":                            {rough, nil, false},
		"rough, without own repair stream": {rough, plain, false},
		"rough, through Pion":              {rough, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := local(t, Config{UDPAddr: "127.0.0.1:0", TCPAddr: off, ThroughPion: c.pion})
			up, down := newGate(t), newGate(t)
			watch := down.options(webrtc.NetworkTypeUDP4)
			watch.codecs = c.codecs
			a := newClient(t, s, "ann", up.options(webrtc.NetworkTypeUDP4))
			b := newClient(t, s, "bob", watch)
			join(a)
			b.peer.Subscribe(a.track(cam(a)))
			b.peer.Subscribe(a.track(mic(a)))
			more := func(what string, n int) {
				t.Helper()
				picture, sound := b.receiver(cam(a)).count(), b.receiver(mic(a)).count()
				eventually(t, 20*time.Second, what, func() bool {
					return b.receiver(cam(a)).count() > picture+n && b.receiver(mic(a)).count() > sound+n
				})
			}
			more("media", 20)
			if c.damage != nil {
				up.damage(c.damage)
				down.damage(c.damage)
			}
			for range 2 {
				for _, height := range []int{720, 170, 360} {
					show(b, a, height*16/9, height)
					more("the picture of another size", 30)
				}
				b.peer.SetView([]ViewTile{})
				sound := b.receiver(mic(a)).count()
				eventually(t, 20*time.Second, "sound alone", func() bool { return b.receiver(mic(a)).count() > sound+30 })
				show(b, a, 1280, 720)
				more("the picture again", 30)
				for _, id := range []string{mic(a), cam(a)} {
					a.track(id).SetMuted(true)
				}
				sounds := (*a.track(mic(a)).current.Load())[0] // nobody stops it
				closed := sounds.packets.Load()
				eventually(t, 20*time.Second, "the gate is closed for a while", func() bool { return sounds.packets.Load() > closed+20 })
				for _, id := range []string{mic(a), cam(a)} {
					a.track(id).SetMuted(false)
				}
				more("media through the gate", 30)
				a.sources[cam(a)].silent.Store(true)
				a.sources[mic(a)].silent.Store(true)
				eventually(t, 20*time.Second, "silence", func() bool { return !sounds.flows(s.now()) })
				a.sources[cam(a)].silent.Store(false)
				a.sources[mic(a)].silent.Store(false)
				more("media after silence", 30)
			}
			if c.damage != nil {
				up.damage(func([]byte) fate { return pass })
				down.damage(func([]byte) fate { return pass })
				more("repairs", 60)
			}
			if bad := append(up.refused(), down.refused()...); len(bad) > 0 {
				t.Errorf("%d packets were refused, the first: %s", len(bad), bad[0])
			}
			for _, id := range []string{mic(a), cam(a)} {
				rep := b.receiver(id).check()
				t.Logf("%s: %+v", id, rep)
				doubles := 0
				if c.damage != nil {
					doubles = 3 + rep.packets/200 // what the link held back may have been sent again meanwhile
				}
				if rep.doubles > doubles || rep.backward > 0 {
					t.Errorf("%s: %+v", id, rep)
				}
				if c.damage == nil && rep.holes+rep.broken+rep.idJumps > 0 {
					t.Errorf("%s is damaged where nothing was lost: %+v", id, rep)
				}
				if rep.holes > rep.packets/20 {
					t.Errorf("%s is hardly repaired: %+v", id, rep)
				}
			}
			if pion := b.peer.sub.conn.session.Load() == nil; pion != c.pion {
				t.Errorf("sealed by Pion: %v", pion)
			}
			if up.reported() == 0 || down.reported() == 0 {
				t.Errorf("%d and %d reports of the server came", up.reported(), down.reported())
			}
		})
	}
}

// lossy loses one datagram of media in ten.
func lossy(b []byte) fate {
	if len(b) > 0 && b[0]>>6 == 2 && (b[1] < 192 || b[1] > 223) && rand.IntN(10) == 0 {
		return drop
	}
	return pass
}

// Pictures that an uplink loses are repaired by retransmissions on a stream of their own, in place of keyframes, whoever opens
// the packets.
func TestUplinkIsRepaired(t *testing.T) {
	for name, pion := range map[string]bool{"opened here": false, "through Pion": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := local(t, Config{UDPAddr: "127.0.0.1:0", TCPAddr: off, ThroughPion: pion})
			up := newGate(t)
			publish := up.options(webrtc.NetworkTypeUDP4)
			publish.codecs = (*webrtc.MediaEngine).RegisterDefaultCodecs // with RTX
			a := newClient(t, s, "ann", publish)
			b := newClient(t, s, "bob", clientOptions{})
			a.addCamera(cam(a)).start()
			a.publish()
			b.peer.Subscribe(a.track(cam(a)))
			show(b, a, 1280, 720)
			more := func(n int) {
				t.Helper()
				count := b.receiver(cam(a)).count()
				eventually(t, 20*time.Second, "pictures", func() bool { return b.receiver(cam(a)).count() > count+n })
			}
			more(20)
			layer := (*a.track(cam(a)).current.Load())[0]
			up.damage(lossy)
			// What a busy machine repairs too late is given up, and a keyframe asked for: not all the time.
			for tries := 1; ; tries++ {
				asked, recovered := layer.keyframesAsked.Load(), layer.recovered.Load()
				more(250)
				keyframes, repairs := layer.keyframesAsked.Load()-asked, layer.recovered.Load()-recovered
				if keyframes <= 1 && repairs > 5 {
					break
				}
				if tries == 8 {
					t.Fatalf("%d keyframes in place of repairs, %d repairs", keyframes, repairs)
				}
			}
			up.damage(func([]byte) fate { return pass })
			more(20)
			if r := b.receiver(cam(a)).check(); r.holes > r.packets/20 {
				t.Errorf("hardly repaired: %+v", r)
			}
		})
	}
}
