package identity

import (
	"context"
	"net/http"
	"time"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/secret"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Invitation lets one person make an account.
type Invitation struct {
	ID            uuid.UUID   `json:"id" format:"uuid"`
	Email         string      `json:"email,omitempty" doc:"For whom it is meant; a note, not a condition."`
	Role          authz.Role  `json:"role" enum:"owner,admin,member"`
	DepartmentIDs []uuid.UUID `json:"departmentIds"`
	InviterName   string      `json:"inviterName"`
	CreatedAt     time.Time   `json:"createdAt"`
	ExpiresAt     time.Time   `json:"expiresAt"`
}

// NewInvitation is an invitation to be made.
type NewInvitation struct {
	Email         string
	Role          authz.Role
	DepartmentIDs []uuid.UUID
	ExpiresIn     time.Duration
}

// Invite makes an invitation and the link that accepts it, which is not kept.
func (s *Service) Invite(ctx context.Context, p authz.Principal, n NewInvitation, from api.Client) (inv Invitation, url string, err error) {
	if !(authz.RoleChange{By: p, From: authz.Member, To: n.Role}).Allowed() {
		return inv, "", fault.Forbidden
	}
	if n.Email != "" {
		if n.Email, _, err = cleanEmail(n.Email); err != nil {
			return inv, "", err
		}
	}
	if n.DepartmentIDs == nil {
		n.DepartmentIDs = []uuid.UUID{}
	}
	token, hash := secret.New("")
	inv = Invitation{
		ID: newID(), Email: n.Email, Role: n.Role, DepartmentIDs: n.DepartmentIDs, InviterName: p.Name, ExpiresAt: time.Now().Add(n.ExpiresIn).UTC(),
	}
	err = s.inTx(ctx, func(_ pgx.Tx, db *identitydb.Queries) error {
		if known, err := db.ExistingDepartments(ctx, n.DepartmentIDs); err != nil || len(known) != len(n.DepartmentIDs) {
			return cmpErr(err, fault.DepartmentNotFound)
		}
		inv.CreatedAt, err = db.CreateInvitation(ctx, identitydb.CreateInvitationParams{
			ID: inv.ID, TokenHash: hash, Email: optional(n.Email), Role: string(n.Role), DepartmentIds: n.DepartmentIDs,
			CreatedBy: p.UserID, ExpiresAt: inv.ExpiresAt,
		})
		if err != nil {
			return err
		}
		return record(ctx, db, event{kind: "invited", actorID: p.UserID, from: from, detail: map[string]any{"role": n.Role, "email": n.Email}})
	})
	return inv, s.publicURL + "/invite/" + token, err
}

// Invitations lists those that can still be accepted.
func (s *Service) Invitations(ctx context.Context) ([]Invitation, error) {
	rows, err := s.db.OpenInvitations(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Invitation, 0, len(rows))
	for _, r := range rows {
		inv := Invitation{
			ID: r.ID, Role: authz.Role(r.Role), DepartmentIDs: r.DepartmentIds,
			InviterName: r.CreatorName, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt,
		}
		if r.Email != nil {
			inv.Email = *r.Email
		}
		list = append(list, inv)
	}
	return list, nil
}

// WithdrawInvitation voids an invitation.
func (s *Service) WithdrawInvitation(ctx context.Context, id uuid.UUID) error {
	n, err := s.db.DeleteInvitation(ctx, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.NotFound
	}
	return nil
}

// Accept spends an invitation: it makes the account and signs it in. Of
// several at once only one succeeds.
func (s *Service) Accept(ctx context.Context, token string, n NewPerson, from api.Client) (uuid.UUID, http.Cookie, error) {
	if !secret.Plausible(token, "") {
		return uuid.Nil, http.Cookie{}, fault.InvitationInvalid
	}
	hash := secret.Hash(token)
	if _, err := s.db.InvitationByToken(ctx, hash); err != nil {
		return uuid.Nil, http.Cookie{}, orFault(err, fault.InvitationInvalid)
	}
	d, err := s.draft(ctx, n)
	if err != nil {
		return uuid.Nil, http.Cookie{}, err
	}
	var cookie http.Cookie
	err = s.inTx(ctx, func(tx pgx.Tx, db *identitydb.Queries) error {
		inv, err := db.UseInvitation(ctx, hash)
		if err != nil {
			return orFault(err, fault.InvitationInvalid)
		}
		d.Role = authz.Role(inv.Role)
		if d.DepartmentIDs, err = db.ExistingDepartments(ctx, inv.DepartmentIds); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, db, d); err != nil {
			return err
		}
		if cookie, err = s.openSession(ctx, db, d.id, from); err != nil {
			return err
		}
		return record(ctx, db, event{kind: "invitationAccepted", userID: d.id, actorID: inv.CreatedBy, from: from, detail: map[string]any{"role": inv.Role}})
	})
	return d.id, cookie, err
}
