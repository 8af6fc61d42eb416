package sfu

import (
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
)

func TestPicturesArePacedAndSoundIsNot(t *testing.T) {
	n := newNetwork(t)
	p, err := n.sfu.NewPeer("publisher", silent{})
	must(t, err)
	viewer, err := n.sfu.NewPeer("viewer", silent{})
	must(t, err)
	s := viewer.sub
	s.conn.ready.Store(true)
	s.conn.open.Store(true)
	x := newLane(n.sfu, 0)
	source := func(kind Kind) (*downTrack, *layer, *nowhere) {
		track := newTrack(p.pub, PublishTrack{TrackID: string(kind), Kind: kind})
		track.codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
		l := track.addLayer("", 1)
		d := newDownTrack(track, s)
		out := &nowhere{}
		_, err := d.Bind(bound{out})
		must(t, err)
		d.fwd.aim(l)
		return d, l, out
	}
	picture, pl, pictures := source(KindVideo)
	sound, sl, sounds := source(KindAudio)
	packet := func(number uint64, size int) *inPacket {
		q := new(inPacket)
		b := q.Buffer()
		b[0], b[2], b[3] = 0x80, byte(number>>8), byte(number)
		must(t, q.Parse(size, p.pub.extensions.Load()))
		q.Extended, q.Frame.Keyframe, q.Frame.Start = number, true, number == 1
		return q
	}
	x.now = int64(time.Hour)
	s.estimator.Remote(1_000_000)
	for i := uint64(1); i <= 60; i++ { // 72 kB: a fifth of a second on what is believed of a new link
		s.burst = append(s.burst, due{down: picture, layer: pl, packet: packet(i, 1200)})
	}
	s.burst = append(s.burst, due{down: sound, layer: sl, packet: packet(1, 100)})
	s.sendBurst(x)
	first := pictures.packets.Load()
	if most := int64(mostAtOnce/1200 + 1); first == 0 || first > most {
		t.Errorf("%d packets of the picture at once, at most %d may", first, most)
	}
	if sounds.packets.Load() != 1 {
		t.Error("the sound waits behind the picture")
	}
	steps := 0
	for len(x.paced) > 0 && steps < 1000 {
		steps++
		x.now += int64(5 * time.Millisecond)
		before := pictures.packets.Load()
		x.pace()
		rate := paceRate(s.estimator.Estimate())
		if sent := pictures.packets.Load() - before; float64(sent-1)*1200 > rate*0.005+1200 {
			t.Errorf("%d packets in a step of 5 ms", sent)
		}
	}
	if pictures.packets.Load() != 60 || steps < 5 {
		t.Errorf("%d packets in %d steps", pictures.packets.Load(), steps)
	}
	x.now += int64(time.Second)
	s.burst = append(s.burst, due{down: picture, layer: pl, packet: packet(61, 1200)})
	s.sendBurst(x)
	if pictures.packets.Load() != 61 || len(s.paced.queue)+len(x.paced) > 0 {
		t.Errorf("a picture that the link takes at once waits: %d sent, %d wait", pictures.packets.Load(), len(s.paced.queue))
	}
	s.paced.credit = 0
	for i := uint64(62); i <= 62+2*maxPaced; i++ {
		s.burst = append(s.burst, due{down: picture, layer: pl, packet: packet(i, 1200)})
	}
	s.sendBurst(x)
	if len(s.paced.queue) > maxPaced {
		t.Errorf("%d packets wait", len(s.paced.queue))
	}
	if len(x.paced) != 1 {
		t.Errorf("the lane has the subscriber %d times", len(x.paced))
	}
}

// viewing makes a viewer of one picture whose link takes so many bits per second, and a maker of its frames.
func viewing(t *testing.T, bitsPerSecond float64) (*lane, *downTrack, *nowhere, func(stamp uint32, packets int, keyframe bool)) {
	t.Helper()
	n := newNetwork(t)
	p, err := n.sfu.NewPeer("publisher", silent{})
	must(t, err)
	viewer, err := n.sfu.NewPeer("viewer", silent{})
	must(t, err)
	s := viewer.sub
	s.conn.ready.Store(true)
	s.conn.open.Store(true)
	s.estimator.Remote(bitsPerSecond)
	track := newTrack(p.pub, PublishTrack{TrackID: "screen", Kind: KindVideo, ScreenShare: true})
	track.codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	l := track.addLayer("", 1)
	d := newDownTrack(track, s)
	out := &nowhere{}
	_, err = d.Bind(bound{out})
	must(t, err)
	d.fwd.aim(l)
	x := newLane(n.sfu, 0)
	x.now = int64(time.Hour)
	number := uint64(1)
	return x, d, out, func(stamp uint32, packets int, keyframe bool) {
		for i := range packets {
			q := new(inPacket)
			b := q.Buffer()
			b[0], b[2], b[3] = 0x80, byte(number>>8), byte(number)
			must(t, q.Parse(1200, p.pub.extensions.Load()))
			q.Extended, q.Timestamp, q.Frame.Start, q.Frame.Keyframe = number, stamp, i == 0, keyframe && i == 0
			number++
			s.burst = append(s.burst, due{down: d, layer: l, packet: q})
		}
		s.sendBurst(x)
	}
}

// pass lets time pass in the lane.
func (x *lane) pass(d time.Duration) {
	for range d / (5 * time.Millisecond) {
		x.now += int64(5 * time.Millisecond)
		x.pace()
	}
}

// A page that was turned takes seconds on a thin link. It arrives whole, and the small changes that follow it, too.
func TestAPageOfManySecondsIsSentWhole(t *testing.T) {
	x, d, out, frame := viewing(t, 200_000)
	frame(1, 40, true)
	for i := range uint32(20) {
		x.pass(50 * time.Millisecond)
		frame(2+i, 1, false)
	}
	if d.fwd.waiting() || d.givenUp {
		t.Error("the page was given up")
	}
	x.pass(10 * time.Second)
	if got := out.packets.Load(); got != 60 || d.fwd.waiting() {
		t.Errorf("%d of 60 packets, waiting: %v", got, d.fwd.waiting())
	}
}

// What moves faster than a thin link takes is given up but for the frame that was begun, and begins again with a keyframe.
func TestWhatIsTooMuchBeginsAgainWithAKeyframe(t *testing.T) {
	x, d, out, frame := viewing(t, 200_000)
	frame(1, 20, true)
	for i := range uint32(20) {
		frame(2+i, 10, false)
	}
	if !d.givenUp {
		t.Fatal("nothing was given up")
	}
	x.pass(5 * time.Second)
	if got := out.packets.Load(); got != 20 || !d.fwd.waiting() {
		t.Errorf("%d packets of the frame that was begun, waiting: %v", got, d.fwd.waiting())
	}
	frame(40, 10, false)
	x.pass(5 * time.Second)
	if out.packets.Load() != 20 {
		t.Error("a frame that refers to what was given up was sent")
	}
	frame(41, 10, true)
	x.pass(5 * time.Second)
	if got := out.packets.Load(); got != 30 || d.fwd.waiting() {
		t.Errorf("%d packets after the keyframe, waiting: %v", got, d.fwd.waiting())
	}
}

// A viewer asks for a keyframe while one is on its way, because it takes long: it is not asked of the publisher.
func TestAKeyframeOnItsWayIsNotAskedForAgain(t *testing.T) {
	x, d, _, frame := viewing(t, 200_000)
	frame(1, 40, true)
	l := d.fwd.current
	d.keyframeAt.Store(d.sub.peer.sfu.now())
	d.onKeyframeRequest()
	if l.keyframeWanted.Load() {
		t.Error("asked for a keyframe while one is on its way")
	}
	x.pass(10 * time.Second)
	if d.sub.paced.waits() {
		t.Fatal("the keyframe still waits")
	}
	d.keyframeAt.Store(-int64(keyframeTime))
	d.heldAt.Store(-int64(keyframeTime))
	d.onKeyframeRequest()
	if !l.keyframeWanted.Load() {
		t.Error("did not ask for a keyframe that is needed")
	}
}

// Retransmissions of pictures wait for the link as well, and each once.
func TestRetransmissionsArePaced(t *testing.T) {
	x, d, out, frame := viewing(t, 200_000)
	frame(1, 40, true)
	sent := out.packets.Load()
	d.sub.wideMu.Lock()
	for range 3 {
		d.sub.sendAgainLocked(x, d, 1)
		d.sub.sendAgainLocked(x, d, 2)
	}
	again := len(d.sub.paced.again)
	d.sub.wideMu.Unlock()
	if again != 2 || out.packets.Load() != sent {
		t.Errorf("%d requests wait, %d packets left", again, out.packets.Load()-sent)
	}
	x.pass(10 * time.Second)
	if d.sub.paced.waits() {
		t.Error("something still waits")
	}
}

// A share costs what it takes over a long time, not what a page takes that was just turned; a layer counts as steady when it
// has flowed without gaps.
func TestRatesOverALongTime(t *testing.T) {
	n := newNetwork(t)
	p, err := n.sfu.NewPeer("publisher", silent{})
	must(t, err)
	l := newTrack(p.pub, PublishTrack{TrackID: "screen", Kind: KindVideo, ScreenShare: true}).addLayer("", 1)
	now := int64(time.Hour)
	flow := func(seconds int, bytes int) {
		for range seconds * 10 {
			now += int64(100 * time.Millisecond)
			l.packets.Add(1)
			l.measure(bytes, now, true, &codec.Info{})
		}
	}
	flow(30, 500) // 40 kbit/s
	flow(1, 6000) // a page of 60 kB
	if rate, takes := l.bitsPerSecond(now), l.takes(now); rate < 200_000 || takes > 100_000 {
		t.Errorf("%d bit/s now, %d over a long time", rate, takes)
	}
	flow(30, 6000) // it moves
	if takes := l.takes(now); takes < 400_000 {
		t.Errorf("%d bit/s after it has moved for long", takes)
	}
	if !l.steady(now) {
		t.Error("not steady after half a minute")
	}
	now += int64(time.Second)
	flow(1, 500)
	if l.steady(now) {
		t.Error("steady a second after a gap")
	}
}
