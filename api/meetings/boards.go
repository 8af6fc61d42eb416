package meetings

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley/api/meetings/meetingsdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// BoardOpened is a board that was opened in a meeting.
type BoardOpened struct {
	BoardID  uuid.UUID
	OpenedBy string // name of who opened it last, as shown in the meeting
	OpenedAt time.Time
	Open     bool // in the meeting that runs
}

// MeetingBoards lists the boards of a meeting, those opened last first, to who may read its conversation: organizer,
// invitees, those who attended, and guests while they are in it.
func (s *Service) MeetingBoards(ctx context.Context, p authz.Principal, meeting uuid.UUID) ([]BoardOpened, error) {
	standing, err := s.ChatStanding(ctx, p, meeting)
	if errors.Is(err, fault.ConversationNotFound) || err == nil && !standing.Read {
		return nil, fault.MeetingNotFound
	} else if err != nil {
		return nil, err
	}
	m, err := s.db.MeetingByID(ctx, meeting)
	if err != nil {
		return nil, found(err)
	}
	rows, err := s.db.MeetingBoards(ctx, meeting)
	if err != nil {
		return nil, err
	}
	runs := m.SessionStartedAt != nil && m.SessionEndedAt == nil
	list := make([]BoardOpened, 0, len(rows))
	for _, r := range rows {
		list = append(list, BoardOpened{r.BoardID, r.OpenedByName, r.OpenedAt, runs && r.ClosedAt == nil})
	}
	if room, ok := s.rooms.Room(meeting.String()); ok {
		list = withOpen(list, room.Boards)
	}
	return list, nil
}

// withOpen brings a list up to date with the room, which knows what was opened a moment ago.
func withOpen(list []BoardOpened, now Boards) []BoardOpened {
	for i := range list {
		list[i].Open = false
	}
	for _, b := range now.Open {
		id, err := uuid.Parse(b.ID)
		if err != nil {
			continue
		}
		list = slices.DeleteFunc(list, func(one BoardOpened) bool { return one.BoardID == id })
		list = append(list, BoardOpened{id, b.OpenerName, b.OpenedAt, true})
	}
	slices.SortStableFunc(list, func(a, b BoardOpened) int { return b.OpenedAt.Compare(a.OpenedAt) })
	return list
}

// Organizer answers who organizes a meeting.
func (s *Service) Organizer(ctx context.Context, meeting uuid.UUID) (uuid.UUID, error) {
	m, err := s.db.MeetingByID(ctx, meeting)
	return m.OrganizerID, found(err)
}

// saveBoards makes the boards that are open what the room says.
func saveBoards(ctx context.Context, q *meetingsdb.Queries, meeting uuid.UUID, b Boards, at time.Time) error {
	open := []uuid.UUID{}
	for _, one := range b.Open {
		id, err := uuid.Parse(one.ID)
		if err != nil {
			continue // not one that is stored
		}
		open = append(open, id)
		err = q.KeepBoard(ctx, meetingsdb.KeepBoardParams{
			MeetingID: meeting, BoardID: id, OpenedByKey: one.OpenerKey, OpenedByName: one.OpenerName, OpenedAt: one.OpenedAt,
			Presented: one.ID == b.PresentedID,
		})
		if err != nil {
			return err
		}
	}
	return q.CloseBoardsBut(ctx, meetingsdb.CloseBoardsButParams{MeetingID: meeting, ClosedAt: at, Open: open})
}

// boardsOf are the boards when the meeting's room opens, kept as its access is.
func (s *Service) boardsOf(ctx context.Context, m meetingsdb.Meeting) (kept Boards, err error) {
	if m.SessionEndedAt != nil && s.now().Sub(*m.SessionEndedAt) > accessKept {
		return Boards{}, nil
	}
	rows, err := s.db.OpenBoards(ctx, m.ID)
	for _, r := range rows {
		kept.Open = append(kept.Open, Board{r.BoardID.String(), r.Title, r.OpenedByKey, r.OpenedByName, r.OpenedAt})
		if r.Presented {
			kept.PresentedID = r.BoardID.String()
		}
	}
	return kept, err
}
