package meetings

import (
	"reflect"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// board stores a board of a person.
func (w *world) board(t testing.TB, owner authz.Principal, title string) string {
	t.Helper()
	id := newID()
	_, err := w.pool.Exec(t.Context(), `insert into boards (id, owner_id, title, created_at, updated_at) values ($1, $2, $3, $4, $4)`,
		id, owner.UserID, title, w.time())
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func TestBoardsAreKeptOverARestart(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	one, two := w.board(t, ada, "One"), w.board(t, ada, "Two")
	at := w.time()
	open := Boards{PresentedID: one, Open: []Board{
		{one, "One", "guest:1", "Zoë", at}, {two, "Two", ada.Key(), "Ada", at.Add(time.Second)},
	}}
	restart := func(t *testing.T, id string) { newRecorderAfterRestart(t, w, "here").Close() }
	happens := func(what func(r *Recorder, id string)) func(*testing.T, string) {
		return func(t *testing.T, id string) {
			r := newRecorderAfterRestart(t, w, "elsewhere")
			what(r, id)
			r.Close()
			restart(t, id)
		}
	}
	for _, c := range []struct {
		name string
		then func(t *testing.T, id string)
		want Boards
	}{
		{"while it runs", func(*testing.T, string) {}, open},
		{"after a restart", restart, open},
		{"one closed, the other presented", happens(func(r *Recorder, id string) {
			r.BoardsChanged(id, Boards{Open: open.Open[1:], PresentedID: two}, at)
		}), Boards{Open: open.Open[1:], PresentedID: two}},
		{"closed and opened again by another", happens(func(r *Recorder, id string) {
			r.BoardsChanged(id, Boards{}, at)
			r.BoardsChanged(id, Boards{Open: []Board{{one, "One", ada.Key(), "Ada", at.Add(time.Hour)}}}, at)
		}), Boards{Open: []Board{{one, "One", ada.Key(), "Ada", at.Add(time.Hour)}}}},
		{"a board that is stored no more", happens(func(r *Recorder, id string) {
			r.BoardsChanged(id, Boards{Open: append([]Board{{newID().String(), "Gone", "guest:1", "Zoë", at}}, open.Open[0])}, at)
		}), Boards{Open: open.Open[:1]}},
		{"ended by the host", happens(func(r *Recorder, id string) { r.MeetingEnded(id, at, true) }), Boards{}},
		{"ended empty", happens(func(r *Recorder, id string) { r.MeetingEnded(id, at, false) }), Boards{}},
		{"the server was away for hours", func(t *testing.T, id string) {
			w.at(at.Add(3 * time.Hour))
			t.Cleanup(func() { w.at(at) })
			restart(t, id)
		}, Boards{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := w.create(t, ada, Draft{})
			id := m.ID.String()
			r := newRecorder(t, w)
			r.MeetingStarted(id, at.Add(-time.Minute))
			r.ParticipantJoined(id, "1", attendeeOf(ada), at)
			r.BoardsChanged(id, open, at)
			r.Close()
			c.then(t, id)
			a, err := w.Admit(t.Context(), ada, m.Code)
			for i := range a.Boards.Open {
				a.Boards.Open[i].OpenedAt = a.Boards.Open[i].OpenedAt.UTC()
			}
			if err != nil || !reflect.DeepEqual(a.Boards, c.want) {
				t.Errorf("%+v, want %+v (%v)", a.Boards, c.want, err)
			}
		})
	}
}

func TestARestartShowsBoardsAsTheyAreNow(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	renamed, binned := w.board(t, ada, "Draft"), w.board(t, ada, "Old")
	m := w.create(t, ada, Draft{})
	w.rooms.set(m.ID, Room{StartedAt: w.time(), Participants: []Present{presentOf(ada, true, w.time())}, Boards: Boards{
		PresentedID: binned, Open: []Board{{renamed, "Draft", ada.Key(), "Ada", w.time()}, {binned, "Old", ada.Key(), "Ada", w.time()}},
	}})
	if err := w.reconcile(t.Context(), "here", m.ID); err != nil {
		t.Fatal(err)
	}
	for statement, board := range map[string]string{
		"update boards set title = 'Final' where id = $1":    renamed,
		"update boards set deleted_at = now() where id = $1": binned,
	} {
		if _, err := w.pool.Exec(t.Context(), statement, board); err != nil {
			t.Fatal(err)
		}
	}
	a, err := w.Admit(t.Context(), ada, m.Code)
	if err != nil || len(a.Boards.Open) != 1 || a.Boards.Open[0].Title != "Final" || a.Boards.PresentedID != "" {
		t.Errorf("%+v (%v)", a.Boards, err)
	}
}

func TestMeetingBoards(t *testing.T) {
	w := newWorld(t)
	ada, bo, cy, eve := w.person(t, "Ada"), w.person(t, "Bo"), w.person(t, "Cy"), w.person(t, "Eve")
	m := w.create(t, ada, Draft{InviteeIDs: []uuid.UUID{bo.UserID}})
	guest, stranger := guestOf(m.ID, "Zoë"), guestOf(newID(), "Else")
	first, second := w.board(t, ada, "First"), w.board(t, ada, "Second")
	id, at := m.ID.String(), w.time()
	r := newRecorder(t, w)
	r.MeetingStarted(id, at)
	r.ParticipantJoined(id, "1", attendeeOf(cy), at)
	r.BoardsChanged(id, Boards{Open: []Board{{first, "First", cy.Key(), "Cy", at}}}, at)
	r.Close()
	w.rooms.set(m.ID, Room{StartedAt: at, ChatAllowed: true, Participants: []Present{presentOf(cy, true, at), presentOf(guest, false, at)}, Boards: Boards{
		Open: []Board{{second, "Second", guest.Key(), "Zoë", at.Add(time.Second)}}, // of which the recorder has not written yet
	}})

	for _, c := range []struct {
		name string
		who  authz.Principal
		may  bool
	}{
		{"organizer", ada, true}, {"invitee", bo, true}, {"who is in it", cy, true}, {"a guest in it", guest, true},
		{"another member", eve, false}, {"a guest of another meeting", stranger, false}, {"a guest who is not in it", guestOf(m.ID, "Out"), false},
	} {
		list, err := w.MeetingBoards(t.Context(), c.who, m.ID)
		if !c.may {
			if fault.From(err).Code != fault.MeetingNotFound {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if err != nil || len(list) != 2 || list[0].BoardID.String() != second || !list[0].Open || list[0].OpenedBy != "Zoë" ||
			list[1].BoardID.String() != first || list[1].Open {
			t.Errorf("%s: %+v (%v)", c.name, list, err)
		}
	}
	if _, err := w.MeetingBoards(t.Context(), ada, newID()); fault.From(err).Code != fault.MeetingNotFound {
		t.Errorf("of no meeting: %v", err)
	}

	w.rooms.close(m.ID)
	r = newRecorderAfterRestart(t, w, "here")
	r.MeetingEnded(id, at.Add(time.Minute), false)
	r.Close()
	list, err := w.MeetingBoards(t.Context(), cy, m.ID) // attended
	if err != nil || len(list) != 1 || list[0].Open || list[0].OpenedBy != "Cy" {
		t.Errorf("afterwards: %+v (%v)", list, err)
	}
	if _, err := w.MeetingBoards(t.Context(), guest, m.ID); fault.From(err).Code != fault.MeetingNotFound {
		t.Errorf("a guest afterwards: %v", err)
	}
	if who, err := w.Organizer(t.Context(), m.ID); err != nil || who != ada.UserID {
		t.Errorf("organizer %v (%v)", who, err)
	}
}
