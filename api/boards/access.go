package boards

import (
	"context"
	"slices"
	"time"

	"parley/api"
	"parley/api/boards/boardsdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Kind is whom a board is shared with.
type Kind string

// The kinds. A department includes those below it. A meeting stands for the members of the company who were in it: an entry
// is made when the board is opened there.
const (
	ToPerson     Kind = "person"
	ToDepartment Kind = "department"
	ToGroup      Kind = "group" // a group conversation
	ToEveryone   Kind = "everyone"
	ToMeeting    Kind = "meeting"
)

// BoardAccessEntry lets somebody see a board.
type BoardAccessEntry struct {
	Kind      Kind       `json:"kind" enum:"person,department,group,everyone,meeting"`
	ID        *uuid.UUID `json:"id,omitempty" doc:"Absent for everyone in the company"`
	Role      Role       `json:"role" enum:"viewer,commenter,editor"`
	Name      string     `json:"name,omitempty" readOnly:"true" doc:"Of the person, department, group or meeting"`
	AvatarURL string     `json:"avatarUrl,omitempty" readOnly:"true"`
}

// BoardSharing is with whom a board is to be shared.
type BoardSharing struct {
	Entries []BoardAccessEntry `json:"entries" maxItems:"200"`
}

// BoardAccess is with whom a board is shared.
type BoardAccess struct {
	Owner     BoardPerson        `json:"owner"`
	Entries   []BoardAccessEntry `json:"entries"`
	CanChange bool               `json:"canChange" doc:"The reader is the owner"`
	// CanTakeOver is for those who manage people.
	CanTakeOver bool `json:"canTakeOver,omitempty" doc:"The owner's account is disabled, and the reader may give the board to somebody"`
}

// Access answers with whom a board is shared, to those who may edit it.
func (s *Service) Access(ctx context.Context, p authz.Principal, id uuid.UUID) (*BoardAccess, error) {
	r, err := s.mayEdit(ctx, p, id)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Access(ctx, id)
	if err != nil {
		return nil, err
	}
	subjects := map[Kind][]uuid.UUID{ToPerson: {r.board.OwnerID}}
	for _, a := range rows {
		subjects[Kind(a.Kind)] = append(subjects[Kind(a.Kind)], a.SubjectID)
	}
	names, people, err := s.names(ctx, subjects)
	if err != nil {
		return nil, err
	}
	access := &BoardAccess{Owner: ref(people, r.board.OwnerID), Entries: make([]BoardAccessEntry, 0, len(rows)), CanChange: r.role == Owner}
	if access.CanTakeOver, err = s.canTakeOver(ctx, p, r.board.OwnerID); err != nil {
		return nil, err
	}
	for _, a := range rows {
		e := BoardAccessEntry{Kind: Kind(a.Kind), Role: Role(a.Role)}
		if e.Kind != ToEveryone {
			id := a.SubjectID
			name, known := names[e.Kind][id]
			if !known {
				continue // a department or group that is gone gives nobody a right
			}
			e.ID, e.Name = &id, name
		}
		if e.Kind == ToPerson {
			e.AvatarURL = people[a.SubjectID].AvatarURL
		}
		access.Entries = append(access.Entries, e)
	}
	return access, nil
}

// names are those of subjects by their kind; who does not exist has none.
func (s *Service) names(ctx context.Context, subjects map[Kind][]uuid.UUID) (map[Kind]map[uuid.UUID]string, map[uuid.UUID]Person, error) {
	people, err := s.people.People(ctx, subjects[ToPerson])
	if err != nil {
		return nil, nil, err
	}
	departments, err := s.db.DepartmentNames(ctx, orEmpty(subjects[ToDepartment]))
	if err != nil {
		return nil, nil, err
	}
	meetings, err := s.db.MeetingTitles(ctx, orEmpty(subjects[ToMeeting]))
	if err != nil {
		return nil, nil, err
	}
	groups, err := s.groups.GroupNames(ctx, subjects[ToGroup])
	if err != nil {
		return nil, nil, err
	}
	names := map[Kind]map[uuid.UUID]string{ToPerson: {}, ToDepartment: {}, ToMeeting: {}, ToGroup: groups}
	for id, p := range people {
		names[ToPerson][id] = p.Name
	}
	for _, d := range departments {
		names[ToDepartment][d.ID] = d.Name
	}
	for _, m := range meetings {
		names[ToMeeting][m.ID] = m.Title
	}
	return names, people, nil
}

// SetAccess replaces with whom a board of the principal's is shared. Who has it open is affected at once.
func (s *Service) SetAccess(ctx context.Context, p authz.Principal, id uuid.UUID, entries []BoardAccessEntry) (*BoardAccess, error) {
	r, err := s.ownActive(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if err := s.checkEntries(ctx, p, r.board, entries); err != nil {
		return nil, err
	}
	before := s.readers(ctx, id)
	now := s.time()
	err = s.transact(ctx, func(q *boardsdb.Queries) error {
		if err := q.ClearAccess(ctx, id); err != nil {
			return err
		}
		for i, e := range entries {
			at := now.Add(time.Duration(i) * time.Microsecond) // keeps their order
			if err := q.SetAccess(ctx, boardsdb.SetAccessParams{BoardID: id, Kind: string(e.Kind), SubjectID: e.subject(), Role: string(e.Role), Now: at}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.documents.Recheck(id)
	s.tell(ctx, id, before)
	return s.Access(ctx, p, id)
}

// ownActive is a board of the principal's own that is not in the trash.
func (s *Service) ownActive(ctx context.Context, p authz.Principal, id uuid.UUID) (row, error) {
	r, err := s.mayOwn(ctx, p, id)
	if err == nil && r.board.DeletedAt != nil {
		err = fault.BoardNotFound
	}
	return r, err
}

func (e BoardAccessEntry) subject() uuid.UUID {
	if e.ID == nil || e.Kind == ToEveryone {
		return uuid.Nil
	}
	return *e.ID
}

// unknown is the fault of a subject that does not exist or is not the owner's to share with.
var unknown = map[Kind]fault.Code{
	ToPerson: fault.PersonNotFound, ToDepartment: fault.DepartmentNotFound, ToGroup: fault.ConversationNotFound, ToMeeting: fault.MeetingNotFound,
}

func (s *Service) checkEntries(ctx context.Context, p authz.Principal, b boardsdb.Board, entries []BoardAccessEntry) error {
	if len(entries) > maxAccessEntries {
		return limitReached(maxAccessEntries)
	}
	subjects := map[Kind][]uuid.UUID{}
	for _, e := range entries {
		switch {
		case e.Kind != ToEveryone && unknown[e.Kind] == "":
			return fault.Invalid("body.entries", "there is no such kind")
		case e.Kind != ToEveryone && e.ID == nil:
			return fault.Invalid("body.entries", "id is missing")
		case e.Role != Viewer && e.Role != Commenter && e.Role != Editor:
			return fault.Invalid("body.entries", "there is no such role")
		case slices.Contains(subjects[e.Kind], e.subject()):
			return fault.Invalid("body.entries", "somebody is named twice")
		case e.Kind == ToPerson && e.subject() == b.OwnerID:
			return fault.Invalid("body.entries", "the owner needs no entry")
		}
		subjects[e.Kind] = append(subjects[e.Kind], e.subject())
	}
	names, _, err := s.names(ctx, subjects)
	if err != nil {
		return err
	}
	for kind, ids := range subjects {
		for _, id := range ids {
			if _, known := names[kind][id]; !known && kind != ToEveryone {
				return unknown[kind]
			}
		}
	}
	return s.checkReach(ctx, p, b.ID, subjects)
}

// checkReach keeps owners from sharing with groups that they are not in, and with meetings in which the board was never open.
func (s *Service) checkReach(ctx context.Context, p authz.Principal, board uuid.UUID, subjects map[Kind][]uuid.UUID) error {
	if len(subjects[ToGroup]) == 0 && len(subjects[ToMeeting]) == 0 {
		return nil
	}
	rows, err := s.db.Access(ctx, board)
	if err != nil {
		return err
	}
	reach := map[Kind][]uuid.UUID{}
	if reach[ToGroup], err = s.groups.GroupIDs(ctx, p.UserID); err != nil {
		return err
	}
	for _, a := range rows {
		reach[Kind(a.Kind)] = append(reach[Kind(a.Kind)], a.SubjectID)
	}
	for _, kind := range []Kind{ToGroup, ToMeeting} {
		for _, id := range subjects[kind] {
			if !slices.Contains(reach[kind], id) {
				return unknown[kind]
			}
		}
	}
	return nil
}

// mayGive is a board that the principal may give away: of their own, or of an account that is disabled.
func (s *Service) mayGive(ctx context.Context, p authz.Principal, id uuid.UUID) (row, error) {
	r, err := s.standing(ctx, p, id)
	if err != nil || r.role == Owner {
		return r, err
	}
	can, err := s.canTakeOver(ctx, p, r.board.OwnerID)
	if err == nil && !can {
		err = fault.NotBoardOwner
	}
	return r, err
}

// Transfer gives a board of the principal's, or of a disabled account, to another member; its owner remains an editor.
func (s *Service) Transfer(ctx context.Context, p authz.Principal, id, to uuid.UUID, client api.Client) (*Board, error) {
	r, err := s.mayGive(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if err := isActive(ctx, s.db, to); err != nil {
		return nil, err
	}
	if to == r.board.OwnerID {
		return s.Board(ctx, p, id)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		q := s.db.WithTx(tx)
		if err := hasRoom(ctx, q, to); err != nil {
			return err
		}
		if err := q.DeleteAccess(ctx, boardsdb.DeleteAccessParams{BoardID: id, Kind: string(ToPerson), SubjectID: to}); err != nil {
			return err
		}
		if err := q.SetAccess(ctx, boardsdb.SetAccessParams{BoardID: id, Kind: string(ToPerson), SubjectID: r.board.OwnerID, Role: string(Editor), Now: s.time()}); err != nil {
			return err
		}
		if err := q.TransferBoard(ctx, boardsdb.TransferBoardParams{ID: id, OwnerID: to}); err != nil || r.role == Owner {
			return err
		}
		return s.audit.HandedOver(ctx, tx, HandOver{From: r.board.OwnerID, To: to, By: p.UserID, Boards: []uuid.UUID{id}, Client: client})
	})
	if err != nil {
		return nil, err
	}
	s.documents.Recheck(id)
	s.tell(ctx, id)
	return s.Board(ctx, p, id)
}
