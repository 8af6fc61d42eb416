package identity

import (
	"context"
	"slices"
	"time"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/secret"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const passwordLinkLifetime = 24 * time.Hour

// PersonChange is what an admin changes of a person; nil stays.
type PersonChange struct {
	Role          *authz.Role
	Disabled      *bool
	DepartmentIDs *[]uuid.UUID // the first is the primary one
}

// UpdatePerson changes somebody's rights or departments. Rights are decided on
// what the database says of both at that moment, with all owners locked, so
// that two owners cannot demote each other and the last one stays.
func (s *Service) UpdatePerson(ctx context.Context, p authz.Principal, id uuid.UUID, c PersonChange, from api.Client) error {
	disabled := false
	err := s.inTx(ctx, func(tx pgx.Tx, db *identitydb.Queries) error {
		owners, err := db.LockActiveOwners(ctx)
		if err != nil {
			return err
		}
		target, err := db.UserForUpdate(ctx, id)
		if err != nil {
			return orFault(err, fault.PersonNotFound)
		}
		if c.Role != nil || c.Disabled != nil {
			if err := s.changeRights(ctx, db, p, target, c, owners, from); err != nil {
				return err
			}
			disabled = c.Disabled != nil && *c.Disabled
		}
		if c.DepartmentIDs != nil {
			return s.departments.Assign(ctx, tx, id, *c.DepartmentIDs)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if disabled {
		s.revoked(id, uuid.Nil)
	}
	s.known.dropUser(id)
	return nil
}

func (s *Service) changeRights(ctx context.Context, db *identitydb.Queries, p authz.Principal, target identitydb.UserForUpdateRow, c PersonChange, owners []uuid.UUID, from api.Client) error {
	role, disabled := authz.Role(target.Role), target.DisabledAt != nil
	if c.Role != nil {
		role = *c.Role
	}
	if c.Disabled != nil {
		disabled = *c.Disabled
	}
	actor, err := db.User(ctx, p.UserID)
	if err != nil {
		return err
	}
	if p.Role = authz.Role(actor.Role); actor.DisabledAt != nil {
		return fault.Unauthenticated
	}
	change := authz.RoleChange{By: p, Self: p.UserID == target.ID, From: authz.Role(target.Role), To: role}
	if !change.Allowed() {
		return fault.Forbidden
	}
	if (role != authz.Owner || disabled) && len(owners) == 1 && slices.Contains(owners, target.ID) {
		return fault.LastOwner
	}
	if err := db.SetRole(ctx, identitydb.SetRoleParams{ID: target.ID, Role: string(role)}); err != nil {
		return err
	}
	if err := db.SetDisabled(ctx, identitydb.SetDisabledParams{ID: target.ID, Disabled: disabled}); err != nil {
		return err
	}
	if disabled {
		if err := voidCredentials(ctx, db, target.ID); err != nil {
			return err
		}
	}
	return record(ctx, db, event{
		kind: "rightsChanged", userID: target.ID, actorID: p.UserID, from: from,
		detail: map[string]any{"from": target.Role, "to": role, "disabled": disabled},
	})
}

// voidCredentials ends sessions and reset links of a person. Tokens of
// programs sleep while the account is disabled.
func voidCredentials(ctx context.Context, db *identitydb.Queries, id uuid.UUID) error {
	if err := db.DeleteSessionsOfUser(ctx, id); err != nil {
		return err
	}
	return db.DeletePasswordLinkOfUser(ctx, id)
}

// PasswordLink makes a one-use link by which a person sets a new password. An
// earlier link of theirs becomes void.
func (s *Service) PasswordLink(ctx context.Context, p authz.Principal, id uuid.UUID, from api.Client) (url string, expiresAt time.Time, err error) {
	token, hash := secret.New("")
	expiresAt = time.Now().Add(passwordLinkLifetime).UTC()
	err = s.inTx(ctx, func(_ pgx.Tx, db *identitydb.Queries) error {
		target, err := db.UserForUpdate(ctx, id)
		if err != nil {
			return orFault(err, fault.PersonNotFound)
		}
		role := authz.Role(target.Role)
		if !(authz.RoleChange{By: p, From: role, To: role}).Allowed() {
			return fault.Forbidden
		}
		if target.DisabledAt != nil {
			return fault.PersonNotFound
		}
		err = db.PutPasswordLink(ctx, identitydb.PutPasswordLinkParams{
			ID: newID(), UserID: id, TokenHash: hash, CreatedBy: p.UserID, ExpiresAt: expiresAt,
		})
		if err != nil {
			return err
		}
		return record(ctx, db, event{kind: "passwordLinkMade", userID: id, actorID: p.UserID, from: from})
	})
	return s.publicURL + "/reset/" + token, expiresAt, err
}

// ResetPassword spends a password link and signs the person out everywhere.
func (s *Service) ResetPassword(ctx context.Context, token, password string, from api.Client) error {
	if !secret.Plausible(token, "") {
		return fault.ResetLinkInvalid
	}
	hash := secret.Hash(token)
	target, err := s.db.PasswordLinkByToken(ctx, hash)
	if err != nil {
		return orFault(err, fault.ResetLinkInvalid)
	}
	spend := func(db *identitydb.Queries) error {
		_, err := db.UsePasswordLink(ctx, hash)
		return orFault(err, fault.ResetLinkInvalid)
	}
	return s.setPassword(ctx, target.ID, password, uuid.Nil, spend, event{kind: "passwordReset", userID: target.ID, from: from})
}
