// Package pgtest gives each test a fresh migrated database.
//
// A test binary that uses it starts one PostgreSQL in a temporary folder, or uses the server that
// PARLEY_TEST_DATABASE_URL names, migrates one database and copies it for every test. The package under test says
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
//
// which also checks for leaked goroutines.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/postgres"
	"parley/internal/postgres/private"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"
)

const startTimeout = 2 * time.Minute

var (
	inMain  atomic.Bool
	number  atomic.Int64
	started = sync.OnceValues(start)
	closers []func() error // written by start, read by Main after all tests
)

// Main runs the tests, stops the server if one was started, looks for leaked goroutines and exits.
func Main(m *testing.M, options ...goleak.Option) {
	inMain.Store(true)
	code := m.Run()
	for i := len(closers) - 1; i >= 0; i-- {
		if err := closers[i](); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			code = max(code, 1)
		}
	}
	if code == 0 {
		if err := goleak.Find(options...); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// Pool answers a pool on a migrated database that only this test sees; it is dropped when the test ends.
func Pool(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// URL is like Pool for a test that opens the database itself.
func URL(t testing.TB) string {
	t.Helper()
	return fresh(t, "template "+templateName())
}

// EmptyURL is the URL of a database without any table.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return fresh(t, "template template0")
}

func fresh(t testing.TB, from string) string {
	t.Helper()
	if !inMain.Load() {
		t.Fatal("pgtest: the package needs func TestMain(m *testing.M) { pgtest.Main(m) }")
	}
	admin, err := started()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("parley_test_%d_%d", os.Getpid(), number.Add(1))
	if err := execute(t.Context(), admin, "create database "+name+" "+from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute(context.Background(), admin, "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return withDatabase(admin, name)
}

func templateName() string { return fmt.Sprintf("parley_template_%d", os.Getpid()) }

// start answers the URL that databases are made through.
func start() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	admin := os.Getenv("PARLEY_TEST_DATABASE_URL")
	if admin == "" {
		var err error
		if admin, err = startPrivate(ctx); err != nil {
			return "", err
		}
	}
	if err := execute(ctx, admin, "create database "+templateName()); err != nil {
		return "", err
	}
	closers = append(closers, func() error {
		return execute(context.Background(), admin, "drop database "+templateName()+" with (force)")
	})
	pool, err := postgres.Open(ctx, withDatabase(admin, templateName()))
	if err != nil {
		return "", err
	}
	defer pool.Close()
	return admin, postgres.Migrate(ctx, pool, slog.New(slog.DiscardHandler))
}

// startPrivate trades durability for speed: the folder is thrown away.
func startPrivate(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "parley-pgtest-")
	if err != nil {
		return "", err
	}
	closers = append(closers, func() error { return os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	settings := map[string]string{
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
		"max_connections": "300", "logging_collector": "off",
	}
	server, err := private.Start(ctx, private.Config{Dir: dir, Settings: settings}, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	closers = append(closers, server.Close)
	return server.URL(), nil
}

func execute(ctx context.Context, url, statement string) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("pgtest: %s: %w", statement, err)
	}
	return nil
}

func withDatabase(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil {
		panic(fmt.Sprintf("pgtest: PARLEY_TEST_DATABASE_URL must be a URL: %v", err))
	}
	u.Path = "/" + name
	return u.String()
}
