package signaling_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/quality"
	"parley/sfu"
	"parley/signaling"
	"parley/signaling/room"
	"parley/signaling/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// people are those whom the directory of the tests knows, by the header X-Person.
var people = map[string]room.Person{
	"olga": {Key: "user:olga", UserID: "olga", Name: "Olga", MayHost: true, SkipsLobby: true},
	"mei":  {Key: "user:mei", UserID: "mei", Name: "Mei", SkipsLobby: true},
	"gast": {Key: "guest:gast", Name: "Gast", Guest: true},
	"gina": {Key: "guest:gina", Name: "Gina", Guest: true},
}

// directory admits by the name that authenticate put into the principal.
type directory struct {
	mu       sync.Mutex
	settings room.Settings
	access   room.Access
	boards   room.Boards
	roles    chan string // board and person of those whose role on a board was taken or changed
}

func (d *directory) Admit(_ context.Context, p authz.Principal, code string) (signaling.Admission, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	person, ok := people[p.Name]
	switch {
	case code != "abc-defg-hij":
		return signaling.Admission{}, fault.MeetingNotFound
	case !ok:
		return signaling.Admission{}, fault.Unauthenticated
	}
	return signaling.Admission{
		Meeting: room.Meeting{ID: "meeting", Code: code, Title: "Weekly", ConversationID: "talk", Settings: d.settings, Access: d.access, Boards: d.boards},
		Person:  person,
	}, nil
}

const (
	perPerson = 10
	strangers = 3
)

// revoked are people whose credentials are good no more.
var revoked sync.Map

func authenticate(r *http.Request) (authz.Principal, error) {
	name := r.Header.Get("X-Person")
	if name == "" {
		return authz.Principal{}, nil
	}
	if name == "database down" {
		return authz.Principal{}, errors.New("connection refused")
	}
	if _, is := revoked.Load(name); is {
		return authz.Principal{}, nil
	}
	return authz.Principal{Kind: authz.User, UserID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)), Name: name}, nil
}

// observer hands to the directory what it keeps.
type observer struct{ *directory }

func (observer) MeetingStarted(string, time.Time)                           {}
func (observer) ParticipantJoined(string, string, room.Person, time.Time)   {}
func (observer) ParticipantLeft(string, string, time.Time, room.GoneReason) {}
func (observer) MeetingEnded(string, time.Time, bool)                       {}
func (observer) SettingsChanged(string, room.Settings)                      {}

func (o observer) AccessChanged(_ string, access room.Access) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.access = access
}

func (o observer) BoardsChanged(_ string, boards room.Boards, _ time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.boards = boards
}

// stand is a server with everything real but the directory.
type stand struct {
	t         *testing.T
	sfu       *sfu.SFU
	server    *signaling.Server
	directory *directory
	history   *history
	metrics   *prometheus.Registry
	http      *httptest.Server
	stop      func()
}

var ticketKey = []byte("a key of thirty-two bytes or more")

func open() room.Settings {
	return room.Settings{GuestsAllowed: true, WhoMayShare: wire.ShareEveryone, ChatAllowed: true}
}

func newStand(t *testing.T, settings room.Settings) *stand {
	t.Helper()
	return newStandOf(t, settings, sfu.Config{})
}

// newStandOf is newStand with times of the media plane, and another address than loopback if it is set.
func newStandOf(t *testing.T, settings room.Settings, times sfu.Config) *stand {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	if times.UDPAddr == "" {
		times.UDPAddr = "127.0.0.1:0"
	}
	times.TCPAddr, times.Loopback = "off", true
	media, err := sfu.New(times, log, nil)
	if err != nil {
		t.Fatal(err)
	}
	known, kept := &directory{settings: settings, roles: make(chan string, 100)}, &history{blocks: map[uuid.UUID]quality.Block{}}
	registry := prometheus.NewRegistry()
	server, err := signaling.New(signaling.Options{
		SFU: media, Directory: known, Observer: observer{known}, History: kept, Authenticate: authenticate,
		ICEServers: []signaling.ICEServer{{URLs: []string{"turn:turn.example.com"}, Secret: "secret"}},
		TicketKey:  ticketKey, MaxPerPerson: perPerson, MaxStrangers: strangers, Log: log, Metrics: registry,
		OnBoardRoles: func(board string, people []string) {
			for _, person := range people {
				known.roles <- board + " " + person
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /meet/{code}/signal", server)
	s := &stand{t: t, sfu: media, server: server, directory: known, history: kept, metrics: registry, http: httptest.NewServer(mux)}
	s.stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		s.http.Close()
		if err := media.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

func wantError(t *testing.T, got wire.ServerMessage, want fault.Code) {
	t.Helper()
	if e, ok := got.(*wire.Error); !ok || e.Code != string(want) {
		t.Errorf("answered %T %+v, want the error %s", got, got, want)
	}
}

func TestTwoPeopleMeet(t *testing.T) {
	s := newStand(t, open())
	a, b := s.browser("a", "olga"), s.browser("b", "mei")
	joined := a.join()
	if joined.Meeting.Title != "Weekly" || !joined.Permissions.End || joined.Self != a.id {
		t.Errorf("joined %+v", joined)
	}
	voice := a.publish(wire.SourceMicrophone, false)
	picture := a.publish(wire.SourceCamera, false)

	joined = b.join()
	if len(joined.Participants) != 2 || len(joined.Publications) != 2 {
		t.Errorf("joined %+v", joined)
	}
	b.hears(voice)
	b.quiet(picture)
	b.do(&wire.View{Tiles: []wire.Tile{{PublicationID: picture, Width: 320, Height: 180}}})
	b.hears(picture)

	theirs := b.publish(wire.SourceMicrophone, false)
	await(a, func(m *wire.PublicationAdded) bool { return m.Publication.ID == theirs })
	a.hears(theirs)

	a.do(&wire.SetMuted{PublicationID: voice, Muted: true})
	await(b, func(m *wire.PublicationUpdated) bool { return m.Publication.ID == voice && m.Publication.Muted })
	b.quiet(voice)
	a.do(&wire.SetMuted{PublicationID: voice})
	b.hears(voice)

	a.do(&wire.MuteParticipant{ParticipantID: b.id, Source: wire.SourceMicrophone})
	await(b, func(m *wire.Muted) bool { return m.ByID == a.id })
	a.quiet(theirs)

	changed := open()
	changed.Lobby = true
	s.server.Rooms().Change("meeting", "Monthly", changed)
	await(b, func(m *wire.MeetingUpdated) bool { return m.Meeting.Title == "Monthly" && m.Meeting.Lobby })

	rooms, count := s.server.Rooms().Count()
	if rooms != 1 || count != 2 || !s.server.Rooms().InMeeting("meeting", "user:mei") {
		t.Errorf("%d rooms, %d participants", rooms, count)
	}
	b.send(&wire.Leave{})
	if c := await[*wire.Closing](b, nil); c.Reason != wire.EndLeft || c.Reconnect {
		t.Errorf("closing %+v", c)
	}
	b.gone()
	await(a, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == b.id && m.Reason == wire.LeftLeave })
}

func TestADroppedConnectionResumes(t *testing.T) {
	s := newStand(t, open())
	a, b := s.browser("a", "olga"), s.browser("b", "mei")
	a.join()
	b.join()
	voice, theirs := a.publish(wire.SourceMicrophone, false), b.publish(wire.SourceMicrophone, false)
	b.hears(voice)
	a.hears(theirs)
	before, spent := b.id, b.token

	b.drop()
	await(a, func(m *wire.ParticipantUpdated) bool { return m.Participant.Connection == wire.Reconnecting })
	a.hears(theirs) // media live on
	welcome, joined := b.resume()
	if !welcome.Resumed || b.id != before || len(joined.Publications) != 2 {
		t.Errorf("welcome %+v, joined %+v", welcome, joined)
	}
	await(a, func(m *wire.ParticipantUpdated) bool { return m.Participant.Connection == wire.Connected })
	await[*wire.SubscribeOffer](b, nil)
	if kept := b.republish(); len(kept.Publications) != 1 || kept.Publications[0].PublicationID != theirs {
		t.Errorf("republished %+v", kept)
	}
	b.hears(voice)
	a.hears(theirs)

	// The token is good for one connection.
	fresh := b.token
	other := s.browser("other", "mei")
	if again := other.hello(&wire.Hello{Resume: spent}); again.Resumed || again.ParticipantID == before {
		t.Errorf("a spent token resumed: %+v", again)
	}
	thief := s.browser("thief", "gast")
	if stolen := thief.hello(&wire.Hello{Resume: fresh}); stolen.Resumed {
		t.Error("somebody else's token resumed")
	}

	// A second tab takes the place of the first.
	tab := s.browser("tab", "mei")
	tab.token = fresh
	if welcome, _ := tab.resume(); !welcome.Resumed {
		t.Error("the fresh token does not resume")
	}
	if c := await[*wire.Closing](b, nil); c.Reason != wire.EndReplaced || c.Reconnect {
		t.Errorf("closing %+v", c)
	}
}

func TestResumeWithNewMedia(t *testing.T) {
	s := newStand(t, open())
	a, b := s.browser("a", "olga"), s.browser("b", "mei")
	a.join()
	b.join()
	voice, old := a.publish(wire.SourceMicrophone, false), b.publish(wire.SourceMicrophone, false)
	b.hears(voice)

	b.drop()
	reloaded := s.browser("b again", "mei")
	reloaded.connect()
	welcome := reloaded.hello(&wire.Hello{Resume: b.token, NewMedia: true})
	joined := await[*wire.Joined](reloaded, nil)
	if !welcome.Resumed || welcome.ParticipantID != b.id || len(joined.Publications) != 1 {
		t.Errorf("welcome %+v, joined %+v", welcome, joined)
	}
	await(a, func(m *wire.PublicationRemoved) bool { return m.PublicationID == old })
	reloaded.hears(voice)
	a.hears(reloaded.publish(wire.SourceMicrophone, false))
}

func TestGuestWaitsInTheLobby(t *testing.T) {
	settings := open()
	settings.Lobby = true
	s := newStand(t, settings)
	guest := s.browser("guest", "gast")
	guest.connect()
	if w := guest.hello(&wire.Hello{Name: "  Anna   Gast "}); !w.Waiting || w.Title != "Weekly" {
		t.Fatalf("welcome %+v", w)
	}
	for _, early := range []wire.ClientMessage{
		&wire.RaiseHand{Raised: true}, &wire.RestartICE{}, &wire.Candidate{Target: wire.TargetPublish},
		&wire.Publish{SDP: "v=0"}, &wire.SubscribeAnswer{SDP: "v=0", Offer: 1}, &wire.Hello{Version: wire.Version},
	} {
		wantError(t, guest.ask(early), fault.WrongState)
	}
	host := s.browser("host", "olga")
	joined := host.join()
	if len(joined.Waiting) != 1 || joined.Waiting[0].Name != "Anna Gast" {
		t.Fatalf("waiting %+v", joined.Waiting)
	}
	voice := host.publish(wire.SourceMicrophone, false)
	host.do(&wire.Admit{ParticipantIDs: []string{joined.Waiting[0].ID}})
	admitted := await[*wire.Joined](guest, nil)
	if admitted.ResumeToken == "" || admitted.ResumeToken == guest.token {
		t.Error("no new token for who was admitted")
	}
	guest.hears(voice)

	guest.drop()
	guest.token = admitted.ResumeToken
	if w, _ := guest.resume(); !w.Resumed {
		t.Error("the new token does not resume")
	}

	other := s.browser("other", "gina")
	other.hello(&wire.Hello{})
	lobby := await(host, func(m *wire.LobbyUpdated) bool { return len(m.Waiting) == 1 && m.Waiting[0].Name == "Gina" })
	host.do(&wire.Refuse{ParticipantIDs: []string{lobby.Waiting[0].ID}})
	if c := await[*wire.Closing](other, nil); c.Reason != wire.EndRefused {
		t.Errorf("closing %+v", c)
	}
	other.gone()
	other.dial()
	wantError(t, other.ask(&wire.Hello{Version: wire.Version}), fault.RateLimited)
	other.gone()
}

func TestARestartOfTheServer(t *testing.T) {
	settings := open()
	settings.Lobby = true
	first := newStand(t, settings)
	host, guest := first.browser("host", "olga"), first.browser("guest", "gast")
	host.join()
	guest.connect()
	waiting := guest.hello(&wire.Hello{}).ResumeToken
	host.do(&wire.Admit{All: true})
	admitted := await[*wire.Joined](guest, nil).ResumeToken

	go first.stop()
	for _, b := range []*browser{host, guest} {
		if c := await[*wire.Closing](b, nil); c.Reason != wire.EndShutdown || !c.Reconnect {
			t.Errorf("%s: closing %+v", b.name, c)
		}
		b.gone()
	}
	first.stop()

	second := newStand(t, settings)
	back, early, late := second.browser("back", "olga"), second.browser("early", "gast"), second.browser("late", "gina")
	if w := early.hello(&wire.Hello{Resume: admitted}); w.Resumed || w.Waiting {
		t.Errorf("who was admitted before the restart: %+v", w)
	}
	if w := late.hello(&wire.Hello{Resume: waiting}); !w.Waiting {
		t.Errorf("somebody else with a token of who waited: %+v", w)
	}
	back.connect()
	w := back.hello(&wire.Hello{Resume: host.token})
	joined := await[*wire.Joined](back, nil)
	if w.Resumed || !joined.Permissions.End || len(joined.Waiting) != 1 {
		t.Errorf("the host: welcome %+v, joined %+v", w, joined)
	}
}

func TestWhoMayNotEnterStaysOutOverARestart(t *testing.T) {
	first := newStand(t, open())
	host, member, guest := first.browser("host", "olga"), first.browser("member", "mei"), first.browser("guest", "gast")
	host.join()
	member.join()
	guest.join()
	locked, unlocked := true, false
	host.do(&wire.Remove{ParticipantID: guest.id})
	host.do(&wire.UpdateSettings{Locked: &locked, ChatAllowed: &unlocked})
	go first.stop()
	await[*wire.Closing](member, nil)
	first.stop()

	second := newStand(t, open())
	second.directory.access = first.directory.access
	hello := func(name, person, token string) wire.ServerMessage {
		b := second.browser(name, person)
		b.dial()
		return b.ask(&wire.Hello{Version: wire.Version, Resume: token})
	}
	wantError(t, hello("removed", "gast", ""), fault.MeetingLocked)
	wantError(t, hello("removed again", "gast", guest.token), fault.RemovedFromMeeting)
	wantError(t, hello("new", "gina", ""), fault.MeetingLocked)
	if w, ok := hello("back", "mei", member.token).(*wire.Welcome); !ok || w.Waiting {
		t.Errorf("who was in the meeting: %+v", w)
	}
	again := second.browser("host again", "olga")
	again.connect()
	again.hello(&wire.Hello{Resume: host.token})
	joined := await[*wire.Joined](again, nil)
	if !joined.Meeting.Locked {
		t.Error("the lock is forgotten")
	}
	if joined.Meeting.ChatAllowed {
		t.Error("the chat is open again")
	}
	again.do(&wire.UpdateSettings{Locked: &unlocked})
	wantError(t, hello("removed at last", "gast", guest.token), fault.RemovedFromMeeting)

	again.send(&wire.End{})
	await[*wire.Closing](again, nil)
	again.gone()
	anew := second.browser("anew", "olga")
	anew.join()
	if w, ok := hello("next time", "gast", "").(*wire.Welcome); !ok || w.Waiting {
		t.Errorf("after the end of the meeting: %+v", w)
	}
}

func TestRevokedPeopleAreTakenOut(t *testing.T) {
	s := newStand(t, open())
	a, b, late := s.browser("a", "olga"), s.browser("b", "mei"), s.browser("late", "mei")
	a.join()
	b.join()
	late.dial() // and says nothing yet
	mei := uuid.NewSHA1(uuid.NameSpaceOID, []byte("mei"))

	s.server.Revoke(uuid.New(), uuid.Nil)
	s.server.Revoke(mei, uuid.New()) // another session of hers
	b.do(&wire.RaiseHand{Raised: true})

	s.server.Revoke(mei, uuid.Nil)
	for _, out := range []*browser{b, late} {
		if c := await[*wire.Closing](out, nil); c.Reason != wire.EndUnauthenticated || c.Reconnect {
			t.Errorf("%s: closing %+v", out.name, c)
		}
		out.gone()
	}
	await(a, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == b.id })
	if s.server.Rooms().InMeeting("meeting", "user:mei") {
		t.Error("who was revoked is kept for coming back")
	}
}

// lateAnswer calls before when a handshake is about to be answered.
type lateAnswer struct {
	http.ResponseWriter
	before func()
}

func (l lateAnswer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	l.before()
	return http.NewResponseController(l.ResponseWriter).Hijack()
}

func TestWhoIsRevokedDuringTheHandshakeIsTakenOut(t *testing.T) {
	s := newStand(t, open())
	mei := uuid.NewSHA1(uuid.NameSpaceOID, []byte("mei"))
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.server.ServeHTTP(lateAnswer{w, func() { s.server.Revoke(mei, uuid.Nil) }}, r)
	}))
	t.Cleanup(door.Close)
	a := s.browser("a", "mei")
	a.url = "ws" + strings.TrimPrefix(door.URL, "http")
	a.dial()
	if c := await[*wire.Closing](a, nil); c.Reason != wire.EndUnauthenticated || c.Reconnect {
		t.Errorf("closing %+v", c)
	}
	a.gone()
}

func TestACredentialRevokedBeforeHello(t *testing.T) {
	s := newStand(t, open())
	a := s.browser("a", "mei")
	a.dial()
	revoked.Store("mei", true)
	t.Cleanup(func() { revoked.Delete("mei") })
	wantError(t, a.ask(&wire.Hello{Version: wire.Version}), fault.Unauthenticated)
	a.gone()
}

func TestStrangersTakeNobodysPlace(t *testing.T) {
	s := newStand(t, open())
	for range strangers {
		s.browser("stranger", "").dial()
	}
	full := s.browser("one too many", "")
	if status := full.refusedWith(); status != http.StatusServiceUnavailable {
		t.Errorf("one too many: status %d", status)
	}
	for range perPerson {
		s.browser("olga", "olga").dial()
	}
	if status := s.browser("olga again", "olga").refusedWith(); status != http.StatusServiceUnavailable {
		t.Errorf("olga again: status %d", status)
	}
	s.browser("b", "mei").join()
}

func TestNobodyCanTellWhoItIs(t *testing.T) {
	s := newStand(t, open())
	if status := s.browser("a", "database down").refusedWith(); status != http.StatusServiceUnavailable {
		t.Errorf("status %d", status)
	}
}

func TestWhatIsWrongWithAHello(t *testing.T) {
	s := newStand(t, open())
	tests := []struct {
		name, person, path string
		message            string
		want               fault.Code
	}{
		{"no hello", "mei", "", `{"type":"ping","id":1}`, fault.WrongState},
		{"another version", "mei", "", `{"type":"hello","id":1,"version":7}`, fault.UnsupportedVersion},
		{"not JSON", "mei", "", `hello`, fault.BadMessage},
		{"nobody known", "", "", `{"type":"hello","id":1,"version":1}`, fault.Unauthenticated},
		{"no such meeting", "mei", "/meet/xxx-xxxx-xxx/signal", `{"type":"hello","id":1,"version":1}`, fault.MeetingNotFound},
		{"a name that cannot be shown", "mei", "", `{"type":"hello","id":1,"version":1,"name":"a\u202eb"}`, fault.NameInvalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := s.browser(test.name, test.person)
			b.t = t
			if test.path != "" {
				b.url = strings.Replace(b.url, "/meet/abc-defg-hij/signal", test.path, 1)
			}
			b.dial()
			b.sendRaw([]byte(test.message))
			wantError(t, await[wire.ServerMessage](b, nil), test.want)
			b.gone()
		})
	}
}

func TestMisbehaviour(t *testing.T) {
	s := newStand(t, open())
	join := func(t *testing.T) *browser {
		b := s.browser(t.Name(), "olga")
		b.t = t
		b.hello(&wire.Hello{})
		await[*wire.Joined](b, nil)
		return b
	}
	isError := func(code fault.Code) func(*wire.Error) bool {
		return func(e *wire.Error) bool { return e.Code == string(code) }
	}
	t.Run("survives", func(t *testing.T) {
		b := join(t)
		for message, code := range map[string]fault.Code{
			`{"type":"fly"}`:                        fault.UnknownMessage,
			`{"type":"hello","version":1}`:          fault.WrongState,
			`{"type":"joined"}`:                     fault.UnknownMessage,
			`{"type":`:                              fault.BadMessage,
			`[]`:                                    fault.BadMessage,
			`null`:                                  fault.UnknownMessage,
			`{"type":"ping","id":-1}`:               fault.BadMessage,
			`{"type":"raiseHand","raised":"yes"}`:   fault.BadMessage,
			`{"type":"sendReaction","emoji":"<b>"}`: fault.BadMessage,
			`{"type":"publish","sdp":"nonsense","tracks":[]}`:                          fault.SDPInvalid,
			`{"type":"subscribeAnswer","sdp":"no","offer":9999}`:                       "",
			`{"type":"candidate","target":"publish","candidate":"candidate:nonsense"}`: "",
			`{"type":"setMuted","publicationId":"none","muted":true}`:                  fault.PublicationNotFound,
			`{"type":"remove","participantId":"none"}`:                                 fault.ParticipantNotFound,
		} {
			b.sendRaw([]byte(message))
			if code != "" {
				await(b, isError(code))
			}
		}
		if _, ok := b.ask(&wire.Ping{}).(*wire.Pong); !ok {
			t.Error("no pong")
		}
	})
	t.Run("too large", func(t *testing.T) {
		b := join(t)
		b.sendRaw([]byte(`{"type":"rename","name":"` + strings.Repeat("x", wire.MaxMessageBytes) + `"}`))
		await(b, isError(fault.MessageTooLarge))
		if c := await[*wire.Closing](b, nil); c.Reason != wire.EndProtocol || c.Reconnect {
			t.Errorf("closing %+v", c)
		}
		b.gone()
	})
	t.Run("flood", func(t *testing.T) {
		b := join(t)
		go func() {
			for b.ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)) == nil {
			}
		}()
		await(b, isError(fault.TooManyMessages))
		if c := await[*wire.Closing](b, nil); c.Reason != wire.EndProtocol {
			t.Errorf("closing %+v", c)
		}
		b.gone()
	})
	t.Run("pings of WebSocket", func(t *testing.T) {
		b := join(t)
		go func() {
			for b.ws.WriteControl(websocket.PingMessage, nil, time.Time{}) == nil {
			}
		}()
		await(b, isError(fault.TooManyMessages))
		if c := await[*wire.Closing](b, nil); c.Reason != wire.EndProtocol || c.Reconnect {
			t.Errorf("closing %+v", c)
		}
		b.gone()
	})
	t.Run("knocking all the time", func(t *testing.T) {
		b := s.browser(t.Name(), "mei")
		b.t = t
		for {
			b.dial()
			b.send(&wire.Hello{Version: wire.Version})
			answer := await[wire.ServerMessage](b, nil)
			_ = b.ws.Close()
			<-b.quit
			if e, ok := answer.(*wire.Error); ok {
				wantError(t, e, fault.RateLimited)
				return
			}
		}
	})
	t.Run("binary", func(t *testing.T) {
		b := join(t)
		_ = b.ws.WriteMessage(websocket.BinaryMessage, []byte("{}"))
		await(b, isError(fault.BadMessage))
		b.gone()
	})
	t.Run("foreign origin", func(t *testing.T) {
		b := s.browser("", "mei")
		b.head.Set("Origin", "https://evil.example")
		_, response, err := websocket.DefaultDialer.Dial(b.url, b.head)
		if err == nil || response.StatusCode != http.StatusForbidden {
			t.Errorf("dialled: %v", err)
		}
	})
	t.Run("no subprotocol", func(t *testing.T) {
		b := s.browser("", "mei")
		ws, _, err := websocket.DefaultDialer.Dial(b.url, b.head)
		if err != nil {
			t.Fatal(err)
		}
		defer ws.Close()
		if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseProtocolError) {
			t.Errorf("read: %v", err)
		}
	})
}

func TestWhoSpeaksIsShown(t *testing.T) {
	s := newStand(t, open())
	a, b := s.browser("a", "olga"), s.browser("b", "mei")
	a.join()
	b.join()
	a.publish(wire.SourceMicrophone, false)
	spoke := await(b, func(m *wire.Speakers) bool { return len(m.Speakers) > 0 })
	if one := spoke.Speakers[0]; one.ParticipantID != a.id || one.Level <= 0 || one.Level > 1 {
		t.Errorf("told %+v", spoke)
	}
}

func TestBrokenMediaBringPeopleBackAnew(t *testing.T) {
	s := newStand(t, open())
	a := s.browser("a", "olga")
	a.join()
	a.publish(wire.SourceMicrophone, false)
	if err := s.sfu.Close(); err != nil {
		t.Fatal(err)
	}
	if c := await[*wire.Closing](a, nil); c.Reason != wire.EndOverflow || !c.Reconnect {
		t.Errorf("whose media break is told %+v", c)
	}
	b := s.browser("b", "mei")
	b.hello(&wire.Hello{})
	if c := await[*wire.Closing](b, nil); c.Reason != wire.EndOverflow || !c.Reconnect {
		t.Errorf("for whom there are no media is told %+v", c)
	}
}

func TestAWeakConnectionIsShownToTheOthers(t *testing.T) {
	s := newStand(t, open())
	a, b := s.browser("a", "olga"), s.browser("b", "mei")
	a.join()
	b.join()
	b.do(&wire.ReportStats{DownlinkLoss: 0.2})
	got := await(a, func(q *wire.Quality) bool { return q.ParticipantID == b.id })
	if got.Level != wire.QualityBad || got.Side != "downlink" || got.Reason != "downlinkLoss" {
		t.Errorf("told %+v", got)
	}
	want := `# HELP parley_signaling_troubled_participants Participants whose connection is not good, by the side that has the cause.
# TYPE parley_signaling_troubled_participants gauge
parley_signaling_troubled_participants{side="device"} 0
parley_signaling_troubled_participants{side="downlink"} 1
parley_signaling_troubled_participants{side="link"} 0
parley_signaling_troubled_participants{side="server"} 0
parley_signaling_troubled_participants{side="uplink"} 0
`
	if err := testutil.GatherAndCompare(s.metrics, strings.NewReader(want), "parley_signaling_troubled_participants"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(s.metrics, "parley_signaling_queued"); err != nil || n != 2 {
		t.Errorf("%d queues: %v", n, err)
	}
}

func TestAHostStopsAShare(t *testing.T) {
	s := newStand(t, open())
	a, b := s.browser("a", "olga"), s.browser("b", "mei")
	a.join()
	b.join()
	share := b.publish(wire.SourceScreen, false)
	a.do(&wire.View{Tiles: []wire.Tile{{PublicationID: share, Width: 1920, Height: 1080}}})
	a.hears(share)
	b.do(&wire.SetHint{PublicationID: share, Hint: wire.HintText})
	await(a, func(m *wire.PublicationUpdated) bool { return m.Publication.Hint == wire.HintText })
	a.do(&wire.MuteParticipant{ParticipantID: b.id, Source: wire.SourceScreen})
	await(b, func(m *wire.PublicationRemoved) bool { return m.PublicationID == share })
	await(b, func(m *wire.Muted) bool { return m.Source == wire.SourceScreen })
	a.quiet(share)
}

func TestExpiringTURNAccounts(t *testing.T) {
	s := newStand(t, open())
	b := s.browser("b", "olga")
	w := b.hello(&wire.Hello{})
	if len(w.ICEServers) != 1 || !strings.HasSuffix(w.ICEServers[0].Username, ":"+b.id) || w.ICEServers[0].Credential == "" {
		t.Errorf("ice servers %+v", w.ICEServers)
	}
}
