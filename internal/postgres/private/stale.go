package private

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clearStale deals with what a server that we did not stop left behind. A postmaster that outlived us is stopped. A
// postmaster.pid whose number now belongs to another process (containers reuse small pids) is removed, because
// PostgreSQL would take that process for its own; one whose process is gone is left for PostgreSQL, which finds in
// it the shared memory that orphaned backends may still hold. We hold the folder's flock, so nobody else starts.
func clearStale(ctx context.Context, data, socketDir string, log *slog.Logger) error {
	for _, file := range []string{filepath.Join(data, "postmaster.pid"), filepath.Join(socketDir, socketName+".lock")} {
		pid, err := readPID(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if pid > 1 && servesData(pid, data) {
			log.Warn("stopping a postgres that outlived its parent", "pid", pid)
			if err := stopStranger(ctx, pid, data); err != nil {
				return err
			}
			continue
		}
		if pid > 1 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		log.Warn("removing a stale lock file whose process is another now", "file", file, "pid", pid)
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// readPID answers 0 for a file that holds no number, as one cut short by a full disk.
func readPID(file string) (int, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0, nil
	}
	return pid, nil
}

func stopStranger(ctx context.Context, pid int, data string) error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 10 * time.Second}, {syscall.SIGQUIT, 5 * time.Second}} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop old postgres %d: %w", pid, err)
		}
		for deadline := time.Now().Add(step.wait); time.Now().Before(deadline); {
			if !servesData(pid, data) {
				return nil
			}
			if err := sleep(ctx, 50*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("a postgres that outlived its parent does not stop (pid %d)", pid)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
