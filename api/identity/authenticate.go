package identity

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/secret"

	"github.com/jackc/pgx/v5"
)

// Authenticate says who makes a request: a program by its bearer token, a
// person by the session cookie, a guest by the guest cookie, in this order. A
// bearer token that is not valid is refused; a cookie that is not valid any
// more leaves the visitor anonymous, because pages for everybody must open.
func (s *Service) Authenticate(r *http.Request) (authz.Principal, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return authz.Principal{}, fault.Unauthenticated
		}
		return s.byToken(r.Context(), strings.TrimSpace(token))
	}
	who, err := s.byCookie(r, api.SessionCookie, s.bySession)
	if err != nil || who.Kind != authz.Anonymous {
		return who, err
	}
	return s.byCookie(r, api.GuestCookie, s.byGuest)
}

type resolver func(ctx context.Context, hash []byte) (who authz.Principal, validUntil time.Time, err error)

func (s *Service) byCookie(r *http.Request, name string, resolve resolver) (authz.Principal, error) {
	c, err := r.Cookie(name)
	if err != nil || !secret.Plausible(c.Value, "") {
		return authz.Principal{}, nil
	}
	who, err := s.resolve(r.Context(), c.Value, resolve)
	if errors.Is(err, fault.Unauthenticated) {
		return authz.Principal{}, nil
	}
	return who, err
}

func (s *Service) byToken(ctx context.Context, token string) (authz.Principal, error) {
	if !secret.Plausible(token, tokenPrefix) {
		return authz.Principal{}, fault.Unauthenticated
	}
	return s.resolve(ctx, token, s.byAccessToken)
}

// resolve looks a secret up, in the cache first.
func (s *Service) resolve(ctx context.Context, text string, from resolver) (authz.Principal, error) {
	hash := secret.Hash(text)
	who, ok, epoch := s.known.get(hash)
	if ok {
		return who, nil
	}
	who, validUntil, err := from(ctx, hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return authz.Principal{}, fault.Unauthenticated
	}
	if err != nil {
		return authz.Principal{}, fmt.Errorf("resolve credential: %w", err)
	}
	s.known.put(hash, who, validUntil, epoch)
	return who, nil
}

func (s *Service) bySession(ctx context.Context, hash []byte) (authz.Principal, time.Time, error) {
	row, err := s.db.SessionByToken(ctx, hash)
	if err != nil {
		return authz.Principal{}, time.Time{}, err
	}
	if time.Since(row.LastSeenAt) > lastSeenEvery {
		err := s.db.TouchSession(ctx, identitydb.TouchSessionParams{
			ID: row.ID, SeenBefore: row.LastSeenAt,
			ExpiresAt: time.Now().Add(sessionLifetime), Address: addressOf(api.ClientFrom(ctx)),
		})
		if err != nil {
			return authz.Principal{}, time.Time{}, err
		}
	}
	return authz.Principal{
		Kind: authz.User, UserID: row.UserID, SessionID: row.ID,
		Role: authz.Role(row.Role), Name: row.Name, Locale: row.Locale,
	}, row.ExpiresAt, nil
}

func (s *Service) byAccessToken(ctx context.Context, hash []byte) (authz.Principal, time.Time, error) {
	row, err := s.db.AccessTokenByHash(ctx, hash)
	if err != nil {
		return authz.Principal{}, time.Time{}, err
	}
	if row.LastUsedAt == nil || time.Since(*row.LastUsedAt) > lastSeenEvery {
		if err := s.db.TouchAccessToken(ctx, row.ID); err != nil {
			return authz.Principal{}, time.Time{}, err
		}
	}
	validUntil := time.Now().Add(cacheTTL)
	if row.ExpiresAt != nil {
		validUntil = *row.ExpiresAt
	}
	return authz.Principal{
		Kind: authz.Token, UserID: row.UserID, TokenID: row.ID, Scopes: scopesOf(row.Scopes),
		Role: authz.Role(row.Role), Name: row.Name, Locale: row.Locale,
	}, validUntil, nil
}

func (s *Service) byGuest(ctx context.Context, hash []byte) (authz.Principal, time.Time, error) {
	row, err := s.db.GuestByToken(ctx, hash)
	if err != nil {
		return authz.Principal{}, time.Time{}, err
	}
	return authz.Principal{
		Kind: authz.Guest, GuestID: row.ID, MeetingID: row.MeetingID, Name: row.Name, Locale: row.Locale,
	}, row.ExpiresAt, nil
}
