package meetings

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

func TestStreamTokens(t *testing.T) {
	w := newWorld(t)
	var revoked []uuid.UUID
	w.streamRevoked = func(id uuid.UUID) { revoked = append(revoked, id) }
	ada, bob, eve := w.person(t, "Ada"), w.person(t, "Bob"), w.person(t, "Eve")
	m := w.create(t, ada, Draft{InviteeIDs: []uuid.UUID{bob.UserID}})

	later := w.time().Add(time.Hour)
	made, secret, err := w.MakeStreamToken(t.Context(), ada, m.ID, StreamTokenDraft{Name: "  Camera  2 ", Right: StreamPublish, ExpiresAt: &later})
	if err != nil || made.Name != "Camera 2" || made.URL != "https://meet.example.com/whip/"+m.Code || !strings.HasPrefix(secret, "pst_") {
		t.Fatalf("%+v %q %v", made, secret, err)
	}
	seen, _, err := w.MakeStreamToken(t.Context(), ada, m.ID, StreamTokenDraft{Name: "Foyer", Right: StreamWatch})
	if err != nil || seen.URL != "https://meet.example.com/whep/"+m.Code {
		t.Fatalf("%+v %v", seen, err)
	}
	var stored int
	err = w.pool.QueryRow(t.Context(), "select count(*) from stream_tokens t where t::text like '%' || $1 || '%'", secret[4:]).Scan(&stored)
	if err != nil || stored != 0 {
		t.Errorf("the secret is kept: %d %v", stored, err)
	}

	g, err := w.StreamGrant(t.Context(), secret)
	if err != nil || g.TokenID != made.ID || g.MeetingID != m.ID || g.Code != m.Code || g.Right != StreamPublish || g.Name != "Camera 2" || g.ExpiresAt == nil {
		t.Errorf("%+v %v", g, err)
	}
	list, err := w.StreamTokens(t.Context(), ada, m.ID)
	if err != nil || len(list) != 2 || list[0].LastUsedAt == nil || list[1].LastUsedAt != nil {
		t.Errorf("%+v %v", list, err)
	}
	for _, wrong := range []string{"", "pst_", secret + "x", secret[4:], "pst_" + strings.Repeat("a", 43)} {
		if _, err := w.StreamGrant(t.Context(), wrong); !errors.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", wrong, err)
		}
	}

	for who, want := range map[*authz.Principal]error{&bob: fault.Forbidden, &eve: fault.MeetingNotFound} {
		_, err1 := w.StreamTokens(t.Context(), *who, m.ID)
		_, _, err2 := w.MakeStreamToken(t.Context(), *who, m.ID, StreamTokenDraft{Name: "x", Right: StreamWatch})
		err3 := w.RevokeStreamToken(t.Context(), *who, m.ID, made.ID)
		if !errors.Is(err1, want) || !errors.Is(err2, want) || !errors.Is(err3, want) {
			t.Errorf("%s: %v, %v, %v", who.Name, err1, err2, err3)
		}
	}
	// Who is host in the running meeting may, too.
	w.rooms.set(m.ID, Room{StartedAt: w.time(), Participants: []Present{presentOf(bob, true, w.time())}})
	if list, err := w.StreamTokens(t.Context(), bob, m.ID); err != nil || len(list) != 2 {
		t.Errorf("a co-host: %v %v", list, err)
	}

	w.at(later)
	if _, err := w.StreamGrant(t.Context(), secret); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("expired: %v", err)
	}
	if err := w.RevokeStreamToken(t.Context(), ada, m.ID, seen.ID); err != nil || !slices.Equal(revoked, []uuid.UUID{seen.ID}) {
		t.Errorf("%v %v", revoked, err)
	}
	if err := w.RevokeStreamToken(t.Context(), ada, m.ID, seen.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("revoked twice: %v", err)
	}
}

func TestStreamTokensThatAreVoid(t *testing.T) {
	for name, undo := range map[string]func(w *world, ada authz.Principal, m *MeetingDetail) error{
		"the meeting is cancelled": func(w *world, ada authz.Principal, m *MeetingDetail) error { return w.Cancel(t.Context(), ada, m.ID) },
		"the account is disabled": func(w *world, ada authz.Principal, _ *MeetingDetail) error {
			_, err := w.pool.Exec(t.Context(), "update users set disabled_at = now() where id = $1", ada.UserID)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ada := w.person(t, "Ada")
			m := w.create(t, ada, Draft{})
			_, secret, err := w.MakeStreamToken(t.Context(), ada, m.ID, StreamTokenDraft{Name: "x", Right: StreamWatch})
			if err != nil {
				t.Fatal(err)
			}
			if err := undo(w, ada, m); err != nil {
				t.Fatal(err)
			}
			if _, err := w.StreamGrant(t.Context(), secret); !errors.Is(err, fault.Unauthenticated) {
				t.Errorf("still good: %v", err)
			}
		})
	}
}

func TestStreamTokenLimits(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{})
	soon := w.time().Add(time.Minute)
	for i := range maxStreamTokens {
		d := StreamTokenDraft{Name: "x", Right: StreamPublish}
		if i == 0 {
			d.ExpiresAt = &soon
		}
		if _, _, err := w.MakeStreamToken(t.Context(), ada, m.ID, d); err != nil {
			t.Fatal(err)
		}
	}
	another := StreamTokenDraft{Name: "x", Right: StreamPublish}
	if _, _, err := w.MakeStreamToken(t.Context(), ada, m.ID, another); !errors.Is(err, fault.LimitReached) {
		t.Errorf("one too many: %v", err)
	}
	w.at(soon)
	if _, _, err := w.MakeStreamToken(t.Context(), ada, m.ID, another); err != nil {
		t.Errorf("in place of an expired one: %v", err)
	}
	w.at(soon.Add(keepExpired + time.Minute))
	if err := w.RevokeStreamToken(t.Context(), ada, m.ID, last(t, w, ada, m).ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.MakeStreamToken(t.Context(), ada, m.ID, another); err != nil {
		t.Fatal(err)
	}
	if list, err := w.StreamTokens(t.Context(), ada, m.ID); err != nil || len(list) != maxStreamTokens {
		t.Errorf("the expired one is still listed: %d %v", len(list), err)
	}
	for name, d := range map[string]StreamTokenDraft{
		"name":  {Name: strings.Repeat("x", 65), Right: StreamWatch},
		"right": {Name: "x", Right: "both"},
		"past":  {Name: "x", Right: StreamWatch, ExpiresAt: &soon},
	} {
		if _, _, err := w.MakeStreamToken(t.Context(), ada, m.ID, d); !errors.Is(err, fault.Validation) && !errors.Is(err, fault.NameInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func last(t *testing.T, w *world, p authz.Principal, m *MeetingDetail) StreamToken {
	t.Helper()
	list, err := w.StreamTokens(t.Context(), p, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return list[len(list)-1]
}

func TestStreamTokensOverHTTP(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{})
	a := api.New(api.Config{Authenticate: func(*http.Request) (authz.Principal, error) { return ada, nil }})
	Register(a, w.Service)
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		r := httptest.NewRequest(method, "/api/v1/meetings/"+m.ID.String()+"/stream-tokens"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		a.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	status, body := ask("POST", "", `{"name":"OBS","right":"publish"}`)
	var made NewStreamToken
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != 201 || made.Secret == "" || made.URL == "" {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := ask("GET", "", ""); status != 200 || !strings.Contains(body, made.ID.String()) || strings.Contains(body, made.Secret) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := ask("POST", "", `{"name":"OBS","right":"own"}`); status != 422 {
		t.Errorf("%d %s", status, body)
	}
	if status, body := ask("DELETE", "/"+made.ID.String(), ""); status != 204 {
		t.Errorf("%d %s", status, body)
	}
	if status, body := ask("DELETE", "/"+made.ID.String(), ""); status != 404 || !strings.Contains(body, "notFound") {
		t.Errorf("%d %s", status, body)
	}
}

func TestProgramsAreNoPeople(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{})
	r, err := NewRecorder(t.Context(), w.Service, RecorderConfig{Node: "node"})
	if err != nil {
		t.Fatal(err)
	}
	id := m.ID.String()
	r.MeetingStarted(id, w.time())
	r.ParticipantJoined(id, "participant-"+ada.Key(), attendeeOf(ada), w.time())
	r.ParticipantJoined(id, "stream", Attendee{PersonKey: "stream:1", Name: "OBS"}, w.time())
	r.Close()
	w.rooms.set(m.ID, Room{StartedAt: w.time(), Participants: []Present{
		presentOf(ada, true, w.time()), {ParticipantID: "stream", PersonKey: "stream:1", Name: "OBS", JoinedAt: w.time()},
	}})
	detail, err := w.Detail(t.Context(), ada.UserID, m.ID)
	if err != nil || detail.ParticipantCount != 1 {
		t.Errorf("detail counts %d, %v", detail.ParticipantCount, err)
	}
	page, err := w.List(t.Context(), ada.UserID, "running", "", 10)
	if err != nil || len(page.Items) != 1 || page.Items[0].ParticipantCount != 1 {
		t.Errorf("list %+v, %v", page, err)
	}
	preview, err := w.Preview(t.Context(), ada, m.Code, "")
	if err != nil || preview.ParticipantCount != 1 || len(preview.Participants) != 1 {
		t.Errorf("preview %+v, %v", preview, err)
	}
	_, entries, err := w.Attendance(t.Context(), ada.UserID, m.ID)
	if err != nil || len(entries) != 2 || entries[0].Program || !entries[1].Program || entries[1].Guest {
		t.Errorf("attendance %+v, %v", entries, err)
	}
}
