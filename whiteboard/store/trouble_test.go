package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"parley/internal/postgres"
	"parley/internal/postgres/pgtest"
	"parley/internal/postgres/private"
	"parley/whiteboard"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// server starts a PostgreSQL that keeps its promises, in a folder.
func server(t testing.TB, dir string, settings map[string]string) *private.Server {
	t.Helper()
	all := map[string]string{"logging_collector": "off"}
	for k, v := range settings {
		all[k] = v
	}
	server, err := private.Start(patient(t), private.Config{Dir: dir, Settings: all}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func migrated(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(patient(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := postgres.Migrate(patient(t), pool, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return pool
}

// folder is below /tmp, short enough for a socket, and open to PostgreSQL's user.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "boards-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// pen appends numbered changes, a thousand a second, until it is told to stop.
type pen struct {
	stop  context.CancelFunc
	drawn chan int
	size  int
}

func startPen(ctx context.Context, l *boardLog, size int) *pen {
	ctx, cancel := context.WithCancel(ctx)
	p := &pen{stop: cancel, drawn: make(chan int, 1), size: size}
	text := strings.Repeat("x", size)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		w, n := newWriter(7), 0
		for ctx.Err() == nil {
			l.Append(whiteboard.Entry{Update: w.set(fmt.Sprint(n%50), fmt.Sprint(n, text)), Author: "user:1", At: noon.Add(time.Duration(n) * 50 * time.Millisecond)})
			n++
			<-tick.C
		}
		p.drawn <- n
	}()
	return p
}

// lift stops the pen and answers how many changes it made.
func (p *pen) lift() int {
	p.stop()
	return <-p.drawn
}

// until waits for what the log tells.
func until(t testing.TB, l *boardLog, want func(whiteboard.LogStatus) bool) {
	t.Helper()
	ctx := patient(t)
	for !want(l.Status()) {
		select {
		case <-l.Changed():
		case <-ctx.Done():
			t.Fatalf("stays at %+v", l.Status())
		}
	}
}

func troubled(s whiteboard.LogStatus) bool {
	return s.Err != nil && !errors.Is(s.Err, whiteboard.ErrLost)
}
func healthy(s whiteboard.LogStatus) bool { return s.Err == nil }

// complete checks that all numbered changes are in the board: none twice, none missing, the newest values.
func complete(t testing.TB, s *Store, board uuid.UUID, drawn, size int) {
	t.Helper()
	head, rows, err := s.read(patient(t), board)
	if err != nil {
		t.Fatal(err)
	}
	if newest := head.Seq + int64(len(rows)); newest != int64(drawn) {
		t.Errorf("%d changes are there of %d", newest, drawn)
	}
	sum := int64(0)
	for _, c := range history(t, s, board, whiteboard.HistoryPage{Limit: 1000}) {
		sum += int64(c.Bytes)
	}
	again, w, text := int64(0), newWriter(7), strings.Repeat("x", size)
	var updates [][]byte
	for n := range drawn {
		u := w.set(fmt.Sprint(n%50), fmt.Sprint(n, text))
		updates, again = append(updates, u), again+int64(len(u))
	}
	if sum != again {
		t.Errorf("history tells of %d bytes, drawn were %d", sum, again)
	}
	if show(t, state(t, s, board)) != show(t, updates...) {
		t.Error("the board shows something else than what was drawn")
	}
}

func TestCompactionWhileDrawing(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	l := open(t, s, uuid.New())
	pen := startPen(t.Context(), l, 10)
	for ctx := patient(t); ; {
		if err := l.compact(ctx); err != nil {
			t.Fatal(err)
		}
		head, err := s.db.Head(ctx, l.board)
		if err != nil {
			t.Fatal(err)
		}
		if head.Seq > 3000 {
			break
		}
	}
	drawn := pen.lift()
	saved(t, l)
	complete(t, s, l.board, drawn, pen.size)
	closeLog(t, l)
	complete(t, s, l.board, drawn, pen.size)
}

// TestLongLogIsCompacted: every 500 changes, by itself.
func TestLongLogIsCompacted(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	l := open(t, s, uuid.New())
	w := newWriter(7)
	for n := range 1200 {
		l.Append(whiteboard.Entry{Update: w.set(fmt.Sprint(n%50), fmt.Sprint(n)), At: noon})
	}
	saved(t, l)
	ctx := patient(t)
	for logRows(t, s, l.board) >= foldEvery {
		if ctx.Err() != nil {
			t.Fatal("the log stays long")
		}
		time.Sleep(time.Millisecond)
	}
	complete(t, s, l.board, 1200, 0)
}

// TestLongLogIsCompactedAfterItsRest: also when nobody draws any more by then.
func TestLongLogIsCompactedAfterItsRest(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	l, w := open(t, s, uuid.New()), newWriter(7)
	l.mu.Lock()
	l.restTill = time.Now().Add(time.Second)
	l.mu.Unlock()
	for n := range foldEvery {
		l.Append(whiteboard.Entry{Update: w.set(fmt.Sprint(n%50), fmt.Sprint(n)), At: noon})
	}
	saved(t, l)
	for ctx := patient(t); logRows(t, s, l.board) > 0; time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatal("the log stays long")
		}
	}
	complete(t, s, l.board, foldEvery, 0)
}

func TestOverlong(t *testing.T) {
	l := newBoardLog(nil, uuid.New())
	for name, c := range map[string]struct {
		log  volume
		want bool
	}{
		"few changes":  {volume{foldEvery - 1, foldBytes - 1}, false},
		"many changes": {volume{foldEvery, 1000}, true},
		"many bytes":   {volume{3, foldBytes}, true},
	} {
		if l.log = c.log; l.isOverlongLocked() != c.want {
			t.Errorf("%s: overlong is %t", name, !c.want)
		}
	}
}

func TestNextFold(t *testing.T) {
	s := &Store{}
	if l, wait := s.nextFold(noon); l != nil || wait != 0 {
		t.Error("something is to be compacted")
	}
	late, soon := newBoardLog(s, uuid.New()), newBoardLog(s, uuid.New())
	s.overlong = []overlongLog{{late, noon.Add(2 * time.Second)}, {soon, noon.Add(time.Second)}}
	if l, wait := s.nextFold(noon); l != nil || wait != time.Second {
		t.Errorf("%v to compact, else wait %v", l, wait)
	}
	for i, want := range []*boardLog{soon, late} {
		if l, _ := s.nextFold(noon.Add(time.Minute)); l != want {
			t.Errorf("turn %d is another one's", i)
		}
	}
}

// TestRefusedCompactionKeepsTheLog: a change that does not decode cannot come in through the actor; if it is there, nothing
// is deleted and the rest of the board opens.
func TestRefusedCompactionKeepsTheLog(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	l, w := open(t, s, uuid.New()), newWriter(7)
	l.Append(whiteboard.Entry{Update: w.set("a", 1), At: noon})
	l.Append(whiteboard.Entry{Update: []byte{1, 1, 1, 0, 8}, At: noon})
	l.Append(whiteboard.Entry{Update: w.set("a", 2), At: noon})
	saved(t, l)
	if err := l.compact(t.Context()); err == nil {
		t.Error("compacted")
	}
	closeLog(t, l)
	if n := logRows(t, s, l.board); n != 3 {
		t.Errorf("%d changes are left", n)
	}
	if got := show(t, load(t, open(t, s, l.board))...); got != `{"a":2}` {
		t.Errorf("it opens as %s", got)
	}
}

func TestGapIsNotCompacted(t *testing.T) {
	s := newStore(t, pgtest.Pool(t), "a")
	l, w := open(t, s, uuid.New()), newWriter(7)
	for i := range 3 {
		l.Append(whiteboard.Entry{Update: w.set("a", i), At: noon})
	}
	saved(t, l)
	if _, err := s.pool.Exec(t.Context(), "delete from board_log where seq = 2"); err != nil {
		t.Fatal(err)
	}
	if err := l.compact(t.Context()); !errors.Is(err, errGap) {
		t.Errorf("compacted: %v", err)
	}
}

// TestRestart: PostgreSQL is stopped in order, then killed, then all its connections, while somebody draws. The log tells of
// the trouble and of its end, and nothing is missing.
func TestRestart(t *testing.T) {
	dir := folder(t)
	db := server(t, dir, nil)
	pool := migrated(t, db.URL())
	s := newStore(t, pool, "a")
	l := open(t, s, uuid.New())
	pen := startPen(t.Context(), l, 10)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, l, troubled)
	db = server(t, dir, nil)
	until(t, l, healthy)
	for range 3 {
		failed := commits(t, s, "failed")
		if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		// The server comes back by itself, perhaps sooner than the status is looked at.
		awaitCommits(t, s, "failed", failed)
		awaitCommits(t, s, "ok", commits(t, s, "ok"))
		until(t, l, healthy)
	}
	endConnections(t, pool)
	awaitCommits(t, s, "ok", commits(t, s, "ok"))
	drawn := pen.lift()
	saved(t, l)
	complete(t, s, l.board, drawn, pen.size)
	closeLog(t, l)
	complete(t, s, l.board, drawn, pen.size)
	pool.Close()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// commits answers how many commits ended so.
func commits(t testing.TB, s *Store, result string) uint64 {
	t.Helper()
	var m dto.Metric
	if err := s.metrics.commits.WithLabelValues(result).(prometheus.Metric).Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetHistogram().GetSampleCount()
}

// awaitCommits waits until more commits than before ended so.
func awaitCommits(t testing.TB, s *Store, result string, before uint64) {
	t.Helper()
	for ctx := patient(t); commits(t, s, result) == before; time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatalf("%d commits %s, and no more", before, result)
		}
	}
}

// endConnections ends all connections to the database from outside; the pool forgets those that it holds idle, which would
// be found dead by who asks for them next.
func endConnections(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	conn, err := pgx.ConnectConfig(patient(t), pool.Config().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(patient(t))
	const others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'"
	if _, err := conn.Exec(patient(t), others); err != nil {
		t.Fatal(err)
	}
	pool.Reset()
}

// postmaster answers the process that the server in a folder runs as.
func postmaster(t testing.TB, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// TestFullDisk: the disk under PostgreSQL is full for a while.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("a small disk is made by mounting a tmpfs, which needs root on Linux")
	}
	dir := folder(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=160m,mode=0755"); err != nil {
		t.Skipf("a small disk is made by mounting a tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	db := server(t, dir, map[string]string{"max_wal_size": "32MB", "min_wal_size": "32MB", "shared_buffers": "16MB"})
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	pool := migrated(t, db.URL())
	defer pool.Close()
	s := newStore(t, pool, "a")
	l := open(t, s, uuid.New())
	pen := startPen(t.Context(), l, 1000)
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	until(t, l, troubled)
	t.Logf("told: %v", l.Status().Err)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	until(t, l, healthy)
	drawn := pen.lift()
	saved(t, l)
	complete(t, s, l.board, drawn, pen.size)
	closeLog(t, l)
	complete(t, s, l.board, drawn, pen.size)
}

// fill writes until the disk is full.
func fill(t testing.TB, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 64<<10); ; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
