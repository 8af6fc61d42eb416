package sfu

import (
	"testing"
	"time"

	"github.com/pion/transport/v4/vnet"
)

// What is swapped and repeated on the way in, but not lost, comes out whole: over layer switches, pauses, a closed gate, a
// publisher that falls silent and one that reloads, and over the wraps of numbers and picture ids, just before which every
// source begins.
func TestStreamsStayContinuousOverAllThatHappens(t *testing.T) {
	n := newNetwork(t)
	duplicates, err := vnet.NewDuplicationFilter(n.router,
		vnet.WithDuplicationProbability(0.05), vnet.WithDuplicationExtraDelay(time.Millisecond, 30*time.Millisecond))
	must(t, err)
	t.Cleanup(func() { must(t, duplicates.Close()) })
	n.router.AddChunkFilter(duplicates.ChunkFilter())
	a, b := n.client("ann"), n.client("bob")
	publish := func(a *client) *source {
		a.addMicrophone(mic(a)).start()
		camera := a.addCamera(cam(a), "q", "h", "f")
		camera.reorder = true
		camera.start()
		a.publish()
		b.peer.Subscribe(a.track(mic(a)))
		b.peer.Subscribe(a.track(cam(a)))
		show(b, a, 1280, 720)
		return camera
	}
	more := func(what string) {
		t.Helper()
		r := b.receiver(cam(a))
		before := r.count()
		eventually(t, 20*time.Second, what, func() bool { return b.receiver(cam(a)) == r && r.count() > before+40 })
	}
	whole := func() {
		t.Helper()
		for _, id := range []string{cam(a), mic(a)} {
			rep := b.receiver(id).check()
			t.Logf("%s: %+v", id, rep)
			if rep.packets == 0 || rep.holes+rep.doubles+rep.broken+rep.backward+rep.idJumps > 0 {
				t.Errorf("%s is damaged: %+v", id, rep)
			}
		}
	}
	camera := publish(a)
	eventually(t, 20*time.Second, "a picture", func() bool { return b.receiver(cam(a)).count() > 40 })
	for range 2 {
		for _, height := range []int{180, 720, 360, 720} {
			show(b, a, height*16/9, height)
			more("a picture of another size")
		}
		for range 3 {
			b.peer.SetView([]ViewTile{})
			show(b, a, 1280, 720)
			more("a picture after it was hidden for a moment")
		}
		b.peer.SetView([]ViewTile{})
		sound := b.receiver(mic(a)).count()
		eventually(t, 20*time.Second, "sound alone", func() bool { return b.receiver(mic(a)).count() > sound+20 })
		show(b, a, 1280, 720)
		more("a picture after it was hidden")
		a.track(cam(a)).SetMuted(true)
		sound = b.receiver(mic(a)).count()
		eventually(t, 20*time.Second, "sound alone", func() bool { return b.receiver(mic(a)).count() > sound+20 })
		a.track(cam(a)).SetMuted(false)
		more("a picture through the gate")
		camera.silent.Store(true)
		eventually(t, 20*time.Second, "silence", func() bool {
			down := b.peer.Stats().Down
			for _, d := range down {
				if d.TrackID == cam(a) && d.RID == "" {
					return true
				}
			}
			return false
		})
		camera.silent.Store(false)
		more("a picture after silence")
	}
	whole()
	a.close()
	eventually(t, 10*time.Second, "the tracks end", func() bool { return len(b.peer.sub.list()) == 0 })
	old := b.receiver(cam(a))
	a = n.client("ann")
	publish(a)
	eventually(t, 20*time.Second, "the picture of who came back", func() bool { return b.receiver(cam(a)) != old && b.receiver(cam(a)).count() > 40 })
	more("more of it")
	whole()
}

// A keyframe is asked for once however many need it, again only when half a second passed and none came.
func TestOneRequestForAKeyframe(t *testing.T) {
	n := newNetwork(t)
	p, err := n.sfu.NewPeer("publisher", silent{})
	must(t, err)
	l := newTrack(p.pub, PublishTrack{TrackID: "camera", Kind: KindVideo}).addLayer("", 1)
	now := int64(time.Hour)
	due := func(after time.Duration) bool { return l.keyframeDue(now + int64(after)) }
	want := func(what string, got, want bool) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v", what, got)
		}
	}
	want("nobody needs one", due(0), false)
	for range 5 {
		l.requestKeyframe()
	}
	want("five need one", due(0), true)
	want("it is asked for", due(keyframeInterval), false)
	l.requestKeyframe()
	want("somebody needs another", due(keyframeInterval-1), false)
	want("half a second later", due(keyframeInterval), true)
	l.requestKeyframe()
	key := new(inPacket)
	key.Frame.Keyframe, key.Frame.Start, key.Extended = true, true, 7
	l.onKeyframe(key)
	want("it came", due(time.Hour), false)
	asked := 0
	for at := time.Hour; at < time.Hour+10*time.Second; at += time.Millisecond {
		l.requestKeyframe()
		if due(at) {
			asked++
		}
	}
	if asked != 20 {
		t.Errorf("asked %d times in 10 s", asked)
	}
	if got := l.keyframesAsked.Load(); got != uint64(2+asked) {
		t.Errorf("%d requests counted", got)
	}
}
