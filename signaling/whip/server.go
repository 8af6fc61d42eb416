package whip

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/internal/fault"
	"parley/internal/ratelimit"
	"parley/signaling/wire"

	"github.com/prometheus/client_golang/prometheus"
)

// Limits of requests.
const (
	MaxOfferBytes    = wire.MaxSDPBytes
	MaxFragmentBytes = 16 << 10
)

// Rates. Tokens that are wrong are counted by address, what a token does by token, what a session does by session.
var (
	rateOfWrongTokens = ratelimit.Rate{Burst: 30, Every: 2 * time.Second}
	rateOfStarts      = ratelimit.Rate{Burst: 20, Every: 3 * time.Second}
	rateOfChanges     = ratelimit.Rate{Burst: 60, Every: 100 * time.Millisecond}
	rateOfRestarts    = ratelimit.Rate{Burst: 6, Every: 5 * time.Second}
)

const maxKeys = 10_000 // of a limiter

// Options are what a Server is made of.
type Options struct {
	Meetings Meetings
	Tokens   Tokens
	// Address tells where a request comes from, to limit how often wrong tokens are tried. Defaults to the peer's address.
	Address func(*http.Request) string
	// CheckInterval is how often the tokens of sessions are looked at again. Defaults to 1 min.
	CheckInterval time.Duration
	// LobbyWait is how long a program that must wait in the lobby is kept waiting for its answer. Defaults to 5 s.
	LobbyWait time.Duration
	Log       *slog.Logger
	Metrics   prometheus.Registerer // may be nil
}

// Server answers /whip/ and /whep/.
type Server struct {
	// Static after construction.
	opts                                   Options
	log                                    *slog.Logger
	metrics                                *metrics
	mux                                    *http.ServeMux
	wrongTokens, starts, changes, restarts *ratelimit.Limiter
	work                                   sync.WaitGroup // checks, and sessions that are being ended
	ctx                                    context.Context
	stop                                   context.CancelFunc // by Close

	// Guarded by mu, under which nobody is called.
	mu       sync.Mutex
	programs map[string]*program
	closed   bool
}

// Patterns are the routes of a Server.
var Patterns = []string{
	"POST /whip/{code}", "OPTIONS /whip/{code}",
	"POST /whep/{code}", "OPTIONS /whep/{code}",
	"POST /whep/{code}/{participant}", "OPTIONS /whep/{code}/{participant}",
	"PATCH /whip/sessions/{id}", "DELETE /whip/sessions/{id}", "OPTIONS /whip/sessions/{id}",
	"PATCH /whep/sessions/{id}", "DELETE /whep/sessions/{id}", "OPTIONS /whep/sessions/{id}",
}

// New makes a Server. Close ends it.
func New(opts Options) (*Server, error) {
	if opts.Meetings == nil || opts.Tokens == nil || opts.Log == nil {
		return nil, errors.New("whip: an option is missing")
	}
	if opts.Address == nil {
		opts.Address = peerAddress
	}
	if opts.CheckInterval <= 0 {
		opts.CheckInterval = time.Minute
	}
	if opts.LobbyWait <= 0 {
		opts.LobbyWait = 5 * time.Second
	}
	s := &Server{
		opts: opts, log: opts.Log, mux: http.NewServeMux(), programs: map[string]*program{},
		wrongTokens: ratelimit.New(rateOfWrongTokens, maxKeys), starts: ratelimit.New(rateOfStarts, maxKeys),
		changes: ratelimit.New(rateOfChanges, maxKeys), restarts: ratelimit.New(rateOfRestarts, maxKeys),
	}
	var err error
	if s.metrics, err = newMetrics(opts.Metrics); err != nil {
		return nil, err
	}
	s.route("/whip/{code}", s.start(wire.KindIngest), http.MethodPost)
	s.route("/whep/{code}", s.start(wire.KindViewer), http.MethodPost)
	s.route("/whep/{code}/{participant}", s.start(wire.KindViewer), http.MethodPost)
	for path, kind := range map[string]wire.ParticipantKind{"/whip": wire.KindIngest, "/whep": wire.KindViewer} {
		s.route(path+"/sessions/{id}", s.change(kind), http.MethodPatch, http.MethodDelete)
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.work.Go(s.runChecks)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.fail(w, r, fault.NotFound) })
	return s, nil
}

// peerAddress is the address of who opened the connection.
func peerAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// ServeHTTP implements http.Handler. Pages of other sites may use it: it takes tokens, never cookies.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Location, ETag, Link, Accept-Patch, Retry-After")
	s.mux.ServeHTTP(w, r)
}

// route answers OPTIONS itself (RFC 9725 section 4.2) and refuses methods that are not allowed.
func (s *Server) route(path string, handle func(http.ResponseWriter, *http.Request) error, methods ...string) {
	allowed := strings.Join(methods, ", ")
	s.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		switch {
		case r.Method == http.MethodOptions:
			h.Set("Access-Control-Allow-Methods", allowed)
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
			h.Set("Access-Control-Max-Age", "7200")
			h.Set("Allow", allowed+", OPTIONS")
			if slices.Contains(methods, http.MethodPost) {
				h.Set("Accept-Post", typeSDP)
			} else {
				h.Set("Accept-Patch", typeFragment)
			}
			w.WriteHeader(http.StatusNoContent)
		case !slices.Contains(methods, r.Method):
			h.Set("Allow", allowed+", OPTIONS")
			s.fail(w, r, fault.MethodNotAllowed)
		default:
			if err := handle(w, r); err != nil {
				s.fail(w, r, err)
			}
		}
	})
}

// authorize finds out what the request's token grants.
func (s *Server) authorize(r *http.Request) (Grant, error) {
	address := s.opts.Address(r)
	if err := take(s.wrongTokens, address); err != nil {
		return Grant{}, err
	}
	token, ok := bearer(r)
	if !ok {
		return Grant{}, fault.Unauthenticated
	}
	grant, err := s.opts.Tokens.StreamToken(r.Context(), token)
	if err != nil {
		return Grant{}, err
	}
	s.wrongTokens.GiveBack(address)
	return grant, nil
}

// bearer returns the token of a request.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

func take(l *ratelimit.Limiter, key string) error {
	if ok, wait := l.Take(key); !ok {
		return fault.RateLimited.With(map[string]any{"retryAfterSeconds": int(wait.Seconds()) + 1})
	}
	return nil
}

// readBody reads a body of a media type, up to a size.
func readBody(w http.ResponseWriter, r *http.Request, want string, most int64) (string, error) {
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != want {
		return "", fault.UnsupportedMedia
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return "", fault.TooLarge
	}
	if err != nil {
		return "", fault.BadRequest.Wrap(err)
	}
	return string(b), nil
}

// know makes a program's session an address; false when it is over already or the server closes.
func (s *Server) know(p *program) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-p.over:
		return false
	default:
	}
	if s.closed {
		return false
	}
	s.programs[p.id] = p
	if at := p.grant.ExpiresAt; !at.IsZero() {
		p.expiry = time.AfterFunc(time.Until(at), func() { s.Revoke(p.grant.TokenID) })
	}
	s.metrics.sessions.WithLabelValues(string(p.kind)).Inc()
	s.metrics.started.WithLabelValues(string(p.kind)).Inc()
	return true
}

func (s *Server) forget(p *program, reason wire.EndReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.programs[p.id] != p {
		return
	}
	delete(s.programs, p.id)
	if p.expiry != nil {
		p.expiry.Stop()
	}
	s.metrics.sessions.WithLabelValues(string(p.kind)).Dec()
	s.metrics.ended.WithLabelValues(string(reason)).Inc()
}

func (s *Server) find(id string, kind wire.ParticipantKind) (*program, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.programs[id]
	return p, ok && p.kind == kind
}

// Revoke ends the sessions of a token that is good no more.
func (s *Server) Revoke(tokenID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for _, p := range s.programs {
		if p.grant.TokenID == tokenID {
			s.work.Go(func() { p.place.Room.Expel(p.participant, p.conn) })
		}
	}
}

// Close takes no new programs and waits for what is being ended. The rooms end the sessions. It is idempotent.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.work.Wait()
}

// runChecks ends sessions whose token has become void without a word: the meeting was cancelled, the account that made it was
// disabled, another node revoked it.
func (s *Server) runChecks() {
	ticker := time.NewTicker(s.opts.CheckInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		for _, p := range s.all() {
			_, err := s.opts.Tokens.StreamToken(s.ctx, p.token)
			switch {
			case errors.Is(err, fault.Unauthenticated):
				p.place.Room.Expel(p.participant, p.conn)
			case err != nil && s.ctx.Err() == nil:
				s.log.Warn("stream token not checked", "token", p.grant.TokenID, "error", err)
			}
		}
	}
}

func (s *Server) all() []*program {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.programs))
}

// stillGood asks again for a token that may have been revoked before its session was known.
func (s *Server) stillGood(ctx context.Context, p *program) error {
	_, err := s.opts.Tokens.StreamToken(ctx, p.token)
	if err != nil {
		p.leave(ctx)
	}
	return err
}
