package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"parley/internal/bus"
	"parley/internal/jobs"
	"parley/internal/objectstore"
	"parley/internal/obs"
	"parley/internal/postgres"
	"parley/internal/postgres/private"

	"github.com/jackc/pgx/v5/pgxpool"
)

// storage is everything that outlives a request.
type storage struct {
	pool  *pgxpool.Pool
	store objectstore.Store
	bus   *bus.Bus
	jobs  *jobs.Queue
}

// Folders and files in the data folder.
const (
	lockFile    = "lock"
	postgresDir = "postgres"
	objectsDir  = "objects"
	tlsDir      = "tls"
)

// openStorage brings up the data folder, the database with its newest schema, objects, events and jobs; the jobs do
// not run yet.
func (a *app) openStorage(ctx context.Context, kind postgres.Kind) (*storage, error) {
	pool, err := a.openDatabase(ctx)
	if err != nil {
		return nil, err
	}
	if err := postgres.Claim(ctx, pool, kind); err != nil {
		return nil, wrongKind(err, kind)
	}
	s := &storage{pool: pool}
	if s.store, err = a.openObjects(ctx); err != nil {
		return nil, err
	}
	if s.bus, err = bus.Open(string(a.cfg.NATS.URL), a.log, a.metrics); err != nil {
		return nil, err
	}
	a.started("event bus", func(context.Context) error { return s.bus.Close() })
	if s.jobs, err = jobs.New(pool, a.log, a.metrics); err != nil {
		return nil, err
	}
	return s, nil
}

func wrongKind(err error, kind postgres.Kind) error {
	if !errors.Is(err, postgres.ErrOtherKind) {
		return err
	}
	if kind == postgres.Demo {
		return fmt.Errorf("this data folder or database holds real data and can never become a demo, where anyone may be anyone: choose another dataDir")
	}
	return fmt.Errorf("this data folder or database holds a demo: start it with `parley demo`, or choose another dataDir")
}

// openDatabase connects to the configured PostgreSQL, or to one of our own, and brings its schema to this version.
func (a *app) openDatabase(ctx context.Context) (*pgxpool.Pool, error) {
	if err := a.holdDataDir(); err != nil {
		return nil, err
	}
	url := string(a.cfg.Database.URL)
	if url == "" {
		server, err := private.Start(ctx, private.Config{Dir: filepath.Join(a.cfg.DataDir, postgresDir)}, a.log)
		if err != nil {
			return nil, err
		}
		a.started("private PostgreSQL", func(context.Context) error { return server.Close() })
		url = server.URL()
	}
	pool, err := postgres.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	a.started("database pool", func(context.Context) error {
		pool.Close()
		return nil
	})
	if err := obs.RegisterPool(a.metrics, pool); err != nil {
		return nil, err
	}
	return pool, postgres.Migrate(ctx, pool, a.log)
}

// holdDataDir makes the data folder and keeps a second Parley out of it. As root the folder is made passable, because
// PostgreSQL runs as another user inside it; what it holds stays closed.
func (a *app) holdDataDir() error {
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(a.cfg.DataDir)), 0o755); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := os.Mkdir(a.cfg.DataDir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("data folder: %w", err)
	}
	info, err := os.Stat(a.cfg.DataDir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if os.Geteuid() == 0 && a.cfg.Database.URL == "" {
		if err := os.Chmod(a.cfg.DataDir, info.Mode().Perm()|0o011); err != nil {
			return fmt.Errorf("data folder: %w", err)
		}
	}
	lock, err := os.OpenFile(filepath.Join(a.cfg.DataDir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("data folder %s is in use by another Parley: stop it, or choose another dataDir", a.cfg.DataDir), lock.Close())
	}
	a.started("data folder", func(context.Context) error { return lock.Close() })
	return nil
}

func (a *app) openObjects(ctx context.Context) (objectstore.Store, error) {
	var (
		store objectstore.Store
		err   error
	)
	if c := a.cfg.S3; c.Endpoint != "" {
		store, err = objectstore.OpenS3(ctx, objectstore.S3Config{
			Endpoint: c.Endpoint, Region: c.Region, Bucket: c.Bucket, AccessKey: c.AccessKey, SecretKey: string(c.SecretKey),
			PathStyle: c.PathStyle, SSE: c.SSE,
		})
	} else {
		store, err = objectstore.OpenDirectory(filepath.Join(a.cfg.DataDir, objectsDir))
	}
	if err != nil {
		return nil, err
	}
	a.started("object store", func(context.Context) error { return store.Close() })
	return store, nil
}

func migrate(ctx context.Context, in *invocation) (err error) {
	cfg, err := in.settings("migrate")
	if err != nil {
		return err
	}
	a := newApp(cfg, in.logger(cfg))
	defer func() { err = errors.Join(err, a.close(context.WithoutCancel(ctx))) }()
	if _, err := a.openDatabase(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(in.stdout, "The database is up to date.")
	return err
}
