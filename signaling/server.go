package signaling

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/origin"
	"parley/internal/ratelimit"
	"parley/sfu"
	"parley/signaling/room"
	"parley/signaling/session"
	"parley/signaling/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

// Subprotocol is what clients must ask for in the WebSocket handshake.
const Subprotocol = "parley.v1"

// Path is where the Server wants to be mounted.
const Path = "GET /api/v1/meetings/by-code/{code}/signal"

// Admission is what the Directory says of a meeting and of who comes to its door.
type Admission struct {
	Meeting room.Meeting
	Person  room.Person
}

// Directory knows meetings and people. Admit answers whether the principal may come to the door of the meeting with
// that code; the room decides whether it opens. Its errors carry fault codes.
type Directory interface {
	Admit(ctx context.Context, p authz.Principal, code string) (Admission, error)
}

// Options are what a Server is made of.
type Options struct {
	SFU       *sfu.SFU
	Directory Directory
	Observer  room.Observer
	// History keeps what is measured of the connections. Defaults to nothing.
	History session.History
	// Authenticate finds out who makes a request. An anonymous principal is not an error: the Directory decides.
	Authenticate func(*http.Request) (authz.Principal, error)
	// PublicURL is where browsers find this server; pages of other sites are refused.
	PublicURL  string
	ICEServers []ICEServer
	// Codecs are those that clients should prefer for what they publish. Defaults to VP8.
	Codecs wire.Codecs
	// TicketKey signs resume tokens, at least MinTicketKeyBytes long. It must be the same after a restart.
	TicketKey []byte
	// MaxConnections bounds the open connections. Defaults to 10000.
	MaxConnections int
	// MaxPerPerson bounds those of one person. Defaults to 30.
	MaxPerPerson int
	// MaxStrangers bounds those of people who have not shown who they are: they can only be told to, and must not take
	// the places of the others. Defaults to 500.
	MaxStrangers int
	// OnBoardRoles is told of people, by their keys, who got another role on a board through a meeting, or got or lost one.
	// Which one they have, Rooms.BoardRole answers. It is called from goroutines of its own, for which Shutdown waits. Defaults to nothing.
	OnBoardRoles func(boardID string, people []string)
	Log          *slog.Logger
	Metrics      prometheus.Registerer // may be nil
}

func (o *Options) setDefaults() {
	if o.OnBoardRoles == nil {
		o.OnBoardRoles = func(string, []string) {}
	}
	o.Codecs.Camera = cmp.Or(o.Codecs.Camera, "VP8")
	o.Codecs.Share = cmp.Or(o.Codecs.Share, "VP8")
	for _, limit := range []struct {
		of       *int
		fallback int
	}{{&o.MaxConnections, 10_000}, {&o.MaxPerPerson, 30}, {&o.MaxStrangers, 500}} {
		if *limit.of <= 0 {
			*limit.of = limit.fallback
		}
	}
}

// Server is the signaling endpoint.
type Server struct {
	// Static after construction.
	opts     Options
	log      *slog.Logger
	rooms    *Rooms
	tickets  tickets
	metrics  *metrics
	hellos   *ratelimit.Limiter // by person
	upgrader websocket.Upgrader
	ctx      context.Context // ends when Shutdown gives up waiting; parent of no request
	cancel   context.CancelFunc
	work     sync.WaitGroup // sessions

	// Guarded by mu.
	mu      sync.Mutex
	visits  map[*visit]struct{}
	open    map[string]int // visits by person, "" for strangers
	stopped bool
}

// visit is one connection. It is known before its handshake is answered: from then on its end may be asked for.
type visit struct {
	principal authz.Principal // static

	// Guarded by Server.mu.
	session *session.Session // nil during the handshake
	revoked bool
}

// New makes a Server. Shutdown ends it.
func New(opts Options) (*Server, error) {
	if len(opts.TicketKey) < MinTicketKeyBytes {
		return nil, fmt.Errorf("signaling: the ticket key has %d bytes, at least %d are needed", len(opts.TicketKey), MinTicketKeyBytes)
	}
	if opts.SFU == nil || opts.Directory == nil || opts.Observer == nil || opts.Authenticate == nil || opts.Log == nil {
		return nil, errors.New("signaling: an option is missing")
	}
	opts.setDefaults()
	pages, err := origin.New(opts.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("signaling: %w", err)
	}
	s := &Server{
		opts: opts, log: opts.Log, tickets: tickets{key: opts.TicketKey, started: time.Now()},
		hellos: ratelimit.New(ratelimit.Rate{Burst: 60, Every: time.Second}, 10_000),
		visits: map[*visit]struct{}{}, open: map[string]int{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.upgrader = websocket.Upgrader{
		HandshakeTimeout: 10 * time.Second, Subprotocols: []string{Subprotocol}, CheckOrigin: pages.Same,
	}
	if s.metrics, err = newMetrics(opts.Metrics, func() (int, int) { return s.rooms.Count() }); err != nil {
		return nil, fmt.Errorf("signaling: metrics: %w", err)
	}
	s.rooms = newRooms(opts.SFU, opts.Observer, opts.History, opts.Log, s.metrics.sentTo, s.metrics.dropped.Inc, opts.OnBoardRoles)
	if opts.Metrics != nil {
		if err := opts.Metrics.Register(newGauges(s)); err != nil {
			return nil, fmt.Errorf("signaling: metrics: %w", err)
		}
	}
	return s, nil
}

// Rooms returns the meetings that run.
func (s *Server) Rooms() *Rooms { return s.rooms }

// ServeHTTP upgrades the request and serves the connection until it ends. The code of the meeting is the path value
// "code".
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	principal, err := s.opts.Authenticate(r)
	if errors.Is(err, fault.Unauthenticated) {
		principal = authz.Principal{} // is told so after hello
	} else if err != nil {
		s.log.Warn("signaling request not authenticated", "error", err)
		s.refuse(w)
		return
	}
	v := &visit{principal: principal}
	if !s.begin(v) {
		s.refuse(w)
		return
	}
	defer s.finish(v)
	ws, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil { // Upgrade has answered
		s.log.Debug("upgrade failed", "error", err)
		return
	}
	if ws.Subprotocol() != Subprotocol {
		text := websocket.FormatCloseMessage(websocket.CloseProtocolError, "subprotocol "+Subprotocol+" is missing")
		_ = ws.WriteControl(websocket.CloseMessage, text, time.Now().Add(time.Second))
		_ = ws.Close()
		return
	}
	s.serve(ws, v, &entrance{server: s, request: r, principal: principal, code: r.PathValue("code")})
}

func (s *Server) refuse(w http.ResponseWriter) {
	s.metrics.refused.Inc()
	w.Header().Set("Retry-After", "5")
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}

// begin counts a connection in, unless the server stops or has too many.
func (s *Server) begin(v *visit) bool {
	person, most := v.principal.Key(), s.opts.MaxPerPerson
	if person == "" {
		most = s.opts.MaxStrangers
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || len(s.visits) >= s.opts.MaxConnections || s.open[person] >= most {
		return false
	}
	s.visits[v] = struct{}{}
	s.open[person]++
	s.work.Add(1)
	return true
}

func (s *Server) finish(v *visit) {
	person := v.principal.Key()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.visits, v)
	if s.open[person]--; s.open[person] == 0 {
		delete(s.open, person)
	}
	s.work.Done()
}

func (s *Server) serve(ws *websocket.Conn, v *visit, e *entrance) {
	one := session.New(ws, session.Options{Entrance: e, Meter: s.metrics, Log: s.log})
	s.metrics.connections.Inc()
	defer s.metrics.connections.Dec()
	s.mu.Lock()
	v.session = one
	stopped, revoked := s.stopped, v.revoked
	s.mu.Unlock()
	switch {
	case revoked:
		one.Revoke()
	case stopped:
		one.Stop()
	}
	one.Run(s.ctx)
}

// Revoke takes out of meetings and lobbies who is connected by a session that ended, or everybody who is this person
// when sessionID is uuid.Nil.
func (s *Server) Revoke(userID, sessionID uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for v := range s.visits {
		who := v.principal
		if !who.SignedIn() || who.UserID != userID || sessionID != uuid.Nil && who.SessionID != sessionID {
			continue
		}
		v.revoked = true
		if v.session != nil {
			v.session.Revoke()
		}
	}
}

// Shutdown asks everybody to come back to the next process, closes the rooms, and waits for all connections and media
// to end. When ctx ends first, connections are broken off. It is idempotent.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	sessions := make([]*session.Session, 0, len(s.visits))
	for v := range s.visits {
		if v.session != nil {
			sessions = append(sessions, v.session)
		}
	}
	s.mu.Unlock()

	s.rooms.stop(ctx)
	for _, one := range sessions {
		one.Stop() // those that were not in a room yet
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.work.Wait()
		s.rooms.work.Wait()
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = fmt.Errorf("signaling: shutdown: %w", context.Cause(ctx))
	}
	s.cancel()
	<-done
	return err
}
