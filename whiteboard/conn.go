package whiteboard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

var errTooLarge = errors.New("whiteboard: frame too large")

// conn is a WebSocket connection: its reader runs on the goroutine of the request, its writer on another one.
type conn struct {
	server  *Server
	ws      *websocket.Conn
	request *http.Request
	out     *outbox

	// Owned by the reader.
	board   *board // nil until joined
	member  *member
	scratch []byte
	changes tokens // messages of the document
	echoes  tokens // awareness messages of others
}

// serve runs a connection until it ends.
func (s *Server) serve(ws *websocket.Conn, r *http.Request, id uuid.UUID) {
	c := &conn{server: s, ws: ws, request: r, out: newOutbox(), scratch: make([]byte, 0, 2048)}
	ws.SetPingHandler(func(data string) error {
		c.out.send(appendFrame(nil, opPong, []byte(data)))
		return nil
	})
	ws.SetPongHandler(func(string) error { return c.alive() })
	ws.SetCloseHandler(func(int, string) error { return nil })
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.runWriter(s.ctx)
	}()
	if why, ok := c.attend(id); !ok {
		c.out.end(why)
		c.read()
	}
	c.out.end(endLeft)
	<-written
	_ = ws.Close()
	s.metrics.closed.WithLabelValues(strconv.Itoa(c.out.over().code), c.out.over().reason).Inc()
}

func (c *conn) alive() error { return c.ws.SetReadDeadline(time.Now().Add(readTimeout)) }

// attend joins the board and reads until the connection ends. ok is false when it does not get that far.
func (c *conn) attend(id uuid.UUID) (why ending, ok bool) {
	ctx, cancel := context.WithTimeout(c.server.ctx, loadTimeout)
	defer cancel()
	grant, err := c.server.cfg.Doorkeeper.Admit(ctx, c.request, id)
	if err == nil && !grant.Role.Valid() {
		err = ErrDenied
	}
	if err != nil {
		if !isRefusal(err) {
			c.server.log.Warn("access to a board not decided", "board", id, "error", err)
		}
		return endFor(err), false
	}
	b, err := c.server.acquire(ctx, id)
	if err != nil {
		return c.server.endForLoad(id, err), false
	}
	defer c.server.release(b)
	c.member = &member{out: c.out, events: c.request.URL.Query().Get("events") == "1", grant: grant}
	v := &visit{member: c.member, request: c.request, grant: grant}
	if !b.visits.add(v) {
		return endCrowded, false
	}
	defer b.visits.remove(v, grant.Person.Key)
	if b.do(ctx, func() { b.join(c.member) }) != nil {
		return endUnavailable, false
	}
	defer b.post(mail{do: func() { b.leave(c.member) }})
	c.board = b
	c.read()
	return ending{}, true
}

// read takes frames until the connection breaks. After the end was announced it waits for the client's answer.
func (c *conn) read() {
	_ = c.alive()
	for {
		frame, err := c.nextFrame()
		var closed *websocket.CloseError
		switch {
		case errors.Is(err, errTooLarge):
			c.out.end(endTooLarge)
		case errors.As(err, &closed):
			c.out.end(endLeft)
			return
		case err != nil:
			c.out.end(endBroken)
			return
		case c.out.over() == nil:
			if why, ok := c.take(frame); !ok {
				c.out.end(why)
			}
		}
	}
}

// nextFrame reads a message of at most maxFrameBytes, or more when it is the answer to a step 1. It is valid until the next
// call.
func (c *conn) nextFrame() ([]byte, error) {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return nil, err
	}
	if c.out.over() == nil {
		_ = c.alive()
	}
	if kind != websocket.BinaryMessage {
		return nil, nil // no message
	}
	buf := bytes.NewBuffer(c.scratch[:0])
	_, err = io.CopyN(buf, r, maxFrameBytes+1)
	if err == nil && c.member != nil && c.member.asked.Load() > 0 && isAnswer(buf.Bytes()) {
		_, err = io.CopyN(buf, r, maxStateBytes-maxFrameBytes)
	}
	if err == nil {
		return nil, errTooLarge
	}
	if !errors.Is(err, io.EOF) {
		return nil, err
	}
	if buf.Cap() <= maxUpdateBytes {
		c.scratch = buf.Bytes()
	}
	return buf.Bytes(), nil
}

// take hands a message to the board. The answer is why the connection must end.
func (c *conn) take(frame []byte) (why ending, ok bool) {
	m, err := decodeMessage(frame)
	if err != nil || c.board == nil {
		return endMalformed, false
	}
	if m.kind == messageAwareness {
		return c.takeAwareness(m)
	}
	if !c.changes.take(time.Now(), messagesPerSecond, messagesBurst) {
		c.server.metrics.refused.WithLabelValues("tooManyMessages").Inc()
		return endTooMany, false
	}
	m.body = bytes.Clone(m.body)
	return endUnavailable, c.board.post(mail{from: c.member, message: m})
}

// takeAwareness hands on what the client says of itself. The stock client also sends back what it hears of others.
func (c *conn) takeAwareness(m message) (why ending, ok bool) {
	bound, own := c.member.bound.Load(), c.member.client.Load()
	list, err := decodePresences(m.body, func(client uint64) bool { return !bound || client == own })
	if err != nil {
		return endMalformed, false
	}
	if len(list) == 0 {
		return endTooMany, c.echoes.take(time.Now(), echoesPerSecond, echoesBurst)
	}
	for i := range list {
		list[i].state = bytes.Clone(list[i].state)
	}
	return endUnavailable, c.board.post(mail{from: c.member, message: message{kind: messageAwareness}, presences: list})
}

// keepalive is an awareness update about nobody: the stock client closes a connection on which nothing comes for 30 s.
var keepalive = appendFrame(appendAwareness(nil, []byte{0}), opPing)

// runWriter is the only writer of the socket.
func (c *conn) runWriter(ctx context.Context) {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	w := writer{ws: c.ws, scratch: make([]byte, 0, 4096)}
	var used [][]byte
	for {
		select {
		case <-ctx.Done():
			_ = c.ws.Close()
			return
		case <-ping.C:
			if w.write(keepalive) != nil {
				c.broken()
				return
			}
			continue
		case <-c.out.wake:
		}
		frames, end := c.out.take(used)
		used = frames
		if w.writeAll(frames) != nil {
			c.broken()
			return
		}
		if end != nil {
			c.closing(&w, *end)
			return
		}
	}
}

// broken makes the reader notice that writing failed.
func (c *conn) broken() {
	c.out.end(endBroken)
	_ = c.ws.Close()
}

// closing sends the close frame and gives the client a moment to answer it; its answer ends the reader.
func (c *conn) closing(w *writer, e ending) {
	_ = c.ws.SetReadDeadline(time.Now().Add(closeTimeout))
	if e == endBroken || w.write(closeFrame(e.code, e.reason)) != nil {
		_ = c.ws.Close()
	}
}

// writer writes frames to a socket.
type writer struct {
	ws      *websocket.Conn
	scratch []byte
}

// writeAll writes frames with as few system calls as their size allows.
func (w *writer) writeAll(frames [][]byte) error {
	if len(frames) == 1 {
		return w.write(frames[0])
	}
	w.scratch = w.scratch[:0]
	for _, frame := range frames {
		if len(w.scratch)+len(frame) > writeChunkBytes {
			if err := w.write(w.scratch); err != nil {
				return err
			}
			w.scratch = w.scratch[:0]
		}
		if len(frame) > writeChunkBytes {
			if err := w.write(frame); err != nil {
				return err
			}
			continue
		}
		w.scratch = append(w.scratch, frame...)
	}
	return w.write(w.scratch)
}

// write gives each piece its own time, so that a large state reaches a slow client.
func (w *writer) write(b []byte) error {
	to := w.ws.NetConn()
	for len(b) > 0 {
		n := min(len(b), writeChunkBytes)
		if err := to.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return err
		}
		if _, err := to.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
