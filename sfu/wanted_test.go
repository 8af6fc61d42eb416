package sfu

import (
	"slices"
	"testing"
	"time"
)

// rests returns the layers that a source does not send.
func (s *source) rests() (list []int) {
	for i := range s.resting {
		if s.resting[i].Load() {
			list = append(list, i)
		}
	}
	return list
}

func TestPublisherRestsWhatNobodyWatches(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	s := a.sources[cam(a)]
	resting := func(want ...int) func() bool { return func() bool { return slices.Equal(s.rests(), want) } }
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "the full picture", func() bool { return place(b, a) == 2 })
	eventually(t, 10*time.Second, "only that is sent", resting(0, 1))

	show(b, a, 320, 180)
	eventually(t, 10*time.Second, "the small picture", func() bool { return place(b, a) == 0 })
	eventually(t, 10*time.Second, "only that is sent", resting(1, 2))

	b.peer.SetView(nil)
	eventually(t, 10*time.Second, "nothing is sent", resting(0, 1, 2))

	count, at := b.receiver(cam(a)).count(), time.Now()
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "a picture", func() bool { return b.receiver(cam(a)).count() > count })
	t.Logf("first picture after %v", time.Since(at))
	eventually(t, 10*time.Second, "the full picture again", func() bool { return place(b, a) == 2 })
	if rep := b.receiver(cam(a)).check(); rep.holes+rep.doubles+rep.idJumps+rep.backward > 0 {
		t.Errorf("%+v", rep)
	}
}

func TestRecorderWantsTheTopLayer(t *testing.T) {
	n := newNetwork(t)
	a, b := pair(n)
	s := a.sources[cam(a)]
	show(b, a, 320, 180)
	eventually(t, 10*time.Second, "only the small picture is sent", func() bool { return slices.Equal(s.rests(), []int{1, 2}) })
	sink := &tape{}
	remove := a.track(cam(a)).AddSink(sink)
	defer remove()
	eventually(t, 10*time.Second, "the full picture is sent", func() bool { return slices.Equal(s.rests(), []int{1}) })
	remove()
	eventually(t, 10*time.Second, "it is not any more", func() bool { return slices.Equal(s.rests(), []int{1, 2}) })
}

func TestASingleStreamThatIsWatchedIsNeverStopped(t *testing.T) {
	n := newNetwork(t)
	a, b := n.client("ann"), n.client("bob")
	s := a.addCamera("cam").start()
	a.publish()
	b.peer.Subscribe(a.track("cam"))
	eventually(t, 10*time.Second, "a picture", func() bool { return b.receiver("cam").count() > 90 })
	if len(s.rests()) > 0 {
		t.Error("stopped")
	}
	b.peer.Unsubscribe(a.track("cam"))
	eventually(t, 10*time.Second, "stopped when nobody watches", func() bool { return len(s.rests()) == 1 })
}

// A publisher whose link does not carry the layer that is watched may send the smallest one.
func TestASmallerLayerDoesNotRestWhileOneStarves(t *testing.T) {
	now := int64(time.Hour)
	l := &layer{rank: 1}
	l.packets.Store(1)
	l.lastAt.Store(now)
	l.size.Store(480<<16 | 270)
	look := func(after time.Duration, rate int64, used bool) bool {
		now += int64(after)
		l.lastAt.Store(now)
		l.rate.Store(rate)
		return l.starves(used, now)
	}
	for i, step := range []struct {
		after time.Duration
		rate  int64
		used  bool
		want  bool
	}{
		{0, 300_000, true, false},
		{time.Second, 60_000, true, false},
		{time.Second, 60_000, true, false},
		{time.Second, 60_000, true, true},
		{time.Second, 200_000, true, false},
		{time.Second, 60_000, true, false},
		{3 * time.Second, 60_000, true, true},
		{time.Second, 60_000, false, false},
	} {
		if got := look(step.after, step.rate, step.used); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
	l.size.Store(1280<<16 | 720)
	look(0, 200_000, true)
	if !look(3*time.Second, 200_000, true) {
		t.Error("a large picture needs more")
	}
	l.rank = 0
	if look(time.Second, 0, true) {
		t.Error("there is none below the smallest")
	}
}
