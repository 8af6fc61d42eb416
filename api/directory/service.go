package directory

import (
	"context"
	"errors"

	"parley/api/directory/directorydb"
	"parley/internal/fault"
	"parley/internal/names"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Service is the domain. It is safe for concurrent use.
type Service struct {
	pool *pgxpool.Pool
	db   *directorydb.Queries
}

// New makes the domain.
func New(pool *pgxpool.Pool) *Service {
	return &Service{pool: pool, db: directorydb.New(pool)}
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// Assign makes departmentIDs all the departments of a person, the first being
// the primary one, within tx. An unknown id is fault.DepartmentNotFound.
func (s *Service) Assign(ctx context.Context, tx pgx.Tx, userID uuid.UUID, departmentIDs []uuid.UUID) error {
	db := s.db.WithTx(tx)
	if err := db.ClearMemberships(ctx, userID); err != nil {
		return err
	}
	seen := map[uuid.UUID]bool{}
	for i, id := range departmentIDs {
		if seen[id] {
			continue
		}
		seen[id] = true
		err := db.AddMembership(ctx, directorydb.AddMembershipParams{DepartmentID: id, UserID: userID, IsPrimary: i == 0})
		if violates(err, foreignKeyViolation) {
			return fault.DepartmentNotFound.Wrap(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// CompanyName is the name of the company.
func (s *Service) CompanyName(ctx context.Context) (string, error) {
	name, err := s.db.CompanyName(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.NotFound
	}
	return name, err
}

// RenameCompany changes the name of the company.
func (s *Service) RenameCompany(ctx context.Context, name string) (string, error) {
	name, err := names.Clean(name)
	if err != nil {
		return "", err
	}
	n, err := s.db.RenameCompany(ctx, name)
	if err != nil {
		return "", err
	}
	if n == 0 {
		return "", fault.NotFound
	}
	return name, nil
}

// violates holds for an error of PostgreSQL with the SQLSTATE code.
func violates(err error, code string) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == code
}

// SQLSTATE codes.
const (
	uniqueViolation     = "23505"
	foreignKeyViolation = "23503"
)
