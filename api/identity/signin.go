package identity

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/fault"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SignIn checks a password and opens a session. Whatever is wrong, an unknown
// account, a disabled one or the password, the answer is
// fault.WrongCredentials and takes one password hash.
func (s *Service) SignIn(ctx context.Context, login, password string, from api.Client) (uuid.UUID, http.Cookie, error) {
	key := foldLogin(login)
	try, err := s.attempts.begin(key, from.Address)
	if err != nil {
		return uuid.Nil, http.Cookie{}, err
	}
	user, err := s.checkCredentials(ctx, key, password)
	if err != nil {
		if errors.Is(err, fault.WrongCredentials) {
			s.log.Info("sign-in refused", slog.String("address", addressOf(from)), slog.Any("user", user.ID))
		}
		return uuid.Nil, http.Cookie{}, err
	}
	try.right()
	cookie, err := s.openSession(ctx, s.db, user.ID, from)
	if err != nil {
		return uuid.Nil, http.Cookie{}, err
	}
	s.note(ctx, s.db, event{kind: "signedIn", userID: user.ID, actorID: user.ID, from: from})
	return user.ID, cookie, nil
}

// checkCredentials answers the account of key when password is its own. With
// fault.WrongCredentials it answers the account too, if there is one.
func (s *Service) checkCredentials(ctx context.Context, key, password string) (identitydb.UserForSignInRow, error) {
	user, err := s.db.UserForSignIn(ctx, key)
	if errors.Is(err, pgx.ErrNoRows) {
		if err := s.passwords.verifyDummy(ctx, password); err != nil {
			return user, err
		}
		return user, fault.WrongCredentials
	}
	if err != nil {
		return user, err
	}
	ok, outdated, err := s.passwords.verify(ctx, password, user.PasswordHash)
	if err != nil {
		return user, err
	}
	if !ok || user.DisabledAt != nil {
		return user, fault.WrongCredentials
	}
	if outdated {
		s.rehash(ctx, user.ID, password, user.PasswordHash)
	}
	return user, nil
}

// rehash stores a password at today's cost. Failing is no reason to keep
// somebody out.
func (s *Service) rehash(ctx context.Context, userID uuid.UUID, password, old string) {
	hash, err := s.passwords.hash(ctx, password)
	if err == nil {
		err = s.db.RehashPassword(ctx, identitydb.RehashPasswordParams{ID: userID, NewHash: hash, OldHash: old})
	}
	if err != nil {
		s.log.Warn("password not rehashed", slog.Any("user", userID), slog.Any("error", err))
	}
}
