package sfu

import (
	"bytes"
	"crypto/rand"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu/seal"
	"parley/sfu/transport"
)

// payloads makes lane items of packets with payloads of these sizes, whose bytes are their numbers.
func payloads(t *testing.T, l *layer, timestamp uint32, sizes ...int) []laneItem {
	t.Helper()
	var items []laneItem
	for i, n := range sizes {
		p := new(inPacket)
		r := rtp.Packet{Header: rtp.Header{Version: 2, Timestamp: timestamp, SequenceNumber: uint16(i + 1)}, Payload: bytes.Repeat([]byte{byte(i)}, n)}
		size, err := r.MarshalTo(p.Buffer())
		must(t, err)
		must(t, p.Parse(size, l.track.publisher.extensions.Load()))
		p.Extended, p.Frame.Keyframe, p.Frame.Start = uint64(1<<16+i+1), true, i == 0
		items = append(items, laneItem{layer: l, packet: p})
	}
	return items
}

func TestPacketsOfAFrameAreEvenedOut(t *testing.T) {
	n := newNetwork(t)
	p, err := n.sfu.NewPeer("publisher", silent{})
	must(t, err)
	picture := newTrack(p.pub, PublishTrack{TrackID: "camera", Kind: KindVideo}).addLayer("", 1)
	sound := newTrack(p.pub, PublishTrack{TrackID: "microphone", Kind: KindAudio}).addLayer("", 2)
	for name, c := range map[string]struct {
		items []laneItem
		want  []bool
	}{
		"one byte shorter":     {payloads(t, picture, 1, 99, 99, 100, 100), []bool{true, true, false, false}},
		"of one length":        {payloads(t, picture, 1, 100, 100), []bool{false, false}},
		"much shorter":         {payloads(t, picture, 1, 98, 100), []bool{false, false}},
		"the last one shorter": {payloads(t, picture, 1, 100, 99), []bool{false, false}},
		"of two frames":        {append(payloads(t, picture, 1, 99), payloads(t, picture, 2, 100)...), []bool{false, false}},
		"sound":                {payloads(t, sound, 1, 99, 100), []bool{false, false}},
		"sound between":        {slices.Insert(payloads(t, picture, 1, 99, 100), 1, payloads(t, sound, 1, 5)...), []bool{true, false, false}},
		"other work between":   {slices.Insert(payloads(t, picture, 1, 99, 100), 1, laneItem{work: func(*lane) {}}), []bool{true, false, false}},
		"nothing but padding":  {payloads(t, picture, 1, 0, 1), []bool{false, false}},
	} {
		evenOut(c.items)
		for i, it := range c.items {
			if it.even != c.want[i] {
				t.Errorf("%s: packet %d: %v", name, i, it.even)
			}
		}
	}
}

// What is evened out arrives as it came: the added byte is padding.
func TestTheAddedByteIsPadding(t *testing.T) {
	n := newNetwork(t)
	p, err := n.sfu.NewPeer("publisher", silent{})
	must(t, err)
	viewer, err := n.sfu.NewPeer("viewer", silent{})
	must(t, err)
	track := newTrack(p.pub, PublishTrack{TrackID: "camera", Kind: KindVideo})
	track.codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
	l := track.addLayer("", 1)
	d := newDownTrack(track, viewer.sub)
	_, err = d.Bind(bound{&nowhere{}})
	must(t, err)
	d.fwd.aim(l)

	key, salt := make([]byte, 16), make([]byte, 12)
	_, _ = rand.Read(key)
	session, err := seal.NewSession(key, salt)
	must(t, err)
	opener, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
	must(t, err)
	from, err := transport.Listen(netip.MustParseAddrPort("127.0.0.1:0"), 1, nil, nil)
	must(t, err)
	defer from.Close()
	client, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	defer client.Close()
	to := client.LocalAddr().(*net.UDPAddr).AddrPort()
	c := viewer.sub.conn
	c.session.Store(session)
	c.route.Store(&route{conn: from, remote: to, to: transport.NewDestination(to)})
	c.open.Store(true)

	x := newLane(n.sfu, 0)
	items := payloads(t, l, 1, 299, 299, 300)
	for i := range items {
		items[i].packet.Pin()
		items[i].downs = []*downTrack{d}
	}
	x.handOut(nil, items)
	must(t, client.SetReadDeadline(time.Now().Add(10*time.Second)))
	b := make([]byte, 2000)
	size := 0
	for i := range items {
		n, err := client.Read(b)
		must(t, err)
		if size == 0 {
			size = n
		}
		if n != size {
			t.Errorf("packet %d has %d bytes, the first one %d", i, n, size)
		}
		raw, err := opener.DecryptRTP(nil, b[:n], nil)
		must(t, err)
		var r rtp.Packet
		must(t, r.Unmarshal(raw))
		if !bytes.Equal(r.Payload, items[i].packet.Payload) || r.Padding != (i < 2) {
			t.Errorf("packet %d came with %d bytes of payload, padding %v", i, len(r.Payload), r.Padding)
		}
	}
}
