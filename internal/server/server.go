package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/internal/obs"
)

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10

	defaultBodyTimeout = 30 * time.Second
)

// Config is what a server serves.
type Config struct {
	// PublicURL is where browsers reach us: requests from its origin are ours, wherever a proxy took the host name.
	PublicURL string
	// TLS is what to listen with. Defaults to plain HTTP.
	TLS *tls.Config
	// HSTS tells browsers never to come by plain HTTP again. It must be off for certificates that browsers warn of.
	HSTS bool
	// MaxBodyBytes bounds request bodies. Defaults to no bound.
	MaxBodyBytes int64
	// BodyTimeout bounds how long a request body may take to arrive. Defaults to 30 s.
	BodyTimeout time.Duration
	// API answers everything below /api/.
	API http.Handler
	// Boards answers everything below /whiteboard/. Defaults to nothing.
	Boards http.Handler
	// Streams answers everything below /whip/ and /whep/. It takes no cookies, so that pages of other sites may use it.
	// Defaults to nothing.
	Streams http.Handler
	// Client holds the built web client.
	Client fs.FS
	// Health answers /healthz and /readyz.
	Health *obs.Health
	// Access records requests. Defaults to no record.
	Access *obs.AccessLog
	// OnStop is called, in order, when the server stops taking requests: members of meetings are told here.
	OnStop []func(context.Context)
}

// Validate refuses what New cannot work with.
func (c Config) Validate() error {
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" {
		return fmt.Errorf("server: public URL %q names no host", c.PublicURL)
	}
	if c.API == nil || c.Client == nil || c.Health == nil {
		return errors.New("server: API, client and health are needed")
	}
	return nil
}

// Server is the HTTP server.
type Server struct {
	// static
	cfg  Config
	log  *slog.Logger
	http *http.Server
}

// New assembles a server that does not listen yet.
func New(cfg Config, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.BodyTimeout <= 0 {
		cfg.BodyTimeout = defaultBodyTimeout
	}
	s := &Server{cfg: cfg, log: log.With("component", "http")}
	handler, err := s.handler()
	if err != nil {
		return nil, err
	}
	s.http = newHTTPServer(handler, s.log)
	s.http.TLSConfig = cfg.TLS
	return s, nil
}

func newHTTPServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// handler is the way of a request: record, recover, headers, origin, size, then the API or the client.
func (s *Server) handler() (http.Handler, error) {
	client, err := newClient(s.cfg.Client)
	if err != nil {
		return nil, err
	}
	origin, err := newOriginCheck(s.cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", s.cfg.API)
	if s.cfg.Boards != nil {
		mux.Handle("/whiteboard/", s.cfg.Boards)
	}
	mux.HandleFunc("GET /healthz", s.cfg.Health.Live)
	mux.HandleFunc("GET /readyz", s.cfg.Health.Ready)
	mux.Handle("/", client)
	var handler http.Handler = mux
	if s.cfg.MaxBodyBytes > 0 {
		handler = http.MaxBytesHandler(handler, s.cfg.MaxBodyBytes)
	}
	handler = origin.wrap(handler)
	if s.cfg.Streams != nil {
		all := http.NewServeMux()
		all.Handle("/whip/", s.cfg.Streams)
		all.Handle("/whep/", s.cfg.Streams)
		all.Handle("/", handler)
		handler = all
	}
	handler = boundBody(handler, s.cfg.BodyTimeout)
	handler = securityHeaders(handler, s.cfg.HSTS)
	handler = recovering(handler, s.log)
	if s.cfg.Access != nil {
		handler = s.cfg.Access.Wrap(handler)
	}
	return handler, nil
}

// Serve takes connections of the listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	var err error
	if s.cfg.TLS != nil {
		err = s.http.ServeTLS(l, "", "")
	} else {
		err = s.http.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve %s: %w", l.Addr(), err)
}

// Shutdown stops listening, calls OnStop, and waits for running requests until ctx ends; then it cuts them.
func (s *Server) Shutdown(ctx context.Context) error {
	s.cfg.Health.Stopping()
	s.http.SetKeepAlivesEnabled(false)
	for _, stop := range s.cfg.OnStop {
		stop(ctx)
	}
	if err := s.http.Shutdown(ctx); err != nil {
		s.log.Warn("cutting requests that take too long", "error", err)
		return s.http.Close()
	}
	return nil
}

// Listen opens a TCP address; a taken port is explained.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case isAddressInUse(err):
		return nil, fmt.Errorf("address %s is in use by another program (another Parley?): stop it, or choose another address", address)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("not allowed to listen on %s: ports below 1024 need root or the capability CAP_NET_BIND_SERVICE", address)
	default:
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
}

// Route names a request for logs and metrics: a pattern of the API, or a family of pages, never a path.
func Route(apiPatterns []string) func(*http.Request) string {
	known := http.NewServeMux()
	for _, pattern := range apiPatterns {
		known.HandleFunc(pattern, func(http.ResponseWriter, *http.Request) {})
	}
	return func(r *http.Request) string {
		if _, pattern := known.Handler(r); pattern != "" {
			return pattern
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch first {
		case "api":
			return "unknown"
		case "assets", "healthz", "readyz":
			return "/" + first
		default:
			return "page"
		}
	}
}
