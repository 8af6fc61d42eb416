package signaling

import (
	"context"
	"time"

	"parley/internal/fault"
	"parley/signaling/room"
	"parley/signaling/session"
	"parley/signaling/wire"
)

// Join seats a program in a meeting that runs in this process, or in its lobby.
func (s *Server) Join(ctx context.Context, meetingID string, seat room.Seat, e room.Entry) (session.Place, error) {
	target, ok := s.rooms.find(meetingID)
	if !ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.stopped {
			return session.Place{}, fault.Unavailable
		}
		return session.Place{}, fault.MeetingNotRunning
	}
	return seated(target, e.ID, e.Conn, target.room.Enter(ctx, seat, e))
}

// ICEServers are the STUN and TURN services that a participant is told of.
func (s *Server) ICEServers(participantID string) []wire.ICEServer {
	return iceServers(s.opts.ICEServers, participantID, time.Now())
}
