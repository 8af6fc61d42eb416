package room

import (
	"cmp"
	"slices"
	"time"

	"parley/signaling/wire"
)

// Deadline is when Expire must be called, zero when nothing is due.
func (s *State) Deadline() time.Time {
	var next time.Time
	if s.ended {
		return next
	}
	if !s.emptyAt.IsZero() {
		next = s.emptyAt.Add(EmptyGrace)
	}
	for _, m := range s.members {
		if !m.connected && (next.IsZero() || m.deadline.Before(next)) {
			next = m.deadline
		}
	}
	return next
}

// Expire gives up those who did not come back in time, and ends a meeting that stayed empty.
func (s *State) Expire(now time.Time) []Effect {
	if s.ended {
		return nil
	}
	due := func(m *member) bool { return !m.connected && !m.deadline.After(now) }
	for _, m := range slices.Clone(s.inside) {
		if due(m) {
			s.gone(now, m, wire.LeftTimeout)
		}
	}
	lobby := len(s.waiting)
	for _, m := range slices.Clone(s.waiting) {
		if due(m) {
			s.dismiss(m, wire.EndLeft)
		}
	}
	if len(s.waiting) != lobby {
		s.sendLobby()
	}
	s.settle(now)
	return s.take()
}

// leave ends a participation by the person's own wish.
func (s *State) leave(now time.Time, m *member) { s.leaveFor(now, m, wire.EndLeft) }

func (s *State) leaveFor(now time.Time, m *member, reason wire.EndReason) {
	if !m.inside {
		s.dismiss(m, reason)
		s.sendLobby()
		s.settle(now)
		return
	}
	s.emit(Close{To: m.id, Reason: reason})
	s.gone(now, m, wire.LeftLeave)
	s.settle(now)
}

// gone takes a participant out; its connection, if any, was closed before.
func (s *State) gone(now time.Time, m *member, reason wire.LeftReason) {
	delete(s.members, m.id)
	s.inside = without(s.inside, m)
	s.drawers = true
	for _, p := range m.publications {
		delete(s.publications, p.id)
		s.emit(Unpublish{PublicationID: p.id})
	}
	s.emit(CloseMedia{ParticipantID: m.id}, Gone{ParticipantID: m.id, At: now, Reason: GoneReason(reason)})
	s.sendAll(&wire.ParticipantLeft{ParticipantID: m.id, Reason: reason})
	spotlit := s.spotlight == m.id
	if spotlit {
		s.spotlight = ""
	}
	if spotlit || s.opened(m) {
		s.sendAll(&wire.MeetingUpdated{Meeting: s.wireMeeting()})
	}
	if s.host == m {
		s.host = nil
		s.succeed()
	}
	s.endViewersOf(now, m)
	s.receive()
}

// succeed finds the next host: a member before a guest, one who is connected before one who is not, the organizer before
// others who may host before co-hosts before the rest, and then who has been there longest.
func (s *State) succeed() {
	people := s.people()
	if len(people) == 0 {
		return
	}
	s.host = slices.MinFunc(people, func(a, b *member) int {
		return cmp.Or(
			falseFirst(a.person.Guest, b.person.Guest),
			falseFirst(a.connection() != wire.Connected, b.connection() != wire.Connected),
			cmp.Compare(s.standing(b), s.standing(a)),
			cmp.Compare(rank(b.role), rank(a.role)),
		)
	})
	s.setRole(s.host, s.host, wire.RoleHost)
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// Drop takes out a participant whose media broke for good, to come in anew.
func (s *State) Drop(now time.Time, id string) []Effect {
	m := s.members[id]
	if s.ended || m == nil || !m.inside {
		return nil
	}
	s.emit(Close{To: id, Reason: wire.EndOverflow, Reconnect: true})
	s.gone(now, m, wire.LeftTimeout)
	s.settle(now)
	return s.take()
}

// Expel takes out somebody whose credential is good no more, if the connection still has the seat.
func (s *State) Expel(now time.Time, id, conn string) []Effect {
	m := s.members[id]
	if s.ended || m == nil || m.conn != conn {
		return nil
	}
	s.leaveFor(now, m, wire.EndUnauthenticated)
	return s.take()
}

// settle notices that a meeting is empty, or that nobody is left of one that never began. Programs do not keep it going.
func (s *State) settle(now time.Time) {
	switch {
	case s.ended || len(s.people()) > 0:
	case s.startedAt.IsZero():
		if len(s.members) == 0 {
			s.finish(now, false)
		}
	case s.emptyAt.IsZero():
		s.emptyAt = now
	case !s.emptyAt.Add(EmptyGrace).After(now):
		s.finish(now, false)
	}
}

// End ends the meeting for all from outside the room, with the authority of a host.
func (s *State) End(now time.Time) []Effect {
	if !s.ended {
		s.finish(now, true)
	}
	return s.take()
}

func (s *State) finish(now time.Time, byHost bool) {
	s.closeAll(now, wire.EndMeetingEnded, false, GoneEnded)
	s.emit(Ended{At: now, ByHost: byHost, Started: !s.startedAt.IsZero()})
}

// Stop sends everybody away to come back soon. The meeting does not count as ended.
func (s *State) Stop(now time.Time) []Effect {
	if !s.ended {
		s.closeAll(now, wire.EndShutdown, true, GoneShutdown)
	}
	return s.take()
}

func (s *State) closeAll(now time.Time, reason wire.EndReason, reconnect bool, gone GoneReason) {
	s.ended = true
	for _, m := range slices.Concat(s.inside, s.waiting) {
		s.emit(Close{To: m.id, Reason: reason, Reconnect: reconnect})
		if m.inside {
			s.emit(CloseMedia{ParticipantID: m.id}, Gone{ParticipantID: m.id, At: now, Reason: gone})
		}
	}
	s.inside, s.waiting, s.host, s.members = nil, nil, nil, map[string]*member{}
	s.publications = map[string]*publication{}
}

func without[T comparable](list []T, gone T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return x == gone })
}
