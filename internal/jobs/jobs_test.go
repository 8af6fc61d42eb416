package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/jobs"
	"parley/internal/postgres/pgtest"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type greet struct {
	Name string `json:"name"`
}

func (greet) Kind() string { return "test.greet" }

func newQueue(t *testing.T, pool *pgxpool.Pool) *jobs.Queue {
	t.Helper()
	q, err := jobs.New(pool, slog.New(slog.NewTextHandler(t.Output(), nil)), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func start(t *testing.T, q *jobs.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := q.Close(ctx); err != nil {
			t.Error(err)
		}
	})
}

func enqueue(t *testing.T, pool *pgxpool.Pool, q *jobs.Queue, args jobs.Args, at time.Time, commit bool) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if err := q.Enqueue(t.Context(), tx, args, at); err != nil {
		t.Fatal(err)
	}
	if commit {
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(2 * time.Minute):
		t.Fatal("nothing comes")
		panic("unreachable")
	}
}

func TestJobRunsWhenItsTransactionCommits(t *testing.T) {
	pool := pgtest.Pool(t)
	q := newQueue(t, pool)
	done := make(chan string, 4)
	jobs.Handle(q, func(_ context.Context, args greet) error {
		done <- args.Name
		return nil
	})
	start(t, q)
	enqueue(t, pool, q, greet{"rolled back"}, time.Time{}, false)
	enqueue(t, pool, q, greet{"later"}, time.Now().Add(time.Hour), true)
	enqueue(t, pool, q, greet{"now"}, time.Time{}, true)
	if have := receive(t, done); have != "now" {
		t.Fatalf("ran %q", have)
	}
}

func TestJobThatFailsIsTriedAgain(t *testing.T) {
	pool := pgtest.Pool(t)
	q := newQueue(t, pool)
	var tries atomic.Int32
	done := make(chan string, 2)
	jobs.Handle(q, func(_ context.Context, args greet) error {
		if tries.Add(1) > 2 {
			done <- args.Name
			return nil
		}
		if args.Name == "panics" {
			panic("once")
		}
		return errors.New("once")
	})
	start(t, q)
	enqueue(t, pool, q, greet{"fails"}, time.Time{}, true)
	enqueue(t, pool, q, greet{"panics"}, time.Time{}, true)
	if one, two := receive(t, done), receive(t, done); one == two {
		t.Errorf("%q was done twice", one)
	}
}

func TestEvery(t *testing.T) {
	pool := pgtest.Pool(t)
	var runs atomic.Int32
	ran := make(chan struct{}, 8)
	var nodes []*jobs.Queue
	for range 2 {
		q := newQueue(t, pool)
		q.Every("test.sweep", time.Hour, func(context.Context) error {
			runs.Add(1)
			ran <- struct{}{}
			return nil
		})
		nodes = append(nodes, q)
	}
	for _, q := range nodes {
		start(t, q)
	}
	receive(t, ran)
	for _, q := range nodes {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := q.Close(ctx); err != nil {
			t.Error(err)
		}
		cancel()
	}
	if n := runs.Load(); n != 1 {
		t.Errorf("ran %d times on two nodes", n)
	}
}

func TestCloseWaitsThenCancels(t *testing.T) {
	pool := pgtest.Pool(t)
	q := newQueue(t, pool)
	entered, ended := make(chan struct{}), make(chan error, 1)
	jobs.Handle(q, func(ctx context.Context, _ greet) error {
		close(entered)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil
	})
	start(t, q)
	enqueue(t, pool, q, greet{}, time.Time{}, true)
	receive(t, entered)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := q.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := receive(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("job ended with %v", err)
	}
}

func TestEnqueueBeforeStart(t *testing.T) {
	pool := pgtest.Pool(t)
	q := newQueue(t, pool)
	if err := q.Enqueue(t.Context(), nil, greet{}, time.Time{}); !errors.Is(err, jobs.ErrNotStarted) {
		t.Fatalf("have %v", err)
	}
}

func TestTwoPeriodicJobsOfOneName(t *testing.T) {
	q := newQueue(t, pgtest.Pool(t))
	defer func() {
		if recover() == nil {
			t.Error("accepted")
		}
	}()
	for range 2 {
		q.Every("same", time.Hour, func(context.Context) error { return nil })
	}
}
