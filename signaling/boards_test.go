package signaling_test

import (
	"testing"
	"time"

	"parley/internal/fault"
	"parley/signaling/room"
	"parley/signaling/wire"
)

func (s *stand) wantRole(person string, want room.BoardRole) {
	s.t.Helper()
	if got := s.server.Rooms().BoardRole("board", person); got != want {
		s.t.Errorf("%s may %q on the board, want %q", person, got, want)
	}
}

// wantTold waits until whose role changed was told.
func (s *stand) wantTold(want ...string) {
	s.t.Helper()
	left := map[string]bool{}
	for _, one := range want {
		left[one] = true
	}
	for len(left) > 0 {
		select {
		case one := <-s.directory.roles:
			if !left[one] {
				s.t.Errorf("told of %q, want %v", one, want)
			}
			delete(left, one)
		case <-time.After(patience):
			s.t.Fatalf("not told of %v", left)
		}
	}
}

func TestBoardsInAMeeting(t *testing.T) {
	s := newStand(t, open())
	rooms := s.server.Rooms()
	if err := rooms.OpenBoard(t.Context(), "meeting", "user:olga", "board", "Roadmap"); fault.From(err).Code != fault.NotInMeeting {
		t.Errorf("in a meeting that does not run: %v", err)
	}
	host, member, guest := s.browser("host", "olga"), s.browser("member", "mei"), s.browser("guest", "gast")
	host.join()
	member.join()
	guest.join()
	if err := rooms.MayOpenBoard(t.Context(), "meeting", "user:mei"); err != nil {
		t.Fatal(err)
	}
	if err := rooms.OpenBoard(t.Context(), "meeting", "user:mei", "board", "Roadmap"); err != nil {
		t.Fatal(err)
	}
	opened := await(guest, func(m *wire.MeetingUpdated) bool { return len(m.Meeting.Boards) == 1 }).Meeting
	if opened.PresentedBoardID != "board" || opened.Boards[0].Title != "Roadmap" || opened.Boards[0].OpenedBy != member.id {
		t.Errorf("opened %+v", opened)
	}
	s.wantTold("board user:olga", "board user:mei", "board guest:gast")
	s.wantRole("user:olga", room.BoardEditor)
	s.wantRole("guest:gast", room.BoardEditor)
	s.wantRole("guest:gina", "")

	hosts := wire.DrawHosts
	host.do(&wire.UpdateSettings{WhoMayDraw: &hosts})
	s.wantTold("board user:mei", "board guest:gast")
	s.wantRole("user:olga", room.BoardEditor)
	s.wantRole("guest:gast", room.BoardCommenter)

	host.do(&wire.Remove{ParticipantID: guest.id})
	s.wantTold("board guest:gast")
	s.wantRole("guest:gast", "")

	rooms.RenameBoard("board", "Plan")
	await(member, func(m *wire.MeetingUpdated) bool { return m.Meeting.Boards[0].Title == "Plan" })
	member.do(&wire.PresentBoard{})
	await(host, func(m *wire.MeetingUpdated) bool { return m.Meeting.PresentedBoardID == "" })
	if err := rooms.CloseBoard(t.Context(), "meeting", "user:olga", "board"); err != nil {
		t.Fatal(err)
	}
	s.wantTold("board user:mei", "board user:olga")
	s.wantRole("user:olga", "")

	if err := rooms.OpenBoard(t.Context(), "meeting", "user:olga", "board", "Roadmap"); err != nil {
		t.Fatal(err)
	}
	s.wantTold("board user:mei", "board user:olga")
	rooms.ForgetBoard("board")
	s.wantTold("board user:mei", "board user:olga")
	if err := rooms.OpenBoard(t.Context(), "meeting", "user:olga", "board", "Roadmap"); err != nil {
		t.Fatal(err)
	}
	s.wantTold("board user:mei", "board user:olga")
	late := s.browser("late", "gina")
	late.join()
	s.wantTold("board guest:gina")
	late.send(&wire.Leave{})
	s.wantTold("board guest:gina")
	host.send(&wire.End{})
	s.wantTold("board user:mei", "board user:olga")
	s.wantRole("user:olga", "")
}

func TestBoardsAreOpenAfterARestart(t *testing.T) {
	first := newStand(t, open())
	host := first.browser("host", "olga")
	host.join()
	if err := first.server.Rooms().OpenBoard(t.Context(), "meeting", "user:olga", "board", "Roadmap"); err != nil {
		t.Fatal(err)
	}
	await(host, func(m *wire.MeetingUpdated) bool { return m.Meeting.PresentedBoardID == "board" })
	go first.stop()
	await[*wire.Closing](host, nil)
	first.stop()

	second := newStand(t, open())
	second.directory.boards = first.directory.boards
	again := second.browser("again", "olga")
	again.connect()
	again.hello(&wire.Hello{Resume: host.token})
	joined := await[*wire.Joined](again, nil)
	if len(joined.Meeting.Boards) != 1 || joined.Meeting.PresentedBoardID != "board" {
		t.Errorf("joined %+v", joined.Meeting)
	}
	second.wantRole("user:olga", room.BoardEditor)

	again.send(&wire.End{})
	await[*wire.Closing](again, nil)
	again.gone()
	anew := second.browser("anew", "olga")
	if joined := anew.join(); len(joined.Meeting.Boards) != 0 {
		t.Errorf("after the end of the meeting: %+v", joined.Meeting.Boards)
	}
}
