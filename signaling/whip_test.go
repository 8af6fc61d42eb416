package signaling_test

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/fault"
	"parley/sfu"
	"parley/signaling/wire"

	"github.com/pion/webrtc/v4"
)

func TestAProgramPublishes(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	p := g.program("pub").sends(webrtc.MimeTypeOpus).sends(webrtc.MimeTypeVP8)
	r := p.start("/whip/abc-defg-hij")
	if r.header.Get("Content-Type") != "application/sdp" || len(p.location) < 50 || !strings.HasPrefix(p.location, "/whip/sessions/") ||
		!strings.HasPrefix(p.etag, `"`) || r.header.Get("Accept-Patch") != fragmentType {
		t.Errorf("headers %v", r.header)
	}
	if links := r.header.Values("Link"); len(links) != 1 || !strings.HasPrefix(links[0], `<turn:turn.example.com>; rel="ice-server"; username="`) {
		t.Errorf("links %q", links)
	}
	who := joins(host)
	if who.Kind != wire.KindIngest || who.Name != "Name of pub" || who.Role != wire.RoleParticipant {
		t.Errorf("joined %+v", who)
	}
	list := publications(host, who.ID, 2)
	voice, picture := list[wire.SourceMicrophone], list[wire.SourceCamera]
	if picture.Codec != "VP8" || voice.Codec != "opus" {
		t.Errorf("publications %+v", list)
	}
	host.sees(picture.ID)
	host.hears(voice.ID)
	host.hears(picture.ID)

	host.do(&wire.MuteParticipant{ParticipantID: who.ID, Source: wire.SourceCamera})
	host.quiet(picture.ID)
	host.do(&wire.AskUnmute{ParticipantID: who.ID, Source: wire.SourceCamera})
	host.hears(picture.ID)

	if r := p.stop(); r.status != http.StatusOK {
		t.Errorf("DELETE is answered %d", r.status)
	}
	await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == who.ID && m.Reason == wire.LeftLeave })
	if r := p.stop(); r.status != http.StatusNotFound || r.code(t) != string(fault.NotFound) {
		t.Errorf("a second DELETE is answered %d", r.status)
	}
}

func TestAProgramPublishesLayers(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	p := g.program("pub")
	var tr *webrtc.RTPTransceiver
	for i, rid := range []string{"q", "h", "f"} {
		track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "video", "stream", webrtc.WithRTPStreamID(rid))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			tr, err = p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		} else {
			err = tr.Sender().AddEncoding(track)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p.start("/whip/abc-defg-hij")
	for _, want := range []string{"a=rid:q recv", "a=rid:f recv", "a=simulcast:recv q;h;f"} {
		if !strings.Contains(p.answer, want) {
			t.Errorf("the answer has no %s", want)
		}
	}
}

func TestAProgramShares(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	p := g.program("pub").sends(webrtc.MimeTypeOpus).sends(webrtc.MimeTypeVP8)
	p.start("/whip/abc-defg-hij?source=screen&name=Slides")
	who := joins(host)
	if who.Name != "Slides" {
		t.Errorf("joined %+v", who)
	}
	list := publications(host, who.ID, 2)
	if list[wire.SourceScreen].ShareID == "" || list[wire.SourceScreen].ShareID != list[wire.SourceScreenAudio].ShareID {
		t.Errorf("publications %+v", list)
	}
	hosts := wire.ShareHosts
	host.send(&wire.UpdateSettings{WhoMayShare: &hosts})
	await(host, func(m *wire.PublicationRemoved) bool { return m.PublicationID == list[wire.SourceScreen].ID })
	other := g.program("pub2").sends(webrtc.MimeTypeVP8)
	if r := g.post("/whip/abc-defg-hij?source=screen", "pub2", other.makeOffer(nil)); r.status != http.StatusForbidden || r.code(t) != string(fault.NotAllowed) {
		t.Errorf("a share is answered %d %s", r.status, r.body)
	}
}

func TestTrickle(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	g.browser("host", "olga").join()
	p := g.program("pub").sends(webrtc.MimeTypeVP8)
	p.start("/whip/abc-defg-hij")
	ufrag, password := credentials(p.pc.LocalDescription().SDP)
	good := "a=ice-ufrag:" + ufrag + "\r\na=ice-pwd:" + password + "\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n" +
		"a=candidate:1 1 udp 2130706431 127.0.0.1 50000 typ host\r\na=end-of-candidates\r\n"
	if r := p.patch(good, p.etag); r.status != http.StatusNoContent || r.header.Get("ETag") != p.etag || r.body != "" {
		t.Errorf("a candidate is answered %d %v %s", r.status, r.header, r.body)
	}
	if r := p.patch(good, `"another", `+p.etag); r.status != http.StatusNoContent {
		t.Errorf("one of two tags is answered %d", r.status)
	}
	for name, c := range map[string]struct {
		body, tag, token, path string
		kind                   string // of the body, or a method
		status                 int
		code                   fault.Code
	}{
		"no condition":           {good, "", "pub", p.location, fragmentType, 428, fault.PreconditionRequired},
		"another ICE session":    {good, `"other"`, "pub", p.location, fragmentType, 412, fault.PreconditionFailed},
		"a weak tag":             {good, "W/" + p.etag, "pub", p.location, fragmentType, 412, fault.PreconditionFailed},
		"not a fragment":         {"hello", p.etag, "pub", p.location, fragmentType, 400, fault.BadRequest},
		"not a candidate":        {"m=video 9 X 0\r\na=mid:0\r\na=candidate:hello\r\n", p.etag, "pub", p.location, fragmentType, 400, fault.BadMessage},
		"a user without a word":  {"a=ice-ufrag:abcd\r\n", p.etag, "pub", p.location, fragmentType, 400, fault.BadRequest},
		"far too many":           {strings.Repeat("a=candidate:1 1 udp 1 127.0.0.1 1 typ host\r\n", 65), p.etag, "pub", p.location, fragmentType, 400, fault.BadRequest},
		"too large":              {strings.Repeat("a=x\r\n", 4000), p.etag, "pub", p.location, fragmentType, 413, fault.TooLarge},
		"of another type":        {good, p.etag, "pub", p.location, "application/sdp", 415, fault.UnsupportedMedia},
		"no token":               {good, p.etag, "", p.location, fragmentType, 401, fault.Unauthenticated},
		"somebody else's token":  {good, p.etag, "pub2", p.location, fragmentType, 403, fault.Forbidden},
		"no such session":        {good, p.etag, "pub", "/whip/sessions/guess", fragmentType, 404, fault.NotFound},
		"a session of WHIP":      {good, p.etag, "pub", strings.Replace(p.location, "whip", "whep", 1), fragmentType, 404, fault.NotFound},
		"another method":         {good, p.etag, "pub", p.location, "PUT", 405, fault.MethodNotAllowed},
		"part of a method":       {good, p.etag, "pub", p.location, "PATC", 405, fault.MethodNotAllowed},
		"a place that is not":    {good, p.etag, "pub", "/whip/abc-defg-hij/more/of/it", fragmentType, 404, fault.NotFound},
		"the address of a start": {good, p.etag, "pub", "/whip/abc-defg-hij", fragmentType, 405, fault.MethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			method := "PATCH"
			if !strings.Contains(c.kind, "/") {
				method, c.kind = c.kind, fragmentType
			}
			headers := []string{"Content-Type", c.kind}
			if c.tag != "" {
				headers = append(headers, "If-Match", c.tag)
			}
			if r := g.send(method, c.path, c.token, c.body, headers...); r.status != c.status || r.code(t) != string(c.code) {
				t.Errorf("answered %d %s", r.status, r.body)
			}
		})
	}
}

func TestRestartOfICE(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	p := g.program("pub").sends(webrtc.MimeTypeOpus)
	p.start("/whip/abc-defg-hij")
	voice := publications(host, joins(host).ID, 1)[wire.SourceMicrophone]
	host.hears(voice.ID)
	before := p.etag
	p.restart()
	host.hears(voice.ID)
	if r := p.patch("m=audio 9 X 0\r\na=mid:0\r\n", before); r.status != http.StatusPreconditionFailed {
		t.Errorf("the tag of before is answered %d", r.status)
	}
	for range 5 {
		p.restart()
	}
	host.hears(voice.ID)
	_, password := credentials(p.makeOffer(nil))
	if r := p.patch("a=ice-ufrag:once\r\na=ice-pwd:"+password+"\r\n", "*"); r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" {
		t.Errorf("a seventh restart is answered %d %v", r.status, r.header)
	}
}

func TestStartsThatAreRefused(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	p := g.program("pub").sends(webrtc.MimeTypeVP8)
	offer := p.makeOffer(nil)
	if r := g.post("/whip/abc-defg-hij", "pub", offer); r.status != http.StatusConflict || r.code(t) != string(fault.MeetingNotRunning) {
		t.Errorf("before the meeting: %d %s", r.status, r.body)
	}
	g.browser("host", "olga").join()
	two := g.program("pub").sends(webrtc.MimeTypeVP8).sends(webrtc.MimeTypeVP8).makeOffer(nil)
	receiving := g.program("see").receives(webrtc.RTPCodecTypeVideo).makeOffer(nil)
	strange := strings.NewReplacer("VP8/", "VP8X/", "VP9/", "VP9X/", "AV1/", "AV1X/", "H264/", "H264X/").Replace(offer)
	for name, c := range map[string]struct {
		path, token, kind, body string
		status                  int
		code                    fault.Code
	}{
		"no token":              {"/whip/abc-defg-hij", "", "application/sdp", offer, 401, fault.Unauthenticated},
		"a wrong token":         {"/whip/abc-defg-hij", "wrong", "application/sdp", offer, 401, fault.Unauthenticated},
		"a token that watches":  {"/whip/abc-defg-hij", "see", "application/sdp", offer, 403, fault.Forbidden},
		"a token that sends":    {"/whep/abc-defg-hij", "pub", "application/sdp", receiving, 403, fault.Forbidden},
		"another meeting":       {"/whip/xyz-defg-hij", "pub", "application/sdp", offer, 403, fault.Forbidden},
		"nobody of that id":     {"/whep/abc-defg-hij/nobody", "see", "application/sdp", receiving, 404, fault.ParticipantNotFound},
		"another type":          {"/whip/abc-defg-hij", "pub", "text/plain", offer, 415, fault.UnsupportedMedia},
		"no type":               {"/whip/abc-defg-hij", "pub", "", offer, 415, fault.UnsupportedMedia},
		"too large":             {"/whip/abc-defg-hij", "pub", "application/sdp", offer + strings.Repeat("a=x\r\n", 20_000), 413, fault.TooLarge},
		"nothing":               {"/whip/abc-defg-hij", "pub", "application/sdp", "", 400, fault.BadRequest},
		"no description":        {"/whip/abc-defg-hij", "pub", "application/sdp", "hello", 400, fault.BadRequest},
		"half a description":    {"/whip/abc-defg-hij", "pub", "application/sdp", "v=0\r\nm=video 9 X 96\r\na=mid:0\r\n", 422, fault.SDPInvalid},
		"two pictures":          {"/whip/abc-defg-hij", "pub", "application/sdp", two, 422, fault.SDPInvalid},
		"only receives":         {"/whip/abc-defg-hij", "pub", "application/sdp", receiving, 422, fault.SDPInvalid},
		"only sends":            {"/whep/abc-defg-hij", "see", "application/sdp", offer, 422, fault.SDPInvalid},
		"codecs of another age": {"/whip/abc-defg-hij", "pub", "application/sdp", strange, 422, fault.SDPInvalid},
		"an unknown source":     {"/whip/abc-defg-hij?source=tv", "pub", "application/sdp", offer, 422, fault.Validation},
		"a name that hides":     {"/whip/abc-defg-hij?name=a%E2%80%AEb", "pub", "application/sdp", offer, 422, fault.NameInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			headers := []string{}
			if c.kind != "" {
				headers = append(headers, "Content-Type", c.kind)
			}
			r := g.send("POST", c.path, c.token, c.body, headers...)
			if r.status != c.status || r.code(t) != string(c.code) {
				t.Errorf("answered %d %s", r.status, r.body)
			}
			if c.status == 401 && !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("headers %v", r.header)
			}
		})
	}
	if snapshot, _ := g.server.Rooms().Snapshot("meeting"); len(snapshot.Participants) != 1 {
		t.Errorf("who was refused is in: %+v", snapshot.Participants)
	}
}

func TestRates(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	// limited tries until it is too often, which is no sooner than after so many tries; on a slow machine it is later.
	limited := func(token string, least, before int) reply {
		t.Helper()
		for n := 0; ; n++ {
			r := g.post("/whip/abc-defg-hij", token, "v=0")
			if n >= least && r.status == http.StatusTooManyRequests {
				return r
			}
			if r.status != before || n == 1000 {
				t.Fatalf("try %d with %q is answered %d", n+1, token, r.status)
			}
		}
	}
	if r := limited("pub", 20, http.StatusUnprocessableEntity); r.header.Get("Retry-After") == "" || r.code(t) != string(fault.RateLimited) {
		t.Errorf("a start too many is answered %v", r.header)
	}
	limited("wrong", 30, http.StatusUnauthorized)
}

func TestPagesOfOtherSites(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	for path, header := range map[string][2]string{
		"/whip/abc-defg-hij":      {"Accept-Post", "application/sdp"},
		"/whep/abc-defg-hij":      {"Accept-Post", "application/sdp"},
		"/whep/abc-defg-hij/0190": {"Accept-Post", "application/sdp"},
		"/whip/sessions/x":        {"Accept-Patch", fragmentType},
	} {
		r := g.send("OPTIONS", path, "", "", "Origin", "https://studio.example", "Access-Control-Request-Method", "POST")
		if r.status != http.StatusNoContent || r.header.Get(header[0]) != header[1] || r.header.Get("Access-Control-Allow-Origin") != "*" ||
			!strings.Contains(r.header.Get("Access-Control-Allow-Headers"), "Authorization") || r.header.Get("Access-Control-Allow-Methods") == "" {
			t.Errorf("%s: %d %v", path, r.status, r.header)
		}
	}
	r := g.post("/whip/abc-defg-hij", "wrong", "v=0")
	if r.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(r.header.Get("Access-Control-Expose-Headers"), "Location") {
		t.Errorf("an error is told with %v", r.header)
	}
}
