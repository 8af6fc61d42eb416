package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"parley/api/identity/identitydb"
	"parley/internal/objectstore"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Departments keeps who belongs to which department.
type Departments interface {
	// Assign makes departmentIDs all the departments of a person, the first
	// being the primary one, within tx. An unknown id is
	// fault.DepartmentNotFound.
	Assign(ctx context.Context, tx pgx.Tx, userID uuid.UUID, departmentIDs []uuid.UUID) error
}

// ObjectStore keeps pictures.
type ObjectStore interface {
	Put(ctx context.Context, key string, content objectstore.Content) (sha256 string, err error)
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, objectstore.Info, error)
	Delete(ctx context.Context, key string) error
}

// Config is what a Service can be told.
type Config struct {
	// PublicURL is where browsers reach the server, without a path; links
	// start with it, and cookies are Secure when it is https.
	PublicURL string
	// Password is the cost of hashing. Defaults to DefaultParams.
	Password Params
	// Modules are those the web client shows. Defaults to none.
	Modules []string
	// OnRevoked is told after a session ends or an account is disabled, so
	// that open connections can be closed; sessionID is uuid.Nil when all
	// sessions of the person end. It must not block. Defaults to nothing.
	OnRevoked func(userID, sessionID uuid.UUID)
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("identity: public URL %q is no http or https address", c.PublicURL)
	}
	if c.Password != (Params{}) {
		return c.Password.validate()
	}
	return nil
}

// Service is the domain. It is safe for concurrent use.
type Service struct {
	publicURL   string
	secure      bool
	modules     []string
	onRevoked   func(userID, sessionID uuid.UUID)
	pool        *pgxpool.Pool
	db          *identitydb.Queries
	departments Departments
	objects     ObjectStore
	log         *slog.Logger
	passwords   *hasher
	attempts    *attempts
	known       *credentialCache
	pictures    chan struct{} // a place for each picture being decoded

	setup struct {
		sync.Mutex
		token string // empty until asked for
	}
}

// New makes the domain.
func New(cfg Config, pool *pgxpool.Pool, departments Departments, objects ObjectStore, log *slog.Logger) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Password == (Params{}) {
		cfg.Password = DefaultParams
	}
	if cfg.OnRevoked == nil {
		cfg.OnRevoked = func(uuid.UUID, uuid.UUID) {}
	}
	passwords, err := newHasher(cfg.Password)
	if err != nil {
		return nil, err
	}
	return &Service{
		publicURL:   strings.TrimSuffix(cfg.PublicURL, "/"),
		secure:      strings.HasPrefix(cfg.PublicURL, "https:"),
		modules:     cfg.Modules,
		onRevoked:   cfg.OnRevoked,
		pool:        pool,
		db:          identitydb.New(pool),
		departments: departments,
		objects:     objects,
		log:         log,
		passwords:   passwords,
		attempts:    newAttempts(),
		known:       newCredentialCache(),
		pictures:    make(chan struct{}, maxPicturesAtOnce),
	}, nil
}

// inTx runs f in one transaction and commits when it answers nil.
func (s *Service) inTx(ctx context.Context, f func(tx pgx.Tx, db *identitydb.Queries) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return f(tx, s.db.WithTx(tx)) })
}

// newID is a UUIDv7.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// orFault replaces pgx.ErrNoRows by code.
func orFault(err error, code error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return code
	}
	return err
}

// eventsKept is how long account events stay.
const eventsKept = 400 * 24 * time.Hour

// Clean deletes what has expired. A job calls it now and then.
func (s *Service) Clean(ctx context.Context) error {
	steps := []struct {
		what string
		do   func(context.Context) (int64, error)
	}{
		{"sessions", s.db.CleanSessions},
		{"access tokens", s.db.CleanAccessTokens},
		{"invitations", s.db.CleanInvitations},
		{"password links", s.db.CleanPasswordLinks},
		{"guests", s.db.CleanGuests},
		{"account events", func(ctx context.Context) (int64, error) { return s.db.CleanEvents(ctx, time.Now().Add(-eventsKept)) }},
	}
	for _, step := range steps {
		n, err := step.do(ctx)
		if err != nil {
			return fmt.Errorf("clean %s: %w", step.what, err)
		}
		if n > 0 {
			s.log.Info("expired rows deleted", slog.String("of", step.what), slog.Int64("rows", n))
		}
	}
	return nil
}
