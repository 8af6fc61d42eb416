package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/names"
	"parley/internal/secret"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SetupToken is the one-use token of the link that sets the company up.
// Needed is false once that is done. The token lives as long as the process:
// a restart prints another.
func (s *Service) SetupToken(ctx context.Context) (token string, needed bool, err error) {
	if _, err := s.db.CompanyName(ctx); !errors.Is(err, pgx.ErrNoRows) {
		return "", false, err
	}
	s.setup.Lock()
	defer s.setup.Unlock()
	if s.setup.token == "" {
		s.setup.token, _ = secret.New("")
	}
	return s.setup.token, true, nil
}

// SetupURL is the page that a setup token opens. The token is in the fragment,
// which browsers keep to themselves.
func (s *Service) SetupURL(token string) string { return s.publicURL + "/setup#" + token }

// CompanyName is empty before the company is set up.
func (s *Service) CompanyName(ctx context.Context) (string, error) {
	name, err := s.db.CompanyName(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// SetUp spends the setup token: it names the company, makes its first owner
// and signs them in. Of several at once only one succeeds.
func (s *Service) SetUp(ctx context.Context, token, companyName string, owner NewPerson, from api.Client) (uuid.UUID, http.Cookie, error) {
	expected, needed, err := s.SetupToken(ctx)
	if err != nil {
		return uuid.Nil, http.Cookie{}, err
	}
	if !needed {
		return uuid.Nil, http.Cookie{}, fault.SetupDone
	}
	if subtle.ConstantTimeCompare([]byte(token), []byte(expected)) != 1 {
		return uuid.Nil, http.Cookie{}, fault.SetupLinkInvalid
	}
	id, err := s.Found(ctx, companyName, owner, from)
	if err != nil {
		return uuid.Nil, http.Cookie{}, err
	}
	cookie, err := s.OpenSession(ctx, id, from)
	return id, cookie, err
}

// Found names the company and makes its first owner, unless it has been done:
// fault.SetupDone.
func (s *Service) Found(ctx context.Context, companyName string, owner NewPerson, from api.Client) (uuid.UUID, error) {
	companyName, err := names.Clean(companyName)
	if err != nil {
		return uuid.Nil, err
	}
	owner.Role = authz.Owner
	d, err := s.draft(ctx, owner)
	if err != nil {
		return uuid.Nil, err
	}
	err = s.inTx(ctx, func(tx pgx.Tx, db *identitydb.Queries) error {
		n, err := db.CreateCompany(ctx, companyName)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.SetupDone
		}
		if err := s.insert(ctx, tx, db, d); err != nil {
			return err
		}
		return record(ctx, db, event{kind: "companyFounded", userID: d.id, actorID: d.id, from: from})
	})
	return d.id, err
}
