package signaling_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/sfu"
	"parley/signaling/wire"

	"github.com/pion/webrtc/v4"
)

func TestAViewerIsShownTheMeeting(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host, guest := g.browser("host", "olga"), g.browser("mei", "mei")
	host.join()
	guest.join()
	host.publish(wire.SourceCamera, false)
	guest.publish(wire.SourceCamera, false)
	host.publish(wire.SourceMicrophone, false)
	p := g.program("see").receives(webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeVideo)
	r := p.start("/whep/abc-defg-hij?name=Foyer")
	if !strings.HasPrefix(p.location, "/whep/sessions/") || r.header.Get("ETag") == "" {
		t.Errorf("headers %v", r.header)
	}
	who := await(host, func(m *wire.ParticipantJoined) bool { return m.Participant.Kind != "" }).Participant
	if who.Kind != wire.KindViewer || who.Name != "Foyer" {
		t.Errorf("joined %+v", who)
	}
	for _, mid := range []string{"0", "1", "2"} {
		p.hears(mid)
	}
	if p.count("3") > 0 {
		t.Error("a third picture")
	}
	// A stream that comes is shown in the section that is left, one that goes leaves it silent.
	stream := g.program("pub").sends(webrtc.MimeTypeVP8)
	stream.start("/whip/abc-defg-hij")
	p.hears("3")
	if r := stream.stop(); r.status != http.StatusOK {
		t.Errorf("DELETE is answered %d", r.status)
	}
	p.quiet("3")
	p.restart()
	p.hears("1")
	guest.send(&wire.Leave{})
	p.quiet("2")
	p.hears("1")
	if r := p.stop(); r.status != http.StatusOK {
		t.Errorf("DELETE is answered %d", r.status)
	}
	await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == who.ID && m.Reason == wire.LeftLeave })
}

func TestAViewerIsShownOnePerson(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host, guest := g.browser("host", "olga"), g.browser("mei", "mei")
	host.join()
	host.publish(wire.SourceCamera, false)
	guest.join()
	p := g.program("see").receives(webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio)
	p.start("/whep/abc-defg-hij/" + guest.id)
	camera := guest.publish(wire.SourceCamera, false)
	p.hears("0")
	guest.publish(wire.SourceMicrophone, false)
	p.hears("1")
	guest.do(&wire.SetMuted{PublicationID: camera, Muted: true})
	p.quiet("0")
	guest.send(&wire.Leave{})
	who := await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID != guest.id })
	if who.Reason != wire.LeftLeave {
		t.Errorf("left %+v", who)
	}
}

func TestAViewerGetsTheCodecsOfItsOffer(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	g.program("pub").sends(webrtc.MimeTypeH264).start("/whip/abc-defg-hij")
	p := g.program("see").receives(webrtc.RTPCodecTypeVideo)
	p.offer = func(text string) string { return strings.ReplaceAll(text, "H264/90000", "X264/90000") }
	p.start("/whep/abc-defg-hij")
	host.publish(wire.SourceCamera, false)
	p.hears("0")
	if strings.Contains(p.answer, "H264") {
		t.Error("the answer has a codec that was not offered")
	}
}
