package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
)

const (
	maxWorkers  = 8
	jobTimeout  = 5 * time.Minute
	pollPeriod  = time.Second
	maxAttempts = 10
)

// ErrNotStarted says that a job was put in before Start.
var ErrNotStarted = errors.New("job queue not started")

// Args is the content of a job, kept as JSON; Kind names what to do, such as "meetings.remind", for ever.
type Args = river.JobArgs

// Queue runs jobs on this node and takes jobs for all nodes.
type Queue struct {
	// static
	pool    *pgxpool.Pool
	log     *slog.Logger
	workers *river.Workers
	done    *prometheus.CounterVec

	// written before Start, read after
	every    map[string]func(context.Context) error
	periodic []*river.PeriodicJob
	client   *river.Client[pgx.Tx]

	close    sync.Once
	closeErr error
}

// New makes a queue that does nothing yet. The pool's database must be migrated before Start.
func New(pool *pgxpool.Pool, log *slog.Logger, metrics prometheus.Registerer) (*Queue, error) {
	q := &Queue{
		pool:    pool,
		log:     log.With("component", "jobs"),
		workers: river.NewWorkers(),
		every:   map[string]func(context.Context) error{},
		done: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_jobs_total", Help: "Background jobs that ended on this node.",
		}, []string{"kind", "result"}),
	}
	if err := metrics.Register(q.done); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	river.AddWorker(q.workers, &worker[everyArgs]{queue: q, fn: q.runEvery})
	return q, nil
}

// Handle says how jobs of a kind are done. Two handlers of one kind are a mistake and panic.
func Handle[T Args](q *Queue, fn func(ctx context.Context, args T) error) {
	river.AddWorker(q.workers, &worker[T]{queue: q, fn: fn})
}

// Every calls fn at the interval, on one node at a time. The name is unique, such as "identity.expireSessions".
func (q *Queue) Every(name string, interval time.Duration, fn func(context.Context) error) {
	if _, taken := q.every[name]; taken {
		panic("jobs: two periodic jobs are named " + name)
	}
	q.every[name] = fn
	insert := func() (river.JobArgs, *river.InsertOpts) {
		return everyArgs{Name: name}, &river.InsertOpts{
			MaxAttempts: 1, // the next turn is the next try
			UniqueOpts:  river.UniqueOpts{ByArgs: true, ByPeriod: interval},
		}
	}
	q.periodic = append(q.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval), insert, &river.PeriodicJobOpts{RunOnStart: true}))
}

// Start begins to work. ctx bounds the start only.
func (q *Queue) Start(ctx context.Context) error {
	client, err := river.NewClient(riverpgxv5.New(q.pool), &river.Config{
		Workers:           q.workers,
		PeriodicJobs:      q.periodic,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}},
		JobTimeout:        jobTimeout,
		FetchPollInterval: pollPeriod,
		MaxAttempts:       maxAttempts,
		Logger:            slog.New(warnings{q.log.Handler()}),
		ErrorHandler:      failures{q},
	})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	q.client = client
	return nil
}

// Enqueue adds a job when tx commits, to be done at once or, when at is not zero, at that time.
func (q *Queue) Enqueue(ctx context.Context, tx pgx.Tx, args Args, at time.Time) error {
	if q.client == nil {
		return ErrNotStarted
	}
	if _, err := q.client.InsertTx(ctx, tx, args, &river.InsertOpts{ScheduledAt: at}); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Close takes no more jobs and waits for the running ones until ctx ends, then cancels and waits for them.
func (q *Queue) Close(ctx context.Context) error {
	q.close.Do(func() {
		if q.client == nil {
			return
		}
		if err := q.client.Stop(ctx); err != nil {
			q.log.Warn("cancelling jobs that take too long", "error", err)
			q.closeErr = q.client.StopAndCancel(context.WithoutCancel(ctx))
		}
	})
	return q.closeErr
}

type everyArgs struct {
	Name string `json:"name"`
}

// Kind implements Args.
func (everyArgs) Kind() string { return "every" }

func (q *Queue) runEvery(ctx context.Context, args everyArgs) error {
	fn, ok := q.every[args.Name]
	if !ok {
		// A newer or older node asked for it.
		return nil
	}
	return fn(ctx)
}

// worker adapts a function to River.
type worker[T Args] struct {
	river.WorkerDefaults[T]
	queue *Queue
	fn    func(context.Context, T) error
}

// Work implements river.Worker.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	if err := w.fn(ctx, job.Args); err != nil {
		return err
	}
	w.queue.done.WithLabelValues(job.Kind, "ok").Inc()
	return nil
}

// failures counts and logs jobs that fail; River tries them again.
type failures struct{ queue *Queue }

// HandleError implements river.ErrorHandler.
func (f failures) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.queue.done.WithLabelValues(job.Kind, "failed").Inc()
	f.queue.log.Warn("job failed", "kind", job.Kind, "id", job.ID, "attempt", job.Attempt, "error", err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (f failures) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.queue.done.WithLabelValues(job.Kind, "panicked").Inc()
	f.queue.log.Error("job panicked", "kind", job.Kind, "id", job.ID, "attempt", job.Attempt, "panic", value, "stack", trace)
	return nil
}

// warnings drops River's own chatter below a warning.
type warnings struct{ slog.Handler }

// Enabled implements slog.Handler.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}
