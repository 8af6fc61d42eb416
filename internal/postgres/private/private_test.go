package private

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// childFolder makes the test binary a stand-in for parley that is killed.
const childFolder = "PARLEY_TEST_PRIVATE_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		runChild(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

func runChild(dir string) {
	s, err := Start(context.Background(), Config{Dir: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("ready", s.process.Pid)
	select {}
}

// folder is like t.TempDir, but every user may enter it: as root the server is another user.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "parley-private-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "postgres")
}

func begin(t *testing.T, dir string) *Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := Start(ctx, Config{Dir: dir}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func query[T any](t *testing.T, s *Server, sql string) T {
	t.Helper()
	var v T
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func (s *Server) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.Pid
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

func TestStartStopStart(t *testing.T) {
	t.Setenv("PGPORT", "")
	t.Setenv("PGDATA", "/nowhere")
	dir := folder(t)
	s := begin(t, dir)
	if got := query[string](t, s, "show listen_addresses"); got != "" {
		t.Errorf("listens on %q", got)
	}
	if got := query[string](t, s, "show server_encoding"); got != "UTF8" {
		t.Errorf("encoding %s", got)
	}
	query[int](t, s, "with t as (select 1) select 1")
	if os.Geteuid() == 0 {
		if stat, err := os.Stat(filepath.Join(dir, "data")); err != nil || stat.Sys().(*syscall.Stat_t).Uid == 0 {
			t.Errorf("data belongs to root, error %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("second close: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("not stopped in order: %v", err)
	}
	begin(t, dir)
}

func TestSecondInstanceIsRefused(t *testing.T) {
	dir := folder(t)
	first := begin(t, dir)
	if _, err := Start(t.Context(), Config{Dir: dir}, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrInUse) {
		t.Fatalf("want ErrInUse, have %v", err)
	}
	query[int](t, first, "select 1")
}

func TestKilledPostmasterIsStartedAgain(t *testing.T) {
	s := begin(t, folder(t))
	conn, err := pgx.Connect(t.Context(), s.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "create table kept as select 42 as n"); err != nil {
		t.Fatal(err)
	}
	old := s.pid()
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "a new postmaster", func() bool { return s.Restarts() == 1 && s.pid() != old })
	if got := query[int](t, s, "select n from kept"); got != 42 {
		t.Errorf("committed row reads %d", got)
	}
}

func TestKilledParent(t *testing.T) {
	dir := folder(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), childFolder+"="+dir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	pid, convErr := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "ready ")))
	if err := errors.Join(err, convErr); err != nil {
		t.Fatalf("child says %q: %v", line, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Error("the killed parent ended well")
	}
	s := begin(t, dir)
	query[int](t, s, "select 1")
	waitFor(t, "the old postmaster's end", func() bool { return !servesData(pid, s.data) })
}

func TestStaleLockFiles(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for name, pid := range map[string]int{
		"of a process that is gone":    gone.Process.Pid,
		"of a number used by another":  os.Getpid(),
		"of a number used by init":     1,
		"cut short, without a number":  0,
		"of a number never given away": 1 << 30,
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t)
			s := begin(t, dir)
			data, socket := s.data, s.socketDir
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n  5432001    32768\nready   \n", pid, data, socket)
			if pid == 0 {
				text = ""
			}
			for _, file := range []string{filepath.Join(data, "postmaster.pid"), filepath.Join(socket, socketName+".lock")} {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			query[int](t, begin(t, dir), "select 1")
		})
	}
}

func TestInterruptedInitdb(t *testing.T) {
	dir := folder(t)
	half := filepath.Join(dir, "init", "base")
	if err := os.MkdirAll(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "init", "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := begin(t, dir)
	query[int](t, s, "select 1")
	if _, err := os.Stat(filepath.Join(dir, "init")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a database is still there: %v", err)
	}
}

func TestCancelledStart(t *testing.T) {
	dir := folder(t)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	if s, err := Start(ctx, Config{Dir: dir}, slog.New(slog.DiscardHandler)); err == nil {
		s.Close()
		t.Skip("initdb took less than 150 ms")
	}
	query[int](t, begin(t, dir), "select 1")
}

func TestLongPathKeepsTheSocketShort(t *testing.T) {
	dir := filepath.Join(folder(t), strings.Repeat("deep/", 20)+"parley")
	s := begin(t, dir)
	if n := len(filepath.Join(s.SocketDir(), socketName)); n > maxSocketPath {
		t.Errorf("socket path has %d bytes", n)
	}
	query[int](t, s, "select 1")
	t.Cleanup(func() { os.RemoveAll(s.SocketDir()) })
}

func TestForeignSocketFolderIsRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a folder of another user")
	}
	dir := filepath.Join(t.TempDir(), "sock")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if err := (owner{}).makeDir(dir); err == nil {
		t.Fatal("took over another user's folder")
	}
}

func TestUnreachableParentIsExplained(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another user")
	}
	closed := filepath.Join(filepath.Dir(folder(t)), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{Dir: filepath.Join(closed, "postgres")}, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "may not enter "+closed) {
		t.Fatalf("have %v", err)
	}
}

func TestMissingBinaries(t *testing.T) {
	if _, err := findBinaries(t.Context(), 9999); !errors.Is(err, ErrNoBinaries) {
		t.Fatalf("want ErrNoBinaries, have %v", err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	tail := &tail{max: 4}
	fmt.Fprint(tail, "abc")
	fmt.Fprint(tail, "defgh")
	if tail.String() != "efgh" {
		t.Fatalf("kept %q", tail)
	}
}
