package boards

import (
	"context"
	"errors"
	"time"

	"parley/api/boards/boardsdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// ErrNoRole is inside boardNotFound when the board is there, and not for the principal.
var ErrNoRole = errors.New("no role on the board")

// visitPeriod is how exactly it is kept when somebody last had a board open.
const visitPeriod = 5 * time.Minute

// Admission is what somebody may do on an open board, and who they are there.
type Admission struct {
	Role      Role
	PersonKey string // user:<id> or guest:<id>
	Name      string
	AvatarURL string // empty when there is none
}

// Admit says who may open a board and what they may do on it. It is asked when they come, from time to time while they stay,
// and when something has changed. Who may not see the board gets boardNotFound, with ErrNoRole in it while it is there for
// others.
func (s *Service) Admit(ctx context.Context, p authz.Principal, id uuid.UUID) (Admission, error) {
	r, err := s.standing(ctx, p, id)
	if err != nil {
		return Admission{}, err
	}
	a := Admission{Role: r.role, PersonKey: p.Key(), Name: p.Name}
	if !authz.Can(p, authz.DrawBoards) {
		a.Role = Viewer
	}
	if !p.SignedIn() {
		return a, nil
	}
	people, err := s.people.People(ctx, []uuid.UUID{p.UserID})
	if err != nil {
		return Admission{}, err
	}
	if person, ok := people[p.UserID]; ok {
		a.Name, a.AvatarURL = person.Name, person.AvatarURL
	}
	return a, s.visit(ctx, p.UserID, r)
}

// visit notes that somebody has a board open. It is read again then: what was drawn before a crash may not have been.
func (s *Service) visit(ctx context.Context, user uuid.UUID, r row) error {
	now := s.time()
	if r.openedAt != nil && now.Sub(*r.openedAt) < visitPeriod {
		return nil
	}
	s.refresher.enqueue(r.board.ID)
	return s.db.Visit(ctx, boardsdb.VisitParams{BoardID: r.board.ID, UserID: user, Now: now})
}

// standing is a board as the principal may use it now: not in the trash.
func (s *Service) standing(ctx context.Context, p authz.Principal, id uuid.UUID) (row, error) {
	r, err := s.anywhere(ctx, p, id)
	if err != nil {
		return row{}, err
	}
	if r.board.DeletedAt != nil {
		return row{}, fault.BoardNotFound
	}
	return r, nil
}

// anywhere finds boards in the trash too, which are their owner's alone.
func (s *Service) anywhere(ctx context.Context, p authz.Principal, id uuid.UUID) (row, error) {
	if err := p.Require(authz.ReadBoards); err != nil {
		return row{}, err
	}
	r, err := s.own(ctx, p, id)
	if err != nil {
		return row{}, err
	}
	if lent := s.rooms.BoardRole(id, p.Key()); lent.AtLeast(r.role) {
		r.role = lent
	}
	switch {
	case r.board.DeletedAt != nil && r.role != Owner:
		return row{}, fault.BoardNotFound
	case r.role == "":
		return row{}, fault.BoardNotFound.Wrap(ErrNoRole)
	}
	return r, nil
}

// own is a board with the role that the principal has outside of meetings.
func (s *Service) own(ctx context.Context, p authz.Principal, id uuid.UUID) (row, error) {
	if !p.SignedIn() {
		b, err := s.db.Board(ctx, id)
		return row{board: b}, found(err)
	}
	groups, err := s.groups.GroupIDs(ctx, p.UserID)
	if err != nil {
		return row{}, err
	}
	r, err := s.db.BoardFor(ctx, boardsdb.BoardForParams{ID: id, UserID: p.UserID, GroupIds: orEmpty(groups)})
	if err != nil {
		return row{}, found(err)
	}
	return rowFor(r), nil
}

// orEmpty is never nil: to the database that would be no list at all.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Board is a board as its reader sees it, its owner also in the trash.
func (s *Service) Board(ctx context.Context, p authz.Principal, id uuid.UUID) (*Board, error) {
	r, err := s.anywhere(ctx, p, id)
	if err != nil {
		return nil, err
	}
	return s.showRow(ctx, r)
}

func (s *Service) showRow(ctx context.Context, r row) (*Board, error) {
	list, err := s.show(ctx, []row{r})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// mayEdit is a board that the principal may change.
func (s *Service) mayEdit(ctx context.Context, p authz.Principal, id uuid.UUID) (row, error) {
	r, err := s.standing(ctx, p, id)
	if err == nil && !r.role.AtLeast(Editor) {
		err = fault.BoardReadOnly
	}
	return r, err
}

// mayOwn is a board of the principal's own, in the trash or not.
func (s *Service) mayOwn(ctx context.Context, p authz.Principal, id uuid.UUID) (row, error) {
	r, err := s.anywhere(ctx, p, id)
	if err == nil && r.role != Owner {
		err = fault.NotBoardOwner
	}
	return r, err
}
