package chat

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/postgres/pgtest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is a service on a real database with one conversation.
type world struct {
	*Service
	pool         *pgxpool.Pool
	conversation uuid.UUID
	subject      *fakeSubject
	events       *fakeEvents
	mu           sync.Mutex
	clock        time.Time // guarded by mu
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{pool: pgtest.Pool(t), subject: &fakeSubject{standings: map[string]Standing{}}, events: &fakeEvents{}, clock: time.Now().UTC().Truncate(time.Microsecond)}
	w.Service = New(Config{Pool: w.pool, People: w.subject, Meetings: w.subject, Events: w.events, Now: w.time, Log: slog.New(slog.DiscardHandler)})
	err := pgx.BeginFunc(t.Context(), w.pool, func(tx pgx.Tx) (err error) {
		w.conversation, err = CreateForMeeting(t.Context(), tx, newID())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) member(name string, s Standing) authz.Principal {
	p := authz.Principal{Kind: authz.User, UserID: newID(), Role: authz.Member, Name: name}
	w.subject.add(p, s)
	return p
}

func (w *world) guest(name string, s Standing) authz.Principal {
	p := authz.Principal{Kind: authz.Guest, GuestID: newID(), Name: name}
	w.subject.add(p, s)
	return p
}

func (w *world) say(t testing.TB, p authz.Principal, text string) *Message {
	t.Helper()
	m, err := w.Send(t.Context(), p, w.conversation, Draft{ClientID: newID(), Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var full = Standing{Title: "Weekly", Read: true, Write: true}

// fakeSubject is a meeting that says what it was told, and the people of the company.
type fakeSubject struct {
	mu        sync.Mutex
	standings map[string]Standing  // by key; guarded by mu
	people    map[uuid.UUID]Person // guarded by mu
}

func (f *fakeSubject) add(p authz.Principal, s Standing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.standings[p.Key()] = s
	if f.people == nil {
		f.people = map[uuid.UUID]Person{}
	}
	if p.SignedIn() {
		f.people[p.UserID] = Person{ID: p.UserID, Name: p.Name, AvatarURL: "/avatar/" + p.Name}
	}
}

func (f *fakeSubject) Standing(_ context.Context, p authz.Principal, _ uuid.UUID) (Standing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.standings[p.Key()]
	if !s.Read && p.Kind == authz.Guest {
		s.Refusal = fault.NotInMeeting
	}
	return s, nil
}

func (f *fakeSubject) MemberIDs(context.Context, uuid.UUID) ([]uuid.UUID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := []uuid.UUID{}
	for id := range f.people {
		if f.standings["user:"+id.String()].Read {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (f *fakeSubject) People(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]Person, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	people := map[uuid.UUID]Person{}
	for _, id := range ids {
		if p, ok := f.people[id]; ok {
			people[id] = p
		}
	}
	return people, nil
}

type told struct {
	changeSeq int64
	written   time.Time
	to        []string
	json      string
}

type fakeEvents struct {
	mu   sync.Mutex
	told []told // guarded by mu
}

func (f *fakeEvents) PublishChange(_ context.Context, _ uuid.UUID, changeSeq int64, written time.Time, to []string, event any) {
	data, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, told{changeSeq, written, to, string(data)})
}

func (f *fakeEvents) Publish(ctx context.Context, to []string, event any) {
	f.PublishChange(ctx, uuid.Nil, 0, time.Time{}, to, event)
}

func (f *fakeEvents) take() []told {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.told
	f.told = nil
	return list
}
