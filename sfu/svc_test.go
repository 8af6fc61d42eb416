package sfu

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
)

// svc sends three spatial and three temporal layers (L3T3_KEY) until the client is closed.
func (s *source) svc(kind codec.Kind) *source {
	s.client.wg.Go(func() { s.readRTCP(0) })
	s.client.wg.Go(func() {
		tick := time.NewTicker(time.Second / 30)
		defer tick.Stop()
		p := svcPictures{kind: kind, seq: 65000, timestamp: rand.Uint32(), picture: 0x7fe0}
		for {
			select {
			case <-s.client.stop:
				return
			case <-tick.C:
			}
			if s.silent.Load() || s.resting[0].Load() || s.client.pub.ConnectionState() != webrtc.PeerConnectionStateConnected {
				continue
			}
			p.dependencies = s.extension(uriDependencies)
			wanted := uint8(s.spatials.Load())
			if wanted == 0 {
				wanted = 3
			}
			for _, packet := range p.next(s.keyframe[0].Swap(false), wanted) {
				_ = s.locals[0].WriteRTP(packet)
			}
		}
	})
	return s
}

// svcPictures makes the packets of one picture after another: VP9 in flexible mode, or AV1 with dependency descriptors.
type svcPictures struct {
	kind      codec.Kind
	seq       uint16
	timestamp uint32
	picture   uint16
	place     int // in the pattern of temporal layers
	sent      uint8

	dependencies uint8 // id of the header extension
	frame        uint16
}

func (v *svcPictures) next(key bool, spatials uint8) (list []*rtp.Packet) {
	key = key || spatials > v.sent
	v.sent = spatials
	v.timestamp += 3000
	v.picture++
	v.place++
	if key {
		v.place = 0
	}
	for spatial := range spatials {
		count := 1 + int(spatial)
		for index := range count {
			v.seq++
			p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: v.seq, Timestamp: v.timestamp}}
			p.Marker = spatial == spatials-1 && index == count-1
			if v.kind == codec.AV1 {
				v.av1(p, key, spatial, spatials, index == 0, index == count-1)
			} else {
				p.Payload = v.vp9(key, spatial, spatials, index == 0, index == count-1)
			}
			list = append(list, p)
		}
	}
	return list
}

// keySVC is the structure of L3T3_KEY in a dependency descriptor.
const keySVC = "80081485214eaaaaa8000600004000100002aa80a8000600004000100002a000a800060000400016d549241b5524906d54923157e001974ca86" +
	"4330e222396eca8655304224390eca87753013f00b3027f016704ff02cf"

// av1 fills a packet. Only what is sent is active in its descriptor.
func (v *svcPictures) av1(p *rtp.Packet, key bool, spatial, spatials uint8, first, last bool) {
	head, template := byte(0x10), 5*spatial
	if !key {
		template += []uint8{1, 3, 2, 4}[v.place%4]
	}
	if first {
		v.frame++
		template |= 0x80
	} else {
		head |= 0x80
	}
	if last {
		template |= 0x40
	}
	d := []byte{template, byte(v.frame >> 8), byte(v.frame)}
	if key && first && spatial == 0 {
		head |= 0x08
		structure, _ := hex.DecodeString(keySVC)
		d = append(d, structure...)
	} else if first && spatial == 0 {
		targets := uint16(1)<<(3*spatials) - 1
		d = binary.BigEndian.AppendUint16(d, 1<<14|targets<<2)
	}
	_ = p.SetExtension(v.dependencies, d)
	p.Payload = append([]byte{head, 0x30, spatial}, make([]byte, 500)...)
}

func (v *svcPictures) vp9(key bool, spatial, spatials uint8, first, last bool) []byte {
	head := byte(0x80 | 0x20 | 0x10)
	if !key {
		head |= 0x40
	}
	if first {
		head |= 0x08
	}
	if last {
		head |= 0x04
	}
	structure := key && first && spatial == 0
	if structure {
		head |= 0x02
	}
	temporal := []byte{0, 2, 1, 2}[v.place%4]
	b := []byte{head, 0x80 | byte(v.picture>>8)&0x7f, byte(v.picture), temporal<<5 | 0x10 | spatial<<1}
	if !key {
		b = append(b, []byte{4, 1, 2, 1}[v.place%4]<<1)
	}
	if structure {
		b = append(b, (spatials-1)<<5|0x10)
		for i := range spatials {
			b = binary.BigEndian.AppendUint16(b, 320<<i)
			b = binary.BigEndian.AppendUint16(b, 180<<i)
		}
	}
	return append(b, make([]byte, 500)...)
}

// svcInfo reads a packet of svcPictures; of AV1 as it comes without its descriptor.
func svcInfo(p *rtp.Packet) codec.Info {
	if p.Payload[0]&0x20 != 0 {
		return new(codec.Reader).Parse(codec.VP9, p.Payload, nil)
	}
	i := new(codec.Reader).Parse(codec.AV1, p.Payload, nil)
	i.Spatial = p.Payload[2]
	return i
}

// descriptor returns a packet's dependency descriptor, the longest of its extensions.
func descriptor(p *rtp.Packet) (d []byte) {
	for _, id := range p.GetExtensionIDs() {
		if x := p.GetExtension(id); len(x) > len(d) {
			d = x
		}
	}
	return d
}

// tops returns the highest spatial layer of each picture that came whole, in their order, and what is wrong with them.
func (r *receiver) tops(t *testing.T) (tops []uint8) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	numbers := slices.Sorted(slices.Values(r.order))
	last := numbers[max(0, len(numbers)-30)] // the newest may still be on their way
	var before *rtp.Packet
	for n := numbers[0]; n <= last; n++ {
		p := r.packets[n]
		if p == nil {
			t.Fatalf("packet %d is missing", n)
		}
		info := svcInfo(p)
		if d := descriptor(p); !info.Distances && (len(d) < 3 || d[0]&0x3f/5 != info.Spatial) {
			t.Fatalf("packet %d of spatial layer %d: descriptor %x", n, info.Spatial, d)
		}
		if before == nil && !info.Keyframe {
			t.Fatal("begins without a keyframe")
		}
		if before != nil && before.Marker && p.Timestamp == before.Timestamp {
			// It was lost on the way in, and its place was left open, because it could have been of a lower layer.
			if info.Spatial <= svcInfo(before).Spatial {
				t.Fatalf("packet %d: goes on after its marker", n)
			}
			continue
		}
		if before != nil {
			passed := p.Timestamp - before.Timestamp
			if before.Marker == (passed == 0) {
				t.Fatalf("packet %d: marker %v, and %d later", n, before.Marker, passed)
			}
			was := svcInfo(before)
			if distance := (info.PictureID - was.PictureID) & 0x7fff; info.Distances && uint32(distance)*3000 != passed && !info.Keyframe {
				t.Fatalf("packet %d: %d pictures in %d", n, distance, passed)
			}
		}
		if p.Marker {
			if count := len(tops); count > 0 && info.Spatial > tops[count-1] && !r.keyed(n, p.Timestamp) {
				t.Fatalf("packet %d: spatial layer %d without a keyframe", n, info.Spatial)
			}
			tops = append(tops, info.Spatial)
		}
		before = p
	}
	if r.doubles > 0 {
		t.Fatalf("%d packets came twice", r.doubles)
	}
	return tops
}

// keyed tells whether the picture of a packet begins with a keyframe.
func (r *receiver) keyed(n uint64, timestamp uint32) bool {
	for ; r.packets[n] != nil && r.packets[n].Timestamp == timestamp; n-- {
		if svcInfo(r.packets[n]).Keyframe {
			return true
		}
	}
	return false
}

// topNow returns the highest spatial layer of the newest packets.
func (r *receiver) topNow() int {
	if r == nil {
		return -1
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	top := -1
	for _, n := range r.order[max(0, len(r.order)-12):] {
		top = max(top, int(svcInfo(r.packets[n]).Spatial))
	}
	return top
}

// only registers a codec without RTX, and dependency descriptors.
func only(c webrtc.RTPCodecCapability) func(m *webrtc.MediaEngine) error {
	c.RTCPFeedback = []webrtc.RTCPFeedback{{Type: "nack"}, {Type: "nack", Parameter: "pli"}}
	return func(m *webrtc.MediaEngine) error {
		return errors.Join(
			m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 98, RTPCodecCapability: c}, webrtc.RTPCodecTypeVideo),
			m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uriDependencies}, webrtc.RTPCodecTypeVideo),
		)
	}
}

var svcCodecs = map[codec.Kind]webrtc.RTPCodecCapability{
	codec.VP9: {MimeType: webrtc.MimeTypeVP9, ClockRate: 90000, SDPFmtpLine: "profile-id=0"},
	codec.AV1: {MimeType: webrtc.MimeTypeAV1, ClockRate: 90000, SDPFmtpLine: "level-idx=5;profile=0;tier=0"},
}

// described registers every codec, and dependency descriptors.
func described(m *webrtc.MediaEngine) error {
	return errors.Join(m.RegisterDefaultCodecs(),
		m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uriDependencies}, webrtc.RTPCodecTypeVideo))
}

func svcPair(n *network, kind codec.Kind) (a, b *client, s *source) {
	a, b = n.clientWith("ann", clientOptions{codecs: only(svcCodecs[kind])}), n.clientWith("bob", clientOptions{codecs: described})
	s = a.addVideo(cam(a), svcCodecs[kind]).svc(kind)
	a.publish()
	b.peer.Subscribe(a.track(cam(a)))
	return a, b, s
}

// eachSVC runs a test for every codec that has spatial layers in one stream.
func eachSVC(t *testing.T, test func(t *testing.T, kind codec.Kind)) {
	for kind := range svcCodecs {
		t.Run(string(kind), func(t *testing.T) { test(t, kind) })
	}
}

func TestSVCFollowsTheView(t *testing.T) { eachSVC(t, svcFollowsTheView) }

func svcFollowsTheView(t *testing.T, kind codec.Kind) {
	n := newNetwork(t)
	a, b, s := svcPair(n, kind)
	got := func() *receiver { return b.receiver(cam(a)) }
	layer := func(want int) func() bool { return func() bool { return got().topNow() == want } }
	show(b, a, 320, 180)
	eventually(t, 10*time.Second, "the small picture", layer(0))
	eventually(t, 10*time.Second, "its publisher rests the others", func() bool { return s.spatials.Load() == 1 })
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "the full picture", layer(2))
	eventually(t, 10*time.Second, "all are sent", func() bool { return s.spatials.Load() == 0 })
	show(b, a, 640, 360)
	eventually(t, 10*time.Second, "the middle picture", layer(1))
	eventually(t, 10*time.Second, "its publisher rests the upper one", func() bool { return s.spatials.Load() == 2 })
	b.peer.SetView(nil)
	eventually(t, 10*time.Second, "nothing is sent", func() bool { return s.resting[0].Load() })
	count := got().count()
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "a picture again", func() bool { return got().count() > count+30 })
	eventually(t, 10*time.Second, "the full picture again", layer(2))
	got().tops(t)
}

func TestSVCUnderLoss(t *testing.T) { eachSVC(t, svcUnderLoss) }

func svcUnderLoss(t *testing.T, kind codec.Kind) {
	n := newNetwork(t)
	a, b, _ := svcPair(n, kind)
	got := func() *receiver { return b.receiver(cam(a)) }
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "the full picture", func() bool { return got().topNow() == 2 })
	n.lossy(0.05)
	for _, height := range []int{180, 720, 360} {
		count := got().count()
		show(b, a, height*16/9, height)
		eventually(t, 20*time.Second, "pictures", func() bool { return got().count() > count+150 })
	}
	n.filter.Store(nil)
	count := got().count()
	eventually(t, 10*time.Second, "what was lost", func() bool { return got().count() > count+60 })
	got().tops(t)
	if got().repaired() == 0 {
		t.Error("nothing was lost")
	}
}

// TestSVCKeyframesAreAskedForWhenAPictureGrows and not for one that shrinks.
func TestSVCKeyframesAreAskedForWhenAPictureGrows(t *testing.T) {
	eachSVC(t, svcKeyframesAreAskedForWhenAPictureGrows)
}

func svcKeyframesAreAskedForWhenAPictureGrows(t *testing.T, kind codec.Kind) {
	n := newNetwork(t)
	a, b, s := svcPair(n, kind)
	c := n.clientWith("cid", clientOptions{codecs: described})
	c.peer.Subscribe(a.track(cam(a)))
	show(c, a, 1280, 720) // so that every layer is sent
	eventually(t, 10*time.Second, "the full picture", func() bool { return c.receiver(cam(a)).topNow() == 2 })
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "the full picture for bob, too", func() bool { return b.receiver(cam(a)).topNow() == 2 })
	count := b.receiver(cam(a)).count()
	eventually(t, 10*time.Second, "a second of pictures, in which no request is left over", func() bool {
		return b.receiver(cam(a)).count() > count+6*30
	})
	before := s.asked[0].Load()
	show(b, a, 320, 180)
	eventually(t, 10*time.Second, "the small picture", func() bool { return b.receiver(cam(a)).topNow() == 0 })
	if asked := s.asked[0].Load() - before; asked != 0 {
		t.Errorf("asked for %d keyframes to shrink", asked)
	}
	show(b, a, 1280, 720)
	eventually(t, 10*time.Second, "the full picture", func() bool { return b.receiver(cam(a)).topNow() == 2 })
	if s.asked[0].Load() == before {
		t.Error("grew without a keyframe")
	}
	stats := a.peer.Stats()
	if len(stats.Up) != 1 || len(stats.Up[0].Layers) != 3 || stats.Up[0].Layers[1].Height != 360 {
		t.Errorf("%+v", stats.Up)
	}
	c.receiver(cam(a)).tops(t)
}
