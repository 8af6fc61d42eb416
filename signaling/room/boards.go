package room

import (
	"cmp"
	"slices"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// Board is a board that is open in the meeting.
type Board struct {
	ID         string
	Title      string
	OpenerKey  string // key of the person who opened it
	OpenerName string
	OpenedAt   time.Time
}

// Boards are the boards that are open in a meeting.
type Boards struct {
	Open        []Board // in the order of opening
	PresentedID string  // the one of them that is presented to all; empty for none
}

// BoardRole is what somebody may do on the boards of a meeting while he is in it.
type BoardRole string

// The roles. Who waits in the lobby has none.
const (
	BoardEditor    BoardRole = "editor"
	BoardCommenter BoardRole = "commenter"
)

// OpenBoard opens a board in the meeting and presents it. Who gives it must be able to edit the board, which the room
// does not know: it is given with ActAs once that was looked at. A board that is open already is presented.
type OpenBoard struct{ ID, Title string }

// CloseBoard closes a board for all. It is given with ActAs.
type CloseBoard struct{ ID string }

// Validate implements wire.ClientMessage; no client sends it.
func (*OpenBoard) Validate() error { return nil }

// Validate implements wire.ClientMessage; no client sends it.
func (*CloseBoard) Validate() error { return nil }

// ActAs carries out what a person who is in the meeting commands elsewhere than on a connection of his own.
func (s *State) ActAs(now time.Time, person string, command wire.ClientMessage) ([]Effect, error) {
	actor, err := s.presence(person)
	if err != nil {
		return nil, err
	}
	return s.Act(now, actor.id, actor.conn, command)
}

// MayOpenBoard tells whether a person may open one more board.
func (s *State) MayOpenBoard(now time.Time, person string) error {
	actor, err := s.presence(person)
	if err != nil {
		return err
	}
	if err := s.allow(now, actor, &OpenBoard{}); err != nil {
		return err
	}
	return s.roomForBoard()
}

// presence is the participant that is a person, with the most capable role where it is there several times.
func (s *State) presence(person string) (*member, error) {
	var most *member
	for _, m := range s.people() {
		if m.person.Key == person && (most == nil || rank(m.role) > rank(most.role)) {
			most = m
		}
	}
	if most == nil {
		return nil, fault.NotInMeeting
	}
	return most, nil
}

func (s *State) roomForBoard() error {
	if len(s.boards) >= MaxBoards {
		return fault.LimitReached.With(map[string]any{"max": MaxBoards})
	}
	return nil
}

func (s *State) openBoard(now time.Time, by *member, c *OpenBoard) error {
	if s.board(c.ID) == nil {
		if err := s.roomForBoard(); err != nil {
			return err
		}
		s.boards = append(s.boards, Board{
			ID: c.ID, Title: c.Title, OpenerKey: by.person.Key, OpenerName: by.name, OpenedAt: now,
		})
	} else if s.presented == c.ID {
		return nil
	}
	s.presented = c.ID
	s.boardsChanged(now)
	return nil
}

func (s *State) closeBoard(now time.Time, id string) {
	s.boards = slices.DeleteFunc(s.boards, func(b Board) bool { return b.ID == id })
	if s.presented == id {
		s.presented = ""
	}
	s.boardsChanged(now)
}

func (s *State) presentBoard(now time.Time, id string) {
	if s.presented != id {
		s.presented = id
		s.boardsChanged(now)
	}
}

// RenameBoard takes a title that was changed outside the room.
func (s *State) RenameBoard(now time.Time, id, title string) []Effect {
	if b := s.board(id); b != nil && !s.ended && b.Title != title {
		b.Title = title
		s.boardsChanged(now)
	}
	return s.take()
}

// ForgetBoard closes a board that is no more.
func (s *State) ForgetBoard(now time.Time, id string) []Effect {
	if s.board(id) != nil && !s.ended {
		s.closeBoard(now, id)
	}
	return s.take()
}

func (s *State) boardsChanged(now time.Time) {
	s.drawers = true
	s.sendAll(&wire.MeetingUpdated{Meeting: s.wireMeeting()})
	if !s.startedAt.IsZero() {
		s.emit(BoardsChanged{Boards: s.openBoards(), At: now})
	}
}

func (s *State) board(id string) *Board {
	at := slices.IndexFunc(s.boards, func(b Board) bool { return b.ID == id })
	if at < 0 {
		return nil
	}
	return &s.boards[at]
}

func (s *State) openBoards() Boards {
	return Boards{Open: slices.Clone(s.boards), PresentedID: s.presented}
}

// opened tells whether somebody opened a board that is still open.
func (s *State) opened(m *member) bool {
	return slices.ContainsFunc(s.boards, func(b Board) bool { return b.OpenerKey == m.person.Key })
}

func (s *State) wireBoards() []wire.Board {
	list := make([]wire.Board, 0, len(s.boards))
	for _, b := range s.boards {
		one := wire.Board{ID: b.ID, Title: b.Title, OpenedByName: b.OpenerName, OpenedAt: b.OpenedAt.UnixMilli()}
		if opener, err := s.presence(b.OpenerKey); err == nil {
			one.OpenedBy = opener.id
		}
		list = append(list, one)
	}
	return list
}

// boardRoles says what the people in the meeting may do on its boards, by their keys.
func (s *State) boardRoles() map[string]BoardRole {
	roles := map[string]BoardRole{}
	for _, m := range s.people() {
		if permissions(m.role, s.settings).Draw {
			roles[m.person.Key] = BoardEditor
		} else {
			roles[m.person.Key] = cmp.Or(roles[m.person.Key], BoardCommenter)
		}
	}
	return roles
}

// tellDrawers says who may draw now, if that may have changed while boards are or were open.
func (s *State) tellDrawers() {
	stale := s.drawers
	s.drawers = false
	if !stale || len(s.boards) == 0 && !s.drawing {
		return
	}
	s.drawing = len(s.boards) > 0
	drawers := Drawers{Roles: s.boardRoles()}
	for _, b := range s.boards {
		drawers.Boards = append(drawers.Boards, b.ID)
	}
	s.emit(drawers)
}
