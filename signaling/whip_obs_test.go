package signaling_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"parley/sfu"
	"parley/signaling/wire"

	"github.com/pion/webrtc/v4"
)

// obsOffer is what OBS 30 writes (obs-webrtc over libdatachannel): credentials for all sections at the top, one payload type
// each, no candidates, groups that nobody else knows.
const obsOffer = `v=0
o=rtc 705986798 0 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=group:LS 0 1
a=msid-semantic:WMS *
a=setup:actpass
a=ice-ufrag:UFRAG
a=ice-pwd:PASSWORD
a=ice-options:ice2,trickle
a=fingerprint:sha-256 FINGERPRINT
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=mid:0
a=sendonly
a=ssrc:AUDIOSSRC cname:sURF2wTOmwqWwFdX
a=ssrc:AUDIOSSRC msid:ZEkK1QTjccuD7aXX ZEkK1QTjccuD7aXX-audio
a=msid:ZEkK1QTjccuD7aXX ZEkK1QTjccuD7aXX-audio
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=sendonly
a=ssrc:VIDEOSSRC cname:sURF2wTOmwqWwFdX
a=ssrc:VIDEOSSRC msid:ZEkK1QTjccuD7aXX ZEkK1QTjccuD7aXX-video
a=msid:ZEkK1QTjccuD7aXX ZEkK1QTjccuD7aXX-video
a=rtcp-mux
a=rtpmap:96 H264/90000
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtcp-fb:96 goog-remb
a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1
`

// asOBS writes a program's offer as OBS does.
func (p *program) asOBS(text string) string {
	ufrag, password := credentials(text)
	_, rest, _ := strings.Cut(text, "a=fingerprint:sha-256 ")
	fingerprint, _, _ := strings.Cut(rest, "\r\n")
	ssrc := func(i int) string {
		return fmt.Sprint(p.pc.GetTransceivers()[i].Sender().GetParameters().Encodings[0].SSRC)
	}
	return strings.NewReplacer("\n", "\r\n", "UFRAG", ufrag, "PASSWORD", password, "FINGERPRINT", fingerprint,
		"AUDIOSSRC", ssrc(0), "VIDEOSSRC", ssrc(1)).Replace(obsOffer)
}

func TestOBSPublishes(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	p := g.program("pub").sends(webrtc.MimeTypeOpus)
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264}, "video", "stream")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.SetCodecPreferences([]webrtc.RTPCodecParameters{{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeH264, ClockRate: 90000, SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
	}}}); err != nil {
		t.Fatal(err)
	}
	p.offer = p.asOBS
	p.start("/whip/abc-defg-hij")
	if !strings.HasPrefix(p.location, "/") || strings.Contains(p.location, "?") {
		t.Errorf("OBS takes the address %q for a path alone", p.location)
	}
	for _, want := range []string{"a=group:BUNDLE 0 1", "a=mid:0", "a=mid:1", "a=recvonly", "a=rtpmap:96 H264/90000", "a=rtpmap:111 opus/48000/2", "a=candidate:", "a=rtcp-fb:96 nack pli"} {
		if !strings.Contains(p.answer, want) {
			t.Errorf("the answer has no %s:\n%s", want, p.answer)
		}
	}
	who := joins(host)
	list := publications(host, who.ID, 2)
	if list[wire.SourceCamera].Codec != "H264" {
		t.Errorf("publications %+v", list)
	}
	host.hears(list[wire.SourceMicrophone].ID)
	if r := p.stop(); r.status != http.StatusOK || r.body != "" {
		t.Errorf("OBS wants 200 for DELETE, not %d", r.status)
	}
}
