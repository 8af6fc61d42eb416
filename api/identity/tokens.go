package identity

import (
	"context"
	"slices"
	"time"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/names"
	"parley/internal/secret"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	maxTokens   = 50 // of one person
	tokenPrefix = "pat_"
)

// Token lets a program act for a person, within scopes.
type Token struct {
	ID         uuid.UUID     `json:"id" format:"uuid"`
	Name       string        `json:"name"`
	Scopes     []authz.Scope `json:"scopes"`
	CreatedAt  time.Time     `json:"createdAt"`
	ExpiresAt  *time.Time    `json:"expiresAt,omitempty" doc:"Absent: it does not expire."`
	LastUsedAt *time.Time    `json:"lastUsedAt,omitempty" doc:"To the minute; absent: never."`
}

// MakeToken makes a token and its secret, which is not kept.
func (s *Service) MakeToken(ctx context.Context, p authz.Principal, name string, scopes []authz.Scope, expiresAt *time.Time, from api.Client) (t Token, text string, err error) {
	if name, err = names.Clean(name); err != nil {
		return t, "", err
	}
	if expiresAt != nil && !expiresAt.After(time.Now()) {
		return t, "", fault.Invalid("body.expiresAt", "is in the past")
	}
	slices.Sort(scopes)
	t = Token{ID: newID(), Name: name, Scopes: slices.Compact(scopes), ExpiresAt: expiresAt}
	stored := make([]string, len(t.Scopes))
	for i, scope := range t.Scopes {
		if stored[i] = string(scope); !slices.Contains(authz.Scopes, scope) {
			return t, "", fault.Invalid("body.scopes", "has an unknown scope")
		}
	}
	text, hash := secret.New(tokenPrefix)
	err = s.inTx(ctx, func(_ pgx.Tx, db *identitydb.Queries) error {
		if n, err := db.CountAccessTokens(ctx, p.UserID); err != nil || n >= maxTokens {
			return cmpErr(err, fault.LimitReached.With(map[string]any{"max": maxTokens}))
		}
		t.CreatedAt, err = db.CreateAccessToken(ctx, identitydb.CreateAccessTokenParams{
			ID: t.ID, UserID: p.UserID, Name: name, TokenHash: hash, Scopes: stored, ExpiresAt: expiresAt,
		})
		if err != nil {
			return err
		}
		return record(ctx, db, event{kind: "tokenMade", userID: p.UserID, actorID: p.UserID, from: from, detail: map[string]any{"name": name, "scopes": stored}})
	})
	return t, text, err
}

// Tokens lists the tokens of a person.
func (s *Service) Tokens(ctx context.Context, userID uuid.UUID) ([]Token, error) {
	rows, err := s.db.AccessTokensOfUser(ctx, userID)
	if err != nil {
		return nil, err
	}
	list := make([]Token, 0, len(rows))
	for _, r := range rows {
		list = append(list, Token{
			ID: r.ID, Name: r.Name, Scopes: scopesOf(r.Scopes), CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsedAt,
		})
	}
	return list, nil
}

// RevokeToken makes a token void.
func (s *Service) RevokeToken(ctx context.Context, p authz.Principal, id uuid.UUID, from api.Client) error {
	n, err := s.db.DeleteAccessToken(ctx, identitydb.DeleteAccessTokenParams{ID: id, UserID: p.UserID})
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.NotFound
	}
	s.known.drop(func(p authz.Principal) bool { return p.TokenID == id })
	s.note(ctx, s.db, event{kind: "tokenRevoked", userID: p.UserID, actorID: p.UserID, from: from})
	return nil
}

func scopesOf(stored []string) []authz.Scope {
	list := make([]authz.Scope, len(stored))
	for i, s := range stored {
		list[i] = authz.Scope(s)
	}
	return list
}

// cmpErr is err, or otherwise when there is none.
func cmpErr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
