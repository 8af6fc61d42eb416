package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"parley/internal/fault"
	"parley/signaling/room"
	"parley/signaling/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// Times of a connection.
const (
	// PingInterval is how often either side shows that it lives; three of them in silence mean that the link is dead.
	PingInterval = 5 * time.Second

	helloTimeout   = 10 * time.Second
	silenceTimeout = 3 * PingInterval
	writeTimeout   = 10 * time.Second
	closeTimeout   = 2 * time.Second // for the browser to answer a close
	commandTimeout = 15 * time.Second
)

// Place is what a hello leads to: a participant's place in a room.
type Place struct {
	Room          *room.Room
	Media         *Media
	ParticipantID string
}

// Hello is the first message, with its id.
type Hello struct {
	*wire.Hello
	RequestID int64
}

// Entrance decides about a hello. The seat may be sent messages before Enter returns. An error ends the connection and
// carries a fault code.
type Entrance interface {
	Enter(ctx context.Context, hello Hello, seat room.Seat, conn string) (Place, error)
}

// Meter counts what an operator asks for.
type Meter interface {
	Received(messageType string)
	Failed(code fault.Code)
	Ended(reason wire.EndReason)
}

// Options are what a session is made of.
type Options struct {
	Entrance Entrance
	Meter    Meter
	Log      *slog.Logger
}

// Session is one connection of one browser.
type Session struct {
	// Static after construction.
	opts   Options
	ws     *websocket.Conn
	conn   string // id of the connection
	outbox *outbox
	log    *slog.Logger

	// Owned by the goroutine of Run.
	place     Place
	confirmed bool // a message came after hello
	messages  tokens
	offers    tokens
	ignored   int
}

// New makes a session of a connection that was just upgraded.
func New(ws *websocket.Conn, opts Options) *Session {
	conn := uuid.NewString()
	return &Session{opts: opts, ws: ws, conn: conn, outbox: newOutbox(), log: opts.Log.With("conn", conn)}
}

// Queued returns how many messages wait to be written.
func (s *Session) Queued() int { return s.outbox.queued() }

// Stop ends the connection because the server stops; the browser may come back.
func (s *Session) Stop() { s.outbox.Close(wire.EndShutdown, true) }

// Revoke ends the connection, and the participation with it, because its credential is good no more.
func (s *Session) Revoke() {
	s.outbox.Close(wire.EndUnauthenticated, false)
	_ = s.ws.SetReadDeadline(time.Now()) // wakes the reader
}

// Run serves the connection until it ends, and closes it. Cancelling ctx breaks it off.
func (s *Session) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.runWriter(ctx)
	}()
	s.read(ctx)
	s.giveUpPlace()
	// Whatever ended the reading has told the outbox; what is left in it is still written.
	s.outbox.end(wire.EndLeft)
	<-written
	cancel()
	s.drain()
	_ = s.ws.Close()
}

// giveUpPlace leaves the place to be resumed, unless nobody may come back to it.
func (s *Session) giveUpPlace() {
	switch {
	case s.place.Room == nil:
	case s.outbox.endsFor(wire.EndUnauthenticated):
		s.place.Room.Expel(s.place.ParticipantID, s.conn)
	default:
		s.place.Room.Disconnect(s.place.ParticipantID, s.conn)
	}
}

// drain reads until the browser has closed its side. Closing a socket with unread bytes would reset the connection, and
// the browser might never see why it ended. A reader that failed reads no more, so what follows is taken off the socket.
func (s *Session) drain() {
	until := time.Now().Add(closeTimeout)
	_ = s.ws.SetReadDeadline(until)
	for {
		_, r, err := s.ws.NextReader()
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		var closed *websocket.CloseError
		switch {
		case errors.As(err, &closed):
			return
		case err != nil:
			s.linger(until)
			return
		}
	}
}

// linger ends this side of the connection (RFC 6455 section 7.1.1), and takes what comes until the other side has ended.
func (s *Session) linger(until time.Time) {
	conn := s.ws.NetConn()
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = conn.SetReadDeadline(until)
	_, _ = io.Copy(io.Discard, conn)
}

// read takes messages until the connection or the session ends. A panic ends this session only.
func (s *Session) read(ctx context.Context) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("session panicked", "panic", v, "stack", string(debug.Stack()))
			s.outbox.Close(wire.EndShutdown, true)
		}
	}()
	_ = s.ws.SetReadDeadline(time.Now().Add(helloTimeout))
	s.ws.SetPongHandler(func(string) error { return s.alive() })
	answerPing := s.ws.PingHandler()
	s.ws.SetPingHandler(func(data string) error {
		if !s.messages.take(time.Now(), messagesPerSecond, messagesBurst) {
			return fault.TooManyMessages
		}
		return answerPing(data)
	})
	for {
		data, err := s.next()
		if err != nil {
			s.readFailed(err)
			return
		}
		if !s.take(ctx, data) {
			return
		}
	}
}

// alive pushes the deadline back, but before hello is done there is only helloTimeout, and after the end closeTimeout.
func (s *Session) alive() error {
	if s.place.Room == nil || s.outbox.over() {
		return nil
	}
	return s.ws.SetReadDeadline(time.Now().Add(silenceTimeout))
}

var errTooLarge = errors.New("message too large")

func (s *Session) next() ([]byte, error) {
	kind, r, err := s.ws.NextReader()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, wire.MaxMessageBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > wire.MaxMessageBytes:
		return nil, errTooLarge
	case kind != websocket.TextMessage:
		return nil, fmt.Errorf("binary message of %d bytes", len(data))
	}
	return data, s.alive()
}

// readFailed ends the session. A browser that broke the protocol is told so; one that is gone comes back or not.
func (s *Session) readFailed(err error) {
	var closed *websocket.CloseError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, errTooLarge):
		s.protocolError(fault.MessageTooLarge)
	case errors.Is(err, fault.TooManyMessages):
		s.protocolError(fault.TooManyMessages)
	case errors.As(err, &closed):
		s.log.Debug("closed by the browser", "code", closed.Code)
		s.outbox.end(wire.EndLeft)
	case errors.As(err, &timeout) && timeout.Timeout() && s.place.Room == nil:
		s.protocolError(fault.WrongState)
	case errors.As(err, &timeout), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		s.log.Debug("connection lost", "error", err)
		s.outbox.end(wire.EndLeft)
	default:
		s.log.Debug("unreadable", "error", err)
		s.protocolError(fault.BadMessage)
	}
}

// protocolError ends the connection of a browser that does not keep to the protocol.
func (s *Session) protocolError(err error) {
	s.fail(err, 0)
	s.outbox.Close(wire.EndProtocol, false)
}

// fail answers with an error.
func (s *Session) fail(err error, answerTo int64) {
	f := fault.From(err)
	s.opts.Meter.Failed(f.Code)
	if f.Code == fault.Internal {
		s.log.Error("message failed", "error", err)
	}
	s.outbox.message(wire.ErrorOf(f), answerTo)
}

// take handles one message and returns false when the session is over.
func (s *Session) take(ctx context.Context, data []byte) bool {
	if s.outbox.over() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	if !s.messages.take(time.Now(), messagesPerSecond, messagesBurst) {
		return s.flooded()
	}
	request, err := wire.Decode(data)
	if err != nil {
		s.opts.Meter.Received("invalid")
		s.fail(err, request.ID)
		return s.place.Room != nil // before hello there is no second try
	}
	s.opts.Meter.Received(request.Type)
	if s.place.Room == nil {
		return s.hello(ctx, request)
	}
	s.confirm(ctx)
	answer, err := s.handle(ctx, request)
	switch {
	case err != nil:
		s.fail(err, request.ID)
	case answer != nil:
		s.outbox.message(answer, request.ID)
	}
	return true
}

// confirm lets the room know, once, that the browser has its new resume token. A room that is over need not know.
func (s *Session) confirm(ctx context.Context) {
	if !s.confirmed {
		s.confirmed = true
		_ = s.place.Room.Confirm(ctx, s.place.ParticipantID, s.conn)
	}
}

func (s *Session) flooded() bool {
	if s.ignored++; s.ignored > maxIgnored {
		s.protocolError(fault.TooManyMessages)
		return false
	}
	s.fail(fault.TooManyMessages, 0)
	return true
}

// hello is the first message; what is wrong with it ends the connection.
func (s *Session) hello(ctx context.Context, request wire.Request) bool {
	hello, ok := request.Message.(*wire.Hello)
	var err error
	switch {
	case !ok:
		err = fault.WrongState
	case hello.Version != wire.Version:
		err = fault.UnsupportedVersion.With(map[string]any{"supported": wire.Version})
	default:
		s.place, err = s.opts.Entrance.Enter(ctx, Hello{hello, request.ID}, s.outbox, s.conn)
	}
	if err != nil {
		s.fail(err, request.ID)
		s.outbox.end(wire.EndProtocol)
		return false
	}
	s.log = s.log.With("meeting", s.place.Room.MeetingID(), "participant", s.place.ParticipantID)
	s.log.Info("session began", "client", hello.Client, "resumes", hello.Resume != "")
	return s.alive() == nil
}
