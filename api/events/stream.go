package events

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

const (
	maxRequestBytes   = 4096
	maxTopics         = 50
	requestsBurst     = 60
	requestsPerSecond = 5
	writeWait         = 10 * time.Second // for one frame to leave
	farewellWait      = time.Second      // for the last one
	stuckWait         = time.Second      // for one that is leaving when the stream ends
)

// frame is an event in the form that goes over the wire, shared by all streams that get it.
type frame = *websocket.PreparedMessage

func preparedFrame(data []byte) frame {
	// Preparing fails for no text message.
	f, _ := websocket.NewPreparedMessage(websocket.TextMessage, data)
	return f
}

func frameOf(message any) frame {
	data, err := json.Marshal(message)
	if err != nil {
		panic(err) // the messages of this package are plain structs
	}
	return preparedFrame(data)
}

// stream is one client's WebSocket. The handler's goroutine reads, one more writes; everybody may push and end.
type stream struct {
	hub     *Hub            // static
	socket  *websocket.Conn // static; read by run, written by runWriter
	request *http.Request   // static; who it is is asked again with it
	who     authz.Principal // static: when it changes the stream ends
	queue   chan frame      // static
	quit    chan struct{}   // static; closed by end

	ended atomic.Pointer[closeReason]
	once  sync.Once

	topics map[uuid.UUID]bool // conversations that it follows; guarded by hub.mu

	heard float64   // requests in the bucket; owned by run
	refil time.Time // owned by run
}

var errFlood = errors.New("too many requests")

const reasonClient closeReason = "client" // the client or the network ended it

func newStream(h *Hub, socket *websocket.Conn, r *http.Request) *stream {
	return &stream{
		hub: h, socket: socket, request: r, who: authz.From(r.Context()), queue: make(chan frame, h.cfg.QueueFrames),
		quit: make(chan struct{}), topics: map[uuid.UUID]bool{}, heard: requestsBurst, refil: time.Now(),
	}
}

// push queues a frame. A client that does not keep up is closed: it connects again and asks for what it missed.
func (s *stream) push(f frame) {
	select {
	case <-s.quit:
	case s.queue <- f:
	default:
		s.end(reasonOverflow)
	}
}

// end makes the writer say why and close. Only the first reason counts. A writer whose client takes nothing any more is not
// waited for: its connection is cut.
func (s *stream) end(reason closeReason) {
	s.once.Do(func() {
		s.ended.Store(&reason)
		close(s.quit)
		time.AfterFunc(stuckWait+farewellWait, func() { _ = s.socket.NetConn().Close() })
	})
}

func (s *stream) reason() closeReason {
	if r := s.ended.Load(); r != nil {
		return *r
	}
	return reasonClient
}

// refuse says why a stream is not taken in.
func (s *stream) refuse() {
	s.sayFarewell()
	_ = s.socket.Close()
}

// run reads until the stream ends.
func (s *stream) run() {
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.runWriter()
	}()
	s.read()
	s.end(reasonClient)
	<-written
}

func (s *stream) read() {
	silence := 3 * s.hub.cfg.PingEvery
	s.socket.SetReadLimit(maxRequestBytes)
	alive := func(string) error { return s.socket.SetReadDeadline(time.Now().Add(silence)) }
	s.socket.SetPongHandler(alive)
	answerPing := s.socket.PingHandler()
	s.socket.SetPingHandler(func(data string) error {
		if !s.allow(time.Now()) {
			s.end(reasonProtocol)
			return errFlood
		}
		return answerPing(data)
	})
	_ = alive("")
	for {
		kind, data, err := s.socket.ReadMessage()
		if errors.Is(err, websocket.ErrReadLimit) {
			s.end(reasonProtocol)
		}
		if err != nil {
			return
		}
		_ = alive("")
		if kind != websocket.TextMessage || !s.allow(time.Now()) {
			s.end(reasonProtocol)
			return
		}
		s.handle(data)
	}
}

// allow is the token bucket of requests.
func (s *stream) allow(now time.Time) bool {
	s.heard = min(requestsBurst, s.heard+now.Sub(s.refil).Seconds()*requestsPerSecond)
	s.refil = now
	s.heard--
	return s.heard >= 0
}

func (s *stream) handle(data []byte) {
	r, err := parseRequest(data)
	switch {
	case errors.Is(err, errUnknownType):
		s.fail(fault.UnknownMessage.Wrap(err), nil)
	case err != nil:
		s.fail(fault.BadMessage.Wrap(err), nil)
	case r.Type == typePing:
		s.push(frameOf(pong{"pong"}))
	case r.Type == typeUnsubscribe:
		s.hub.unfollow(s, r.ConversationID)
		s.push(frameOf(unsubscribed{Type: "unsubscribed", ConversationID: r.ConversationID}))
	default:
		s.subscribe(r.ConversationID)
	}
}

func (s *stream) subscribe(id uuid.UUID) {
	ctx, cancel := context.WithTimeout(s.request.Context(), checkWait)
	defer cancel()
	since, err := s.hub.cfg.Follow(ctx, s.who, id)
	if err == nil && !s.hub.follow(s, id, since) {
		err = fault.TooManyMessages
	}
	if err != nil {
		s.fail(fault.From(err), &id)
		return
	}
	s.push(frameOf(subscribed{"subscribed", id}))
}

func (s *stream) fail(f *fault.Fault, conversation *uuid.UUID) {
	if f.Code == fault.Internal {
		s.hub.cfg.Log.Error("event stream", "person", s.who.Key(), "error", f)
	}
	s.push(frameOf(failure{"error", string(f.Code), f.Message, conversation}))
}

// runWriter writes what is queued until the stream ends, then what was queued before the end and why.
func (s *stream) runWriter() {
	// Closing the socket is what makes read return.
	defer s.socket.Close()
	ping := time.NewTicker(s.hub.cfg.PingEvery)
	defer ping.Stop()
	for {
		var err error
		select {
		case <-s.quit:
			s.sayFarewell()
			return
		case f := <-s.queue:
			_ = s.socket.SetWriteDeadline(time.Now().Add(writeWait))
			err = s.socket.WritePreparedMessage(f)
		case <-ping.C:
			err = s.socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
		}
		if err != nil {
			return
		}
	}
}

// sayFarewell sends what was queued before the end, then why it ends, as far as the client still listens. A client that
// did not keep up asks for what it missed when it connects again.
func (s *stream) sayFarewell() {
	reason := s.reason()
	if reason == reasonClient {
		return
	}
	until := time.Now().Add(farewellWait)
	_ = s.socket.SetWriteDeadline(until)
	if reason != reasonOverflow {
		for range len(s.queue) {
			if err := s.socket.WritePreparedMessage(<-s.queue); err != nil {
				return
			}
		}
	}
	if err := s.socket.WritePreparedMessage(frameOf(closing{"closing", reason, reason.reconnect()})); err != nil {
		return
	}
	_ = s.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(reason.status(), string(reason)), until)
	s.linger(until)
}

// linger takes what the client still sends until it closes too: closing a socket with unread bytes makes TCP reset the
// connection, and the client would lose the farewell (RFC 6455, section 7.1.1).
func (s *stream) linger(until time.Time) {
	conn := s.socket.NetConn()
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = conn.SetReadDeadline(until)
	_, _ = io.Copy(io.Discard, conn)
}
