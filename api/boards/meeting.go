package boards

import (
	"context"
	"errors"
	"net/http"

	"parley/api"
	"parley/api/boards/boardsdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// Meetings knows the meetings in which boards were opened.
type Meetings interface {
	// BoardOwner is who owns a board that a guest makes in a meeting.
	BoardOwner(ctx context.Context, meeting uuid.UUID) (uuid.UUID, error)
	// MeetingBoards are the boards that were opened in a meeting, for those who are of it, else meetingNotFound.
	MeetingBoards(ctx context.Context, p authz.Principal, meeting uuid.UUID) ([]uuid.UUID, error)
}

func (h handlers) registerMeetings(a *api.API) {
	inMeeting := []fault.Code{fault.MeetingNotFound, fault.NotInMeeting, fault.NotAllowed}
	api.Register(a, api.Operation{
		ID: "openMeetingBoard", Method: http.MethodPost, Path: "/meetings/{id}/boards", Tag: tag, Summary: "Open a board for everybody in a meeting that runs",
		Description: "A new one, or one that one may edit. Who is in the meeting may draw on it while it runs, as the host sets; members of the company who were in it may look at it afterwards. A new board of a guest belongs to the organizer.",
		Access:      api.Needs(authz.DrawBoards), Status: http.StatusCreated,
		Faults: append([]fault.Code{fault.BoardNotFound, fault.BoardReadOnly, fault.LimitReached, fault.RateLimited}, inMeeting...),
	}, h.openInMeeting)
	api.Register(a, api.Operation{
		ID: "closeMeetingBoard", Method: http.MethodDelete, Path: "/meetings/{id}/boards/{boardId}", Tag: tag, Summary: "Close a board for everybody in a meeting",
		Description: "For hosts, and for who opened it. The board stays.", Access: api.Needs(authz.DrawBoards), Faults: append([]fault.Code{fault.BoardNotFound}, inMeeting...),
	}, h.closeInMeeting)
	api.Register(a, api.Operation{
		ID: "listMeetingBoards", Method: http.MethodGet, Path: "/meetings/{id}/boards", Tag: tag, Summary: "List the boards of a meeting that one may see",
		Access: api.Needs(authz.ReadBoards), Faults: []fault.Code{fault.MeetingNotFound},
	}, h.inMeeting)
}

// MeetingBoardDraft is a board to be opened: one that exists, else a new one.
type MeetingBoardDraft struct {
	BoardID  *uuid.UUID `json:"boardId,omitempty"`
	Title    string     `json:"title,omitempty" maxLength:"200"`
	Template string     `json:"template,omitempty" enum:"retrospective,flowchart,kanban,brainstorm"`
}

type (
	openInput struct {
		IDInput
		Body MeetingBoardDraft
	}
	closeInput struct {
		IDInput
		BoardID uuid.UUID `path:"boardId"`
	}
)

func (h handlers) openInMeeting(ctx context.Context, in *openInput) (*boardOutput, error) {
	board, err := h.OpenInMeeting(ctx, authz.From(ctx), in.ID, in.Body)
	return &boardOutput{board}, err
}

func (h handlers) closeInMeeting(ctx context.Context, in *closeInput) (*struct{}, error) {
	return nil, h.rooms.CloseBoard(ctx, in.ID, authz.From(ctx).Key(), in.BoardID)
}

func (h handlers) inMeeting(ctx context.Context, in *IDInput) (*listOutput, error) {
	list, err := h.InMeeting(ctx, authz.From(ctx), in.ID)
	return &listOutput{&BoardPage{Items: list}}, err
}

// OpenInMeeting opens a board for everybody in a meeting.
func (s *Service) OpenInMeeting(ctx context.Context, p authz.Principal, meeting uuid.UUID, d MeetingBoardDraft) (*Board, error) {
	if err := s.rooms.MayOpenBoard(ctx, meeting, p.Key()); err != nil {
		return nil, err
	}
	id, err := s.boardFor(ctx, p, meeting, d)
	if err != nil {
		return nil, err
	}
	if err := s.openIn(ctx, p, meeting, id); err != nil {
		if d.BoardID == nil {
			err = errors.Join(err, s.erase(context.WithoutCancel(ctx), id))
		}
		return nil, err
	}
	return s.Board(ctx, p, id)
}

// openIn opens a board in a meeting, for the members who were in it to see afterwards.
func (s *Service) openIn(ctx context.Context, p authz.Principal, meeting, id uuid.UUID) error {
	b, err := s.db.Board(ctx, id)
	if err != nil {
		return found(err)
	}
	if err := s.rooms.OpenBoard(ctx, meeting, p.Key(), id, b.Title); err != nil {
		return err
	}
	err = s.db.AddAccess(ctx, boardsdb.AddAccessParams{BoardID: id, Kind: string(ToMeeting), SubjectID: meeting, Role: string(Viewer), Now: s.time()})
	if err != nil {
		return errors.Join(err, s.rooms.CloseBoard(context.WithoutCancel(ctx), meeting, p.Key(), id))
	}
	s.tell(ctx, id)
	return nil
}

// boardFor finds or makes the board that is to be opened.
func (s *Service) boardFor(ctx context.Context, p authz.Principal, meeting uuid.UUID, d MeetingBoardDraft) (uuid.UUID, error) {
	if d.BoardID != nil {
		if err := s.mayShow(ctx, p, *d.BoardID); err != nil {
			return uuid.Nil, err
		}
		return *d.BoardID, nil
	}
	if err := s.takeCreation(p); err != nil {
		return uuid.Nil, err
	}
	begin, err := s.begin(ctx, p, Draft{Title: d.Title, Template: d.Template})
	if err != nil {
		return uuid.Nil, err
	}
	owner := p.UserID
	if !p.SignedIn() {
		if owner, err = s.meetings.BoardOwner(ctx, meeting); err != nil {
			return uuid.Nil, err
		}
	}
	return s.make(ctx, p, owner, nil, begin)
}

// mayShow refuses boards that the principal may edit in another meeting only: they are not theirs to show around.
func (s *Service) mayShow(ctx context.Context, p authz.Principal, id uuid.UUID) error {
	if _, err := s.standing(ctx, p, id); err != nil {
		return err
	}
	own, err := s.own(ctx, p, id)
	if err == nil && !own.role.AtLeast(Editor) {
		err = fault.BoardReadOnly
	}
	return err
}

// InMeeting lists the boards that were opened in a meeting and that the principal may see.
func (s *Service) InMeeting(ctx context.Context, p authz.Principal, meeting uuid.UUID) ([]Board, error) {
	ids, err := s.meetings.MeetingBoards(ctx, p, meeting)
	if err != nil {
		return nil, err
	}
	rows := make([]row, 0, len(ids))
	for _, id := range ids[:min(len(ids), maxMeetingBoards)] {
		r, err := s.standing(ctx, p, id)
		if errors.Is(err, fault.BoardNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return s.show(ctx, rows)
}

// noMeetings is an installation without meetings.
type noMeetings struct{}

func (noMeetings) MayOpenBoard(context.Context, uuid.UUID, string) error { return fault.NotInMeeting }

func (noMeetings) OpenBoard(context.Context, uuid.UUID, string, uuid.UUID, string) error {
	return fault.NotInMeeting
}

func (noMeetings) CloseBoard(context.Context, uuid.UUID, string, uuid.UUID) error {
	return fault.NotInMeeting
}

func (noMeetings) BoardRenamed(uuid.UUID, string) {}

func (noMeetings) BoardDeleted(uuid.UUID) {}

func (noMeetings) BoardRole(uuid.UUID, string) Role { return "" }

func (noMeetings) BoardOwner(context.Context, uuid.UUID) (uuid.UUID, error) {
	return uuid.Nil, fault.MeetingNotFound
}

func (noMeetings) MeetingBoards(context.Context, authz.Principal, uuid.UUID) ([]uuid.UUID, error) {
	return nil, fault.MeetingNotFound
}
