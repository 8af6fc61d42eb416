package room

import (
	"time"

	"parley/signaling/wire"
)

// Effect is something that must be done because of what happened: one of the types below. Effects are carried out in
// their order.
type Effect interface{ effect() }

// Send puts a message into the outboxes of the participants. With an AnswerTo it answers that request.
type Send struct {
	To       []string
	Message  wire.ServerMessage
	AnswerTo int64
}

// TakeSeat binds the connection that just said hello to a participant.
type TakeSeat struct{ ParticipantID string }

// Close tells a participant's connection why it ends, and ends it.
type Close struct {
	To        string
	Reason    wire.EndReason
	Reconnect bool
}

// OpenMedia begins the media of a participant.
type OpenMedia struct {
	ParticipantID string
	Kind          wire.ParticipantKind
}

// RestartMedia follows a resume: the subscribe connection needs a new offer; with Renew both connections are new.
type RestartMedia struct {
	ParticipantID string
	Renew         bool
}

// CloseMedia ends the media of a participant.
type CloseMedia struct{ ParticipantID string }

// Receive says which publications a participant gets and how large he shows the videos; it replaces the Receive before. For
// a viewer the publications are those of its sections in their order, empty for silence.
type Receive struct {
	ParticipantID string
	Publications  []string
	View          []wire.Tile
}

// Gate closes or opens the gate of a publication: nothing of a muted one is forwarded, whatever its sender does.
type Gate struct {
	PublicationID string
	Muted         bool
}

// Hint passes a content hint on.
type Hint struct {
	PublicationID string
	Hint          wire.ContentHint
}

// Unpublish forgets a publication.
type Unpublish struct{ PublicationID string }

// Drawers says who may do what on the open boards; it replaces the Drawers before.
type Drawers struct {
	Boards []string
	Roles  map[string]BoardRole // by the key of the person
}

// The following go to the Observer.
type (
	Started struct{ At time.Time }
	Arrived struct {
		ParticipantID string
		Person        Person
		At            time.Time
	}
	Gone struct {
		ParticipantID string
		At            time.Time
		Reason        GoneReason
	}
	Changed       struct{ Settings Settings }
	AccessChanged struct{ Access Access }
	BoardsChanged struct {
		Boards Boards
		At     time.Time
	}
	// Ended is the last effect of a room. Started is false when nobody ever came in from the lobby.
	Ended struct {
		At      time.Time
		ByHost  bool
		Started bool
	}
)

func (Send) effect()          {}
func (TakeSeat) effect()      {}
func (Close) effect()         {}
func (OpenMedia) effect()     {}
func (RestartMedia) effect()  {}
func (CloseMedia) effect()    {}
func (Receive) effect()       {}
func (Gate) effect()          {}
func (Hint) effect()          {}
func (Unpublish) effect()     {}
func (Started) effect()       {}
func (Arrived) effect()       {}
func (Gone) effect()          {}
func (Changed) effect()       {}
func (AccessChanged) effect() {}
func (BoardsChanged) effect() {}
func (Drawers) effect()       {}
func (Ended) effect()         {}
