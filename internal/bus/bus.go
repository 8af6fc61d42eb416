package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	// MaxMessageBytes bounds a message, in the process and outside.
	MaxMessageBytes = 1 << 20
	// queueMessages is what one subscription may lag behind.
	queueMessages = 4096
	connectWait   = 10 * time.Second
	reconnectWait = time.Second
)

var (
	// ErrClosed says that the bus is closed.
	ErrClosed = errors.New("bus closed")
	// ErrSubject says that a subject breaks the rules of Publish and Subscribe.
	ErrSubject = errors.New("invalid bus subject")
	// ErrTooLarge says that a message exceeds MaxMessageBytes.
	ErrTooLarge = errors.New("bus message too large")
	// ErrNoResponder says that nobody is subscribed to the subject of a request.
	ErrNoResponder = errors.New("nobody answers the bus request")
)

// Message is what a subscription hands over.
type Message struct {
	Subject string
	Data    []byte
	// Lost says that messages were lost before the next one; such a Message carries nothing else.
	Lost bool

	reply func([]byte) error
}

// Reply answers a message that came by Request; others ignore it.
func (m Message) Reply(data []byte) error {
	if m.reply == nil {
		return nil
	}
	return m.reply(data)
}

// Bus is a connection to the event bus.
type Bus struct {
	// static after Open
	log    *slog.Logger
	conn   *nats.Conn
	server *server.Server // nil when NATS runs elsewhere
	drops  prometheus.Counter
	closed chan struct{} // closed by nats when the connection has ended for good

	mu   sync.Mutex
	subs map[*nats.Subscription]*Subscription // guarded by mu
}

// Open connects to url, or starts a server inside the process when url is empty. With a url it waits a moment for
// the first connection and afterwards reconnects for ever.
func Open(url string, log *slog.Logger, metrics prometheus.Registerer) (*Bus, error) {
	b := &Bus{
		log:    log.With("component", "bus"),
		closed: make(chan struct{}),
		subs:   map[*nats.Subscription]*Subscription{},
		drops: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_bus_dropped_messages_total", Help: "Messages dropped because a subscription in this process was too slow.",
		}),
	}
	options := b.options()
	if url == "" {
		inside, err := startInside()
		if err != nil {
			return nil, fmt.Errorf("start event bus: %w", err)
		}
		b.server = inside
		options = append(options, nats.InProcessServer(inside))
	}
	var err error
	if b.conn, err = nats.Connect(url, options...); err != nil {
		b.stopInside()
		return nil, fmt.Errorf("connect to event bus: %w", err)
	}
	if err := metrics.Register(b.drops); err != nil {
		return nil, errors.Join(fmt.Errorf("event bus metrics: %w", err), b.Close())
	}
	return b, nil
}

func (b *Bus) options() []nats.Option {
	return []nats.Option{
		nats.Name("parley"),
		nats.Timeout(connectWait),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("event bus disconnected", "error", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			b.log.Info("event bus reconnected")
			b.tellLost()
		}),
		nats.ErrorHandler(b.onError),
	}
}

// onError is called by nats once each time a subscription becomes slow.
func (b *Bus) onError(_ *nats.Conn, sub *nats.Subscription, err error) {
	b.mu.Lock()
	s := b.subs[sub]
	b.mu.Unlock()
	if s == nil || !errors.Is(err, nats.ErrSlowConsumer) {
		b.log.Error("event bus", "error", err)
		return
	}
	b.log.Warn("bus subscription is too slow, messages dropped", "subject", s.subject)
	s.tellLost()
}

func (b *Bus) tellLost() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.subs {
		s.tellLost()
	}
}

// Publish sends data to the subscribers of subject: tokens of letters, digits, "_" and "-", separated by ".".
func (b *Bus) Publish(ctx context.Context, subject string, data []byte) error {
	if err := checkPublish(ctx, subject, data); err != nil {
		return err
	}
	if err := b.conn.Publish(subject, data); err != nil {
		return fmt.Errorf("publish %s: %w", subject, fromNATS(err))
	}
	return nil
}

// Request sends data to one subscriber of subject and answers its reply.
func (b *Bus) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	if err := checkPublish(ctx, subject, data); err != nil {
		return nil, err
	}
	reply, err := b.conn.RequestWithContext(ctx, subject, data)
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", subject, fromNATS(err))
	}
	return reply.Data, nil
}

func checkPublish(ctx context.Context, subject string, data []byte) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(data) > MaxMessageBytes {
		return fmt.Errorf("%w: %d bytes on %s", ErrTooLarge, len(data), subject)
	}
	return checkSubject(subject, false)
}

// checkSubject allows wildcards, "*" for one token and ">" for the rest, to subscribers.
func checkSubject(subject string, wildcards bool) error {
	tokens := strings.Split(subject, ".")
	for i, token := range tokens {
		isWildcard := token == "*" || token == ">" && i == len(tokens)-1
		if wildcards && isWildcard {
			continue
		}
		if token == "" || strings.ContainsFunc(token, notInToken) {
			return fmt.Errorf("%w: %q", ErrSubject, subject)
		}
	}
	return nil
}

func notInToken(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
}

// Check tells whether the bus can be reached.
func (b *Bus) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := b.conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("event bus: %w", err)
	}
	return nil
}

// Close ends all subscriptions, waits for their functions, and stops the server inside the process.
func (b *Bus) Close() error {
	b.mu.Lock()
	subs := make([]*Subscription, 0, len(b.subs))
	for _, s := range b.subs {
		subs = append(subs, s)
	}
	b.mu.Unlock()
	for _, s := range subs {
		s.Close()
	}
	if !b.conn.IsClosed() && b.conn.IsConnected() {
		if err := b.conn.FlushTimeout(time.Second); err != nil {
			b.log.Warn("event bus not flushed", "error", err)
		}
	}
	b.conn.Close()
	<-b.closed
	b.stopInside()
	return nil
}

func fromNATS(err error) error {
	switch {
	case errors.Is(err, nats.ErrConnectionClosed):
		return ErrClosed
	case errors.Is(err, nats.ErrNoResponders):
		return ErrNoResponder
	default:
		return err
	}
}

func startInside() (*server.Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "parley", DontListen: true, NoLog: true, NoSigs: true, MaxPayload: MaxMessageBytes,
	})
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(connectWait) {
		s.Shutdown()
		s.WaitForShutdown()
		return nil, errors.New("server inside the process is not ready")
	}
	return s, nil
}

func (b *Bus) stopInside() {
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
}
