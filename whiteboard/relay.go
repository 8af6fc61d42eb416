package whiteboard

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// Relay opens streams between nodes, for boards whose lease another node has.
type Relay interface {
	// Dial opens a stream to a node. hello is what the other side's function of Accept gets.
	Dial(ctx context.Context, node string, hello []byte) (Stream, error)
	// Accept calls fn with each stream that another node opens to this one, each on a goroutine of its own, until stop,
	// which takes no more streams and does not wait for the calls. fn closes the stream.
	Accept(fn func(hello []byte, s Stream)) (stop func(), err error)
}

// Stream carries messages of any size between two nodes, in their order. It breaks rather than lose one.
type Stream interface {
	// Send does not keep b.
	Send(b []byte) error
	// Receive waits for a message. The error is io.EOF after the other side's Close.
	Receive(ctx context.Context) ([]byte, error)
	Close() error
}

// hello opens a stream: a connection, or a restore when Seq is set.
type hello struct {
	Board  uuid.UUID `json:"board"`
	Grant  Grant     `json:"grant"`
	Events bool      `json:"events,omitempty"`
	Seq    int64     `json:"seq,omitempty"`
	Author string    `json:"author,omitempty"`
}

// The first byte of what travels on a stream.
const (
	relayFrame = 0 // from the client a payload, to it a whole frame
	relayGrant = 1 // from the client's node, JSON
	relayEnd   = 2 // to the client's node: close code, reason
)

func encodeEnd(e ending) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{relayEnd}, uint16(e.code)), e.reason...)
}

func decodeEnd(b []byte) ending {
	if len(b) < 3 {
		return endUnavailable
	}
	return ending{int(binary.BigEndian.Uint16(b[1:])), string(b[3:])}
}

func (s *Server) dial(ctx context.Context, node string, h hello) (Stream, error) {
	text, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	stream, err := s.cfg.Relay.Dial(ctx, node, text)
	if err != nil {
		return nil, fmt.Errorf("reach board %s on node %s: %w", h.Board, node, err)
	}
	return stream, nil
}

// forward is attend for a board of another node: the client speaks to the board there, and this node carries it.
func (c *conn) forward(ctx context.Context, node string, h hello, v *visit) (why ending, ok bool) {
	stream, err := c.server.dial(ctx, node, h)
	if err != nil {
		c.server.log.Warn("board of another node not reached", "error", err)
		return endMoved, false
	}
	defer stream.Close()
	carrying, cancel := context.WithCancel(c.server.ctx)
	carried := make(chan struct{})
	go func() {
		defer close(carried)
		c.carry(carrying, stream)
	}()
	defer func() { cancel(); <-carried }()
	tell := func(g Grant) {
		if text, err := json.Marshal(g); err == nil && stream.Send(append([]byte{relayGrant}, text...)) != nil {
			c.out.end(endUnavailable)
		}
	}
	v.follow(tell)
	c.large = true // the other node knows whether it asked
	c.take = func(frame []byte) (ending, bool) {
		return endUnavailable, stream.Send(append([]byte{relayFrame}, frame...)) == nil
	}
	c.read()
	return ending{}, true
}

// carry brings what the other node says to the client.
func (c *conn) carry(ctx context.Context, stream Stream) {
	for {
		b, err := stream.Receive(ctx)
		switch {
		case err != nil || len(b) == 0:
			c.out.end(endUnavailable)
			return
		case b[0] == relayEnd:
			c.out.end(decodeEnd(b))
			return
		case len(b) > maxUpdateBytes:
			c.out.answer(b[1:])
		default:
			c.out.send(b[1:])
		}
	}
}

// accept serves a stream of another node.
func (s *Server) accept(text []byte, stream Stream) {
	defer stream.Close()
	var h hello
	if json.Unmarshal(text, &h) != nil || !s.begin() {
		_ = stream.Send(encodeEnd(endShutdown))
		return
	}
	defer s.finish()
	if h.Seq > 0 {
		_ = stream.Send(encodeEnd(endOfRestore(s.restoreHere(s.ctx, h.Board, h.Seq, h.Author))))
		return
	}
	out := newOutbox()
	ctx, cancel := context.WithCancel(s.ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		defer cancel()
		out.copyTo(ctx, stream)
	}()
	out.end(s.host(ctx, h, out, stream))
	<-written
}

// host lets a client of another node take part in a board of this one, until it leaves.
func (s *Server) host(ctx context.Context, h hello, out *outbox, stream Stream) ending {
	b, err := s.acquire(ctx, h.Board)
	if err != nil {
		return s.endForLoad(h.Board, err)
	}
	defer s.release(b)
	m := &member{out: out, events: h.Events, grant: h.Grant}
	if b.do(ctx, func() { b.join(m) }) != nil {
		return endUnavailable
	}
	defer b.post(mail{do: func() { b.leave(m) }})
	speaker := speaker{board: b, member: m}
	for {
		message, err := stream.Receive(ctx)
		if err != nil || len(message) == 0 {
			return endLeft
		}
		switch message[0] {
		case relayFrame:
			if why, ok := speaker.take(message[1:]); !ok {
				return why
			}
		case relayGrant:
			var g Grant
			if json.Unmarshal(message[1:], &g) != nil || !g.Role.Valid() {
				return endDenied
			}
			b.post(mail{do: func() { b.change(m, g) }})
		}
	}
}

// copyTo sends what is queued to another node, until the end.
func (o *outbox) copyTo(ctx context.Context, stream Stream) {
	var used [][]byte
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		}
		frames, end, ok := o.take(used)
		used = frames
		if !ok {
			continue
		}
		for _, frame := range frames {
			if stream.Send(append([]byte{relayFrame}, frame...)) != nil {
				return
			}
		}
		if end != nil {
			_ = stream.Send(encodeEnd(*end))
			return
		}
		o.release()
	}
}

// The ends of a restore on another node.
var (
	endRestored = ending{1000, "restored"}
	endNoState  = ending{4404, "noSuchState"}
)

func endOfRestore(err error) ending {
	switch {
	case err == nil:
		return endRestored
	case errors.Is(err, ErrNoState):
		return endNoState
	}
	return endUnavailable
}

// restoreThere has another node restore a board.
func (s *Server) restoreThere(ctx context.Context, node string, h hello) error {
	stream, err := s.dial(ctx, node, h)
	if err != nil {
		return err
	}
	defer stream.Close()
	b, err := stream.Receive(ctx)
	if err != nil {
		return fmt.Errorf("restore board %s on node %s: %w", h.Board, node, err)
	}
	switch decodeEnd(b) {
	case endRestored:
		return nil
	case endNoState:
		return ErrNoState
	}
	return ErrUnavailable
}
