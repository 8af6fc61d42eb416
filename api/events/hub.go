package events

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/bus"
	"parley/internal/origin"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what a hub needs.
type Config struct {
	// Authenticate resolves who makes a request, and is asked again while a stream lives.
	Authenticate func(*http.Request) (authz.Principal, error)
	// Follow answers whether somebody may follow a conversation, and since when it may see what was written.
	Follow func(ctx context.Context, p authz.Principal, conversationID uuid.UUID) (since time.Time, err error)
	// OnRevoked is told, on every node, when a session ended, or all of a person, whose session is then the nil UUID. It
	// must not block. Defaults to nothing.
	OnRevoked func(userID, sessionID uuid.UUID)
	// PublicURL is where browsers find this server; pages of other sites are refused.
	PublicURL string
	// Registry takes the metrics. Defaults to none.
	Registry prometheus.Registerer
	Log      *slog.Logger

	// QueueFrames is how far a client may lag behind. Defaults to 256.
	QueueFrames int
	// StreamsPerPerson bounds the streams of one person on this node. Defaults to 20.
	StreamsPerPerson int
	// Streams bounds the streams of this node. Defaults to 20,000.
	Streams int
	// PingEvery is how often a client is asked whether it lives; one that is silent for three times as long is
	// closed. Defaults to 20 s.
	PingEvery time.Duration
	// CheckEvery is how often a stream is asked again who it is and what it may follow. Defaults to 15 s.
	CheckEvery time.Duration
}

func (c *Config) setDefaults() {
	c.QueueFrames = orElse(c.QueueFrames, 256)
	c.StreamsPerPerson = orElse(c.StreamsPerPerson, 20)
	c.Streams = orElse(c.Streams, 20_000)
	c.PingEvery = orElse(c.PingEvery, 20*time.Second)
	c.CheckEvery = orElse(c.CheckEvery, 15*time.Second)
	if c.OnRevoked == nil {
		c.OnRevoked = func(uuid.UUID, uuid.UUID) {}
	}
}

func orElse[T int | time.Duration](v, fallback T) T {
	if v <= 0 {
		return fallback
	}
	return v
}

// Hub holds the event streams of this node.
type Hub struct {
	// static after New
	cfg      Config
	upgrader websocket.Upgrader
	feed     *bus.Subscription
	checks   *checker
	metrics  metrics
	running  sync.WaitGroup // handlers of streams

	mu       sync.Mutex                          // guards what follows
	streams  map[*stream]struct{}                // all
	byPerson map[string]map[*stream]struct{}     // by key
	byTopic  map[uuid.UUID]map[*stream]time.Time // by conversation; since when the stream may see what was written
	closed   bool
}

// New makes a hub that is fed by the bus.
func New(b *bus.Bus, cfg Config) (*Hub, error) {
	cfg.setDefaults()
	h := &Hub{
		cfg: cfg, streams: map[*stream]struct{}{}, byPerson: map[string]map[*stream]struct{}{},
		byTopic: map[uuid.UUID]map[*stream]time.Time{}, metrics: newMetrics(),
	}
	pages, err := origin.New(cfg.PublicURL)
	if err != nil {
		return nil, err
	}
	h.upgrader = websocket.Upgrader{CheckOrigin: pages.Same, HandshakeTimeout: writeWait, ReadBufferSize: 1024, WriteBufferSize: 4096}
	if cfg.Registry != nil {
		if err := h.metrics.register(cfg.Registry); err != nil {
			return nil, err
		}
	}
	h.checks = newChecker(h)
	if h.feed, err = b.Subscribe(subject, h.onMessage); err != nil {
		h.checks.close()
		return nil, err
	}
	return h, nil
}

// Register adds the stream to a.
func Register(a *api.API, h *Hub) {
	api.HandleHTTP(a, api.Operation{
		ID: "streamEvents", Method: http.MethodGet, Path: "/events", Tag: "events", Summary: "Follow what happens, over a WebSocket",
		Description: "Each text frame is a JSON object with a type. A client that misses something asks for the changes of the conversation.",
		Access:      api.Needs(authz.ReadChat), Status: http.StatusSwitchingProtocols,
	}, h)
}

// Close tells every client that the server stops and waits until all streams have ended.
func (h *Hub) Close() {
	h.mu.Lock()
	was := h.closed
	h.closed = true
	for s := range h.streams {
		s.end(reasonShutdown)
	}
	h.mu.Unlock()
	h.running.Wait()
	if was {
		return
	}
	h.checks.close()
	h.feed.Close()
}

// ServeHTTP runs a stream until it ends. Access was checked before.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	socket, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	s := newStream(h, socket, r)
	if !h.add(s) {
		s.refuse()
		return
	}
	defer h.running.Done()
	defer h.remove(s)
	s.run()
}

// add takes a stream in unless there are too many.
func (h *Hub) add(s *stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := s.who.Key()
	switch {
	case h.closed:
		s.end(reasonShutdown)
		return false
	case len(h.streams) >= h.cfg.Streams || len(h.byPerson[key]) >= h.cfg.StreamsPerPerson:
		s.end(reasonTooMany)
		return false
	}
	h.running.Add(1)
	h.streams[s] = struct{}{}
	if h.byPerson[key] == nil {
		h.byPerson[key] = map[*stream]struct{}{}
	}
	h.byPerson[key][s] = struct{}{}
	s.push(frameOf(ready{"ready", int(h.cfg.PingEvery / time.Second)})) // before anybody else can push
	h.metrics.open.Inc()
	return true
}

func (h *Hub) remove(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, s)
	key := s.who.Key()
	if delete(h.byPerson[key], s); len(h.byPerson[key]) == 0 {
		delete(h.byPerson, key)
	}
	for id := range s.topics {
		h.unfollowLocked(s, id)
	}
	h.metrics.open.Dec()
	h.metrics.closed.WithLabelValues(string(s.reason())).Inc()
}

// follow makes s get the events of a conversation; false when it follows too many.
func (h *Hub) follow(s *stream, id uuid.UUID, since time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.topics[id] && len(s.topics) >= maxTopics {
		return false
	}
	if _, ok := h.streams[s]; !ok {
		return true // it has ended
	}
	s.topics[id] = true
	if h.byTopic[id] == nil {
		h.byTopic[id] = map[*stream]time.Time{}
	}
	h.byTopic[id][s] = since
	return true
}

// refollow changes since when a stream sees a conversation, if it still follows it.
func (h *Hub) refollow(s *stream, id uuid.UUID, since time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.topics[id] {
		h.byTopic[id][s] = since
	}
}

func (h *Hub) unfollow(s *stream, id uuid.UUID) (did bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unfollowLocked(s, id)
}

func (h *Hub) unfollowLocked(s *stream, id uuid.UUID) (did bool) {
	did = s.topics[id]
	delete(s.topics, id)
	if delete(h.byTopic[id], s); len(h.byTopic[id]) == 0 {
		delete(h.byTopic, id)
	}
	return did
}

// onMessage is called by the bus, one message after another.
func (h *Hub) onMessage(m bus.Message) {
	if m.Lost {
		h.metrics.lost.Inc()
		h.checks.ask(uuid.Nil)
		h.everybody(frameOf(resync{Type: "resync"}))
		return
	}
	var e envelope
	if err := json.Unmarshal(m.Data, &e); err != nil {
		h.cfg.Log.Error("event unreadable", "error", err)
		return
	}
	switch e.Kind {
	case kindEvent, kindChange:
		h.deliver(e)
	case kindMembers:
		h.deliverToMembers(e)
	case kindRecheck:
		h.checks.ask(e.ConversationID)
	case kindRevoke:
		h.revoke(e.UserID, e.SessionID)
		h.cfg.OnRevoked(e.UserID, e.SessionID)
	}
}

func (h *Hub) everybody(f frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		s.push(f)
	}
}

// deliverToMembers gives an event to each stream but those of guests.
func (h *Hub) deliverToMembers(e envelope) {
	whole := preparedFrame(e.Event)
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.streams {
		if s.who.SignedIn() {
			s.push(whole)
			h.metrics.delivered.Inc()
		}
	}
}

// deliver gives an event to each stream that it concerns, once. The frame is made once for all of them.
func (h *Hub) deliver(e envelope) {
	whole := preparedFrame(e.Event)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range e.To {
		for s := range h.byPerson[key] {
			s.push(whole)
			h.metrics.delivered.Inc()
		}
	}
	if e.Kind != kindChange {
		return
	}
	addressed := make(map[string]bool, len(e.To))
	for _, key := range e.To {
		addressed[key] = true
	}
	var ask frame
	for s, since := range h.byTopic[e.ConversationID] {
		switch {
		case addressed[s.who.Key()]:
		case !e.Written.Before(since):
			s.push(whole)
			h.metrics.delivered.Inc()
		default:
			if ask == nil {
				ask = frameOf(resync{"resync", &e.ConversationID})
			}
			s.push(ask)
		}
	}
}

// revoke ends the streams of a session, or all of a person.
func (h *Hub) revoke(userID, sessionID uuid.UUID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.byPerson["user:"+userID.String()] {
		if sessionID == uuid.Nil || s.who.SessionID == sessionID {
			s.end(reasonUnauthenticated)
		}
	}
}

type metrics struct {
	open      prometheus.Gauge
	closed    *prometheus.CounterVec
	delivered prometheus.Counter
	lost      prometheus.Counter
}

func newMetrics() metrics {
	return metrics{
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "parley_event_streams", Help: "Event streams that are open."}),
		closed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_event_streams_closed_total", Help: "Event streams that ended, by reason; client: by the client or the network.",
		}, []string{"reason"}),
		delivered: prometheus.NewCounter(prometheus.CounterOpts{Name: "parley_events_delivered_total", Help: "Events put into the queues of streams."}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_events_resync_total", Help: "Times that all clients were told to ask again because the bus lost messages.",
		}),
	}
}

func (m metrics) register(r prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{m.open, m.closed, m.delivered, m.lost} {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}
