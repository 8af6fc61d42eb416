package boards

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/objectstore"
	"parley/internal/postgres/pgtest"
	"parley/whiteboard"
	"parley/whiteboard/store"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const patience = 2 * time.Minute

// world is a service on a real database, object store and store of documents; only meetings and groups are played by hand.
type world struct {
	*Service
	api       *api.API
	pool      *pgxpool.Pool
	objects   objectstore.Store
	documents *realDocuments
	rooms     *fakeRooms
	events    *fakeEvents
	audit     *fakeAudit
	groups    fakeGroups
	mu        sync.Mutex
	clock     time.Time       // guarded by mu
	who       authz.Principal // guarded by mu
}

func newWorld(t testing.TB) *world {
	t.Helper()
	objects, err := objectstore.OpenDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return newWorldOn(t, objects)
}

func newWorldOn(t testing.TB, objects objectstore.Store) *world {
	t.Helper()
	w := &world{pool: pgtest.Pool(t), objects: objects, rooms: &fakeRooms{}, events: &fakeEvents{}, audit: &fakeAudit{}, groups: fakeGroups{}, clock: time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)}
	w.documents = newDocuments(t, w.pool, func(c whiteboard.Changed) {
		for _, author := range c.Authors {
			w.Changed(c.Board, author)
		}
	})
	w.Service = New(Config{
		Pool: w.pool, People: fakePeople{w.pool}, Objects: objects, Documents: w.documents, Rooms: w.rooms, Meetings: w.rooms, Groups: w.groups,
		Events: w.events, Audit: w.audit, Now: w.time, Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(func() {
		w.documents.close(t)
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
		objects.Close()
	})
	w.api = api.New(api.Config{Authenticate: func(*http.Request) (authz.Principal, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.who, nil
	}})
	Register(w.api, w.Service)
	return w
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// ask makes a request as somebody and answers its status, body and headers.
func (w *world) ask(p authz.Principal, method, path, contentType string, body []byte) (int, string, http.Header) {
	w.mu.Lock()
	w.who = p
	w.mu.Unlock()
	r := httptest.NewRequest(method, "/api/v1"+path, bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	rec := httptest.NewRecorder()
	w.api.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String(), rec.Header()
}

// json asks with a JSON body and reads the answer.
func (w *world) json(t testing.TB, p authz.Principal, method, path, body string, want int, into any) {
	t.Helper()
	status, text, _ := w.ask(p, method, path, "application/json", []byte(body))
	if status != want {
		t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := w.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) person(t testing.TB, name string) authz.Principal {
	t.Helper()
	id := newID()
	w.exec(t, `insert into users (id, name, login, password_hash, role, locale, sort_pinyin, sort_letters, search)
		values ($1, $2, $3, '', 'member', 'en', '', '', '')`, id, name, id.String())
	return authz.Principal{Kind: authz.User, UserID: id, Role: authz.Member, Name: name, Locale: "en"}
}

// department makes one with members, below another one unless that is the nil UUID.
func (w *world) department(t testing.TB, name string, parent uuid.UUID, members ...authz.Principal) uuid.UUID {
	t.Helper()
	id := newID()
	var above *uuid.UUID
	if parent != uuid.Nil {
		above = &parent
	}
	w.exec(t, `insert into departments (id, parent_id, name, name_key, sort_pinyin, sort_letters) values ($1, $2, $3, $3, '', '')`, id, above, name)
	for _, m := range members {
		w.exec(t, `insert into department_members (department_id, user_id) values ($1, $2)`, id, m.UserID)
	}
	return id
}

// meeting makes one that people were in.
func (w *world) meeting(t testing.TB, organizer authz.Principal, attendees ...authz.Principal) uuid.UUID {
	t.Helper()
	id, session := newID(), newID()
	w.exec(t, `insert into meetings (id, code, conversation_id, organizer_id, title, instant, starts_at, duration_minutes, timezone, lobby, guests_allowed, who_may_share, created_at, updated_at)
		values ($1, $2, $3, $4, 'Weekly', true, now(), 60, 'UTC', false, true, 'everyone', now(), now())`, id, codeOf(id), newID(), organizer.UserID)
	w.exec(t, `insert into meeting_sessions (id, meeting_id, node, started_at, heartbeat_at) values ($1, $2, 'n', now(), now())`, session, id)
	for _, p := range attendees {
		w.exec(t, `insert into attendance (id, session_id, meeting_id, participant_id, person_key, user_id, name, joined_at)
			values ($1, $2, $3, $4, $5, $6, $7, now())`, newID(), session, id, newID().String(), p.Key(), p.UserID, p.Name)
	}
	return id
}

func codeOf(id uuid.UUID) string {
	letters := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + 'g'
		}
		return r
	}, strings.ReplaceAll(id.String(), "-", "")[20:])
	return letters[:3] + "-" + letters[3:7] + "-" + letters[7:10]
}

func (w *world) board(t testing.TB, p authz.Principal, d Draft) *Board {
	t.Helper()
	b, err := w.Create(t.Context(), p, d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w *world) share(t testing.TB, owner authz.Principal, board uuid.UUID, entries ...BoardAccessEntry) {
	t.Helper()
	if _, err := w.SetAccess(t.Context(), owner, board, entries); err != nil {
		t.Fatal(err)
	}
}

func entry(kind Kind, id uuid.UUID, role Role) BoardAccessEntry {
	e := BoardAccessEntry{Kind: kind, Role: role}
	if kind != ToEveryone {
		e.ID = &id
	}
	return e
}

// draw puts elements on a board as an editor does, and lists show it.
func (w *world) draw(t testing.TB, p authz.Principal, board uuid.UUID, elements ...map[string]any) {
	t.Helper()
	w.drawUnseen(t, p, board, elements...)
	if err := w.refresh(t.Context(), board, change{p.Key(), w.time()}); err != nil {
		t.Fatal(err)
	}
}

// drawUnseen draws just before a crash: nobody is told.
func (w *world) drawUnseen(t testing.TB, p authz.Principal, board uuid.UUID, elements ...map[string]any) {
	t.Helper()
	state, err := w.documents.State(t.Context(), board)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := ydoc.Load(ydoc.Limits{}, state)
	if err != nil {
		t.Fatal(err)
	}
	applied, err := doc.Edit(uint64(uuid.New().ID()), func(e *ydoc.Edit) {
		for _, element := range elements {
			e.Set("elements", element["id"].(string), element)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	log, err := w.documents.store.Open(t.Context(), board)
	if err != nil {
		t.Fatal(err)
	}
	log.Append(whiteboard.Entry{Update: applied.Update, Author: p.Key(), At: w.time()})
	if err := log.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func textElement(id, text string) map[string]any {
	return map[string]any{"id": id, "type": "text", "text": text, "x": 10, "y": 20, "width": 100, "height": 25, "fontSize": 20, "index": "a0"}
}

func pngPicture(t testing.TB, side int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	img.Set(side/2, side/2, color.RGBA{R: 255, A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// realDocuments is the store of documents and the server of open boards, as the program has them.
type realDocuments struct {
	store  *store.Store
	server *whiteboard.Server

	mu        sync.Mutex
	rechecked []uuid.UUID // guarded by mu
	closed    []uuid.UUID // guarded by mu
}

type closedDoor struct{}

func (closedDoor) Admit(context.Context, *http.Request, uuid.UUID) (whiteboard.Grant, error) {
	return whiteboard.Grant{}, whiteboard.ErrDenied
}

func newDocuments(t testing.TB, pool *pgxpool.Pool, onChanged func(whiteboard.Changed)) *realDocuments {
	t.Helper()
	kept, err := store.New(store.Config{Pool: pool, Node: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server, err := whiteboard.New(whiteboard.Config{Store: kept, Doorkeeper: closedDoor{}, OnChanged: onChanged, Linger: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return &realDocuments{store: kept, server: server}
}

func (d *realDocuments) close(t testing.TB) {
	if err := d.server.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := d.store.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func (d *realDocuments) Create(ctx context.Context, board uuid.UUID, state []byte, author string) error {
	return d.server.Create(ctx, board, state, author)
}

func (d *realDocuments) State(ctx context.Context, board uuid.UUID) ([]byte, error) {
	return d.server.State(ctx, board)
}

func (d *realDocuments) At(ctx context.Context, board uuid.UUID, seq int64) ([]byte, error) {
	state, err := d.server.At(ctx, board, seq)
	if err != nil {
		return nil, fault.BoardStateNotFound.Wrap(err)
	}
	return state, nil
}

func (d *realDocuments) History(ctx context.Context, board uuid.UUID, before int64, limit int) ([]Change, error) {
	list, err := d.server.History(ctx, board, whiteboard.HistoryPage{Before: before, Limit: limit})
	changes := make([]Change, len(list))
	for i, c := range list {
		changes[i] = Change{Seq: c.Seq, At: c.At, Authors: c.Authors, Bytes: int64(c.Bytes)}
	}
	return changes, err
}

func (d *realDocuments) Restore(ctx context.Context, board uuid.UUID, seq int64, author string) error {
	if err := d.server.Restore(ctx, board, seq, author); err != nil {
		return fault.BoardStateNotFound.Wrap(err)
	}
	return nil
}

func (d *realDocuments) Delete(ctx context.Context, board uuid.UUID) error {
	return d.store.Delete(ctx, board)
}

func (d *realDocuments) Recheck(board uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rechecked = append(d.rechecked, board)
}

func (d *realDocuments) Close(board uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = append(d.closed, board)
}

func (d *realDocuments) wasRechecked(board uuid.UUID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Contains(d.rechecked, board)
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

// fakeGroups are group conversations by id, with the members' ids.
type fakeGroups map[uuid.UUID][]uuid.UUID

func (f fakeGroups) GroupIDs(_ context.Context, user uuid.UUID) (ids []uuid.UUID, _ error) {
	for id, members := range f {
		if slices.Contains(members, user) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (f fakeGroups) GroupNames(_ context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	for _, id := range ids {
		if _, ok := f[id]; ok {
			names[id] = "Group"
		}
	}
	return names, nil
}

func (f fakeGroups) MemberIDs(_ context.Context, ids []uuid.UUID) (members []uuid.UUID, _ error) {
	for _, id := range ids {
		members = append(members, f[id]...)
	}
	return members, nil
}

// fakeEvents keeps who was told of which board.
type fakeEvents struct {
	mu   sync.Mutex
	told []told // guarded by mu
}

type told struct {
	board   uuid.UUID
	to      []string // keys of people
	members bool     // everyone in the company
}

func (f *fakeEvents) Publish(_ context.Context, to []string, event any) {
	f.note(told{board: event.(BoardEvent).BoardID, to: to})
}

func (f *fakeEvents) PublishToMembers(_ context.Context, event any) {
	f.note(told{board: event.(BoardEvent).BoardID, members: true})
}

func (f *fakeEvents) note(one told) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, one)
}

// take answers what was told since it was asked last.
func (f *fakeEvents) take() []told {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.told
	f.told = nil
	return all
}

// fakeRooms is one meeting that runs.
type fakeRooms struct {
	mu        sync.Mutex
	meeting   uuid.UUID            // guarded by mu
	organizer uuid.UUID            // guarded by mu
	people    map[string]Role      // guarded by mu; what they may do on open boards
	open      map[uuid.UUID]string // guarded by mu; titles
	full      bool                 // guarded by mu; opens no more, as when another was faster
}

func (f *fakeRooms) run(meeting, organizer uuid.UUID, people map[string]Role) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.meeting, f.organizer, f.people, f.open = meeting, organizer, people, map[uuid.UUID]string{}
}

func (f *fakeRooms) MayOpenBoard(_ context.Context, meeting uuid.UUID, person string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch role, there := f.people[person]; {
	case meeting != f.meeting || !there:
		return fault.NotInMeeting
	case role != Editor:
		return fault.NotAllowed
	}
	return nil
}

func (f *fakeRooms) OpenBoard(ctx context.Context, meeting uuid.UUID, person string, board uuid.UUID, title string) error {
	if err := f.MayOpenBoard(ctx, meeting, person); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.full {
		return fault.LimitReached
	}
	f.open[board] = title
	return nil
}

func (f *fakeRooms) CloseBoard(ctx context.Context, meeting uuid.UUID, person string, board uuid.UUID) error {
	if err := f.MayOpenBoard(ctx, meeting, person); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, open := f.open[board]; !open {
		return fault.BoardNotFound
	}
	delete(f.open, board)
	return nil
}

func (f *fakeRooms) BoardRenamed(board uuid.UUID, title string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, open := f.open[board]; open {
		f.open[board] = title
	}
}

func (f *fakeRooms) BoardDeleted(board uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, board)
}

func (f *fakeRooms) BoardRole(board uuid.UUID, person string) Role {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, open := f.open[board]; !open {
		return ""
	}
	return f.people[person]
}

func (f *fakeRooms) BoardOwner(_ context.Context, meeting uuid.UUID) (uuid.UUID, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if meeting != f.meeting {
		return uuid.Nil, fault.MeetingNotFound
	}
	return f.organizer, nil
}

func (f *fakeRooms) MeetingBoards(_ context.Context, p authz.Principal, meeting uuid.UUID) (ids []uuid.UUID, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.people[p.Key()]; meeting != f.meeting || !there {
		return nil, fault.MeetingNotFound
	}
	for id := range f.open {
		ids = append(ids, id)
	}
	return ids, nil
}

func (f *fakeRooms) show(board uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[board] = "shown"
}

func guestOf(meeting uuid.UUID, name string) authz.Principal {
	return authz.Principal{Kind: authz.Guest, GuestID: newID(), MeetingID: meeting, Name: name, Locale: "en"}
}
