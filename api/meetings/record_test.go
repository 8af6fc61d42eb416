package meetings

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"parley/internal/authz"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func newRecorder(t testing.TB, w *world) *Recorder {
	t.Helper()
	r, err := NewRecorder(t.Context(), w.Service, RecorderConfig{Node: "here"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// hold runs a meeting of these people for ten minutes.
func hold(t testing.TB, w *world, meeting uuid.UUID, from time.Time, who ...authz.Principal) {
	t.Helper()
	r := newRecorder(t, w)
	r.MeetingStarted(meeting.String(), from)
	for i, p := range who {
		r.ParticipantJoined(meeting.String(), fmt.Sprint("p", i), attendeeOf(p), from)
	}
	r.MeetingEnded(meeting.String(), from.Add(10*time.Minute), false)
	r.Close()
}

func entries(t testing.TB, w *world, reader authz.Principal, meeting uuid.UUID) []AttendanceEntry {
	t.Helper()
	_, list, err := w.Attendance(t.Context(), reader.UserID, meeting)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRecorderLifeOfAMeeting(t *testing.T) {
	w := newWorld(t)
	ada, bo := w.person(t, "Ada"), w.person(t, "Bo")
	began := w.time()
	m := w.create(t, ada, Draft{StartsAt: ptr(began.Add(5 * time.Minute)), GuestsAllowed: true})
	id, guest := m.ID.String(), guestOf(m.ID, "Zoë")

	r := newRecorder(t, w)
	r.MeetingStarted(id, began)
	r.ParticipantJoined(id, "1", attendeeOf(ada), began)
	r.ParticipantJoined(id, "2", attendeeOf(guest), began.Add(time.Minute))
	r.ParticipantJoined(id, "3", attendeeOf(bo), began.Add(2*time.Minute))
	r.ParticipantLeft(id, "2", began.Add(3*time.Minute), "leave")
	r.ParticipantJoined(id, "4", attendeeOf(guest), began.Add(4*time.Minute))
	r.SettingsChanged(id, SettingsChange{Lobby: true, WhoMayShare: "hosts", WhoMayDraw: "hosts"})
	r.Close()

	detail, err := w.Detail(t.Context(), bo.UserID, m.ID) // attended, so may see
	if err != nil || detail.Status != Running || detail.ParticipantCount != 3 || !detail.Lobby || detail.GuestsAllowed || detail.ChatAllowed || detail.WhoMayShare != "hosts" || detail.WhoMayDraw != "hosts" {
		t.Fatalf("%+v %v", detail, err)
	}
	if have := ids(t, w, ada, ViewRunning); len(have) != 1 {
		t.Errorf("running %v", have)
	}

	ended := began.Add(20 * time.Minute)
	w.at(ended)
	if err := w.beat(t.Context(), "here"); err != nil {
		t.Fatal(err)
	}
	r = newRecorderAfterRestart(t, w, "elsewhere") // another node must not close it
	r.MeetingEnded(id, ended, true)
	r.Close()
	list := entries(t, w, ada, m.ID)
	if len(list) != 4 || !list[1].Guest || list[1].Name != "Zoë" || !list[1].LeftAt.Equal(began.Add(3*time.Minute)) || !list[0].LeftAt.Equal(ended) {
		t.Errorf("%+v", list)
	}
	detail, err = w.Detail(t.Context(), ada.UserID, m.ID)
	if err != nil || detail.Status != Ended || detail.ParticipantCount != 3 || !detail.EndedAt.Equal(ended) || !detail.ChatAllowed {
		t.Errorf("%+v %v", detail, err)
	}
	if have := ids(t, w, ada, ViewPast); len(have) != 1 {
		t.Errorf("past %v", have)
	}

	again := ended.Add(time.Hour) // the same code once more
	hold(t, w, m.ID, again, ada)
	if list := entries(t, w, ada, m.ID); len(list) != 5 || list[4].SessionID == list[0].SessionID {
		t.Errorf("%+v", list)
	}
}

func newRecorderAfterRestart(t testing.TB, w *world, node string) *Recorder {
	t.Helper()
	r, err := NewRecorder(t.Context(), w.Service, RecorderConfig{Node: node})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestMeetingThatRanEmptyIsStillComing(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	start := w.time().Add(30 * time.Minute)
	m := w.create(t, ada, Draft{StartsAt: &start})
	hold(t, w, m.ID, w.time(), ada) // a look around, half an hour early
	w.at(w.time().Add(15 * time.Minute))
	if have := ids(t, w, ada, ViewComing); len(have) != 1 {
		t.Errorf("coming %v", have)
	}
}

func TestRecurringMeetingEndedByTheHostMovesOn(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	start := w.time().Add(time.Minute)
	m := w.create(t, ada, Draft{StartsAt: &start, Rrule: "FREQ=DAILY"})
	r := newRecorder(t, w)
	r.MeetingStarted(m.ID.String(), start)
	r.ParticipantJoined(m.ID.String(), "1", attendeeOf(ada), start)
	r.MeetingEnded(m.ID.String(), start.Add(20*time.Minute), true)
	r.Close()
	w.at(start.Add(21 * time.Minute))
	detail, err := w.Detail(t.Context(), ada.UserID, m.ID)
	if err != nil || detail.Status != Scheduled || !detail.NextOccurrence.Equal(start.AddDate(0, 0, 1)) {
		t.Errorf("%+v %v", detail, err)
	}
}

func TestCrashIsClosedAtTheLastHeartbeat(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{})
	began := w.time()
	r := newRecorder(t, w)
	r.MeetingStarted(m.ID.String(), began)
	r.ParticipantJoined(m.ID.String(), "1", attendeeOf(ada), began)
	r.Close()
	heard := began.Add(7 * time.Minute)
	w.at(heard)
	if err := w.beat(t.Context(), "here"); err != nil {
		t.Fatal(err)
	}

	w.at(heard.Add(time.Minute))
	newRecorderAfterRestart(t, w, "elsewhere").Close()
	if list := entries(t, w, ada, m.ID); list[0].LeftAt != nil {
		t.Errorf("another node closed what is alive: %+v", list)
	}
	newRecorderAfterRestart(t, w, "here").Close()
	if list := entries(t, w, ada, m.ID); len(list) != 1 || list[0].LeftAt == nil || !list[0].LeftAt.Equal(heard) {
		t.Errorf("%+v", list)
	}

	// A node that dies for good is closed by the others.
	hold := newRecorder(t, w)
	hold.MeetingStarted(m.ID.String(), heard.Add(2*time.Minute))
	hold.ParticipantJoined(m.ID.String(), "2", attendeeOf(ada), heard.Add(2*time.Minute))
	hold.Close()
	w.at(heard.Add(10 * time.Minute))
	if err := w.beat(t.Context(), "elsewhere"); err != nil {
		t.Fatal(err)
	}
	if list := entries(t, w, ada, m.ID); len(list) != 2 || list[1].LeftAt == nil {
		t.Errorf("%+v", list)
	}
}

func TestRoomThatIsGoneWithoutAWordIsClosed(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{})
	r := newRecorder(t, w)
	r.MeetingStarted(m.ID.String(), w.time())
	r.ParticipantJoined(m.ID.String(), "1", attendeeOf(ada), w.time())
	r.Close()
	w.rooms.set(m.ID, Room{StartedAt: w.time(), Participants: []Present{{ParticipantID: "1", PersonKey: ada.Key(), JoinedAt: w.time()}}})
	r.beat(t.Context())
	w.rooms.close(m.ID)
	for beat, want := range []Status{Running, Ended} {
		r.beat(t.Context())
		if detail, err := w.Detail(t.Context(), ada.UserID, m.ID); err != nil || detail.Status != want {
			t.Errorf("after beat %d: %+v %v", beat+1, detail, err)
		}
	}
	if list := entries(t, w, ada, m.ID); list[0].LeftAt == nil {
		t.Errorf("%+v", list)
	}
}

// TestBatchesLoseNothing queues more than is written at once, while the database is held up.
func TestBatchesLoseNothing(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{})
	r := newRecorder(t, w)
	release := holdUp(t, w, m.ID)
	r.MeetingStarted(m.ID.String(), w.time())
	const joins = 2*recorderBatch + 10
	for i := range joins {
		r.ParticipantJoined(m.ID.String(), fmt.Sprint("p", i), attendeeOf(ada), w.time())
	}
	release()
	r.Close()
	if list := entries(t, w, ada, m.ID); len(list) != joins {
		t.Errorf("%d of %d joins were written", len(list), joins)
	}
}

// holdUp keeps the meeting's row from being written until the release.
func holdUp(t *testing.T, w *world, meeting uuid.UUID) (release func()) {
	t.Helper()
	tx, err := w.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "select from meetings where id = $1 for update", meeting); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOverflowLosesNoLeave fills the queue while the database is held up, so that most of what happens is dropped.
func TestOverflowLosesNoLeave(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{})
	id, began := m.ID.String(), w.time()
	const queue = 64
	r, err := NewRecorder(t.Context(), w.Service, RecorderConfig{Node: "here", Queue: queue})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)

	release := holdUp(t, w, m.ID)
	r.MeetingStarted(id, began)
	w.rooms.set(m.ID, Room{StartedAt: began, Participants: []Present{presentOf(ada, true, began)}})
	stays := presentOf(ada, true, began).ParticipantID
	for i := range 4 * queue {
		r.ParticipantJoined(id, fmt.Sprint("p", i/2), attendeeOf(ada), began)
		if i%2 == 1 {
			r.ParticipantLeft(id, fmt.Sprint("p", i/2-1), began, "leave")
		}
	}
	r.ParticipantJoined(id, stays, attendeeOf(ada), began)
	release()
	r.Close()
	var open []string
	rows, err := w.pool.Query(t.Context(), "select participant_id from attendance where left_at is null")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var p string
		if err := rows.Scan(&p); err != nil {
			t.Fatal(err)
		}
		open = append(open, p)
	}
	if testutil.ToFloat64(r.dropped) == 0 {
		t.Error("the queue did not overflow")
	}
	if len(open) != 1 || open[0] != stays {
		t.Errorf("%d intervals are open: %.5v", len(open), open)
	}
}

func TestChatStanding(t *testing.T) {
	w := newWorld(t)
	organizer, invitee, attended, stranger := w.person(t, "Ada"), w.person(t, "Bo"), w.person(t, "Cy"), w.person(t, "Di")
	admin := w.person(t, "Root")
	admin.Role = authz.Owner
	m := w.create(t, organizer, Draft{InviteeIDs: []uuid.UUID{invitee.UserID}, GuestsAllowed: true})
	hold(t, w, m.ID, w.time().Add(-time.Hour), attended)
	guest, other, lobby := guestOf(m.ID, "Zoë"), guestOf(newID(), "Other"), guestOf(m.ID, "Waits")
	everybody := map[string]authz.Principal{
		"organizer": organizer, "invitee": invitee, "attended": attended, "stranger": stranger, "admin": admin,
		"guest": guest, "other guest": other, "guest in the lobby": lobby,
	}
	began := w.time()
	in := presentOf(guest, false, began)
	in.UserID = ""
	inside := []Present{presentOf(organizer, true, began), presentOf(invitee, false, began), in}
	cases := []struct {
		name string
		room *Room
		want map[string]string // r: reads, w: writes, m: moderates
	}{
		{"outside the meeting", nil, map[string]string{"organizer": "rwm", "invitee": "rw", "attended": "rw"}},
		{"during it", &Room{StartedAt: began, ChatAllowed: true, Participants: inside}, map[string]string{"organizer": "rwm", "invitee": "rw", "attended": "rw", "guest": "rw"}},
		{"chat closed", &Room{StartedAt: began, Participants: inside}, map[string]string{"organizer": "rwm", "invitee": "r", "attended": "r", "guest": "r"}},
		{"a stranger was let in", &Room{StartedAt: began, ChatAllowed: true, Participants: append(inside, presentOf(stranger, false, began))},
			map[string]string{"organizer": "rwm", "invitee": "rw", "attended": "rw", "guest": "rw", "stranger": "rw"}},
		{"and became the host", &Room{StartedAt: began, Participants: append(inside, presentOf(stranger, true, began))},
			map[string]string{"organizer": "rwm", "invitee": "r", "attended": "r", "guest": "r", "stranger": "rwm"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w.rooms.close(m.ID)
			if c.room != nil {
				w.rooms.set(m.ID, *c.room)
			}
			for who, p := range everybody {
				s, err := w.ChatStanding(t.Context(), p, m.ID)
				if err != nil {
					t.Fatal(err)
				}
				have := ""
				for letter, may := range map[string]bool{"r": s.Read, "w": s.Write, "m": s.Moderate} {
					if may {
						have += letter
					}
				}
				if len(have) != len(c.want[who]) || s.Read != (len(have) > 0) || s.Write == (s.Refusal != nil) {
					t.Errorf("%s: %q, want %q (%+v)", who, have, c.want[who], s)
				}
				if who == "guest" && s.Read && !s.Since.Equal(began) {
					t.Errorf("a guest sees what was written before %v", s.Since)
				}
			}
		})
	}
}

func TestAccessIsKeptOverARestart(t *testing.T) {
	removed := []string{"guest:" + newID().String(), "user:" + newID().String()}
	closed := Access{Locked: true, Removed: removed, ChatClosed: true, CoHosts: removed[1:]}
	restart := func(t *testing.T, w *world, _ string) { newRecorderAfterRestart(t, w, "here").Close() }
	for name, c := range map[string]struct {
		then func(t *testing.T, w *world, id string)
		want Access
	}{
		"while it runs":     {func(*testing.T, *world, string) {}, closed},
		"after a restart":   {restart, closed},
		"after two of them": {func(t *testing.T, w *world, id string) { restart(t, w, id); restart(t, w, id) }, closed},
		"unlocked": {func(t *testing.T, w *world, id string) {
			r := newRecorderAfterRestart(t, w, "elsewhere")
			r.AccessChanged(id, Access{Removed: removed[:1]})
			r.Close()
			restart(t, w, id)
		}, Access{Removed: removed[:1], CoHosts: []string{}}},
		"ended by the host": {func(t *testing.T, w *world, id string) {
			r := newRecorderAfterRestart(t, w, "elsewhere")
			r.MeetingEnded(id, w.time(), true)
			r.Close()
		}, Access{Removed: []string{}, CoHosts: []string{}}},
		"ended empty": {func(t *testing.T, w *world, id string) {
			r := newRecorderAfterRestart(t, w, "elsewhere")
			r.MeetingEnded(id, w.time(), false)
			r.Close()
		}, Access{Removed: []string{}, CoHosts: []string{}}},
		"the server was away for hours": {func(t *testing.T, w *world, id string) {
			w.at(w.time().Add(3 * time.Hour))
			restart(t, w, id)
		}, Access{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ada := w.person(t, "Ada")
			m := w.create(t, ada, Draft{})
			id := m.ID.String()
			r := newRecorder(t, w)
			r.MeetingStarted(id, w.time().Add(-time.Minute))
			r.AccessChanged(id, Access{})
			r.ParticipantJoined(id, "1", attendeeOf(ada), w.time())
			r.AccessChanged(id, closed)
			r.Close()
			c.then(t, w, id)
			a, err := w.Admit(t.Context(), ada, m.Code)
			if err != nil || !reflect.DeepEqual(a.Access, c.want) {
				t.Errorf("%+v, want %+v (%v)", a.Access, c.want, err)
			}
		})
	}
}

func TestReconciliationKeepsAccess(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{})
	want := Access{Locked: true, Removed: []string{"guest:1"}, ChatClosed: true, CoHosts: []string{"user:1"}}
	w.rooms.set(m.ID, Room{StartedAt: w.time(), ChatAllowed: true, Access: want, Participants: []Present{presentOf(ada, true, w.time())}})
	if err := w.reconcile(t.Context(), "here", m.ID); err != nil {
		t.Fatal(err)
	}
	a, err := w.Admit(t.Context(), ada, m.Code)
	if err != nil || !reflect.DeepEqual(a.Access, want) {
		t.Errorf("%+v (%v)", a.Access, err)
	}
}
