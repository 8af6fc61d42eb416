package sfu

import (
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"parley/sfu/packet"
)

// A packet that comes late lies in the cache before its turn in the lane: who asks for it then gets it once.
func TestWhatLeftAsRetransmissionIsNotSentAgain(t *testing.T) {
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
	d.fwd.aim(l)
	x := newLane(n.sfu, 0)
	x.now = n.sfu.now()
	forward := func(p *inPacket) bool {
		v.sub.wideMu.Lock()
		defer v.sub.wideMu.Unlock()
		return d.forward(x, &due{down: d, layer: l, packet: p})
	}
	st := &stream{source: &source{}, picture: 1}
	raw := make([]byte, packet.MaxSize)
	var late *inPacket
	for i := range 3 {
		st.picture++
		st.timestamp += 3000
		r := st.packet(true)
		r.PayloadType, r.Payload = 96, st.vp8(i == 0, true, 2, 1, 0, 1)
		size, err := r.MarshalTo(raw)
		must(t, err)
		q := l.ring.Spare()
		l.read(raw[:size], nil)
		if i == 1 {
			late = q
		} else if !forward(q) {
			t.Fatalf("packet %d did not leave", i)
		}
	}
	number := uint16(d.fwd.newest - 1)
	d.retransmit(x, []rtcp.NackPair{{PacketID: number}})
	if got := out.packets.Load(); got != 3 {
		t.Fatalf("%d packets left, want three with a retransmission", got)
	}
	if forward(late) {
		t.Error("it left once more")
	}
	if got := out.packets.Load(); got != 3 || d.fwd.waiting() {
		t.Errorf("%d packets left, waiting %v", got, d.fwd.waiting())
	}
}
