package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"parley/internal/postgres/private"

	"github.com/google/uuid"
)

// Servers that are measured.
const (
	serverParley     = "parley"
	serverYWebsocket = "y-websocket"
	serverHocuspocus = "hocuspocus"
)

// hall starts servers and keeps what they share: a folder and a PostgreSQL.
type hall struct {
	peers    string // folder with the packages of the others
	dir      string
	profile  string // file for a CPU profile of ours, empty for none
	procs    int    // GOMAXPROCS of ours, 0 for Go's own choice
	postgres *private.Server
}

// openHall makes a folder that the user of PostgreSQL may enter, too.
func openHall(ctx context.Context, o *options) (*hall, error) {
	dir, err := os.MkdirTemp("", "parley-bench-board-")
	if err != nil {
		return nil, err
	}
	h := &hall{dir: dir, profile: o.profile, procs: o.procs}
	if h.peers, err = filepath.Abs(o.peers); err != nil {
		return h, err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return h, err
	}
	if o.has(serverParley) {
		h.postgres, err = private.Start(ctx, private.Config{Dir: filepath.Join(dir, "postgres")}, slog.New(slog.DiscardHandler))
	}
	return h, err
}

func (h *hall) close() {
	if h.postgres != nil {
		if err := h.postgres.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "bench: PostgreSQL:", err)
		}
	}
	if err := os.RemoveAll(h.dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}

// prepare answers a new board on a server that does not run yet.
func (h *hall) prepare(name string) (target, error) {
	t := target{Server: name, Board: uuid.NewString(), Folder: filepath.Join(h.dir, name+"-"+uuid.NewString()[:8])}
	if name == serverParley {
		t.DatabaseURL = h.postgres.URL()
		var err error
		if t.Postmaster, err = postmaster(filepath.Join(h.dir, "postgres", "data")); err != nil {
			return t, err
		}
	}
	return t, os.Mkdir(t.Folder, 0o700)
}

// postmaster reads the process that a data directory belongs to.
func postmaster(data string) (int, error) {
	b, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(strings.TrimSpace(first))
}

// start runs the server of a target, which gets its port and process.
func (h *hall) start(ctx context.Context, t *target) (*process, error) {
	var err error
	if t.Port, err = freePort(); err != nil {
		return nil, err
	}
	cmd, err := h.command(ctx, t)
	if err != nil {
		return nil, err
	}
	p, err := launch(cmd)
	if err != nil {
		return nil, err
	}
	t.Pid = cmd.Process.Pid
	if err := p.listening(ctx, t.Port); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// node is the Node.js that npm installed beside the servers.
func (h *hall) node() string { return filepath.Join(h.peers, "node_modules", ".bin", "node") }

func (h *hall) command(ctx context.Context, t *target) (*exec.Cmd, error) {
	port := strconv.Itoa(t.Port)
	switch t.Server {
	case serverYWebsocket:
		cmd := exec.CommandContext(ctx, h.node(), "node_modules/@y/websocket-server/src/server.js")
		cmd.Dir = h.peers
		cmd.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT="+port, "YPERSISTENCE="+t.Folder)
		return cmd, nil
	case serverHocuspocus:
		cmd := exec.CommandContext(ctx, h.node(), "hocuspocus.js", port, filepath.Join(t.Folder, "boards.sqlite"))
		cmd.Dir = h.peers
		return cmd, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, roleServer, port, t.DatabaseURL, h.profile)
	if h.procs > 0 {
		cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", h.procs))
	}
	return cmd, nil
}
