package session

import (
	"context"
	"time"

	"parley/signaling/wire"

	"github.com/gorilla/websocket"
)

// runWriter writes what the outbox holds, and pings, until the outbox ends or the connection breaks. It is the only
// writer of the socket.
func (s *Session) runWriter(ctx context.Context) {
	ping := time.NewTicker(PingInterval)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			_ = s.ws.Close()
			return
		case <-ping.C:
			if s.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) != nil {
				s.broken()
				return
			}
			continue
		case <-s.outbox.wake:
		}
		frames, closing := s.outbox.take()
		for _, frame := range frames {
			_ = s.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
			if s.ws.WriteMessage(websocket.TextMessage, frame) != nil {
				s.broken()
				return
			}
		}
		if closing != nil {
			s.close(closing.Reason)
			return
		}
	}
}

// broken makes the reader notice that writing failed.
func (s *Session) broken() {
	s.outbox.end(wire.EndLeft)
	_ = s.ws.Close()
}

// close begins the closing handshake and gives the browser a moment to answer it; its answer ends the reader.
func (s *Session) close(reason wire.EndReason) {
	s.opts.Meter.Ended(reason)
	deadline := time.Now().Add(closeTimeout)
	_ = s.ws.SetReadDeadline(deadline)
	text := websocket.FormatCloseMessage(closeCode(reason), string(reason))
	if s.ws.WriteControl(websocket.CloseMessage, text, deadline) != nil {
		_ = s.ws.Close()
	}
}

// closeCode is the code of the WebSocket close (RFC 6455 section 7.4) that goes with a reason.
func closeCode(reason wire.EndReason) int {
	switch reason {
	case wire.EndShutdown:
		return websocket.CloseServiceRestart
	case wire.EndOverflow:
		return websocket.CloseTryAgainLater
	case wire.EndProtocol, wire.EndUnauthenticated:
		return websocket.ClosePolicyViolation
	default:
		return websocket.CloseNormalClosure
	}
}
