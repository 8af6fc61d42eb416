package sfu

import (
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
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
	for i := uint64(1); i <= 60; i++ { // 72 kB: a fifth of a second on what is believed of a new link
		s.burst = append(s.burst, due{down: picture, layer: pl, packet: packet(i, 1200)})
	}
	s.burst = append(s.burst, due{down: sound, layer: sl, packet: packet(1, 100)})
	s.sendBurst(x)
	first := pictures.packets.Load()
	if most := int64(paceBurst/1200 + 1); first == 0 || first > most {
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
		rate := paceFactor * float64(s.estimator.Estimate()) / 8
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
