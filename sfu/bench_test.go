package sfu

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"parley/sfu/packet"
)

// nowhere takes packets and counts them.
type nowhere struct{ packets atomic.Int64 }

func (n *nowhere) WriteRTP(_ *rtp.Header, payload []byte) (int, error) {
	n.packets.Add(1)
	return len(payload), nil
}

// await waits until that many packets came through the lanes.
func (n *nowhere) await(packets int64) {
	for n.packets.Load() < packets {
		runtime.Gosched()
	}
}

func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }

// bound is what Pion gives a TrackLocal.
type bound struct{ out *nowhere }

func (b bound) CodecParameters() []webrtc.RTPCodecParameters {
	return []webrtc.RTPCodecParameters{
		{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}},
		{PayloadType: 97, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=96"}},
	}
}

func (b bound) HeaderExtensions() []webrtc.RTPHeaderExtensionParameter {
	return []webrtc.RTPHeaderExtensionParameter{{ID: 3, URI: uriTransportCC}}
}

func (b bound) SSRC() webrtc.SSRC                       { return 1 }
func (b bound) SSRCRetransmission() webrtc.SSRC         { return 2 }
func (b bound) SSRCForwardErrorCorrection() webrtc.SSRC { return 0 }
func (b bound) WriteStream() webrtc.TrackLocalWriter    { return b.out }
func (b bound) ID() string                              { return "" }
func (b bound) RTCPReader() interceptor.RTCPReader      { return nil }

// burstOfFrame is how many packets are under way at once.
const burstOfFrame = 8

// BenchmarkForward measures what the SFU itself does with a packet: parse, cache, decide, number and hand to each of many
// subscribers. What Pion and the kernel do after that is not in it.
func BenchmarkForward(b *testing.B) {
	for _, subscribers := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(subscribers), func(b *testing.B) {
			n := newNetwork(b)
			p, err := n.sfu.NewPeer("publisher", silent{})
			must(b, err)
			t := newTrack(p.pub, PublishTrack{TrackID: "camera", Kind: KindVideo})
			t.codec = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8, ClockRate: 90000}
			t.certain = true
			l := t.addLayer("", 1)
			l.codec, l.payloadType = "VP8", 96
			out := &nowhere{}
			for i := range subscribers {
				v, err := n.sfu.NewPeer(fmt.Sprint(i), silent{})
				must(b, err)
				v.sub.conn.open.Store(true)
				d := newDownTrack(t, v.sub)
				_, err = d.Bind(bound{out})
				must(b, err)
				t.attach(d, nil)
				d.aimAt(l)
			}
			st := &stream{source: &source{}, picture: 1}
			raw := make([]byte, packet.MaxSize)
			frame := func(key bool) int {
				st.seq++
				st.timestamp += 3000
				st.picture++
				r := st.packet(true)
				r.PayloadType = 96
				r.Payload = st.vp8(key, true, 2, 1, 0, 1)
				size, err := r.MarshalTo(raw)
				must(b, err)
				return size
			}
			size := frame(true)
			l.read(raw[:size], nil)
			out.await(int64(subscribers))
			size = frame(false)
			b.ReportAllocs()
			for i := uint32(0); b.Loop(); i++ {
				raw[2], raw[3] = byte((uint32(st.seq)+i)>>8), byte(uint32(st.seq)+i)
				l.read(raw[:size], nil)
				if i%burstOfFrame == 0 {
					out.await(int64(subscribers) * (int64(i) + 1))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(subscribers), "ns/forward")
		})
	}
}

// silent is a handler that does nothing.
type silent struct{}

func (silent) OnCandidate(Target, Candidate) {}
func (silent) OnSubscribeOffer(Offer)        {}
func (silent) OnTrack(*Track)                {}
func (silent) OnTrackEnded(*Track)           {}
func (silent) OnState(Target, State)         {}
func (silent) OnPaused(string, bool)         {}
