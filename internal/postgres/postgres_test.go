package postgres_test

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"parley/internal/postgres"
	"parley/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestMigrateFromManyNodesAtOnce(t *testing.T) {
	url := pgtest.EmptyURL(t)
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			pool, err := postgres.Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			defer pool.Close()
			if err := postgres.Migrate(t.Context(), pool, slog.New(slog.DiscardHandler)); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	pool, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var jobs, locks int
	if err := pool.QueryRow(t.Context(), "select count(*) from river_job").Scan(&jobs); err != nil {
		t.Error("the job queue has no table:", err)
	}
	if err := pool.QueryRow(t.Context(), "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())").Scan(&locks); err != nil || locks != 0 {
		t.Errorf("%d advisory locks left, error %v", locks, err)
	}
}

func TestTimesAreUTC(t *testing.T) {
	pool := pgtest.Pool(t)
	var one time.Time
	var many []time.Time
	err := pool.QueryRow(t.Context(), "select '2026-01-02 03:04:05+08'::timestamptz, array[now()]").Scan(&one, &many)
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 1, 1, 19, 4, 5, 0, time.UTC); one != want {
		t.Errorf("have %v, want %v", one, want)
	}
	if many[0].Location() != time.UTC {
		t.Errorf("array element in %v", many[0].Location())
	}
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	for range 2 {
		pool := pgtest.Pool(t)
		if _, err := pool.Exec(t.Context(), "create table mine (id int)"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefusesAWrongURL(t *testing.T) {
	if _, err := postgres.Open(t.Context(), "postgres://%zz"); err == nil {
		t.Fatal("opened")
	}
}
