package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Kind says what an installation is for.
type Kind string

// The kinds. In a demo anyone may be anyone.
const (
	Real Kind = "real"
	Demo Kind = "demo"
)

// ErrOtherKind says that a database belongs to an installation of the other kind.
var ErrOtherKind = errors.New("database belongs to another kind of installation")

const secretBytes = 32

// Claim marks a new database as one of the kind, for ever. It answers ErrOtherKind for a database of the other kind,
// and for a demo in a database that somebody uses already.
func Claim(ctx context.Context, pool *pgxpool.Pool, kind Kind) error {
	// users exist only where somebody works; a demo is marked before it makes its own.
	const mark = `insert into installation (kind) select $1 where $1 = 'real' or not exists (select from users) on conflict do nothing`
	if _, err := pool.Exec(ctx, mark, kind); err != nil {
		return fmt.Errorf("mark installation: %w", err)
	}
	var have Kind
	err := pool.QueryRow(ctx, `select coalesce((select kind from installation), 'real')`).Scan(&have)
	if err != nil {
		return fmt.Errorf("read installation: %w", err)
	}
	if have != kind {
		return fmt.Errorf("%w: it is a %s one", ErrOtherKind, have)
	}
	return nil
}

// Secret answers the installation's key of a name; the first call on any node makes it.
func Secret(ctx context.Context, pool *pgxpool.Pool, name string) ([]byte, error) {
	fresh := make([]byte, secretBytes)
	rand.Read(fresh)
	if _, err := pool.Exec(ctx, `insert into secrets (name, value) values ($1, $2) on conflict do nothing`, name, fresh); err != nil {
		return nil, fmt.Errorf("make secret %s: %w", name, err)
	}
	var value []byte
	if err := pool.QueryRow(ctx, `select value from secrets where name = $1`, name).Scan(&value); err != nil {
		return nil, fmt.Errorf("read secret %s: %w", name, err)
	}
	return value, nil
}
