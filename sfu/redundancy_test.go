package sfu

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
)

// redundantCodecs registers Opus and what carries several packets of it. The publisher does not send anything again.
func redundantCodecs(m *webrtc.MediaEngine) error {
	sound := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	again := webrtc.RTPCodecCapability{MimeType: codec.RED, ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111"}
	return errors.Join(
		m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 111, RTPCodecCapability: sound}, webrtc.RTPCodecTypeAudio),
		m.RegisterCodec(webrtc.RTPCodecParameters{PayloadType: 63, RTPCodecCapability: again}, webrtc.RTPCodecTypeAudio),
	)
}

// spoken is the Opus payload of a number.
func spoken(n int) []byte { return binary.BigEndian.AppendUint32([]byte{0xf8}, uint32(n)) }

// redundantly is the payload of a number that carries the one before again (RFC 2198).
func redundantly(n int) []byte {
	before := spoken(n - 1)
	b := binary.BigEndian.AppendUint32(nil, 0x80000000|111<<24|960<<10|uint32(len(before)))
	return append(append(append(b, 111), before...), spoken(n)...)
}

// soundSink keeps what a recorder gets.
type soundSink struct {
	mu   sync.Mutex
	came map[uint64]SinkPacket
}

func (s *soundSink) OnPacket(p SinkPacket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Payload = bytes.Clone(p.Payload)
	s.came[p.Sequence] = p
}

func (s *soundSink) OnReport(time.Time, uint32) {}
func (s *soundSink) OnEnd()                     {}

func (s *soundSink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.came)
}

// TestRedundantSound: a publisher sends redundant packets through a link that loses every fifth. Who takes such packets gets
// them as they came; a viewer who does not, and a recorder, get every packet of Opus.
func TestRedundantSound(t *testing.T) {
	n := newNetwork(t)
	ann := n.clientWith("ann", clientOptions{codecs: redundantCodecs})
	local, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{
		MimeType: codec.RED, ClockRate: 48000, Channels: 2, SDPFmtpLine: "111/111",
	}, "mic", "ann")
	must(t, err)
	mic := ann.add("mic", KindAudio, local)
	ann.publish()
	eventually(t, 10*time.Second, "connected", func() bool { return ann.pub.ConnectionState() == webrtc.PeerConnectionStateConnected })
	takes, takesNot := n.clientWith("takes", clientOptions{codecs: redundantCodecs}), n.client("takesNot")
	for _, c := range []*client{takes, takesNot} {
		c.peer.Subscribe(ann.track("mic"))
	}
	sink := &soundSink{came: map[uint64]SinkPacket{}}
	remove := ann.track("mic").AddSink(sink)
	defer remove()
	const spare = 20
	lossy := func(b []byte, _, to net.Addr) bool {
		if b[0]>>6 != 2 || b[1]&0x7f != 63 || to.(*net.UDPAddr).IP.String() != "10.0.0.1" {
			return true
		}
		return binary.BigEndian.Uint16(b[2:])%5 != 2
	}
	n.filter.Store(&lossy)
	level := mic.extension(sdp.AudioLevelURI)
	say := func(i int) {
		p := &rtp.Packet{Header: rtp.Header{
			Version: 2, SequenceNumber: uint16(65000 + i), Timestamp: uint32(960 * i),
		}, Payload: redundantly(i)}
		must(t, p.SetExtension(level, []byte{0x80 | 33}))
		must(t, local.WriteRTP(p))
		time.Sleep(10 * time.Millisecond)
	}
	i := 1
	for ; takes.receiver("mic").count() < spare || takesNot.receiver("mic").count() < spare || sink.count() < spare; i++ {
		say(i)
		if i > 3000 {
			t.Fatal("nothing comes")
		}
	}
	for end := i + 300; i < end; i++ {
		say(i)
	}
	plain, whole := takesNot.receiver("mic"), takes.receiver("mic")
	eventually(t, 10*time.Second, "the last packet", func() bool {
		return has(plain, spoken(i-1)) && has(whole, redundantly(i-1))
	})
	if r := plain.check(); r.holes > 0 || r.backward > 0 || r.doubles > 0 {
		t.Errorf("without: %+v", r)
	}
	for _, p := range plain.packets {
		number := int(binary.BigEndian.Uint32(p.Payload[1:]))
		if p.PayloadType != 111 || !bytes.Equal(p.Payload, spoken(number)) || !slices.Contains(levels(p), 0x80|33) {
			t.Fatalf("without: type %d, levels %v, %x", p.PayloadType, levels(p), p.Payload)
		}
	}
	if r := whole.check(); r.holes > 0 || r.backward > 0 {
		t.Errorf("with: %+v", r)
	}
	restored, asSent := 0, 0
	for _, p := range whole.packets {
		switch {
		case p.PayloadType == 111:
			restored++
		case bytes.Equal(p.Payload, redundantly(int(binary.BigEndian.Uint32(p.Payload[len(p.Payload)-4:])))):
			asSent++
		default:
			t.Fatalf("with: type %d, %x", p.PayloadType, p.Payload)
		}
	}
	if restored < 30 || asSent < 200 {
		t.Errorf("%d restored, %d as sent", restored, asSent)
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	for seq, p := range sink.came {
		if len(p.Payload) != len(spoken(0)) || p.Payload[0] != 0xf8 {
			t.Fatalf("the recorder got %x", p.Payload)
		}
		if next, ok := sink.came[seq+1]; ok && next.Timestamp-p.Timestamp != 960 {
			t.Fatalf("the recorder got %d after %d", next.Timestamp, p.Timestamp)
		}
	}
	if n := (*ann.track("mic").sources.Load())[0].recovered.Load(); n < 30 {
		t.Errorf("%d recovered", n)
	}
}

func has(r *receiver, payload []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.packets {
		if bytes.Equal(p.Payload, payload) {
			return true
		}
	}
	return false
}

// levels returns the extensions of one byte.
func levels(p *rtp.Packet) (list []byte) {
	for _, id := range p.GetExtensionIDs() {
		if v := p.GetExtension(id); len(v) == 1 {
			list = append(list, v[0])
		}
	}
	return list
}

// redundantRoom is a room where everybody may send redundant packets, and a listener who takes them, or not.
func redundantRoom(t *testing.T, microphones int, takes bool) *room {
	r := newRoom(t, microphones)
	b := r.mics[0].publisher
	b.redundancy.Store(&redundancy{outer: 63, inner: 111, codec: r.mics[0].codec})
	for i := range r.mics {
		d := r.down(i)
		d.mu.Lock()
		d.out = &keeper{}
		if takes {
			d.media.redundant = 63
		}
		d.mu.Unlock()
	}
	return r
}

func (r *room) down(i int) *downTrack { return r.mics[i].listeners()[0].(*downTrack) }

// sayTwice sends redundant packet n of a microphone.
func (r *room) sayTwice(i, n int, level uint8) { r.send(i, n, 63, redundantly(n), level) }

func (r *room) send(i, n int, payloadType uint8, payload []byte, level uint8) {
	p := &rtp.Packet{Header: rtp.Header{
		Version: 2, PayloadType: payloadType, SequenceNumber: uint16(n), Timestamp: uint32(960 * n), SSRC: uint32(i + 1),
	}, Payload: payload}
	must(r.t, p.SetExtension(1, []byte{level}))
	b, err := p.Marshal()
	must(r.t, err)
	r.layers[i].read(b, nil)
}

// through waits until the lane has sent everything and returns what left of a microphone.
func (r *room) through(i int) []*rtp.Packet {
	r.t.Helper()
	d := r.down(i)
	done := make(chan struct{})
	d.sub.lane.do(func(*lane) { close(done) })
	<-done
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.out.(*keeper).packets()
}

func TestLostSoundIsRestored(t *testing.T) {
	for _, c := range []struct {
		name string
		send func(r *room)
		want []string // type and number of what leaves
	}{
		{"nothing lost", func(r *room) { r.sayTwice(0, 10, loud); r.sayTwice(0, 11, loud) }, []string{"111 10", "111 11"}},
		{"one lost", func(r *room) { r.sayTwice(0, 10, loud); r.sayTwice(0, 12, loud) }, []string{"111 10", "111 12", "111 11"}},
		{"two lost", func(r *room) { r.sayTwice(0, 10, loud); r.sayTwice(0, 13, loud) }, []string{"111 10", "111 13", "111 12"}},
		{"it comes after all", func(r *room) {
			r.sayTwice(0, 10, loud)
			r.sayTwice(0, 12, loud)
			r.sayTwice(0, 11, loud)
		}, []string{"111 10", "111 12", "111 11"}},
		{"a block of what has come", func(r *room) {
			r.sayTwice(0, 10, loud)
			p := redundantly(12)
			binary.BigEndian.PutUint32(p, binary.BigEndian.Uint32(p)+960<<10) // of 10, as if 11 was too large to be carried
			r.send(0, 12, 63, p, loud)
		}, []string{"111 10", "111 12"}},
		{"plain packets between", func(r *room) {
			r.send(0, 10, 111, spoken(10), loud)
			r.sayTwice(0, 11, loud)
			r.send(0, 12, 111, spoken(12), loud)
		}, []string{"111 10", "111 11", "111 12"}},
		{"damaged", func(r *room) {
			r.sayTwice(0, 10, loud)
			r.send(0, 11, 63, []byte{0xff, 0xff, 0xff, 0xff}, loud)
			r.send(0, 12, 111, spoken(12), loud)
		}, []string{"111 10", "111 12"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := redundantRoom(t, 1, false)
			c.send(r)
			var got []string
			for _, p := range r.through(0) {
				got = append(got, fmt.Sprintf("%d %d", p.PayloadType, binary.BigEndian.Uint32(p.Payload[1:])))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v instead of %v", got, c.want)
			}
		})
	}
}

// TestAClosedGateLetsNothingThroughLater: what was said while the gate was closed does not come again in later packets.
func TestAClosedGateLetsNothingThroughLater(t *testing.T) {
	r := redundantRoom(t, 1, true)
	r.sayTwice(0, 10, loud)
	r.mics[0].SetMuted(true)
	r.sayTwice(0, 11, loud)
	r.mics[0].SetMuted(false)
	for n := 12; n <= 12+codec.MaxRedundant; n++ {
		r.sayTwice(0, n, loud)
	}
	left := r.through(0)
	for i, p := range left {
		if bytes.Contains(p.Payload, spoken(11)) {
			t.Errorf("packet %d carries what came through a closed gate: %x", i, p.Payload)
		}
	}
	if last := left[len(left)-1]; last.PayloadType != 63 || !bytes.Equal(last.Payload, redundantly(12+codec.MaxRedundant)) {
		t.Errorf("the gate stays half closed: type %d, %x", last.PayloadType, last.Payload)
	}
}

// TestParametersOfOpusMayDiffer: a viewer who takes redundant packets as well wants no gaps in quiet music.
func TestParametersOfOpusMayDiffer(t *testing.T) {
	n := newNetwork(t)
	ann, bob := n.client("ann"), n.clientWith("bob", clientOptions{codecs: redundantCodecs})
	ann.addMicrophone(mic(ann)).start()
	ann.publish()
	bob.tune = func(answer string) string {
		return strings.Replace(answer, "usedtx=1", "usedtx=0;stereo=1", 1)
	}
	bob.peer.Subscribe(ann.track(mic(ann)))
	eventually(t, 10*time.Second, "sound", func() bool {
		r := bob.receiver(mic(ann))
		return r != nil && r.count() > 10
	})
}

func TestOurOpus(t *testing.T) {
	for _, test := range []struct{ format, want string }{
		{"minptime=10;useinbandfec=1", "minptime=10;useinbandfec=1"},
		{"useinbandfec=1; usedtx=0; stereo=1", "useinbandfec=1; stereo=1"},
		{"minptime=3;UseInbandFEC=0", ""},
		{"", ""},
	} {
		if got := strings.TrimLeft(ourOpus(test.format), " "); got != test.want {
			t.Errorf("%q: %q, want %q", test.format, got, test.want)
		}
	}
}
