package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	// startTimeout is how long a server may take to listen.
	startTimeout = 30 * time.Second
	// stopTimeout is how long a process may take to end before it is killed.
	stopTimeout = 15 * time.Second
)

// process is a server that runs beside the driver.
type process struct {
	cmd    *exec.Cmd
	output *tail
	exited chan struct{}
	err    error // set before exited is closed
}

// launch starts a command in a session of its own, which is a group of its own to the scheduler.
func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, output: &tail{}, exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	prepare(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	favour(cmd.Process.Pid)
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

func prepare(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopTimeout
}

// favour raises the weight of a process's session, so that other work of the machine disturbs less. It is allowed to root
// alone, and left out for others.
func favour(pid int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", pid), []byte("-15"), 0)
}

// listening waits until the server takes connections.
func (p *process) listening(ctx context.Context, port int) error {
	for deadline := time.Now().Add(startTimeout); ; {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not listen: %w\n%s", p.cmd.Path, err, p.output)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.exited:
			return fmt.Errorf("%s ended: %w\n%s", p.cmd.Path, p.err, p.output)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the process, softly at first.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

// perform runs a job in a load of its own and reads its result.
func perform(ctx context.Context, j job, result any) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, roleLoad, string(text))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	prepare(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	favour(cmd.Process.Pid)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s on %s: %w", j.Case, j.Target.Server, err)
	}
	return json.Unmarshal(out.Bytes(), result)
}

// freePort answers a port on which nobody listens.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// tail keeps the end of what a server prints.
type tail struct {
	mu   sync.Mutex
	text []byte // guarded by mu
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - 4<<10; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
