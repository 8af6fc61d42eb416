package events_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/api/chat"
	"parley/api/events"
	"parley/internal/authz"
	"parley/internal/bus"
	"parley/internal/postgres/pgtest"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// meeting is who may do what in the conversation, and everybody's name.
type meeting struct {
	members []uuid.UUID
	since   map[string]time.Time // of guests, by key
}

func (m *meeting) Standing(_ context.Context, p authz.Principal, _ uuid.UUID) (chat.Standing, error) {
	return chat.Standing{Read: true, Write: true, Moderate: true, Since: m.since[p.Key()]}, nil
}

func (m *meeting) MemberIDs(context.Context, uuid.UUID) ([]uuid.UUID, error) { return m.members, nil }

func (m *meeting) People(context.Context, []uuid.UUID) (map[uuid.UUID]chat.Person, error) {
	return nil, nil
}

// stack is chat and the event stream on a real database and bus.
type stack struct {
	chat         *chat.Service
	conversation uuid.UUID
	url          string
	mu           sync.Mutex
	people       map[string]authz.Principal // by key, which is the cookie; guarded by mu
}

func newStack(t *testing.T, m *meeting) *stack {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	pool := pgtest.Pool(t)
	b, err := bus.Open("", log, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	s := &stack{people: map[string]authz.Principal{}}
	s.chat = chat.New(chat.Config{Pool: pool, People: m, Meetings: m, Events: events.NewPublisher(b, log), Log: log})
	err = pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) (err error) {
		s.conversation, err = chat.CreateForMeeting(t.Context(), tx, uuid.New())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	hub, err := events.New(b, events.Config{Authenticate: s.authenticate, Follow: s.chat.Follow, Log: log, QueueFrames: 16, StreamsPerPerson: 50})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := s.authenticate(r)
		hub.ServeHTTP(w, r.WithContext(authz.With(r.Context(), p)))
	}))
	t.Cleanup(server.Close)
	t.Cleanup(hub.Close)
	s.url = "ws" + strings.TrimPrefix(server.URL, "http")
	return s
}

func (s *stack) authenticate(r *http.Request) (authz.Principal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.people[r.Header.Get("Cookie")], nil
}

func (s *stack) person(p authz.Principal) authz.Principal {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people[p.Key()] = p
	return p
}

// reader is a client as PROTOCOL.md tells it to be.
type reader struct {
	stack *stack
	p     authz.Principal
	drop  *rand.Rand // when to drop the connection

	known    int64
	early    map[int64]bool
	messages map[uuid.UUID]chat.EventMessage
	fetched  int
}

func (r *reader) take(t *testing.T, m chat.EventMessage) {
	if was, ok := r.messages[m.ID]; ok && was.ChangeSeq >= m.ChangeSeq {
		return
	}
	if was, ok := r.messages[m.ID]; ok && was.Seq != m.Seq {
		t.Errorf("message %s moved from %d to %d", m.ID, was.Seq, m.Seq)
	}
	r.messages[m.ID] = m
	r.early[m.ChangeSeq] = true
	for r.early[r.known+1] {
		delete(r.early, r.known+1)
		r.known++
	}
}

// catchUp asks for the changes after what is known.
func (r *reader) catchUp(t *testing.T) {
	for more := true; more; {
		page, err := r.stack.chat.Changes(t.Context(), r.p, r.stack.conversation, r.known, 25)
		if err != nil {
			t.Error(err)
			return
		}
		r.fetched++
		for _, m := range page.Items {
			reacted := make([]chat.Reacted, 0, len(m.Reactions))
			for _, one := range m.Reactions {
				reacted = append(reacted, one.Reacted)
			}
			r.take(t, chat.EventMessage{MessageBody: m.MessageBody, Reactions: reacted})
		}
		for seq := range r.early {
			if seq <= page.ChangeSeq {
				delete(r.early, seq)
			}
		}
		r.known, more = max(r.known, page.ChangeSeq), page.HasMore
	}
}

// follow lives through connections until it knows everything up to the number that the writers reached, which done
// tells.
func (r *reader) follow(t *testing.T, done <-chan int64) {
	target := int64(-1)
	for target < 0 || r.known < target {
		socket, _, err := websocket.DefaultDialer.Dial(r.stack.url, http.Header{"Cookie": {r.p.Key()}})
		if err != nil {
			t.Error(err)
			return
		}
		target = r.connection(t, socket, done, target)
		socket.Close()
		if t.Failed() {
			return
		}
	}
}

func (r *reader) connection(t *testing.T, socket *websocket.Conn, done <-chan int64, target int64) int64 {
	life := 20 + r.drop.IntN(200)
	frames := make(chan []byte)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer func() {
		for range frames { // until the reader below has ended
		}
	}()
	defer socket.Close()
	reading.Go(func() {
		defer close(frames)
		for {
			_, data, err := socket.ReadMessage()
			if err != nil {
				return
			}
			frames <- data
		}
	})
	if err := socket.WriteJSON(map[string]any{"type": "subscribe", "conversationId": r.stack.conversation}); err != nil {
		return target
	}
	for {
		if target >= 0 && r.known >= target {
			return target
		}
		var patience <-chan time.Time
		if len(r.early) > 0 {
			patience = time.After(30 * time.Millisecond)
		}
		select {
		case data, open := <-frames:
			if life--; !open || life < 0 && target < 0 {
				return target
			}
			r.onFrame(t, data)
		case <-patience:
			r.catchUp(t)
		case n, open := <-done:
			if done = nil; open {
				target = n
			}
		case <-time.After(time.Minute):
			t.Errorf("%s stays at %d of %d", r.p.Key(), r.known, target)
			return target
		}
	}
}

func (r *reader) onFrame(t *testing.T, data []byte) {
	var e struct {
		Type    string
		Message chat.EventMessage
	}
	if err := json.Unmarshal(data, &e); err != nil {
		t.Errorf("%s: %v", data, err)
	}
	switch e.Type {
	case "message":
		r.take(t, e.Message)
	case "ready", "subscribed", "resync":
		r.catchUp(t)
	}
}

// TestCatchUp has people write, react and recall while others follow over connections that break at random times. Who
// follows ends with the conversation as it is, without ever being told to begin anew.
func TestCatchUp(t *testing.T) {
	m := &meeting{since: map[string]time.Time{}}
	var writers []authz.Principal
	for range 10 {
		id := uuid.New()
		m.members = append(m.members, id)
		writers = append(writers, authz.Principal{Kind: authz.User, UserID: id, Role: authz.Member, Name: "W"})
	}
	zoe := authz.Principal{Kind: authz.Guest, GuestID: uuid.New(), Name: "Zoë"}
	m.since[zoe.Key()] = time.Now()
	s := newStack(t, m)
	for _, p := range append(writers, zoe) {
		s.person(p)
	}
	readers := []*reader{}
	for i, p := range []authz.Principal{writers[0], writers[1], zoe, zoe} {
		readers = append(readers, &reader{stack: s, p: p, drop: rand.New(rand.NewPCG(uint64(i), 1)), early: map[int64]bool{}, messages: map[uuid.UUID]chat.EventMessage{}})
	}

	var writing, reading sync.WaitGroup
	done := make(chan int64, len(readers))
	for _, r := range readers {
		reading.Go(func() { r.follow(t, done) })
	}
	for i, p := range writers {
		writing.Go(func() { s.write(t, p, rand.New(rand.NewPCG(uint64(i), 2))) })
	}
	writing.Wait()
	c, err := s.chat.Conversation(t.Context(), writers[0], s.conversation)
	if err != nil {
		t.Fatal(err)
	}
	for range readers {
		done <- c.ChangeSeq
	}
	reading.Wait()
	after := int64(0)
	page, err := s.chat.Messages(t.Context(), writers[0], s.conversation, chat.Range{After: &after, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range readers {
		if len(r.messages) != len(page.Items) {
			t.Errorf("reader %d has %d messages of %d", i, len(r.messages), len(page.Items))
		}
		for _, want := range page.Items {
			if have := r.messages[want.ID]; have.ChangeSeq != want.ChangeSeq || have.Text != want.Text || have.Recalled != want.Recalled || len(have.Reactions) != len(want.Reactions) {
				t.Errorf("reader %d has %+v, is %+v", i, have, want)
				break
			}
		}
		t.Logf("reader %d: %d messages, %d changes, asked %d times", i, len(r.messages), r.known, r.fetched)
	}
}

func (s *stack) write(t *testing.T, p authz.Principal, r *rand.Rand) {
	var mine []uuid.UUID
	for range 60 {
		var err error
		switch n := r.IntN(10); {
		case n < 6 || len(mine) == 0:
			var sent *chat.Message
			if sent, err = s.chat.Send(t.Context(), p, s.conversation, chat.Draft{ClientID: uuid.New(), Text: "hello"}); err == nil {
				mine = append(mine, sent.ID)
			}
		case n < 9:
			_, err = s.chat.React(t.Context(), p, mine[r.IntN(len(mine))], "👍", r.IntN(3) > 0)
		default:
			_, err = s.chat.Recall(t.Context(), p, mine[len(mine)-1])
			mine = mine[:len(mine)-1]
		}
		if err != nil && !strings.Contains(err.Error(), "too many attempts") {
			t.Error(err)
			return
		}
	}
}
