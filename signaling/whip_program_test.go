package signaling_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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
