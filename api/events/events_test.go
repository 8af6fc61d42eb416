package events

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/bus"
	"parley/internal/fault"
	"parley/internal/postgres/pgtest"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// patience is how long a test waits for what must come; it is only ever used up when something is broken.
const patience = time.Minute

// world is a hub on a real bus, with people and rights that the test decides.
type world struct {
	*Publisher
	hub    *Hub
	server *httptest.Server
	mu     sync.Mutex
	who    map[string]authz.Principal // by credential; guarded by mu
	may    map[string]time.Time       // since when key+conversation sees; guarded by mu
}

func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	b, err := bus.Open("", log, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	w := &world{Publisher: NewPublisher(b, log), who: map[string]authz.Principal{}, may: map[string]time.Time{}}
	cfg := Config{Authenticate: w.authenticate, Follow: w.follow, PublicURL: "https://meet.example.com", Registry: prometheus.NewRegistry(), Log: log}
	if change != nil {
		change(&cfg)
	}
	if w.hub, err = New(b, cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.hub.Close)
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		p, _ := w.authenticate(r)
		w.hub.ServeHTTP(rw, r.WithContext(authz.With(r.Context(), p)))
	}))
	t.Cleanup(w.server.Close)
	return w
}

func (w *world) authenticate(r *http.Request) (authz.Principal, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.who[r.Header.Get("Cookie")], nil
}

func (w *world) follow(_ context.Context, p authz.Principal, id uuid.UUID) (time.Time, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	since, ok := w.may[p.Key()+id.String()]
	if !ok {
		return since, fault.NotInMeeting
	}
	return since, nil
}

func (w *world) permit(p authz.Principal, id uuid.UUID, since time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.may[p.Key()+id.String()] = since
}

func (w *world) forbid(p authz.Principal, id uuid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.may, p.Key()+id.String())
}

func (w *world) signOut(p authz.Principal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.who, p.Key())
}

func member() authz.Principal {
	return authz.Principal{Kind: authz.User, UserID: uuid.New(), SessionID: uuid.New(), Role: authz.Member}
}

func guest() authz.Principal { return authz.Principal{Kind: authz.Guest, GuestID: uuid.New()} }

// client is a stream as a browser sees it.
type client struct {
	*websocket.Conn
	t *testing.T
}

// connect opens a stream and waits until it is ready.
func (w *world) connect(t *testing.T, p authz.Principal) client {
	t.Helper()
	c := w.dial(t, p)
	c.want(`{"type":"ready","pingSeconds":` + fmt.Sprint(int(w.hub.cfg.PingEvery/time.Second)) + `}`)
	return c
}

func (w *world) dial(t *testing.T, p authz.Principal) client {
	t.Helper()
	w.mu.Lock()
	w.who[p.Key()] = p
	w.mu.Unlock()
	socket, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.server.URL, "http"), http.Header{"Cookie": {p.Key()}})
	if err != nil {
		t.Fatal(err, resp)
	}
	t.Cleanup(func() { socket.Close() })
	return client{socket, t}
}

func (c client) next() string {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	_, data, err := c.ReadMessage()
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

func (c client) want(message string) {
	c.t.Helper()
	if have := c.next(); have != message {
		c.t.Fatalf("have %s, want %s", have, message)
	}
}

// wantEnd reads up to the close and holds it to a reason.
func (c client) wantEnd(reason closeReason) {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(patience))
	said := false
	for {
		_, data, err := c.ReadMessage()
		if err != nil {
			if !websocket.IsCloseError(err, reason.status()) || !said {
				c.t.Fatalf("%v after farewell %v, want %s", err, said, reason)
			}
			return
		}
		said = said || strings.HasPrefix(string(data), `{"type":"closing","reason":"`+string(reason)+`"`)
	}
}

func (c client) say(message string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
		c.t.Fatal(err)
	}
}

func (c client) subscribe(id uuid.UUID) {
	c.t.Helper()
	c.say(`{"type":"subscribe","conversationId":"` + id.String() + `"}`)
	c.want(`{"type":"subscribed","conversationId":"` + id.String() + `"}`)
}

type event struct {
	Type string `json:"type"`
	N    int    `json:"n"`
}

func TestDelivery(t *testing.T) {
	w := newWorld(t, nil)
	ada, bo, zoe := member(), member(), guest()
	conversation, began := uuid.New(), time.Now()
	w.permit(zoe, conversation, began)
	w.permit(bo, conversation, time.Time{})
	first, second, other, visitor := w.connect(t, ada), w.connect(t, ada), w.connect(t, bo), w.connect(t, zoe)
	visitor.subscribe(conversation)
	other.subscribe(conversation)

	ctx := t.Context()
	w.Publish(ctx, []string{ada.Key()}, event{"message", 1})
	first.want(`{"type":"message","n":1}`)
	second.want(`{"type":"message","n":1}`)

	w.PublishChange(ctx, conversation, 2, began.Add(time.Second), []string{ada.Key(), bo.Key()}, event{"message", 2})
	first.want(`{"type":"message","n":2}`)
	other.want(`{"type":"message","n":2}`)
	visitor.want(`{"type":"message","n":2}`)

	w.PublishChange(ctx, conversation, 3, began.Add(-time.Second), []string{bo.Key()}, event{"message", 3})
	visitor.want(`{"type":"resync","conversationId":"` + conversation.String() + `"}`)
	other.want(`{"type":"message","n":3}`) // once, though addressed and following
	w.Publish(ctx, []string{bo.Key()}, event{"message", 4})
	other.want(`{"type":"message","n":4}`)

	visitor.say(`{"type":"unsubscribe","conversationId":"` + conversation.String() + `"}`)
	visitor.want(`{"type":"unsubscribed","conversationId":"` + conversation.String() + `"}`)
	w.PublishChange(ctx, conversation, 5, time.Now(), nil, event{"message", 5})
	other.want(`{"type":"message","n":5}`)
	visitor.say(`{"type":"ping"}`)
	visitor.want(`{"type":"pong"}`)
}

func TestTooLargeEventBecomesAQuestion(t *testing.T) {
	w := newWorld(t, nil)
	ada, conversation := member(), uuid.New()
	c := w.connect(t, ada)
	w.PublishChange(t.Context(), conversation, 1, time.Now(), []string{ada.Key()}, map[string]string{"type": "message", "text": strings.Repeat("x", bus.MaxMessageBytes)})
	c.want(`{"type":"resync","conversationId":"` + conversation.String() + `"}`)
}

func TestLostMessagesMakeEverybodyAsk(t *testing.T) {
	w := newWorld(t, nil)
	c := w.connect(t, member())
	w.hub.onMessage(bus.Message{Lost: true})
	c.want(`{"type":"resync"}`)
}

func TestRequestsThatFail(t *testing.T) {
	w := newWorld(t, nil)
	c := w.connect(t, member())
	id := uuid.New().String()
	for request, want := range map[string]string{
		`{"type":"subscribe","conversationId":"` + id + `"}`: `{"type":"error","code":"notInMeeting","message":"you are not in this meeting","conversationId":"` + id + `"}`,
		`{"type":"subscribe"}`:                               `{"type":"error","code":"badMessage","message":"the message cannot be read"}`,
		`{"type":"subscribe","conversationId":"abc"}`:        `{"type":"error","code":"badMessage","message":"the message cannot be read"}`,
		`[]`:              `{"type":"error","code":"badMessage","message":"the message cannot be read"}`,
		`{"type":"fly"}`:  `{"type":"error","code":"unknownMessage","message":"this message type is unknown"}`,
		`{"kind":"ping"}`: `{"type":"error","code":"unknownMessage","message":"this message type is unknown"}`,
	} {
		c.say(request)
		c.want(want)
	}
}

func TestFollowsAreBounded(t *testing.T) {
	w := newWorld(t, nil)
	ada := member()
	c := w.connect(t, ada)
	for range maxTopics {
		id := uuid.New()
		w.permit(ada, id, time.Time{})
		c.subscribe(id)
	}
	id := uuid.New()
	w.permit(ada, id, time.Time{})
	c.say(`{"type":"subscribe","conversationId":"` + id.String() + `"}`)
	if have := c.next(); !strings.Contains(have, "tooManyMessages") {
		t.Error(have)
	}
}

func TestEnds(t *testing.T) {
	told := make(chan uuid.UUID, 10)
	w := newWorld(t, func(c *Config) {
		c.CheckEvery = 50 * time.Millisecond
		c.OnRevoked = func(_, sessionID uuid.UUID) { told <- sessionID }
	})
	ctx := t.Context()
	t.Run("session revoked", func(t *testing.T) {
		ada := member()
		elsewhere := ada
		elsewhere.SessionID = uuid.New()
		a := w.connect(t, ada)
		w.Revoke(ctx, ada.UserID, uuid.New())
		w.Revoke(ctx, uuid.New(), uuid.Nil)
		w.Publish(ctx, []string{ada.Key()}, event{"message", 1})
		a.want(`{"type":"message","n":1}`)
		w.Revoke(ctx, ada.UserID, ada.SessionID)
		a.wantEnd(reasonUnauthenticated)
		for id := range told {
			if id == ada.SessionID {
				break
			}
		}
	})
	t.Run("signed out without a word", func(t *testing.T) {
		ada := member()
		a := w.connect(t, ada)
		w.signOut(ada)
		a.wantEnd(reasonUnauthenticated)
	})
	t.Run("guest out of the meeting", func(t *testing.T) {
		zoe, id := guest(), uuid.New()
		w.permit(zoe, id, time.Time{})
		z := w.connect(t, zoe)
		z.subscribe(id)
		w.forbid(zoe, id)
		w.Recheck(ctx, id)
		z.want(`{"type":"unsubscribed","conversationId":"` + id.String() + `","code":"notInMeeting"}`)
		z.wantEnd(reasonNotInMeeting)
	})
	t.Run("member loses one conversation", func(t *testing.T) {
		ada, id := member(), uuid.New()
		w.permit(ada, id, time.Time{})
		a := w.connect(t, ada)
		a.subscribe(id)
		w.forbid(ada, id)
		w.Recheck(ctx, id)
		a.want(`{"type":"unsubscribed","conversationId":"` + id.String() + `","code":"notInMeeting"}`)
		w.PublishChange(ctx, id, 1, time.Now(), nil, event{"message", 1})
		w.Publish(ctx, []string{ada.Key()}, event{"message", 2})
		a.want(`{"type":"message","n":2}`)
	})
	t.Run("flood", func(t *testing.T) {
		a := w.connect(t, member())
		for range 2 * requestsBurst {
			if err := a.WriteMessage(websocket.TextMessage, []byte(`{"type":"ping"}`)); err != nil {
				break
			}
		}
		a.wantEnd(reasonProtocol)
	})
	t.Run("flood of pings", func(t *testing.T) {
		a := w.connect(t, member())
		for range 2 * requestsBurst {
			if err := a.WriteControl(websocket.PingMessage, nil, time.Time{}); err != nil {
				break
			}
		}
		a.wantEnd(reasonProtocol)
	})
	t.Run("frame too large", func(t *testing.T) {
		a := w.connect(t, member())
		a.say(`{"type":"` + strings.Repeat("x", maxRequestBytes) + `"}`)
		if _, _, err := a.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
			t.Error(err)
		}
	})
	t.Run("binary", func(t *testing.T) {
		a := w.connect(t, member())
		if err := a.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"ping"}`)); err != nil {
			t.Fatal(err)
		}
		a.wantEnd(reasonProtocol)
	})
	t.Run("too many of one person", func(t *testing.T) {
		ada := member()
		for range w.hub.cfg.StreamsPerPerson {
			w.connect(t, ada)
		}
		w.dial(t, ada).wantEnd(reasonTooMany)
		w.connect(t, member())
	})
	t.Run("shutdown", func(t *testing.T) {
		a := w.connect(t, member())
		w.hub.Close()
		a.wantEnd(reasonShutdown)
		w.dial(t, member()).wantEnd(reasonShutdown)
	})
}

// TestFarewellComesLast has streams end before anything of their queue is written.
func TestFarewellComesLast(t *testing.T) {
	const queued = 20
	for _, reason := range []closeReason{reasonNotInMeeting, reasonShutdown, reasonProtocol} {
		t.Run(string(reason), func(t *testing.T) {
			w := newWorld(t, nil)
			w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				socket, err := w.hub.upgrader.Upgrade(rw, r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				s := newStream(w.hub, socket, r)
				for n := range queued {
					s.push(frameOf(event{"message", n}))
				}
				s.end(reason)
				s.run()
			}))
			t.Cleanup(w.server.Close)
			c := w.dial(t, member())
			for n := range queued {
				c.want(fmt.Sprintf(`{"type":"message","n":%d}`, n))
			}
			c.want(fmt.Sprintf(`{"type":"closing","reason":%q,"reconnect":%t}`, reason, reason.reconnect()))
			if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, reason.status()) {
				t.Errorf("%v, want %s", err, reason)
			}
		})
	}
}

// TestSlowClientIsClosedAndCatchesUp stops reading until the server gives up, then connects again. Others get
// everything meanwhile.
func TestSlowClientIsClosedAndCatchesUp(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.QueueFrames = 8 })
	ada, bo := member(), member()
	slow, fast := w.connect(t, ada), w.connect(t, bo)
	const events = 400
	big := strings.Repeat("x", 64<<10)
	for n := range events {
		w.Publish(t.Context(), []string{ada.Key(), bo.Key()}, map[string]any{"type": "message", "n": n, "text": big})
		fast.want(fmt.Sprintf(`{"n":%d,"text":"%s","type":"message"}`, n, big))
	}
	_ = slow.SetReadDeadline(time.Now().Add(patience))
	for n := 0; ; n++ {
		if _, _, err := slow.ReadMessage(); err != nil {
			if n >= events {
				t.Errorf("the slow client got %d", n)
			}
			var timeout interface{ Timeout() bool }
			if errors.As(err, &timeout) && timeout.Timeout() {
				t.Errorf("the slow client was not closed: %v", err)
			}
			break
		}
	}
	again := w.connect(t, ada)
	w.Publish(t.Context(), []string{ada.Key()}, event{"message", 1})
	again.want(`{"type":"message","n":1}`)
}

func TestSilentClientIsClosed(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.PingEvery = 50 * time.Millisecond })
	c := w.connect(t, member())
	c.SetPingHandler(func(string) error { return nil })
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if _, _, err := c.ReadMessage(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestOrigin(t *testing.T) {
	w := newWorld(t, nil)
	p := member()
	w.who[p.Key()] = p
	for origin, want := range map[string]bool{
		"": true, w.server.URL: true, "https://meet.example.com": true, "https://evil.example.com": false, "null": false, "::": false,
		"https://meet.example.com.evil.com": false,
	} {
		header := http.Header{"Cookie": {p.Key()}}
		if origin != "" {
			header.Set("Origin", origin)
		}
		socket, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.server.URL, "http"), header)
		if (err == nil) != want || !want && resp.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v", origin, err)
		}
		if socket != nil {
			socket.Close()
		}
	}
}

// TestManyAtOnce has clients come, follow and go while events flow; the race detector watches.
func TestManyAtOnce(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.CheckEvery = 5 * time.Millisecond
		c.StreamsPerPerson = 100
		c.QueueFrames = 1 << 14
	})
	conversation := uuid.New()
	stop := make(chan struct{})
	var publishing, clients sync.WaitGroup
	people := []authz.Principal{member(), member(), guest()}
	for _, p := range people {
		w.permit(p, conversation, time.Time{})
	}
	publishing.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			w.PublishChange(t.Context(), conversation, int64(n), time.Now(), []string{people[0].Key()}, event{"message", n})
			w.Recheck(t.Context(), conversation)
			time.Sleep(100 * time.Microsecond)
		}
	})
	for i := range 24 {
		clients.Go(func() {
			c := w.connect(t, people[i%len(people)])
			if i%len(people) != 0 {
				c.say(`{"type":"subscribe","conversationId":"` + conversation.String() + `"}`)
			}
			last := -1
			for range 50 {
				var e event
				if err := json.Unmarshal([]byte(c.next()), &e); err != nil {
					t.Error(err)
				}
				if e.Type == "message" {
					if e.N <= last {
						t.Errorf("event %d after %d", e.N, last)
					}
					last = e.N
				}
			}
			c.Close()
		})
	}
	clients.Wait()
	close(stop)
	publishing.Wait()
	w.hub.Close()
	if len(w.hub.streams)+len(w.hub.byPerson)+len(w.hub.byTopic) != 0 {
		t.Errorf("left behind: %d streams, %d people, %d topics", len(w.hub.streams), len(w.hub.byPerson), len(w.hub.byTopic))
	}
}

func TestMembersAreToldAndGuestsAreNot(t *testing.T) {
	w := newWorld(t, nil)
	visitor, one, other := guest(), member(), member()
	g, a, b := w.connect(t, visitor), w.connect(t, one), w.connect(t, other)
	w.PublishToMembers(t.Context(), map[string]any{"type": "board", "boardId": 1})
	w.Publish(t.Context(), []string{visitor.Key()}, map[string]any{"type": "own"})
	for _, c := range []client{a, b} {
		c.want(`{"boardId":1,"type":"board"}`)
	}
	g.want(`{"type":"own"}`)
}

// TestProtocolExamples holds the examples of PROTOCOL.md to the code.
func TestProtocolExamples(t *testing.T) {
	doc, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]func() any{
		"ready": func() any { return &ready{} }, "resync": func() any { return &resync{} }, "subscribed": func() any { return &subscribed{} },
		"unsubscribed": func() any { return &unsubscribed{} }, "pong": func() any { return &pong{} }, "error": func() any { return &failure{} },
		"closing": func() any { return &closing{} },
	}
	domains := map[string]bool{"message": true, "read": true, "meeting": true, "board": true}
	seen := map[string]bool{}
	for _, example := range examples(t, doc) {
		var head struct{ Type string }
		if err := json.Unmarshal(example.json, &head); err != nil {
			t.Errorf("%s: %v", example.json, err)
		}
		seen[example.side+" "+head.Type] = true
		if example.side == "client" {
			if _, err := parseRequest(example.json); err != nil {
				t.Errorf("%s: %v", example.json, err)
			}
			continue
		}
		if domains[head.Type] {
			continue
		}
		make, ok := own[head.Type]
		if !ok {
			t.Errorf("%s is no message of the server", head.Type)
			continue
		}
		message := make()
		strict := json.NewDecoder(bytes.NewReader(example.json))
		strict.DisallowUnknownFields()
		if err := strict.Decode(message); err != nil {
			t.Errorf("%s: %v", example.json, err)
		}
		if again, err := json.Marshal(message); err != nil || string(again) != string(example.json) {
			t.Errorf("written %s, documented %s", again, example.json)
		}
	}
	for name := range own {
		if !seen["server "+name] {
			t.Errorf("%s has no example", name)
		}
	}
	for _, name := range []string{typePing, typeSubscribe, typeUnsubscribe} {
		if !seen["client "+name] {
			t.Errorf("%s has no example", name)
		}
	}
	for _, r := range []closeReason{reasonShutdown, reasonOverflow, reasonUnauthenticated, reasonNotInMeeting, reasonTooMany, reasonProtocol} {
		row := fmt.Sprintf("| `%s` | %d | %s |", r, r.status(), map[bool]string{true: "yes", false: "no"}[r.reconnect()])
		if !bytes.Contains(doc, []byte(row)) {
			t.Errorf("no row %s", row)
		}
	}
}

type example struct {
	side string
	json []byte
}

func examples(t *testing.T, doc []byte) (list []example) {
	t.Helper()
	lines := bufio.NewReader(bytes.NewReader(doc))
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return list
		}
		if side, ok := strings.CutPrefix(strings.TrimSpace(line), "```json "); ok {
			body, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, example{side, []byte(strings.TrimSpace(body))})
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte(`{"type":"subscribe","conversationId":"0193b0a0-0000-7000-8000-000000000001"}`))
	f.Add([]byte(`{"type":"ping"}`))
	f.Add([]byte(`[null]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := parseRequest(data); err == nil && r.Type != typePing && r.ConversationID == uuid.Nil {
			t.Errorf("%s: %+v", data, r)
		}
	})
}
