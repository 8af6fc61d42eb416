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
	"github.com/jackc/pgx/v5"
)

// HandOver is boards that somebody gave to another person with the right to those of accounts that are disabled.
type HandOver struct {
	From, To, By uuid.UUID
	Boards       []uuid.UUID
	Client       api.Client
}

// Audit keeps who used a right over what belongs to others.
type Audit interface {
	// HandedOver is called in the transaction that does it.
	HandedOver(ctx context.Context, tx pgx.Tx, h HandOver) error
}

// noAudit is an installation that keeps nothing.
type noAudit struct{}

func (noAudit) HandedOver(context.Context, pgx.Tx, HandOver) error { return nil }

func (h handlers) registerHandOver(a *api.API) {
	api.Register(a, api.Operation{
		ID: "handOverBoards", Method: http.MethodPost, Path: "/users/{id}/boards/handover", Tag: tag, Summary: "Give all boards of a disabled account to somebody else",
		Description: "Those in the trash too. Only an owner of the company hands over the boards of another one.", Access: api.Needs(authz.HandOverBoards),
		Faults: []fault.Code{fault.PersonNotFound, fault.WrongState, fault.LimitReached},
	}, h.handOver)
}

// BoardHandOver says how many boards were given to somebody else.
type BoardHandOver struct {
	Count int `json:"count"`
}

type handOverInput struct {
	IDInput
	Body BoardTransfer
}

func (h handlers) handOver(ctx context.Context, in *handOverInput) (*struct{ Body BoardHandOver }, error) {
	n, err := h.HandOver(ctx, authz.From(ctx), in.ID, in.Body.UserID, api.ClientFrom(ctx))
	return &struct{ Body BoardHandOver }{BoardHandOver{n}}, err
}

// HandOver gives all boards of a disabled account to another member, and answers how many they are.
func (s *Service) HandOver(ctx context.Context, p authz.Principal, from, to uuid.UUID, client api.Client) (int, error) {
	var boards []uuid.UUID
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		q := s.db.WithTx(tx)
		if err := s.mayHandOver(ctx, q, p, from); err != nil {
			return err
		}
		if err := isActive(ctx, q, to); err != nil {
			return err
		}
		if err := hasRoomForAll(ctx, q, from, to); err != nil {
			return err
		}
		var err error
		if boards, err = q.HandOver(ctx, boardsdb.HandOverParams{FromID: from, ToID: to}); err != nil || len(boards) == 0 {
			return err
		}
		if err := q.DeletePersonAccess(ctx, boardsdb.DeletePersonAccessParams{UserID: to, BoardIds: boards}); err != nil {
			return err
		}
		return s.audit.HandedOver(ctx, tx, HandOver{From: from, To: to, By: p.UserID, Boards: boards, Client: client})
	})
	if err != nil {
		return 0, err
	}
	for _, id := range boards {
		s.documents.Recheck(id)
		s.publish(ctx, id, readers{people: map[uuid.UUID]bool{to: true}})
	}
	return len(boards), nil
}

// mayHandOver refuses to give away what belongs to an account that is in use, and to an owner of the company unless an owner
// does.
func (s *Service) mayHandOver(ctx context.Context, q *boardsdb.Queries, p authz.Principal, from uuid.UUID) error {
	if err := p.Require(authz.HandOverBoards); err != nil {
		return err
	}
	account, err := q.Account(ctx, from)
	switch {
	case noRow(err):
		return fault.PersonNotFound
	case err != nil:
		return err
	case !account.Disabled:
		return fault.WrongState
	case authz.Role(account.Role) == authz.Owner && !authz.Can(p, authz.ManageOwners):
		return fault.Forbidden
	}
	return nil
}

// canTakeOver holds when the principal may give a board to somebody because its owner's account is disabled.
func (s *Service) canTakeOver(ctx context.Context, p authz.Principal, owner uuid.UUID) (bool, error) {
	if !authz.Can(p, authz.HandOverBoards) {
		return false, nil
	}
	err := s.mayHandOver(ctx, s.db, p, owner)
	if errors.Is(err, fault.WrongState) || errors.Is(err, fault.Forbidden) {
		return false, nil
	}
	return err == nil, err
}

func isActive(ctx context.Context, q *boardsdb.Queries, id uuid.UUID) error {
	active, err := q.IsActive(ctx, id)
	if err == nil && !active {
		err = fault.PersonNotFound
	}
	return err
}

// hasRoomForAll refuses more boards than one person may have.
func hasRoomForAll(ctx context.Context, q *boardsdb.Queries, from, to uuid.UUID) error {
	if err := q.LockOwner(ctx, "boards of "+to.String()); err != nil {
		return err
	}
	had, err := q.CountOwned(ctx, to)
	if err != nil {
		return err
	}
	more, err := q.CountOwned(ctx, from)
	if err == nil && had+more > maxBoards {
		err = limitReached(maxBoards)
	}
	return err
}
