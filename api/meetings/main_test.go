package meetings

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/postgres/pgtest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is a service on a real database with everything around it played by hand.
type world struct {
	*Service
	pool   *pgxpool.Pool
	rooms  *fakeRooms
	events *fakeEvents
	mu     sync.Mutex
	clock  time.Time // guarded by mu
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{pool: pgtest.Pool(t), rooms: &fakeRooms{}, events: &fakeEvents{}, clock: time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)}
	w.Service = New(Config{
		Pool: w.pool, People: fakePeople{w.pool}, Guests: fakeGuests{}, Conversations: fakeConversations{}, Rooms: w.rooms,
		Events: w.events, PublicURL: "https://meet.example.com/", Now: w.time, Log: slog.New(slog.DiscardHandler),
	})
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) at(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = t
}

func (w *world) person(t testing.TB, name string) authz.Principal {
	t.Helper()
	id := newID()
	_, err := w.pool.Exec(t.Context(), `insert into users (id, name, login, password_hash, role, locale, sort_pinyin, sort_letters, search)
		values ($1, $2, $3, '', 'member', 'en', '', '', '')`, id, name, id.String())
	if err != nil {
		t.Fatal(err)
	}
	return authz.Principal{Kind: authz.User, UserID: id, Role: authz.Member, Name: name, Locale: "en"}
}

func (w *world) create(t testing.TB, p authz.Principal, d Draft) *MeetingDetail {
	t.Helper()
	m, err := w.Create(t.Context(), p, d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type fakePeople struct{ pool *pgxpool.Pool }

func (f fakePeople) People(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Person, error) {
	rows, err := f.pool.Query(ctx, "select id, name from users where id = any ($1)", ids)
	if err != nil {
		return nil, err
	}
	people := map[uuid.UUID]Person{}
	var p Person
	_, err = pgx.ForEachRow(rows, []any{&p.ID, &p.Name}, func() error {
		people[p.ID] = p
		return nil
	})
	return people, err
}

type fakeGuests struct{}

func (fakeGuests) CreateGuest(_ context.Context, _ uuid.UUID, name, _ string) (uuid.UUID, string, http.Cookie, error) {
	id := newID()
	return id, name, http.Cookie{Name: "parley_guest", Value: id.String()}, nil
}

type fakeConversations struct{}

func (fakeConversations) CreateForMeeting(ctx context.Context, tx pgx.Tx, meeting uuid.UUID) (uuid.UUID, error) {
	id := newID()
	_, err := tx.Exec(ctx, "insert into conversations (id, kind, subject_id, created_at) values ($1, 'meeting', $2, now())", id, meeting)
	return id, err
}

type fakeRooms struct {
	mu    sync.Mutex
	rooms map[string]Room // guarded by mu
	ended []string        // guarded by mu
}

func (f *fakeRooms) Room(id string) (Room, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, ok := f.rooms[id]
	return r, ok
}

func (f *fakeRooms) End(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = append(f.ended, id)
}

func (f *fakeRooms) set(id uuid.UUID, r Room) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rooms == nil {
		f.rooms = map[string]Room{}
	}
	f.rooms[id.String()] = r
}

func (f *fakeRooms) close(id uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.rooms, id.String())
}

type fakeEvents struct {
	mu        sync.Mutex
	published []string // guarded by mu
	rechecked int      // guarded by mu
}

func (f *fakeEvents) Publish(_ context.Context, to []string, event any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.published = append(f.published, fmt.Sprintf("%d %+v", len(to), event))
}

func (f *fakeEvents) Recheck(context.Context, uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rechecked++
}

func presentOf(p authz.Principal, host bool, at time.Time) Present {
	return Present{ParticipantID: "participant-" + p.Key(), PersonKey: p.Key(), UserID: p.UserID.String(), Name: p.Name, Host: host, JoinedAt: at}
}

func attendeeOf(p authz.Principal) Attendee {
	a := Attendee{PersonKey: p.Key(), Name: p.Name}
	if p.SignedIn() {
		a.UserID = p.UserID.String()
	}
	return a
}

func guestOf(meeting uuid.UUID, name string) authz.Principal {
	return authz.Principal{Kind: authz.Guest, GuestID: newID(), MeetingID: meeting, Name: name, Locale: "en"}
}
