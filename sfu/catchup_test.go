package sfu

import (
	"testing"

	"github.com/pion/webrtc/v4"

	"parley/sfu/packet"
)

// A packet that came while the lane was busy is in the cache and in the lane's queue: it leaves once.
func TestCatchUpSendsNothingTwice(t *testing.T) {
	n := newNetwork(t)
	p, err := n.sfu.NewPeer("publisher", silent{})
	must(t, err)
	track := newTrack(p.pub, PublishTrack{TrackID: "camera", Kind: KindVideo})
	track.codec, track.certain = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}, true
	l := track.addLayer("", 1)
	l.codec, l.payloadType = "VP8", 96
	v, err := n.sfu.NewPeer("viewer", silent{})
	must(t, err)
	v.sub.conn.open.Store(true)
	out := &nowhere{}
	d := newDownTrack(track, v.sub)
	_, err = d.Bind(bound{out})
	must(t, err)
	d.fwd.aim(l) // without joining: what the lane is given is up to the test
	x := newLane(n.sfu, 0)
	x.now = n.sfu.now()
	st := &stream{source: &source{}, picture: 1}
	raw := make([]byte, packet.MaxSize)
	var last *inPacket
	for i := range 3 {
		st.picture++
		st.timestamp += 3000
		r := st.packet(true)
		r.PayloadType, r.Payload = 96, st.vp8(i == 0, true, 2, 1, 0, 1)
		size, err := r.MarshalTo(raw)
		must(t, err)
		last = l.ring.Spare()
		l.read(raw[:size], nil) // after the lane's turn began
	}
	d.catchUp(x)
	v.sub.wideMu.Lock()
	d.forward(x, &due{down: d, layer: l, packet: last})
	v.sub.wideMu.Unlock()
	if got := out.packets.Load(); got != 3 {
		t.Errorf("3 packets left as %d", got)
	}
	if d.fwd.waiting() {
		t.Error("the picture waits for another keyframe")
	}
}
