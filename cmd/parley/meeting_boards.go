package main

import (
	"context"

	"parley/api/boards"
	"parley/api/meetings"
	"parley/internal/authz"
	"parley/internal/bus"
	"parley/internal/fault"
	"parley/signaling"
	"parley/signaling/room"

	"github.com/google/uuid"
)

// The boards of the meetings that run, as boards see them.

func recordedBoards(b room.Boards) meetings.Boards {
	list := make([]meetings.Board, len(b.Open))
	for i, one := range b.Open {
		list[i] = meetings.Board(one)
	}
	return meetings.Boards{Open: list, PresentedID: b.PresentedID}
}

func keptBoards(b meetings.Boards) room.Boards {
	list := make([]room.Board, len(b.Open))
	for i, one := range b.Open {
		list[i] = room.Board(one)
	}
	return room.Boards{Open: list, PresentedID: b.PresentedID}
}

// rooms are the meetings that run on this node, nil until signaling is there.
func (r *runningRooms) rooms() *signaling.Rooms {
	if signal := r.signal.Load(); signal != nil {
		return signal.Rooms()
	}
	return nil
}

// MayOpenBoard tells whether a person may open one more board in a meeting that he is in.
func (r *runningRooms) MayOpenBoard(ctx context.Context, meeting uuid.UUID, person string) error {
	if rooms := r.rooms(); rooms != nil {
		return rooms.MayOpenBoard(ctx, meeting.String(), person)
	}
	return fault.NotInMeeting
}

// OpenBoard opens a board that is stored, and that the person may edit, in a meeting that he is in.
func (r *runningRooms) OpenBoard(ctx context.Context, meeting uuid.UUID, person string, board uuid.UUID, title string) error {
	if rooms := r.rooms(); rooms != nil {
		return rooms.OpenBoard(ctx, meeting.String(), person, board.String(), title)
	}
	return fault.NotInMeeting
}

// CloseBoard closes a board for all in a meeting that the person is in.
func (r *runningRooms) CloseBoard(ctx context.Context, meeting uuid.UUID, person string, board uuid.UUID) error {
	if rooms := r.rooms(); rooms != nil {
		return rooms.CloseBoard(ctx, meeting.String(), person, board.String())
	}
	return fault.NotInMeeting
}

// BoardRenamed brings the meetings of all nodes in which a board is open up to date.
func (r *runningRooms) BoardRenamed(board uuid.UUID, title string) {
	r.renameHere(board, title)
	r.everywhere(boardRenamed, board, title)
}

func (r *runningRooms) renameHere(board uuid.UUID, title string) {
	if rooms := r.rooms(); rooms != nil {
		rooms.RenameBoard(board.String(), title)
	}
}

// BoardDeleted closes a board in the meetings of all nodes in which it is open.
func (r *runningRooms) BoardDeleted(board uuid.UUID) {
	r.forgetHere(board)
	r.everywhere(boardDeleted, board, "")
}

func (r *runningRooms) forgetHere(board uuid.UUID) {
	if rooms := r.rooms(); rooms != nil {
		rooms.ForgetBoard(board.String())
	}
}

// BoardRole is what a person may do on a board because it is open in a meeting that he is in: editor, commenter, or
// nothing.
func (r *runningRooms) BoardRole(board uuid.UUID, person string) (role boards.Role) {
	if rooms := r.rooms(); rooms != nil {
		role = boards.Role(rooms.BoardRole(board.String(), person))
	}
	if lent := r.lent.Load(); lent != nil {
		if there := lent.role(board, person); there.AtLeast(role) {
			role = there
		}
	}
	return role
}

// Subjects of the bus on which meetings of all nodes hear that something has happened to a board. A message is its id and,
// of a board with another name, the title.
const (
	boardRenamed = "meetingboards.renamed"
	boardDeleted = "meetingboards.deleted"
)

// everywhere tells the meetings of other nodes. When the bus cannot be reached they show an old title, or a board that opens no
// more.
func (r *runningRooms) everywhere(subject string, board uuid.UUID, title string) {
	if lent := r.lent.Load(); lent != nil {
		lent.publish(subject, []byte(board.String()+title))
	}
}

// hearBoards does here what happened to a board. It makes no difference to do it twice.
func (r *runningRooms) hearBoards(m bus.Message) {
	const idBytes = 36
	if len(m.Data) < idBytes {
		return
	}
	board, err := uuid.ParseBytes(m.Data[:idBytes])
	if err != nil {
		return
	}
	switch m.Subject {
	case boardRenamed:
		r.renameHere(board, string(m.Data[idBytes:]))
	case boardDeleted:
		r.forgetHere(board)
	}
}

// drawers are the meetings of this node that have open boards.
func (r *runningRooms) drawers() []signaling.MeetingDrawers {
	if rooms := r.rooms(); rooms != nil {
		return rooms.Drawers()
	}
	return nil
}

// boardRoles passes on whose role on a board changed; it is signaling's OnBoardRoles.
func (r *runningRooms) boardRoles(board string, people []string) {
	id, err := uuid.Parse(board)
	if changed := r.boardRolesChanged.Load(); err == nil && changed != nil {
		(*changed)(id, people)
	}
}

// boardMeetings is meetings as boards see them.
type boardMeetings struct{ meetings *meetings.Service }

// BoardOwner implements boards.Meetings.
func (m boardMeetings) BoardOwner(ctx context.Context, meeting uuid.UUID) (uuid.UUID, error) {
	return m.meetings.Organizer(ctx, meeting)
}

// MeetingBoards implements boards.Meetings.
func (m boardMeetings) MeetingBoards(ctx context.Context, p authz.Principal, meeting uuid.UUID) ([]uuid.UUID, error) {
	opened, err := m.meetings.MeetingBoards(ctx, p, meeting)
	ids := make([]uuid.UUID, len(opened))
	for i, one := range opened {
		ids[i] = one.BoardID
	}
	return ids, err
}
