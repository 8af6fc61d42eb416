package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// lowest is the nice value of a guard.
const lowest = 19

// guard is a process that fills a core whenever its owner sleeps. It gives way at once to the owner, but not to others, so
// that the kernel leaves their work on the other cores: they would empty the caches that the owner finds when it wakes.
type guard struct {
	cmd *exec.Cmd
	in  io.Closer // its end is the guard's end
}

// startGuard guards the core that this process is bound to.
func startGuard() (*guard, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	g := &guard{cmd: exec.Command(self, roleGuard)}
	if g.in, err = g.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := g.cmd.Start(); err != nil {
		return nil, fmt.Errorf("guard: %w", err)
	}
	return g, nil
}

// seconds returns how long the guard has run.
func (g *guard) seconds() (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", g.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), " ")
	n, err := strconv.ParseUint(first, 10, 64)
	return float64(n) / 1e9, err
}

func (g *guard) stop() error {
	_ = g.in.Close()
	return g.cmd.Wait()
}

// runGuard spins until its input ends.
func runGuard() error {
	runtime.LockOSThread() // main's: the first thread, whose time seconds reads
	if err := unix.Setpriority(unix.PRIO_PROCESS, 0, lowest); err != nil {
		return os.NewSyscallError("setpriority", err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
	}
}
