package room

import (
	"cmp"
	"slices"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// permissions is what a role may do under the settings. Clients are told it, and allow refuses by it.
func permissions(role wire.Role, settings Settings) wire.Permissions {
	hosts := role == wire.RoleHost || role == wire.RoleCoHost
	return wire.Permissions{
		PublishMicrophone: true,
		PublishCamera:     true,
		Share:             hosts || settings.WhoMayShare != wire.ShareHosts,
		Draw:              hosts || settings.WhoMayDraw != wire.DrawHosts,
		Chat:              hosts || settings.ChatAllowed,
		Rename:            true,
		Admit:             hosts,
		Moderate:          hosts,
		ChangeSettings:    hosts,
		AssignRoles:       role == wire.RoleHost,
		End:               role == wire.RoleHost,
	}
}

// Lost says which peer connections of a participant were connected and are not any more.
type Lost struct{ Publish, Subscribe bool }

// connection is what the others see. A lost peer connection counts only while something goes over it.
func (m *member) connection() wire.Connection {
	publishes := slices.ContainsFunc(m.publications, func(p *publication) bool { return p.live })
	receives := len(m.receiving.Publications) > 0
	if !m.connected || m.lost.Publish && publishes || m.lost.Subscribe && receives {
		return wire.Reconnecting
	}
	return wire.Connected
}

// rank orders roles: nobody acts against a participant whose rank is not below his own.
func rank(role wire.Role) int {
	switch role {
	case wire.RoleHost:
		return 2
	case wire.RoleCoHost:
		return 1
	default:
		return 0
	}
}

// requirement is what a command asks of who gives it and of whom it is about.
type requirement struct {
	lobby    bool                        // those who wait may do it too
	need     func(wire.Permissions) bool // nil: everybody in the meeting may
	target   string                      // participant it is about; "" is nobody
	outranks bool                        // the target's role must be below the actor's
	member   bool                        // the target must not be a guest
	person   bool                        // the target must not be a program
	present  bool                        // the target must be connected
	limited  bool                        // everybody is told of it, and everybody may do it
	own      string                      // publication that must be the actor's own
	board    string                      // open board that the actor must have opened, unless he may moderate
}

func (s *State) requirementOf(command wire.ClientMessage) (requirement, bool) {
	moderate := func(p wire.Permissions) bool { return p.Moderate }
	draw := func(p wire.Permissions) bool { return p.Draw }
	assign := func(p wire.Permissions) bool { return p.AssignRoles }
	admit := func(p wire.Permissions) bool { return p.Admit }
	switch c := command.(type) {
	case *wire.Leave:
		return requirement{lobby: true}, true
	case *wire.SendReaction, *wire.View:
		return requirement{}, true
	case *wire.RaiseHand:
		return requirement{limited: true}, true
	case *wire.Rename:
		return requirement{limited: true, need: func(p wire.Permissions) bool { return p.Rename }}, true
	case *wire.SetMuted:
		return requirement{limited: true, own: c.PublicationID}, true
	case *wire.SetHint:
		return requirement{limited: true, own: c.PublicationID}, true
	case *wire.Admit, *wire.Refuse:
		return requirement{need: admit}, true
	case *wire.MuteParticipant:
		return requirement{need: moderate, target: c.ParticipantID, outranks: true}, true
	case *wire.Remove:
		return requirement{need: moderate, target: c.ParticipantID, outranks: true}, true
	case *wire.AskUnmute:
		return requirement{need: moderate, target: c.ParticipantID, present: true}, true
	case *wire.LowerHands:
		return requirement{need: moderate, target: c.ParticipantID}, true
	case *wire.Spotlight:
		return requirement{need: moderate, target: c.ParticipantID}, true
	case *wire.MuteAll:
		return requirement{need: moderate}, true
	case *wire.SetRole:
		return requirement{need: assign, target: c.ParticipantID, outranks: true, person: true}, true
	case *wire.TransferHost:
		return requirement{
			need: assign, target: c.ParticipantID, outranks: true, member: true, person: true, present: true,
		}, true
	case *OpenBoard:
		return requirement{limited: true, need: draw}, true
	case *CloseBoard:
		return requirement{limited: true, board: c.ID}, true
	case *wire.PresentBoard:
		return requirement{limited: true, board: cmp.Or(c.BoardID, s.presented)}, true
	case *wire.UpdateSettings:
		return requirement{need: func(p wire.Permissions) bool { return p.ChangeSettings }}, true
	case *wire.End:
		return requirement{need: func(p wire.Permissions) bool { return p.End }}, true
	}
	return requirement{}, false
}

// allow decides whether the actor may give the command now.
func (s *State) allow(now time.Time, actor *member, command wire.ClientMessage) error {
	r, ok := s.requirementOf(command)
	if !ok {
		return fault.WrongState
	}
	if !actor.inside && !r.lobby {
		return fault.WrongState
	}
	if r.need != nil && !r.need(permissions(actor.role, s.settings)) {
		return fault.NotAllowed
	}
	if r.own != "" {
		if err := s.allowOwn(actor, r.own); err != nil {
			return err
		}
	}
	if r.board != "" {
		if err := s.allowBoard(actor, r.board); err != nil {
			return err
		}
	}
	if r.target != "" {
		if err := s.allowTarget(actor, r); err != nil {
			return err
		}
	}
	if r.limited && !actor.changes.take(now, changesPerSecond, changesBurst) {
		return fault.RateLimited.With(map[string]any{"retryAfterSeconds": 1})
	}
	return nil
}

func (s *State) allowOwn(actor *member, publicationID string) error {
	p := s.publications[publicationID]
	if p == nil || !p.live {
		return fault.PublicationNotFound
	}
	if p.owner != actor {
		return fault.NotAllowed
	}
	return nil
}

func (s *State) allowBoard(actor *member, id string) error {
	b := s.board(id)
	if b == nil {
		return fault.BoardNotFound
	}
	if b.OpenerKey != actor.person.Key && !permissions(actor.role, s.settings).Moderate {
		return fault.NotAllowed
	}
	return nil
}

func (s *State) allowTarget(actor *member, r requirement) error {
	target := s.members[r.target]
	switch {
	case target == nil || !target.inside:
		return fault.ParticipantNotFound
	case r.outranks && rank(target.role) >= rank(actor.role):
		return fault.NotAllowed
	case r.member && target.person.Guest, r.person && target.person.program():
		return fault.NotAllowed
	case r.present && !target.connected:
		return fault.WrongState
	}
	return nil
}
