package signaling_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/fault"
	"parley/sfu"
	"parley/signaling/room"
	"parley/signaling/whip"
	"parley/signaling/wire"

	"github.com/pion/webrtc/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// grants are the tokens of the tests, by their text.
type grants struct {
	mu   sync.Mutex
	list map[string]whip.Grant
}

func (g *grants) StreamToken(_ context.Context, token string) (whip.Grant, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if grant, ok := g.list[token]; ok {
		return grant, nil
	}
	return whip.Grant{}, fault.Unauthenticated
}

func (g *grants) revoke(token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.list, token)
}

// gate is a stand with programs.
type gate struct {
	*stand
	whip   *whip.Server
	grants *grants
	url    string
}

func newGate(t *testing.T, settings room.Settings, times sfu.Config) *gate {
	t.Helper()
	g := &gate{stand: newStandOf(t, settings, times), grants: &grants{list: map[string]whip.Grant{}}}
	for token, right := range map[string]whip.Right{"pub": whip.RightPublish, "pub2": whip.RightPublish, "see": whip.RightWatch} {
		g.grants.list[token] = whip.Grant{TokenID: "id-" + token, MeetingID: "meeting", Code: "abc-defg-hij", Right: right, Name: "Name of " + token}
	}
	var err error
	g.whip, err = whip.New(whip.Options{
		Meetings: g.server, Tokens: g.grants, LobbyWait: 300 * time.Millisecond, CheckInterval: 200 * time.Millisecond,
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g.whip)
	g.url = server.URL
	t.Cleanup(func() {
		g.stop()
		g.whip.Close()
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return g
}

// reply is an answer over HTTP.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) code(t *testing.T) string {
	t.Helper()
	var problem struct {
		Code   string
		Status int
	}
	if r.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %q is no problem", r.status, r.body)
	} else if err := json.Unmarshal([]byte(r.body), &problem); err != nil || problem.Status != r.status {
		t.Errorf("problem %q: %v", r.body, err)
	}
	return problem.Code
}

// send makes a request. Headers follow as name and value.
func (g *gate) send(method, path, token, body string, headers ...string) reply {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(text)}
}

func (g *gate) post(path, token, offer string) reply {
	g.t.Helper()
	return g.send("POST", path, token, offer, "Content-Type", "application/sdp")
}

const fragmentType = "application/trickle-ice-sdpfrag"

// program is a client of WHIP or WHEP.
type program struct {
	t        *testing.T
	gate     *gate
	token    string
	pc       *webrtc.PeerConnection
	senders  []*sender
	location string
	etag     string
	answer   string
	offer    func(text string) string // how the program writes its offer; nil: as Pion does

	mu    sync.Mutex
	heard map[string]int // packets by mid
	types map[string]map[webrtc.PayloadType]bool
}

func (g *gate) program(token string) *program {
	g.t.Helper()
	pc, err := newAPI().NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		g.t.Fatal(err)
	}
	p := &program{t: g.t, gate: g, token: token, pc: pc, heard: map[string]int{}, types: map[string]map[webrtc.PayloadType]bool{}}
	pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		mid := receiver.RTPTransceiver().Mid()
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.heard[mid]++
			if p.types[mid] == nil {
				p.types[mid] = map[webrtc.PayloadType]bool{}
			}
			p.types[mid][webrtc.PayloadType(packet.PayloadType)] = true
			p.mu.Unlock()
		}
	})
	g.t.Cleanup(p.close)
	return p
}

func (p *program) close() {
	for _, s := range p.senders {
		close(s.stop)
		<-s.done
	}
	p.senders = nil
	_ = p.pc.GracefulClose()
}

// sends adds a track and begins to send packets, which arrive once the program is connected.
func (p *program) sends(mime string) *program {
	p.t.Helper()
	kind := webrtc.RTPCodecTypeVideo
	if mime == webrtc.MimeTypeOpus {
		kind = webrtc.RTPCodecTypeAudio
	}
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, kind.String(), "stream")
	if err != nil {
		p.t.Fatal(err)
	}
	tr, err := p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		p.t.Fatal(err)
	}
	s := &sender{stop: make(chan struct{}), done: make(chan struct{})}
	p.senders = append(p.senders, s)
	go s.run(track, kind, audioLevelID(tr))
	return p
}

func (p *program) receives(kinds ...webrtc.RTPCodecType) *program {
	p.t.Helper()
	for _, kind := range kinds {
		init := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		if _, err := p.pc.AddTransceiverFromKind(kind, init); err != nil {
			p.t.Fatal(err)
		}
	}
	return p
}

func (p *program) makeOffer(o *webrtc.OfferOptions) string {
	p.t.Helper()
	offer, err := p.pc.CreateOffer(o)
	if err == nil {
		err = p.pc.SetLocalDescription(offer)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	if p.offer != nil {
		return p.offer(offer.SDP)
	}
	return offer.SDP
}

// start posts the offer; the connection comes up by the candidates of the answer.
func (p *program) start(path string) reply {
	p.t.Helper()
	r := p.gate.post(path, p.token, p.makeOffer(nil))
	if r.status != http.StatusCreated {
		p.t.Fatalf("POST %s is answered %d %s", path, r.status, r.body)
	}
	p.location, p.etag, p.answer = r.header.Get("Location"), r.header.Get("ETag"), r.body
	p.apply()
	return r
}

func (p *program) apply() {
	p.t.Helper()
	err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: p.answer})
	if err != nil {
		p.t.Fatalf("answer: %v\n%s", err, p.answer)
	}
}

func (p *program) patch(body, condition string, headers ...string) reply {
	p.t.Helper()
	if condition != "" {
		headers = append(headers, "If-Match", condition)
	}
	return p.gate.send("PATCH", p.location, p.token, body, append([]string{"Content-Type", fragmentType}, headers...)...)
}

func (p *program) stop() reply { return p.gate.send("DELETE", p.location, p.token, "") }

func (p *program) count(mid string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heard[mid]
}

// hears waits for packets in a section that were not there before.
func (p *program) hears(mid string) {
	p.t.Helper()
	before, deadline := p.count(mid), time.Now().Add(patience)
	for p.count(mid) < before+5 {
		if time.Now().After(deadline) {
			p.t.Fatalf("nothing arrives in section %s", mid)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (p *program) quiet(mid string) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for before := -1; before != p.count(mid); time.Sleep(300 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("packets still arrive in section %s", mid)
		}
		before = p.count(mid)
	}
}

// publications waits for what a participant publishes, by source.
func publications(b *browser, participant string, count int) map[wire.Source]wire.Publication {
	b.t.Helper()
	list := map[wire.Source]wire.Publication{}
	for len(list) < count {
		added := await(b, func(m *wire.PublicationAdded) bool { return m.Publication.ParticipantID == participant })
		list[added.Publication.Source] = added.Publication
	}
	return list
}

// sees shows videos to a browser.
func (b *browser) sees(ids ...string) {
	var tiles []wire.Tile
	for _, id := range ids {
		tiles = append(tiles, wire.Tile{PublicationID: id, Width: 640, Height: 360})
	}
	b.do(&wire.View{Tiles: tiles})
}

func joins(b *browser) wire.Participant {
	b.t.Helper()
	return await[*wire.ParticipantJoined](b, nil).Participant
}

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

func credentials(sdp string) (ufrag, password string) {
	read := func(name string) string {
		_, rest, _ := strings.Cut(sdp, "a="+name+":")
		value, _, _ := strings.Cut(rest, "\r\n")
		return value
	}
	return read("ice-ufrag"), read("ice-pwd")
}

// restart restarts ICE as RFC 9725 section 4.3.3 says.
func (p *program) restart() {
	p.t.Helper()
	offer := p.makeOffer(&webrtc.OfferOptions{ICERestart: true})
	ufrag, password := credentials(offer)
	r := p.patch("a=ice-ufrag:"+ufrag+"\r\na=ice-pwd:"+password+"\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n", "*")
	if r.status != http.StatusOK || r.header.Get("Content-Type") != fragmentType || r.header.Get("ETag") == p.etag {
		p.t.Fatalf("a restart is answered %d %v %s", r.status, r.header, r.body)
	}
	p.etag = r.header.Get("ETag")
	before, beforeWord := credentials(p.answer)
	now, nowWord := credentials(r.body)
	if now == "" || now == before || nowWord == "" || !strings.Contains(r.body, "a=candidate:") || !strings.Contains(r.body, "a=mid:0") {
		p.t.Fatalf("fragment %s", r.body)
	}
	p.answer = strings.NewReplacer("a=ice-ufrag:"+before, "a=ice-ufrag:"+now, "a=ice-pwd:"+beforeWord, "a=ice-pwd:"+nowWord).Replace(p.answer)
	p.apply()
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
	statuses := func(token string, times int) (last reply) {
		for range times {
			last = g.post("/whip/abc-defg-hij", token, "v=0")
		}
		return last
	}
	if r := statuses("pub", 20); r.status != http.StatusUnprocessableEntity {
		t.Errorf("the twentieth start is answered %d", r.status)
	}
	if r := statuses("pub", 1); r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" || r.code(t) != string(fault.RateLimited) {
		t.Errorf("the next start is answered %d %v", r.status, r.header)
	}
	if r := statuses("wrong", 30); r.status != http.StatusUnauthorized {
		t.Errorf("the thirtieth guess is answered %d", r.status)
	}
	if r := statuses("wrong", 2); r.status != http.StatusTooManyRequests {
		t.Errorf("a further guess is answered %d", r.status)
	}
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

func TestHowAStreamEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(g *gate, p *program, host *browser, who string)
		reason wire.LeftReason
	}{
		"removed by a host":    {func(_ *gate, _ *program, host *browser, who string) { host.send(&wire.Remove{ParticipantID: who}) }, wire.LeftRemoved},
		"the token is revoked": {func(g *gate, _ *program, _ *browser, _ string) { g.grants.revoke("pub"); g.whip.Revoke("id-pub") }, wire.LeftLeave},
		"the token is void":    {func(g *gate, _ *program, _ *browser, _ string) { g.grants.revoke("pub") }, wire.LeftLeave},
		"the program closes":   {func(_ *gate, p *program, _ *browser, _ string) { p.close() }, wire.LeftTimeout},
		"the token comes again": {func(g *gate, _ *program, _ *browser, _ string) {
			g.program("pub").sends(webrtc.MimeTypeOpus).start("/whip/abc-defg-hij")
		}, wire.LeftLeave},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, open(), sfu.Config{})
			host := g.browser("host", "olga")
			host.join()
			p := g.program("pub").sends(webrtc.MimeTypeOpus)
			p.start("/whip/abc-defg-hij")
			who := joins(host)
			host.hears(publications(host, who.ID, 1)[wire.SourceMicrophone].ID)
			c.end(g, p, host, who.ID)
			left := await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == who.ID })
			if left.Reason != c.reason {
				t.Errorf("left: %s", left.Reason)
			}
			if r := p.stop(); r.status != http.StatusNotFound && r.status != http.StatusUnauthorized {
				t.Errorf("its session is answered %d", r.status)
			}
		})
	}
}

func TestAStreamThatNeverConnectsEnds(t *testing.T) {
	g := newGate(t, open(), sfu.Config{DisconnectedAfter: 500 * time.Millisecond, FailedAfter: time.Second})
	host := g.browser("host", "olga")
	host.join()
	p := g.program("pub").sends(webrtc.MimeTypeOpus)
	if r := g.post("/whip/abc-defg-hij", "pub", p.makeOffer(nil)); r.status != http.StatusCreated {
		t.Fatalf("answered %d %s", r.status, r.body)
	}
	who := joins(host)
	await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == who.ID && m.Reason == wire.LeftTimeout })
}

func TestATokenExpires(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	grant := g.grants.list["pub"]
	grant.ExpiresAt = time.Now().Add(time.Second)
	g.grants.list["pub"] = grant
	host := g.browser("host", "olga")
	host.join()
	g.program("pub").sends(webrtc.MimeTypeOpus).start("/whip/abc-defg-hij")
	who := joins(host)
	await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == who.ID })
}

func TestARemovedStreamWaits(t *testing.T) {
	settings := open()
	settings.Lobby = true
	g := newGate(t, settings, sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	g.program("pub").sends(webrtc.MimeTypeOpus).start("/whip/abc-defg-hij")
	host.do(&wire.Remove{ParticipantID: joins(host).ID})
	offer := g.program("pub").sends(webrtc.MimeTypeOpus).makeOffer(nil)
	r := g.post("/whip/abc-defg-hij", "pub", offer)
	if r.status != http.StatusServiceUnavailable || r.code(t) != string(fault.WaitingInLobby) || r.header.Get("Retry-After") != "5" {
		t.Fatalf("answered %d %v %s", r.status, r.header, r.body)
	}
	lobby := await(host, func(m *wire.LobbyUpdated) bool { return len(m.Waiting) == 1 })
	if lobby.Waiting[0].Kind != wire.KindIngest {
		t.Errorf("waiting %+v", lobby.Waiting)
	}
	host.do(&wire.Admit{ParticipantIDs: []string{lobby.Waiting[0].ID}})
	again := g.program("pub").sends(webrtc.MimeTypeOpus)
	again.start("/whip/abc-defg-hij")
	for {
		if added := await[*wire.PublicationAdded](host, nil); added.Publication.Source == wire.SourceMicrophone {
			host.hears(added.Publication.ID)
			break
		}
	}
}

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

func TestProgramsLeaveNothingBehind(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	for i := range 5 {
		p := g.program("pub").sends(webrtc.MimeTypeOpus)
		p.start("/whip/abc-defg-hij")
		if i%2 == 0 {
			p.stop()
		}
		p.close()
	}
	left := 0
	for left < 5 {
		await[*wire.ParticipantLeft](host, nil)
		left++
	}
	snapshot, _ := g.server.Rooms().Snapshot("meeting")
	if kinds := slices.IndexFunc(snapshot.Participants, func(p room.Present) bool { return p.Person.Kind != "" }); kinds >= 0 {
		t.Errorf("still there: %+v", snapshot.Participants)
	}
}
