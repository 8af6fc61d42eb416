package meetings

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

func ptr[T any](v T) *T { return &v }

func TestCreateRefuses(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	yesterday := w.time().AddDate(0, 0, -1)
	cases := map[string]Draft{
		"rule":     {Rrule: "FREQ=HOURLY"},
		"zone":     {Timezone: "Mars/Base"},
		"past":     {StartsAt: &yesterday},
		"far away": {StartsAt: ptr(w.time().AddDate(50, 0, 0))},
		"duration": {DurationMinutes: 3},
		"share":    {WhoMayShare: "nobody"},
		"draw":     {WhoMayDraw: "nobody"},
		"too many": {InviteeIDs: make([]uuid.UUID, 501)},
	}
	for name, d := range cases {
		if m, err := w.Create(t.Context(), ada, d); !errors.Is(err, fault.Validation) {
			t.Errorf("%s: %v %v", name, m, err)
		}
	}
}

func TestTitlesDoNotTurnTheLine(t *testing.T) {
	for typed, want := range map[string]string{
		"\u202egnp.eciovni": "gnp.eciovni", "a\u2066b\u2069": "ab", "\ufeffweekly\r\nX: 1\x00": "weekly X: 1", "周会 \u200d👨\u200d👩": "周会 \u200d👨\u200d👩",
	} {
		if have := cleanTitle(typed); have != want {
			t.Errorf("%q became %q, want %q", typed, have, want)
		}
	}
}

func TestOnePersonDoesNotFloodTheLists(t *testing.T) {
	w := newWorld(t)
	ada, zoe := w.person(t, "Ada"), w.person(t, "Zoe")
	for range creationsBurst {
		w.creations.Take(ada.Key())
	}
	if _, err := w.Create(t.Context(), ada, Draft{}); !errors.Is(err, fault.RateLimited) {
		t.Errorf("one too many: %v", err)
	}
	w.create(t, zoe, Draft{})
}

func TestCreateNow(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{Title: " \n "})
	if m.Title != "Ada's meeting" || !m.Instant || m.Status != Scheduled || m.DurationMinutes != 60 || !m.Mine || !m.CanEdit ||
		m.URL != "https://meet.example.com/m/"+m.Code || m.Host.Name != "Ada" || !m.StartsAt.Equal(w.time()) || len(m.Invitees) != 0 {
		t.Errorf("%+v", m)
	}
}

// TestWhoMaySee is the table of who may do what with a meeting.
func TestWhoMaySee(t *testing.T) {
	w := newWorld(t)
	organizer, coHost, invitee, attended, stranger := w.person(t, "Ada"), w.person(t, "Bo"), w.person(t, "Cy"), w.person(t, "Di"), w.person(t, "Ed")
	admin := w.person(t, "Root")
	admin.Role = authz.Owner
	m := w.create(t, organizer, Draft{InviteeIDs: []uuid.UUID{invitee.UserID}, CoHostIDs: []uuid.UUID{coHost.UserID}})
	hold(t, w, m.ID, w.time(), attended)

	cases := []struct {
		who                            string
		p                              authz.Principal
		reads, edits, cancels, expects bool
	}{
		{"attended", attended, true, false, false, false},
		{"invitee", invitee, true, false, false, true},
		{"stranger", stranger, false, false, false, false},
		{"admin who is a stranger", admin, false, false, false, false},
		{"co-host", coHost, true, true, false, true},
		{"organizer", organizer, true, true, true, true},
	}
	check := func(t *testing.T, what string, err error, allowed bool) {
		t.Helper()
		if allowed && err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if !allowed && !errors.Is(err, fault.MeetingNotFound) {
			t.Errorf("%s: %v, want meetingNotFound", what, err)
		}
	}
	for _, c := range cases {
		t.Run(c.who, func(t *testing.T) {
			ctx := t.Context()
			_, err := w.Detail(ctx, c.p.UserID, m.ID)
			check(t, "detail", err, c.reads)
			_, _, err = w.Attendance(ctx, c.p.UserID, m.ID)
			check(t, "attendance", err, c.reads)
			_, err = w.Invite(ctx, c.p.UserID, m.ID, "en")
			check(t, "invitation", err, c.reads)
			_, _, err = w.CalendarFile(ctx, c.p.UserID, m.ID, "en")
			check(t, "calendar", err, c.reads)
			_, err = w.Update(ctx, c.p, m.ID, Edit{Title: ptr("by " + c.who)})
			check(t, "update", err, c.edits)
			page, err := w.List(ctx, c.p.UserID, ViewPast, "", 10)
			if err != nil || (len(page.Items) == 1) != c.reads {
				t.Errorf("list: %+v %v", page, err)
			}
			a, err := w.Admit(ctx, c.p, strings.ToUpper(m.Code))
			if err != nil || a.SkipsLobby != c.expects || a.MayHost != c.edits || a.UserID != c.p.UserID.String() || a.Guest || a.OrganizerKey != organizer.Key() {
				t.Errorf("admit: %+v %v", a, err)
			}
			check(t, "cancel", w.Cancel(ctx, c.p, m.ID), c.cancels)
		})
	}
	if _, err := w.Admit(t.Context(), organizer, m.Code); !errors.Is(err, fault.MeetingEnded) {
		t.Errorf("a cancelled meeting admits: %v", err)
	}
	if len(w.rooms.ended) != 1 {
		t.Errorf("the room was ended %d times", len(w.rooms.ended))
	}
}

func TestGuests(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	open := w.create(t, ada, Draft{Title: "Open", GuestsAllowed: true, Lobby: true})
	closed := w.create(t, ada, Draft{Title: "Secret"})
	ctx, nobody := t.Context(), authz.Principal{}

	g, err := w.EnterAsGuest(ctx, nobody, open.Code, "  Zoë  ", "en", "192.0.2.1")
	if err != nil || g.Name != "Zoë" || g.Cookie.Value == "" {
		t.Fatalf("%+v %v", g, err)
	}
	for _, name := range []string{"", "   ", "a\u202eb", "a\x00b", strings.Repeat("x", 65), "\u200b"} {
		if _, err := w.EnterAsGuest(ctx, nobody, open.Code, name, "en", "192.0.2.1"); !errors.Is(err, fault.NameInvalid) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	if _, err := w.EnterAsGuest(ctx, nobody, closed.Code, "Zoë", "en", "192.0.2.1"); !errors.Is(err, fault.GuestsNotAllowed) {
		t.Errorf("closed meeting: %v", err)
	}
	guest := guestOf(open.ID, "Zoë")
	if a, err := w.Admit(ctx, guest, open.Code); err != nil || !a.Guest || a.MayHost || a.SkipsLobby || a.Name != "Zoë" || a.UserID != "" {
		t.Errorf("admit: %+v %v", a, err)
	}
	if _, err := w.Admit(ctx, guestOf(closed.ID, "Zoë"), open.Code); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("guest of another meeting: %v", err)
	}
	if _, err := w.Admit(ctx, guestOf(closed.ID, "Zoë"), closed.Code); !errors.Is(err, fault.GuestsNotAllowed) {
		t.Errorf("guest where none are allowed: %v", err)
	}
	if _, err := w.Admit(ctx, nobody, open.Code); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("nobody: %v", err)
	}
	token := ada
	token.Kind = authz.Token
	if _, err := w.Admit(ctx, token, open.Code); !errors.Is(err, fault.Forbidden) {
		t.Errorf("program: %v", err)
	}
}

func TestPreviewTellsVisitorsLittle(t *testing.T) {
	w := newWorld(t)
	ada, bo := w.person(t, "Ada"), w.person(t, "Bo")
	open := w.create(t, ada, Draft{Title: "Open", GuestsAllowed: true, Lobby: true})
	closed := w.create(t, ada, Draft{Title: "Secret"})
	began := w.time()
	w.rooms.set(open.ID, Room{StartedAt: began, ChatAllowed: true, Participants: []Present{presentOf(ada, true, began)}})
	ctx, nobody := t.Context(), authz.Principal{}

	v, err := w.Preview(ctx, nobody, open.Code, "a")
	if err != nil || v.Title != "Open" || v.Host.Name != "Ada" || !v.NeedsName || v.SignedIn || v.CanStart || v.ID != nil || len(v.Participants) != 0 || v.ParticipantCount != 0 || !v.Lobby {
		t.Errorf("visitor: %+v %v", v, err)
	}
	v, err = w.Preview(ctx, nobody, closed.Code, "a")
	if err != nil || v.Title != "" || v.Host.Name != "" || v.StartsAt != nil {
		t.Errorf("visitor to a meeting without guests: %+v %v", v, err)
	}
	v, err = w.Preview(ctx, guestOf(open.ID, "Zoë"), open.Code, "a")
	if err != nil || v.NeedsName || v.GuestName != "Zoë" || len(v.Participants) != 0 {
		t.Errorf("guest: %+v %v", v, err)
	}
	v, err = w.Preview(ctx, bo, open.Code, "a")
	if err != nil || !v.SignedIn || v.NeedsName || v.ParticipantCount != 1 || v.Participants[0].Name != "Ada" || !v.Lobby || v.CanStart || v.ID == nil {
		t.Errorf("member: %+v %v", v, err)
	}
	v, err = w.Preview(ctx, ada, open.Code, "a")
	if err != nil || v.Lobby || !v.CanStart {
		t.Errorf("organizer: %+v %v", v, err)
	}
	for _, code := range []string{"zzz-zzzz-zzz", "x", ""} {
		if _, err := w.Preview(ctx, nobody, code, "b"); !errors.Is(err, fault.MeetingNotFound) {
			t.Errorf("code %q: %v", code, err)
		}
	}
	for n := 0; ; n++ {
		if _, err := w.Preview(ctx, nobody, "zzz-zzzz-zzz", "c"); errors.Is(err, fault.RateLimited) {
			break
		}
		if n == 1000 {
			t.Fatal("codes can be tried without a limit")
		}
	}
}

func TestLists(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	now := w.time()
	var coming []uuid.UUID
	for i := range 5 {
		start := now.Add(time.Duration(i+1) * time.Hour)
		coming = append(coming, w.create(t, ada, Draft{Title: fmt.Sprint(i), StartsAt: &start}).ID)
	}
	weekly := w.create(t, ada, Draft{Title: "weekly", StartsAt: ptr(now.Add(30 * time.Minute)), Rrule: "FREQ=WEEKLY", Timezone: "Europe/Berlin"})
	want := append([]uuid.UUID{weekly.ID}, coming...)
	if have := ids(t, w, ada, ViewComing); fmt.Sprint(have) != fmt.Sprint(want) {
		t.Errorf("coming %v, want %v", have, want)
	}

	w.at(now.Add(4*time.Hour + 30*time.Minute)) // the fourth runs by its times, the first three are over
	want = append(append([]uuid.UUID{}, coming[3:]...), weekly.ID)
	if have := ids(t, w, ada, ViewComing); fmt.Sprint(have) != fmt.Sprint(want) {
		t.Errorf("later coming %v, want %v", have, want)
	}
	want = []uuid.UUID{coming[2], coming[1], weekly.ID, coming[0]}
	if have := ids(t, w, ada, ViewPast); len(have) != 4 || have[0] != coming[2] {
		t.Errorf("past %v, want %v", have, want)
	}
	m, err := w.Detail(t.Context(), ada.UserID, weekly.ID)
	if err != nil || m.Status != Scheduled || !m.NextOccurrence.Equal(now.Add(30*time.Minute).AddDate(0, 0, 7)) {
		t.Errorf("weekly %+v %v", m, err)
	}
	if _, err := w.List(t.Context(), ada.UserID, ViewPast, "nonsense", 2); !errors.Is(err, fault.Validation) {
		t.Errorf("cursor: %v", err)
	}
}

// ids lists a view in pages of two.
func ids(t *testing.T, w *world, p authz.Principal, view View) []uuid.UUID {
	t.Helper()
	var list []uuid.UUID
	for after := ""; ; {
		page, err := w.List(t.Context(), p.UserID, view, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Items {
			list = append(list, m.ID)
		}
		if after = page.NextCursor; after == "" {
			return list
		}
	}
}

func TestNeverEnteredInstantMeetingLeavesNoTrace(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	w.create(t, ada, Draft{})
	w.at(w.time().Add(2 * time.Hour))
	for _, view := range []View{ViewRunning, ViewComing, ViewPast} {
		if have := ids(t, w, ada, view); len(have) != 0 {
			t.Errorf("%s: %v", view, have)
		}
	}
}

func TestUpdate(t *testing.T) {
	w := newWorld(t)
	ada, bo, cy := w.person(t, "Ada"), w.person(t, "Bo"), w.person(t, "Cy")
	start := w.time().Add(time.Hour)
	m := w.create(t, ada, Draft{Title: "A", StartsAt: &start, InviteeIDs: []uuid.UUID{bo.UserID, ada.UserID}, CoHostIDs: []uuid.UUID{bo.UserID}})
	if len(m.Invitees) != 1 || !m.Invitees[0].CoHost {
		t.Fatalf("invitees %+v", m.Invitees)
	}
	later := start.Add(24 * time.Hour)
	m, err := w.Update(t.Context(), ada, m.ID, Edit{StartsAt: &later, Rrule: ptr("FREQ=DAILY;COUNT=3"), InviteeIDs: &[]uuid.UUID{cy.UserID, newID()}, GuestsAllowed: ptr(true)})
	if err != nil || !m.NextOccurrence.Equal(later) || m.Rrule != "FREQ=DAILY;COUNT=3" || len(m.Invitees) != 1 || m.Invitees[0].ID != cy.UserID || m.Invitees[0].CoHost || !m.GuestsAllowed {
		t.Errorf("%+v %v", m, err)
	}
	_, file, err := w.CalendarFile(t.Context(), ada.UserID, m.ID, "zh-CN")
	if err != nil || !strings.Contains(string(file), "SEQUENCE:1\r\n") || !strings.Contains(string(file), "UID:"+m.ID.String()+"@parley\r\n") {
		t.Errorf("%s %v", file, err)
	}
	if _, err := w.Update(t.Context(), ada, m.ID, Edit{Rrule: ptr("nonsense")}); !errors.Is(err, fault.Validation) {
		t.Errorf("rule: %v", err)
	}
	if w.events.rechecked == 0 {
		t.Error("streams of those who are not invited any more go on")
	}
}

// TestProtocolExample holds the example of the event stream's protocol that is of this domain to its type.
func TestProtocolExample(t *testing.T) {
	doc, err := os.ReadFile("../events/PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), `{"type":"meeting"`)
	line, _, _ := strings.Cut(`{"type":"meeting"`+rest, "\n")
	var event MeetingEvent
	if err := json.Unmarshal([]byte(line), &event); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(event); err != nil || string(again) != line {
		t.Errorf("written %s\ndocumented %s", again, line)
	}
}
