package boards

import (
	"slices"
	"testing"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

func keysOf(people ...authz.Principal) []string {
	keys := make([]string, 0, len(people))
	for _, p := range people {
		keys = append(keys, p.Key())
	}
	slices.Sort(keys)
	return keys
}

func (w *world) wantTold(t *testing.T, board uuid.UUID, people ...authz.Principal) {
	t.Helper()
	got := w.events.take()
	if len(got) != 1 || got[0].members || got[0].board != board || !slices.Equal(got[0].to, keysOf(people...)) {
		t.Errorf("told %+v, want board %s to %v", got, board, keysOf(people...))
	}
}

func TestWhoIsToldOfABoard(t *testing.T) {
	w := newWorld(t)
	owner, reader, below, inGroup, attendee := w.person(t, "Olga"), w.person(t, "Rita"), w.person(t, "Ben"), w.person(t, "Gina"), w.person(t, "Ada")
	w.person(t, "Nobody")
	sales := w.department(t, "Sales", uuid.Nil)
	w.department(t, "North", sales, below)
	group := newID()
	w.groups[group] = []uuid.UUID{owner.UserID, inGroup.UserID}
	meeting := w.meeting(t, owner, attendee)

	b := w.board(t, owner, Draft{Title: "Plan"})
	w.wantTold(t, b.ID, owner)

	w.exec(t, `insert into board_access (board_id, kind, subject_id, role, created_at) values ($1, 'meeting', $2, 'viewer', now())`, b.ID, meeting)
	w.share(t, owner, b.ID, entry(ToPerson, reader.UserID, Viewer), entry(ToDepartment, sales, Editor), entry(ToGroup, group, Viewer), entry(ToMeeting, meeting, Viewer))
	all := []authz.Principal{owner, reader, below, inGroup, attendee}
	w.wantTold(t, b.ID, all...)

	w.draw(t, below, b.ID, textElement("a", "hello"))
	w.wantTold(t, b.ID, all...)

	title := "Plan B"
	if _, err := w.Update(t.Context(), below, b.ID, Edit{Title: &title}); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, b.ID, all...)

	w.share(t, owner, b.ID, entry(ToDepartment, sales, Viewer))
	w.wantTold(t, b.ID, all...) // those who lost it too
	w.share(t, owner, b.ID, entry(ToEveryone, uuid.Nil, Viewer))
	if got := w.events.take(); len(got) != 1 || !got[0].members {
		t.Errorf("shared with everyone, told %+v", got)
	}
	w.share(t, owner, b.ID)
	if got := w.events.take(); len(got) != 1 || !got[0].members {
		t.Errorf("taken from everyone, told %+v", got)
	}

	if _, err := w.Transfer(t.Context(), owner, b.ID, reader.UserID, api.Client{}); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, b.ID, owner, reader)
	if err := w.Delete(t.Context(), reader, b.ID); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, b.ID, owner, reader)
	if _, err := w.Restore(t.Context(), reader, b.ID); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, b.ID, owner, reader)
	if err := w.Delete(t.Context(), reader, b.ID); err != nil {
		t.Fatal(err)
	}
	w.events.take()
	if err := w.DeleteForGood(t.Context(), reader, b.ID); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, b.ID, reader)
}

func TestWhoMovesABoardTellsBothPlaces(t *testing.T) {
	w := newWorld(t)
	owner, there, here := w.person(t, "Olga"), w.person(t, "Theo"), w.person(t, "Hera")
	from, to := w.department(t, "From", uuid.Nil, owner, there), w.department(t, "To", uuid.Nil, owner, here)
	b := w.board(t, owner, Draft{Title: "Plan", DepartmentID: &from})
	w.wantTold(t, b.ID, owner, there)
	id := to.String()
	if _, err := w.Update(t.Context(), owner, b.ID, Edit{DepartmentID: &id}); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, b.ID, owner, there, here)
}

func TestABoardThatAMeetingDoesNotOpenStaysAsItWas(t *testing.T) {
	w := newWorld(t)
	owner, attendee := w.person(t, "Olga"), w.person(t, "Ada")
	meeting := w.meeting(t, owner, owner, attendee)
	w.rooms.run(meeting, owner.UserID, map[string]Role{owner.Key(): Editor})
	w.rooms.full = true
	b := w.board(t, owner, Draft{Title: "Plan"})
	if _, err := w.OpenInMeeting(t.Context(), owner, meeting, MeetingBoardDraft{BoardID: &b.ID}); fault.From(err).Code != fault.LimitReached {
		t.Errorf("opened: %v", err)
	}
	if _, err := w.Board(t.Context(), attendee, b.ID); fault.From(err).Code != fault.BoardNotFound {
		t.Errorf("who was in the meeting sees the board: %v", err)
	}
	if _, err := w.OpenInMeeting(t.Context(), owner, meeting, MeetingBoardDraft{Title: "New"}); fault.From(err).Code != fault.LimitReached {
		t.Errorf("opened a new one: %v", err)
	}
	page, err := w.List(t.Context(), owner.UserID, Search{Filter: Mine, Limit: 10})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("boards after a failed open: %+v, %v", page, err)
	}
}

func TestADepartmentThatIsGoneIsNotCounted(t *testing.T) {
	w := newWorld(t)
	owner := w.person(t, "Olga")
	b := w.board(t, owner, Draft{Title: "Plan"})
	department := w.department(t, "Sales", uuid.Nil)
	w.share(t, owner, b.ID, entry(ToDepartment, department, Viewer))
	w.exec(t, "delete from departments where id = $1", department)
	now, err := w.Board(t.Context(), owner, b.ID)
	if err != nil || now.SharedWith != 0 {
		t.Errorf("shared with %d, %v", now.SharedWith, err)
	}
	page, err := w.List(t.Context(), owner.UserID, Search{Filter: Mine, Limit: 10})
	if err != nil || page.Items[0].SharedWith != 0 {
		t.Errorf("in a list shared with %+v, %v", page, err)
	}
}
