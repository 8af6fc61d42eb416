package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"parley/internal/bus"
	"parley/whiteboard"

	"github.com/google/uuid"
)

// boardRelay carries streams of whiteboard between nodes over the bus. A stream is two subjects, one in each direction; the
// bus keeps the order of each, and the numbers on the pieces show when it has lost one: then the stream breaks, and the
// client comes back.
type boardRelay struct {
	bus  *bus.Bus
	node string
	log  *slog.Logger
}

var _ whiteboard.Relay = (*boardRelay)(nil)

const (
	relayPieceBytes = 512 << 10
	relayWaiting    = 64 // pieces between the subscription and Receive
	relayBeat       = 5 * time.Second
	relaySilence    = 20 * time.Second // after which the other node is gone
)

var errRelayBroken = errors.New("stream to another node is broken")

// What a piece is: its first byte, before its number.
const (
	pieceMore  = 'm'
	pieceLast  = 'l'
	pieceBeat  = 'b'
	pieceClose = 'c'
)

func relayDoor(node string) string { return "boardnodes." + node }

// Dial implements whiteboard.Relay.
func (r *boardRelay) Dial(ctx context.Context, node string, hello []byte) (whiteboard.Stream, error) {
	id := uuid.NewString()
	s, err := r.open(id, "up", "down")
	if err != nil {
		return nil, err
	}
	if _, err := r.bus.Request(ctx, relayDoor(node), append([]byte(id), hello...)); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// Accept implements whiteboard.Relay.
func (r *boardRelay) Accept(fn func(hello []byte, s whiteboard.Stream)) (stop func(), err error) {
	door, err := r.bus.Subscribe(relayDoor(r.node), func(m bus.Message) {
		if len(m.Data) < 36 {
			return
		}
		id := string(m.Data[:36])
		if _, err := uuid.Parse(id); err != nil {
			return
		}
		s, err := r.open(id, "down", "up")
		if err != nil {
			r.log.Warn("stream of another node not opened", "error", err)
			return
		}
		if err := m.Reply(nil); err != nil {
			_ = s.Close()
			return
		}
		go fn(bytes.Clone(m.Data[36:]), s)
	})
	if err != nil {
		return nil, err
	}
	return door.Close, nil
}

func (r *boardRelay) open(id, out, in string) (*relayStream, error) {
	s := &relayStream{
		bus: r.bus, out: "boardstreams." + id + "." + out, pieces: make(chan []byte, relayWaiting), over: make(chan struct{}), beaten: make(chan struct{}),
	}
	var err error
	if s.sub, err = r.bus.Subscribe("boardstreams."+id+"."+in, s.hear); err != nil {
		return nil, err
	}
	go s.runBeats()
	return s, nil
}

// relayStream implements whiteboard.Stream.
type relayStream struct {
	// Static after open.
	bus    *bus.Bus
	out    string
	sub    *bus.Subscription
	pieces chan []byte   // in order, with their kinds
	over   chan struct{} // closed by Close, or when a piece is lost
	beaten chan struct{} // closed at the end of runBeats
	end    sync.Once

	expected uint64 // owned by hear: the number of the next piece

	sending sync.Mutex
	number  uint64 // guarded by sending

	rest []byte // owned by Receive: pieces of a message that is not complete
}

// Send implements whiteboard.Stream.
func (s *relayStream) Send(b []byte) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	for len(b) > relayPieceBytes {
		if err := s.sendPiece(pieceMore, b[:relayPieceBytes]); err != nil {
			return err
		}
		b = b[relayPieceBytes:]
	}
	return s.sendPiece(pieceLast, b)
}

func (s *relayStream) sendPiece(kind byte, b []byte) error {
	select {
	case <-s.over:
		return errRelayBroken
	default:
	}
	piece := binary.BigEndian.AppendUint64(append(make([]byte, 0, 9+len(b)), kind), s.number)
	s.number++
	return s.bus.Publish(context.Background(), s.out, append(piece, b...))
}

// hear takes pieces from the bus; one that is missing breaks the stream.
func (s *relayStream) hear(m bus.Message) {
	if m.Lost || len(m.Data) < 9 || binary.BigEndian.Uint64(m.Data[1:]) != s.expected {
		s.breakOff()
		return
	}
	s.expected++
	select {
	case s.pieces <- append(m.Data[:1:1], m.Data[9:]...):
	case <-s.over:
	}
}

// Receive implements whiteboard.Stream.
func (s *relayStream) Receive(ctx context.Context) ([]byte, error) {
	silence := time.NewTimer(relaySilence)
	defer silence.Stop()
	for {
		select {
		case piece := <-s.pieces:
			switch piece[0] {
			case pieceClose:
				s.breakOff()
				return nil, io.EOF
			case pieceMore, pieceLast:
				s.rest = append(s.rest, piece[1:]...)
			}
			if piece[0] == pieceLast {
				message := s.rest
				s.rest = nil
				return message, nil
			}
			silence.Reset(relaySilence)
		case <-s.over:
			return nil, errRelayBroken
		case <-silence.C:
			return nil, fmt.Errorf("%w: nothing came for %v", errRelayBroken, relaySilence)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// runBeats keeps the other side from taking silence for the end.
func (s *relayStream) runBeats() {
	defer close(s.beaten)
	beat := time.NewTicker(relayBeat)
	defer beat.Stop()
	for {
		select {
		case <-s.over:
			return
		case <-beat.C:
			s.sending.Lock()
			_ = s.sendPiece(pieceBeat, nil)
			s.sending.Unlock()
		}
	}
}

func (s *relayStream) breakOff() { s.end.Do(func() { close(s.over) }) }

// Close implements whiteboard.Stream.
func (s *relayStream) Close() error {
	s.sending.Lock()
	_ = s.sendPiece(pieceClose, nil)
	s.sending.Unlock()
	s.breakOff()
	s.sub.Close()
	<-s.beaten
	return nil
}
