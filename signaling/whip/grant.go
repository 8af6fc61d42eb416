package whip

import (
	"context"
	"time"

	"parley/signaling/room"
	"parley/signaling/session"
	"parley/signaling/wire"
)

// Right is what a stream token opens.
type Right string

// The rights.
const (
	RightPublish Right = "publish" // WHIP
	RightWatch   Right = "watch"   // WHEP
)

// Grant is what a stream token says.
type Grant struct {
	TokenID   string
	MeetingID string
	Code      string // of the meeting
	Right     Right
	Name      string    // that the program is shown under
	ExpiresAt time.Time // zero: never
}

// Tokens know the stream tokens.
type Tokens interface {
	// StreamToken returns what a token grants, fault.Unauthenticated when it is none or not good any more.
	StreamToken(ctx context.Context, token string) (Grant, error)
}

// Meetings are the running meetings.
type Meetings interface {
	// Join seats a program in a meeting that runs, or in its lobby: fault.MeetingNotRunning when it does not.
	Join(ctx context.Context, meetingID string, seat room.Seat, e room.Entry) (session.Place, error)
	// ICEServers are the STUN and TURN services that a participant is told of.
	ICEServers(participantID string) []wire.ICEServer
}
