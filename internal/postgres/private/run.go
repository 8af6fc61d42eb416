package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startTries   = 6 // of the first start, while orphaned backends of a killed postmaster let go
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 30 * time.Second
	steadyAfter  = time.Minute // a life this long forgets earlier crashes
)

// run owns the child process. Its thread is locked because the kernel ties the child's life to the thread that
// forked it. It reports the first start on started and then keeps the server alive until ctx ends.
func (s *Server) run(ctx, startCtx context.Context, started chan<- error) {
	defer close(s.done)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := s.initialise(startCtx); err != nil {
		started <- err
		return
	}
	child, err := s.firstStart(startCtx)
	started <- err
	if err != nil {
		return
	}
	for backoff := firstBackoff; ; {
		began := time.Now()
		exit := s.wait(ctx, child)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > steadyAfter {
			backoff = firstBackoff
		}
		for {
			s.log.Error("postgres ended by itself, starting it again", "exit", exit, "in", backoff)
			if sleep(ctx, backoff) != nil {
				return
			}
			backoff = min(backoff*2, maxBackoff)
			if child, err = s.spawn(ctx); err == nil {
				break
			}
			exit = err.Error()
		}
		s.mu.Lock()
		s.restarts++
		s.mu.Unlock()
		s.log.Info("postgres is back")
	}
}

// initialise runs initdb in a folder that becomes the data directory only when it is complete.
func (s *Server) initialise(ctx context.Context) error {
	if major, err := s.dataMajor(); err != nil || major != 0 {
		return err
	}
	dir := filepath.Join(s.root, "init")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := s.owner.makeDir(dir); err != nil {
		return err
	}
	s.log.Info("making the database", "dir", s.data)
	cmd := s.command(ctx, "initdb", "-D", dir, "-U", superuser, "-E", "UTF8", "--locale="+locale(), "-A", "trust", "--no-instructions")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return os.Rename(dir, s.data)
}

func locale() string {
	if runtime.GOOS == "linux" {
		return "C.UTF-8"
	}
	return "C"
}

// firstStart tries several times: after kill -9 of a postmaster its backends hold the shared memory for a moment.
func (s *Server) firstStart(ctx context.Context) (*child, error) {
	for try, backoff := 1, firstBackoff; ; try, backoff = try+1, backoff*2 {
		c, err := s.spawn(ctx)
		if err == nil || try == startTries || ctx.Err() != nil {
			return c, err
		}
		s.log.Warn("postgres did not start, trying again", "error", err, "in", backoff)
		if sleepErr := sleep(ctx, backoff); sleepErr != nil {
			return nil, err
		}
	}
}

// child is one life of the server process.
type child struct {
	cmd    *exec.Cmd
	stderr *tail
	exited chan struct{}
	err    error // set before exited is closed
}

// spawn starts the process and waits until it takes connections.
func (s *Server) spawn(ctx context.Context) (*child, error) {
	if err := clearStale(ctx, s.data, s.socketDir, s.log); err != nil {
		return nil, err
	}
	args := append([]string{"-D", s.data, "-k", s.socketDir, "-p", "5432"}, s.settings...)
	c := &child{stderr: &tail{max: 4 << 10}, exited: make(chan struct{})}
	c.cmd = s.command(context.Background(), "postgres", args...)
	c.cmd.Stderr = c.stderr
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.exited)
	}()
	if err := s.ready(ctx, c); err != nil {
		c.stop()
		return nil, fmt.Errorf("%w: %s", err, c.stderr)
	}
	s.mu.Lock()
	s.process = c.cmd.Process
	s.mu.Unlock()
	return c, nil
}

// command runs as the server's user, in a folder that user can enter, with an environment of its own: an inherited
// PGPORT or PGDATA, even an empty one, breaks initdb.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.binDir, name), args...)
	cmd.Env = []string{"LC_ALL=" + locale(), "TZ=UTC", "PATH=" + os.Getenv("PATH")}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.owner.credential}
	// Orphaned backends of a killed postmaster keep its stderr open.
	cmd.WaitDelay = 2 * time.Second
	attach(cmd.SysProcAttr)
	return cmd
}

func (s *Server) ready(ctx context.Context, c *child) error {
	for {
		conn, err := pgx.Connect(ctx, s.urlOf("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-c.exited:
			return fmt.Errorf("postgres ended: %w", c.err)
		case <-ctx.Done():
			return fmt.Errorf("%w while waiting for postgres: %w", context.Cause(ctx), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// wait answers how the child ended by itself, or stops it when ctx ends.
func (s *Server) wait(ctx context.Context, c *child) string {
	defer func() {
		s.mu.Lock()
		s.process = nil
		s.mu.Unlock()
	}()
	select {
	case <-c.exited:
		return c.cmd.ProcessState.String()
	case <-ctx.Done():
		if err := c.stop(); err != nil {
			s.log.Error("postgres did not stop", "error", err)
		}
		return ""
	}
}

func (c *child) stop() error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 20 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}, {syscall.SIGKILL, 5 * time.Second}} {
		if err := c.cmd.Process.Signal(step.signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		select {
		case <-c.exited:
			return nil
		case <-time.After(step.wait):
		}
	}
	return fmt.Errorf("postgres %d survives SIGKILL", c.cmd.Process.Pid)
}

// tail keeps the last bytes written to it.
type tail struct {
	max int

	mu   sync.Mutex
	kept []byte // guarded by mu
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - t.max; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
