package sfu

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/sfu/packet"
)

// room is many microphones of one room and one listener, without a network.
type room struct {
	t       testing.TB
	sfu     *SFU
	floor   *Speakers
	mics    []*Track
	layers  []*layer
	streams []*stream
	outs    []*nowhere
}

func newRoom(t testing.TB, microphones int) *room {
	r := &room{t: t, sfu: newNetwork(t).sfu}
	r.floor = r.sfu.NewSpeakers(func([]SpeakerLevel) {})
	t.Cleanup(r.floor.Close)
	p, err := r.sfu.NewPeer("publisher", silent{})
	must(t, err)
	p.pub.extensions.Store(&packet.Extensions{AudioLevel: 1})
	v, err := r.sfu.NewPeer("listener", silent{})
	must(t, err)
	v.sub.conn.open.Store(true)
	for i := range microphones {
		m := newTrack(p.pub, PublishTrack{TrackID: fmt.Sprint(i), Kind: KindAudio})
		m.codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
		m.certain = true
		l := m.addLayer("", uint32(i+1))
		l.codec, l.payloadType = "opus", 111
		out := &nowhere{}
		d := newDownTrack(m, v.sub)
		_, err := d.Bind(soundBound{bound{out}})
		must(t, err)
		m.attach(d, nil)
		d.aimAt(l)
		r.floor.Add(m)
		r.mics, r.layers, r.outs = append(r.mics, m), append(r.layers, l), append(r.outs, out)
		r.streams = append(r.streams, &stream{source: &source{}})
	}
	return r
}

// soundBound negotiates Opus.
type soundBound struct{ bound }

func (soundBound) CodecParameters() []webrtc.RTPCodecParameters {
	return []webrtc.RTPCodecParameters{{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2,
	}}}
}

// say sends a packet of a microphone with a level (RFC 6464).
func (r *room) say(i int, level uint8) {
	st, l := r.streams[i], r.layers[i]
	st.timestamp += 960
	p := st.packet(false)
	p.PayloadType = 111
	p.Payload = binary.BigEndian.AppendUint32([]byte{0xf8}, st.timestamp)
	must(r.t, p.SetExtension(1, []byte{level}))
	b, err := p.Marshal()
	must(r.t, err)
	l.read(b, nil)
}

func (r *room) out() (all int64) {
	for _, o := range r.outs {
		all += o.packets.Load()
	}
	return all
}

const loud, noise, silence = 20, 55, 127

func TestOnlyTheLoudestMicrophonesAreForwarded(t *testing.T) {
	r := newRoom(t, 20)
	for range 50 {
		for i := range 6 {
			r.say(i, loud)
		}
		for i := 6; i < 20; i++ {
			r.say(i, noise)
		}
	}
	eventually(t, 5*time.Second, "all six", func() bool { return r.out() == 300 })
	for i := range 20 {
		if heard := r.mics[i].heard.Load(); heard != (i < 6) {
			t.Errorf("microphone %d: %v", i, heard)
		}
	}
}

func TestTheFirstLoudPacketGoesThrough(t *testing.T) {
	r := newRoom(t, 7)
	for range 5 {
		for i := range 6 {
			r.say(i, loud)
		}
		r.say(6, noise)
	}
	for range 100 { // the sixth falls silent
		for i := range 5 {
			r.say(i, loud)
		}
		r.say(5, silence)
		r.say(6, noise)
	}
	eventually(t, 5*time.Second, "what was forwarded", func() bool { return r.out() == 6*5+6*100 })
	if n := r.outs[6].packets.Load(); n != 0 {
		t.Fatalf("%d packets of noise", n)
	}
	kept := &keeper{}
	d := r.down(6)
	d.mu.Lock()
	d.out = kept
	d.mu.Unlock()
	r.say(6, loud)
	if r.mics[5].heard.Load() {
		t.Error("who is silent kept the place")
	}
	sent := r.streams[6].timestamp
	packets := r.through(6)
	if len(packets) != 4 {
		t.Fatalf("%d packets of the first syllable", len(packets))
	}
	for i, p := range packets {
		if before := sent - binary.BigEndian.Uint32(p.Payload[1:]); before != uint32(3-i)*960 || p.Marker != (i == 0) {
			t.Errorf("packet %d is %d before the first loud one, marker %v", i, before, p.Marker)
		}
	}
	r.say(6, loud)
	if packets := r.through(6); len(packets) != 5 || packets[4].Marker {
		t.Errorf("%d packets of what follows", len(packets))
	}
}

// TestAStretchEndsInSilence: who loses the place is not cut off in the middle of a sound, which receivers would draw out.
func TestAStretchEndsInSilence(t *testing.T) {
	r := newRoom(t, 7)
	kept := &keeper{}
	d := r.down(5)
	d.mu.Lock()
	d.out = kept
	d.mu.Unlock()
	for range 100 {
		for i := range 5 {
			r.say(i, loud)
		}
		r.say(5, noise)
	}
	r.say(6, loud)
	for range 10 {
		r.say(5, noise)
	}
	packets := r.through(5)
	last := packets[len(packets)-1]
	if len(packets) != 101 || len(last.Payload) != 1 || last.Payload[0] != 0xf8 || !slices.Contains(levels(last), 127) && d.media.levelAt != 0 {
		t.Fatalf("%d packets, the last one %x", len(packets), last.Payload)
	}
	for i, p := range packets[1:] {
		if p.SequenceNumber != packets[i].SequenceNumber+1 || p.Timestamp != packets[i].Timestamp+960 {
			t.Fatalf("%d, %d follows %d, %d", p.SequenceNumber, p.Timestamp, packets[i].SequenceNumber, packets[i].Timestamp)
		}
	}
	// The recorder and who asks for a packet again are not hushed and hushed.
	again := new(inPacket)
	if newest, _ := r.layers[5].extender.Highest(); !r.layers[5].ring.Copy(newest-9, again) || !again.Hushed || len(again.Payload) < 2 {
		t.Errorf("in the cache: %+v", again)
	}
}

func TestNobodyIsCutOffByOneAsLoud(t *testing.T) {
	f := newFloor(1)
	ann, bob := &Track{id: "ann"}, &Track{id: "bob"}
	f.enter(ann)
	f.enter(bob)
	p := &inPacket{HasLevel: true}
	say := func(t *Track, level uint8, ms int) bool {
		now := int64(time.Duration(ms) * time.Millisecond)
		p.Level = level
		t.loudness.observe(level, now)
		return t.forwards(p, now)
	}
	for ms := 0; ms < 3000; ms += 20 {
		if !say(ann, 30, ms) || say(bob, 28, ms) {
			t.Fatalf("after %d ms: as loud takes the place", ms)
		}
	}
	for ms := 3000; ms < 6000; ms += 20 {
		say(ann, 40, ms)
		if say(bob, 15, ms) {
			return
		}
	}
	t.Error("who is much louder is never heard")
}

// TestNumbersStayContinuous: what is not forwarded leaves no gap that the listener could take for loss.
func TestNumbersStayContinuous(t *testing.T) {
	r := newRoom(t, 7)
	var headers []rtp.Header
	kept := &keeper{}
	d := r.mics[6].listeners()[0].(*downTrack)
	d.mu.Lock()
	d.out = kept
	d.mu.Unlock()
	for round := range 6 {
		for range 40 {
			for i := range 6 {
				if round%2 == 0 {
					r.say(i, silence)
				} else {
					r.say(i, loud-10)
				}
			}
			if round%2 == 0 {
				r.say(6, loud)
			} else {
				r.say(6, noise)
			}
		}
		eventually(t, 5*time.Second, "the lane is through", func() bool {
			done := make(chan struct{})
			d.sub.lane.do(func(*lane) { close(done) })
			<-done
			return true
		})
	}
	headers = kept.headers
	if len(headers) < 80 {
		t.Fatalf("%d packets", len(headers))
	}
	for i, h := range headers[1:] {
		if h.SequenceNumber != headers[i].SequenceNumber+1 || int32(h.Timestamp-headers[i].Timestamp) <= 0 {
			t.Fatalf("%d, %d follows %d, %d", h.SequenceNumber, h.Timestamp, headers[i].SequenceNumber, headers[i].Timestamp)
		}
	}
}

// keeper keeps what is sent; only the lane writes.
type keeper struct {
	headers  []rtp.Header
	payloads [][]byte
}

func (k *keeper) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	k.headers = append(k.headers, h.Clone())
	k.payloads = append(k.payloads, bytes.Clone(payload))
	return 0, nil
}

func (k *keeper) packets() []*rtp.Packet {
	list := make([]*rtp.Packet, len(k.headers))
	for i := range list {
		list[i] = &rtp.Packet{Header: k.headers[i], Payload: k.payloads[i]}
	}
	return list
}

func (k *keeper) Write(b []byte) (int, error) { return len(b), nil }

// BenchmarkOpenMicrophones compares a packet of everybody in a room of 6 and of 200 open microphones.
func BenchmarkOpenMicrophones(b *testing.B) {
	for _, microphones := range []int{6, 200} {
		b.Run(fmt.Sprint(microphones), func(b *testing.B) {
			r := newRoom(b, microphones)
			rounds := 0
			for b.Loop() {
				rounds++
				for i := range microphones {
					if i < 6 {
						r.say(i, loud)
					} else {
						r.say(i, noise)
					}
				}
			}
			b.ReportMetric(float64(r.out())/float64(rounds), "packets-out/round")
		})
	}
}

// TestSilenceThatIsNotSentIsNoLoss: an encoder with DTX leaves out packets in time, not in number. Nothing is asked for again
// or reported lost, and listeners keep the sender's clock over such gaps and over a time without a place on the floor.
func TestSilenceThatIsNotSentIsNoLoss(t *testing.T) {
	r := newRoom(t, 7)
	kept := &keeper{}
	d := r.down(0)
	d.mu.Lock()
	d.out = kept
	d.mu.Unlock()
	others := func(level uint8) {
		for i := 1; i < 7; i++ {
			r.say(i, level)
		}
	}
	talk := func(packets int) {
		for range packets {
			r.say(0, loud)
			others(silence)
		}
	}
	talk(20)
	for range 3 {
		r.streams[0].timestamp += 19 * 960 // the next packet is 400 ms later
		r.say(0, silence)
	}
	for range 120 {
		r.say(0, noise)
		others(loud)
	}
	if r.mics[0].heard.Load() {
		t.Fatal("it kept the place")
	}
	for range 100 {
		others(silence)
	}
	talk(20)
	packets := r.through(0)
	l := r.layers[0]
	if l.losses.Pending() != 0 || l.reception.Lost() != 0 {
		t.Errorf("%d missing, %d lost", l.losses.Pending(), l.reception.Lost())
	}
	sentAt := func(p *rtp.Packet) uint32 { return binary.BigEndian.Uint32(p.Payload[1:]) }
	shift := packets[0].Timestamp - sentAt(packets[0])
	stretches := 0
	for i, p := range packets {
		if p.Marker {
			stretches++
		}
		if len(p.Payload) > 1 && p.Timestamp-sentAt(p) != shift {
			t.Fatalf("packet %d is off by %d", i, p.Timestamp-sentAt(p)-shift)
		}
		if i > 0 && p.SequenceNumber != packets[i-1].SequenceNumber+1 {
			t.Fatalf("%d follows %d", p.SequenceNumber, packets[i-1].SequenceNumber)
		}
	}
	if stretches != 2 {
		t.Errorf("%d talkspurts", stretches)
	}
}
