package whiteboard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
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
	take    func(frame []byte) (why ending, ok bool) // what becomes of messages
	member  *member                                  // nil until joined to a board of this node
	large   bool                                     // answers to a step 1 may be large whatever member says
	scratch []byte
	heardAt time.Time
}

// serve runs a connection until it ends.
func (s *Server) serve(ws *websocket.Conn, r *http.Request, id uuid.UUID) {
	c := &conn{server: s, ws: ws, request: r, out: newOutbox(), scratch: make([]byte, 0, 2048), take: tooEarly}
	ws.SetPingHandler(func(data string) error {
		c.out.send(appendFrame(nil, opPong, []byte(data)))
		return nil
	})
	ws.SetPongHandler(func(string) error { return c.alive() })
	ws.SetCloseHandler(func(int, string) error { return nil })
	w := &writer{to: ws.NetConn()}
	if direct, ok := w.to.(tryWriter); ok {
		w.now, c.out.direct = direct.tryWrite, w
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.runWriter(w)
	}()
	cut := context.AfterFunc(s.ctx, c.broken)
	defer cut()
	s.listen(c.out)
	defer s.unlisten(c.out)
	if why, ok := c.attend(id); !ok {
		c.out.end(why)
		c.read()
	}
	c.out.end(endLeft)
	<-written
	_ = ws.Close()
	s.metrics.closed.WithLabelValues(strconv.Itoa(c.out.over().code), c.out.over().reason).Inc()
}

// tooEarly is never called with a connection that may go on: nothing is read before there is a board.
func tooEarly([]byte) (ending, bool) { return endMalformed, false }

// alive gives the client more time. To move a deadline costs more than to read a message: a second is exact enough.
func (c *conn) alive() error {
	now := time.Now()
	if now.Sub(c.heardAt) < time.Second || c.out.over() != nil {
		return nil
	}
	c.heardAt = now
	return c.ws.SetReadDeadline(now.Add(readTimeout))
}

// attend joins the board and reads until the connection ends. ok is false when it does not get that far.
func (c *conn) attend(id uuid.UUID) (why ending, ok bool) {
	ctx, cancel := context.WithTimeout(c.server.ctx, loadTimeout)
	defer cancel()
	grant, err := c.server.admit(ctx, c.request, id)
	if err != nil {
		if !isRefusal(err) {
			c.server.log.Warn("access to a board not decided", "board", id, "error", err)
		}
		return endFor(err), false
	}
	v := &visit{request: c.request, person: grant.Person.Key, out: c.out, grant: grant}
	if !c.server.enter(id, v) {
		return endCrowded, false
	}
	defer c.server.exit(id, v)
	events := c.request.URL.Query().Get("events") == "1"
	b, err := c.server.acquire(ctx, id)
	var elsewhere *ElsewhereError
	switch {
	case errors.As(err, &elsewhere) && c.server.cfg.Relay != nil:
		return c.forward(ctx, elsewhere.Node, hello{Board: id, Grant: grant, Events: events}, v)
	case err != nil:
		return c.server.endForLoad(id, err), false
	}
	defer c.server.release(b)
	m := &member{out: c.out, events: events}
	enter := func() {
		m.grant = v.attach(func(g Grant) { b.post(mail{do: func() { b.change(m, g) }}) })
		b.join(m)
	}
	if b.do(ctx, enter) != nil {
		return endUnavailable, false
	}
	defer b.post(mail{do: func() { b.leave(m) }})
	speaker := speaker{board: b, member: m}
	c.member, c.take = m, speaker.take
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
	_ = c.alive()
	if kind != websocket.BinaryMessage {
		return nil, nil // no message
	}
	buf := bytes.NewBuffer(c.scratch[:0])
	_, err = io.CopyN(buf, r, maxFrameBytes+1)
	if err == nil && c.mayBeLarge(buf.Bytes()) {
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

func (c *conn) mayBeLarge(start []byte) bool {
	return isAnswer(start) && (c.large || c.member != nil && c.member.asked.Load() > 0)
}

// runWriter is the only writer of the socket. It waits for one channel only: to wait for several costs twice as much.
func (c *conn) runWriter(w *writer) {
	var used [][]byte
	for range c.out.wake {
		frames, end, ok := c.out.take(used)
		used = frames
		if !ok {
			continue
		}
		if w.writeAll(frames) != nil {
			c.broken()
			return
		}
		if end != nil {
			c.closing(w, *end)
			return
		}
		c.out.release()
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

// writer writes frames to a socket, for one goroutine at a time.
type writer struct {
	to       net.Conn
	now      func(b []byte) (n int, err error) // nil when the socket cannot be asked not to wait
	scratch  []byte
	deadline time.Time
}

// try writes what the socket takes at once.
func (w *writer) try(b []byte) (n int, err error) {
	if err := w.extend(); err != nil {
		return 0, err
	}
	return w.now(b)
}

// extend gives the next write between one and two times writeTimeout. To move a deadline costs a tenth of a write.
func (w *writer) extend() error {
	now := time.Now()
	if w.deadline.Sub(now) >= writeTimeout {
		return nil
	}
	w.deadline = now.Add(2 * writeTimeout)
	return w.to.SetWriteDeadline(w.deadline)
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
	for len(b) > 0 {
		n := min(len(b), writeChunkBytes)
		if err := w.extend(); err != nil {
			return err
		}
		if _, err := w.to.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
