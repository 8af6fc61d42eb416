package room

import (
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// Act carries out what a member of the room commands, or returns the fault that says why not.
func (s *State) Act(now time.Time, id, conn string, command wire.ClientMessage) ([]Effect, error) {
	actor, err := s.actor(id, conn)
	if err != nil {
		return nil, err
	}
	if err := s.allow(now, actor, command); err != nil {
		return nil, err
	}
	err = s.act(now, actor, command)
	return s.take(), err
}

func (s *State) act(now time.Time, actor *member, command wire.ClientMessage) error {
	switch c := command.(type) {
	case *wire.RaiseHand:
		s.raiseHand(now, actor, c.Raised)
	case *wire.SendReaction:
		return s.react(now, actor, c.Emoji)
	case *wire.Rename:
		s.rename(actor, c.Name)
	case *wire.Leave:
		s.leave(now, actor)
	case *wire.View:
		s.view(actor, c.Tiles)
	case *wire.SetMuted:
		s.setMuted(now, s.publications[c.PublicationID], c.Muted)
	case *wire.SetHint:
		s.setHint(s.publications[c.PublicationID], c.Hint)
	case *wire.Admit:
		return s.admitAsked(now, c)
	case *wire.Refuse:
		return s.refuse(now, c.ParticipantIDs)
	case *wire.MuteParticipant:
		return s.muteParticipant(now, actor, s.members[c.ParticipantID], c.Source)
	case *wire.MuteAll:
		s.muteAll(now, actor)
	case *wire.AskUnmute:
		return s.askUnmute(now, actor, s.members[c.ParticipantID], c.Source)
	case *wire.Remove:
		s.remove(now, actor, s.members[c.ParticipantID])
	case *wire.LowerHands:
		s.lowerHands(c.ParticipantID)
	case *wire.SetRole:
		s.assignRole(actor, s.members[c.ParticipantID], c.Role)
	case *wire.TransferHost:
		s.transferHost(actor, s.members[c.ParticipantID])
	case *wire.Spotlight:
		s.setSpotlight(c.ParticipantID)
	case *OpenBoard:
		return s.openBoard(now, actor, c)
	case *CloseBoard:
		s.closeBoard(now, c.ID)
	case *wire.PresentBoard:
		s.presentBoard(now, c.BoardID)
	case *wire.UpdateSettings:
		s.updateSettings(now, actor, c)
	case *wire.End:
		s.finish(now, true)
	default:
		return fault.WrongState
	}
	return nil
}

// raiseHand keeps the order of hands: two that go up in the same millisecond differ.
func (s *State) raiseHand(now time.Time, m *member, raised bool) {
	if raised == (m.handAt != 0) {
		return
	}
	m.handAt = 0
	if raised {
		m.handAt = max(now.UnixMilli(), s.lastHand+1)
		s.lastHand = m.handAt
	}
	s.updated(m)
}

func (s *State) lowerHands(id string) {
	for _, m := range s.inside {
		if m.handAt != 0 && (id == "" || id == m.id) {
			m.handAt = 0
			s.updated(m)
		}
	}
}

func (s *State) react(now time.Time, m *member, emoji string) error {
	if !m.reactions.take(now, reactionsPerSecond, reactionsBurst) {
		return fault.RateLimited.With(map[string]any{"retryAfterSeconds": 1})
	}
	s.sendAll(&wire.Reaction{ParticipantID: m.id, Emoji: emoji})
	return nil
}

func (s *State) rename(m *member, name string) {
	if m.name != name {
		m.name = name
		s.updated(m)
	}
}

func (s *State) setSpotlight(id string) {
	if s.spotlight != id {
		s.spotlight = id
		s.sendAll(&wire.MeetingUpdated{Meeting: s.wireMeeting()})
		s.receiveViewers()
	}
}

// SetLost tells which peer connections of a participant are lost.
func (s *State) SetLost(id string, lost Lost) []Effect {
	m := s.members[id]
	if m == nil || !m.inside {
		return nil
	}
	m.lost = lost
	s.tellConnection(m)
	return s.take()
}

func (s *State) tellConnection(m *member) {
	if m.told != m.connection() {
		s.updated(m)
	}
}

// SetQuality tells everybody how a participant's connection is, when that changed.
func (s *State) SetQuality(quality wire.Quality) []Effect {
	m := s.members[quality.ParticipantID]
	if m == nil || !m.inside || m.quality == quality {
		return nil
	}
	m.quality = quality
	s.sendAll(&quality)
	return s.take()
}

// Level is how loud a publication is, 0 to 1.
type Level struct {
	PublicationID string
	Level         float64
}

// SetSpeakers tells everybody who speaks, loudest first. A participant counts once, with the loudest of what he sends.
func (s *State) SetSpeakers(now time.Time, levels []Level) []Effect {
	speakers := make([]wire.Speaker, 0, len(levels))
	seen := map[string]bool{}
	for _, l := range levels {
		p := s.publications[l.PublicationID]
		if p == nil || p.muted || p.source != wire.SourceMicrophone || seen[p.owner.id] {
			continue
		}
		seen[p.owner.id] = true
		speakers = append(speakers, wire.Speaker{ParticipantID: p.owner.id, Level: l.Level})
	}
	s.sendAll(&wire.Speakers{Speakers: speakers})
	s.giveFloor(now, speakers)
	s.receiveViewers()
	return s.take()
}
