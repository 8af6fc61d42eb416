package private

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/jackc/pgx/v5"
)

const (
	superuser  = "parley"
	database   = "parley"
	socketName = ".s.PGSQL.5432"
	// maxSocketPath is what fits sun_path everywhere: 104 bytes with the final zero on macOS, 108 on Linux.
	maxSocketPath = 103
)

// ErrInUse says that another process runs its PostgreSQL in the same folder.
var ErrInUse = errors.New("data folder is in use by another parley")

// Config says where the server lives.
type Config struct {
	// Dir holds everything of the server. It is made if it does not exist.
	Dir string
	// Settings are added to, or replace, the server's settings. Defaults to none.
	Settings map[string]string
}

// Validate refuses what Start cannot work with.
func (c Config) Validate() error {
	if c.Dir == "" {
		return errors.New("folder of the private PostgreSQL is empty")
	}
	return nil
}

// Server is a running PostgreSQL.
type Server struct {
	// static after Start
	log       *slog.Logger
	settings  []string
	owner     owner
	root      string
	data      string
	socketDir string
	binDir    string
	lock      *os.File
	cancel    context.CancelFunc
	done      chan struct{}

	mu       sync.Mutex
	process  *os.Process // guarded by mu; nil between two lives
	restarts int         // guarded by mu
}

// Start makes the server's folder if needed, starts the server and answers when it takes connections and the
// database exists. ctx bounds the start only; the server lives until Close.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Server{log: log.With("component", "postgres"), done: make(chan struct{})}
	if err := s.prepare(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.unlock())
	}
	runCtx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	started := make(chan error, 1)
	go s.run(runCtx, ctx, started)
	err := <-started
	if err == nil {
		err = s.createDatabase(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("private PostgreSQL in %s: %w", s.root, err), s.Close())
	}
	return s, nil
}

// URL is the connection string of the product's database.
func (s *Server) URL() string { return s.urlOf(database) }

// SocketDir is the folder of the unix socket.
func (s *Server) SocketDir() string { return s.socketDir }

// Restarts is how often the server was started again after a crash.
func (s *Server) Restarts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restarts
}

// Close stops the server in order (SIGINT: roll back and disconnect, write everything), harder when it does not
// follow, and waits for its end.
func (s *Server) Close() error {
	if s.cancel == nil {
		return nil
	}
	s.cancel()
	<-s.done
	return s.unlock()
}

func (s *Server) prepare(ctx context.Context, cfg Config) (err error) {
	if s.root, err = filepath.Abs(cfg.Dir); err != nil {
		return err
	}
	if err = os.MkdirAll(s.root, 0o755); err != nil {
		return err
	}
	// A data directory is known to PostgreSQL by its real path, and so is a process's working directory.
	if s.root, err = filepath.EvalSymlinks(s.root); err != nil {
		return err
	}
	if s.owner, err = serverOwner(); err != nil {
		return err
	}
	if err = s.owner.openDoor(s.root); err != nil {
		return err
	}
	if err = s.takeLock(); err != nil {
		return err
	}
	s.data, s.socketDir = filepath.Join(s.root, "data"), socketDirOf(s.root)
	if err = s.owner.checkReach(s.data); err != nil {
		return err
	}
	if err = s.owner.makeDir(s.socketDir); err != nil {
		return fmt.Errorf("socket folder: %w", err)
	}
	major, err := s.dataMajor()
	if err != nil {
		return err
	}
	if s.binDir, err = findBinaries(ctx, major); err != nil {
		return err
	}
	s.settings = settingsOf(cfg)
	return nil
}

func (s *Server) takeLock() error {
	file, err := os.OpenFile(filepath.Join(s.root, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		closeErr := file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return errors.Join(fmt.Errorf("%w: %s", ErrInUse, s.root), closeErr)
		}
		return errors.Join(fmt.Errorf("lock %s: %w", file.Name(), err), closeErr)
	}
	s.lock = file
	return nil
}

func (s *Server) unlock() error {
	if s.lock == nil {
		return nil
	}
	if err := s.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// dataMajor is the version that made the data directory, 0 when there is none yet.
func (s *Server) dataMajor() (int, error) {
	content, err := os.ReadFile(filepath.Join(s.data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := leadingInt(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, fmt.Errorf("%s/PG_VERSION: %w", s.data, err)
	}
	return major, nil
}

// socketDirOf is inside root, or, where that is too long for a socket address, a folder that root always maps to.
func socketDirOf(root string) string {
	dir := filepath.Join(root, "sock")
	if len(filepath.Join(dir, socketName)) <= maxSocketPath {
		return dir
	}
	sum := sha256.Sum256([]byte(root))
	return filepath.Join(os.TempDir(), fmt.Sprintf("parley-%x", sum[:8]))
}

func settingsOf(cfg Config) []string {
	values := map[string]string{
		"listen_addresses":         "",
		"unix_socket_permissions":  "0700",
		"max_connections":          "60",
		"shared_buffers":           "64MB",
		"timezone":                 "UTC",
		"log_timezone":             "UTC",
		"logging_collector":        "on",
		"log_filename":             "postgres-%a.log",
		"log_rotation_age":         "1d",
		"log_truncate_on_rotation": "on",
	}
	maps.Copy(values, cfg.Settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		args = append(args, "-c", name+"="+values[name])
	}
	return args
}

func (s *Server) urlOf(name string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + name}
	u.RawQuery = url.Values{"host": {s.socketDir}, "port": {"5432"}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

func (s *Server) createDatabase(ctx context.Context) (err error) {
	conn, err := pgx.Connect(ctx, s.urlOf("postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", database).Scan(&exists); err != nil {
		return err
	}
	if exists {
		return nil
	}
	_, err = conn.Exec(ctx, "create database "+database)
	return err
}
