package room

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// last is the state of the meeting that somebody was told last.
func (b *table) last(id string) wire.Meeting {
	b.t.Helper()
	list := got[*wire.MeetingUpdated](b, id)
	if len(list) == 0 {
		b.t.Fatalf("%s was not told of the meeting", id)
	}
	return list[len(list)-1].Meeting
}

// roles are those that were told last.
func (b *table) roles() map[string]BoardRole {
	b.t.Helper()
	list := effectsOf[Drawers](b)
	if len(list) == 0 {
		b.t.Fatal("nothing was told of who may draw")
	}
	return list[len(list)-1].Roles
}

func titles(m wire.Meeting) (list []string) {
	for _, b := range m.Boards {
		list = append(list, b.Title)
	}
	return list
}

func (b *table) mustOpen(p Person, id string) {
	b.t.Helper()
	if err := b.openBoard(p.Key, id); err != nil {
		b.t.Fatalf("open %s: %v", id, err)
	}
}

func TestBoardsOfAMeeting(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("mei", colleague)
	b.seat("guest", guest)
	b.mustOpen(colleague, "one")
	b.mustOpen(guest, "two")
	m := b.last("host")
	if !slices.Equal(titles(m), []string{"Title of one", "Title of two"}) || m.PresentedBoardID != "two" {
		t.Errorf("two boards: %+v", m)
	}
	if by := m.Boards[1]; by.OpenedBy != "guest" || by.OpenedByName != "Gast" || by.OpenedAt != b.now.UnixMilli() {
		t.Errorf("opened by the guest: %+v", by)
	}
	b.mustOpen(guest, "one")
	if m := b.last("mei"); len(m.Boards) != 2 || m.PresentedBoardID != "one" || m.Boards[0].OpenedBy != "mei" {
		t.Errorf("opened again: %+v", m)
	}
	b.must("host", &wire.PresentBoard{})
	if m := b.last("mei"); m.PresentedBoardID != "" || len(m.Boards) != 2 {
		t.Errorf("presented no more: %+v", m)
	}
	b.record(b.s.RenameBoard(b.now, "two", "Retro"))
	b.must("mei", &wire.PresentBoard{BoardID: "one"})
	if err := b.actAs(colleague.Key, &CloseBoard{ID: "one"}); err != nil {
		t.Fatal(err)
	}
	if m := b.last("guest"); !slices.Equal(titles(m), []string{"Retro"}) || m.PresentedBoardID != "" {
		t.Errorf("one was closed: %+v", m)
	}
	b.record(b.s.ForgetBoard(b.now, "two"))
	if m := b.last("guest"); len(m.Boards) != 0 {
		t.Errorf("the other was deleted: %+v", m)
	}
	b.forget()
	b.record(b.s.ForgetBoard(b.now, "two"))
	b.record(b.s.RenameBoard(b.now, "two", "Other"))
	if len(b.all) != 0 {
		t.Errorf("effects of boards that are not open: %v", b.all)
	}
}

func TestWhoMayOpenABoard(t *testing.T) {
	tests := map[string]struct {
		person   Person
		settings func(*Settings)
		before   func(*table)
		want     fault.Code
	}{
		"a participant":    {person: colleague},
		"a guest":          {person: guest},
		"who is not there": {person: secretary, want: fault.NotInMeeting},
		"who waits": {person: Person{Key: "guest:2", Guest: true}, want: fault.NotInMeeting, before: func(b *table) {
			b.s.settings.Lobby = true
			b.seat("late", Person{Key: "guest:2", Guest: true})
		}},
		"who was removed":                 {person: colleague, want: fault.NotInMeeting, before: func(b *table) { b.must("host", &wire.Remove{ParticipantID: "mei"}) }},
		"a participant where hosts draw":  {person: colleague, settings: func(s *Settings) { s.WhoMayDraw = wire.DrawHosts }, want: fault.NotAllowed},
		"a guest where hosts draw":        {person: guest, settings: func(s *Settings) { s.WhoMayDraw = wire.DrawHosts }, want: fault.NotAllowed},
		"the host where hosts draw":       {person: organizer, settings: func(s *Settings) { s.WhoMayDraw = wire.DrawHosts }},
		"a co-host where hosts draw":      {person: colleague, settings: func(s *Settings) { s.WhoMayDraw = wire.DrawHosts }, before: func(b *table) { b.must("host", &wire.SetRole{ParticipantID: "mei", Role: wire.RoleCoHost}) }},
		"somebody who is reconnecting":    {person: colleague, before: func(b *table) { b.drop("mei") }},
		"one who left":                    {person: colleague, want: fault.NotInMeeting, before: func(b *table) { b.must("mei", &wire.Leave{}) }},
		"the ninth board":                 {person: colleague, want: fault.LimitReached, before: func(b *table) { openAll(b) }},
		"the ninth board, by the host":    {person: organizer, want: fault.LimitReached, before: func(b *table) { openAll(b) }},
		"where the meeting has ended":     {person: colleague, want: fault.NotInMeeting, before: func(b *table) { b.must("host", &wire.End{}) }},
		"somebody who opened many before": {person: colleague, want: fault.RateLimited, before: func(b *table) { exhaust(b) }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			settings := open
			if test.settings != nil {
				test.settings(&settings)
			}
			b := newTable(t, settings)
			b.seat("host", organizer)
			b.seat("mei", colleague)
			b.seat("guest", guest)
			if test.before != nil {
				test.before(b)
			}
			wantCode(t, b.s.MayOpenBoard(b.now, test.person.Key), test.want)
			wantCode(t, b.openBoard(test.person.Key, "board"), test.want)
		})
	}
}

func openAll(b *table) {
	for i := range MaxBoards {
		b.mustOpen(organizer, fmt.Sprint(i))
	}
}

func exhaust(b *table) {
	for i := range changesBurst {
		b.must("mei", &wire.RaiseHand{Raised: i%2 == 0})
	}
}

// Who is in the meeting may do on its boards what he may do in it, and nothing any more as soon as he is out.
func TestRolesOnBoards(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("mei", colleague)
	b.seat("guest", guest)
	if told := effectsOf[Drawers](b); len(told) != 0 {
		t.Errorf("told without boards: %v", told)
	}
	want := func(what string, want map[string]BoardRole) {
		t.Helper()
		if got := b.roles(); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	b.mustOpen(colleague, "board")
	want("opened", map[string]BoardRole{organizer.Key: BoardEditor, colleague.Key: BoardEditor, guest.Key: BoardEditor})

	hosts, everyone := wire.DrawHosts, wire.DrawEveryone
	b.must("host", &wire.UpdateSettings{WhoMayDraw: &hosts})
	want("hosts draw", map[string]BoardRole{organizer.Key: BoardEditor, colleague.Key: BoardCommenter, guest.Key: BoardCommenter})
	if p := got[*wire.PermissionsUpdated](b, "guest"); len(p) != 1 || p[0].Permissions.Draw {
		t.Errorf("the guest was told %+v", p)
	}
	b.must("host", &wire.SetRole{ParticipantID: "mei", Role: wire.RoleCoHost})
	want("a co-host", map[string]BoardRole{organizer.Key: BoardEditor, colleague.Key: BoardEditor, guest.Key: BoardCommenter})
	b.must("host", &wire.SetRole{ParticipantID: "mei", Role: wire.RoleParticipant})
	want("a co-host no more", map[string]BoardRole{organizer.Key: BoardEditor, colleague.Key: BoardCommenter, guest.Key: BoardCommenter})
	b.must("host", &wire.UpdateSettings{WhoMayDraw: &everyone})

	b.seat("phone", colleague)
	b.must("mei", &wire.Leave{})
	want("one of two devices left", map[string]BoardRole{organizer.Key: BoardEditor, colleague.Key: BoardEditor, guest.Key: BoardEditor})
	b.must("host", &wire.Remove{ParticipantID: "guest"})
	want("a guest was removed", map[string]BoardRole{organizer.Key: BoardEditor, colleague.Key: BoardEditor})
	b.drop("phone")
	want("reconnecting", map[string]BoardRole{organizer.Key: BoardEditor, colleague.Key: BoardEditor})
	b.after(ResumeGrace)
	want("gone", map[string]BoardRole{organizer.Key: BoardEditor})

	if err := b.actAs(organizer.Key, &CloseBoard{ID: "board"}); err != nil {
		t.Fatal(err)
	}
	told := effectsOf[Drawers](b)
	if last := told[len(told)-1]; len(last.Boards) != 0 {
		t.Errorf("closed: %v", last)
	}
	b.forget()
	b.seat("again", colleague)
	if told := effectsOf[Drawers](b); len(told) != 0 {
		t.Errorf("told after all were closed: %v", told)
	}
}

func TestWhoWaitsAndProgramsHaveNoRole(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	b.mustOpen(organizer, "board")
	b.seat("guest", guest)
	b.seat("obs", Person{Key: "stream:1", Kind: wire.KindIngest, SkipsLobby: true})
	if got := b.roles(); !maps.Equal(got, map[string]BoardRole{organizer.Key: BoardEditor}) {
		t.Errorf("roles %v", got)
	}
	b.must("host", &wire.Admit{All: true})
	if got := b.roles()[guest.Key]; got != BoardEditor {
		t.Errorf("admitted: %q", got)
	}
	wantCode(t, b.openBoard("stream:1", "other"), fault.NotInMeeting)
}

// A person who opened a board is its opener with every device, and after having been away.
func TestTheOpenerComesBack(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("mei", colleague)
	b.mustOpen(colleague, "board")
	b.must("mei", &wire.Leave{})
	if m := b.last("host"); m.Boards[0].OpenedBy != "" || m.Boards[0].OpenedByName != "Mei" || m.PresentedBoardID != "board" {
		t.Errorf("away: %+v", m)
	}
	b.seat("mei again", colleague)
	if m := b.last("host"); m.Boards[0].OpenedBy != "mei again" {
		t.Errorf("back: %+v", m)
	}
	if joined := got[*wire.Joined](b, "mei again"); joined[0].Meeting.Boards[0].OpenedBy != "mei again" {
		t.Errorf("joined %+v", joined[0].Meeting)
	}
	hosts := wire.DrawHosts
	b.must("host", &wire.UpdateSettings{WhoMayDraw: &hosts})
	if err := b.actAs(colleague.Key, &CloseBoard{ID: "board"}); err != nil {
		t.Errorf("who may draw no more closes what he opened: %v", err)
	}
}

// The boards are handed to the room of a next process.
func TestBoardsAreKeptOverARestart(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("mei", colleague)
	b.mustOpen(colleague, "one")
	b.after(time.Second)
	b.mustOpen(colleague, "two")
	b.must("host", &wire.PresentBoard{BoardID: "one"})
	kept := effectsOf[BoardsChanged](b)
	b.record(b.s.Stop(b.now))
	if after := effectsOf[BoardsChanged](b); len(after) != len(kept) {
		t.Errorf("a stop of the server closed boards: %+v", after)
	}

	next := newTable(t, open)
	next.s = NewState(Meeting{ID: "meeting", Settings: open, Boards: kept[len(kept)-1].Boards})
	next.seat("back", colleague)
	m := got[*wire.Joined](next, "back")[0].Meeting
	if !slices.Equal(titles(m), []string{"Title of one", "Title of two"}) || m.PresentedBoardID != "one" || m.Boards[0].OpenedBy != "back" {
		t.Errorf("after the restart: %+v", m)
	}
	if got := next.roles(); got[colleague.Key] != BoardEditor {
		t.Errorf("roles %v", got)
	}
	if told := effectsOf[BoardsChanged](next); len(told) != 1 || len(told[0].Boards.Open) != 2 {
		t.Errorf("told %+v", told)
	}
}
