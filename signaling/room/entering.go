package room

import (
	"crypto/sha256"
	"crypto/subtle"
	"math"
	"slices"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// Entry is somebody who wants to come in over a new connection.
type Entry struct {
	ID            string // of the participant to be
	Conn          string // of the connection
	Person        Person
	Welcome       wire.Welcome // complete but for ParticipantID, ResumeToken, Waiting, Resumed and Title
	WaitingToken  string       // resume token of who waits
	AdmittedToken string       // resume token of who is in
	AnswerTo      int64        // id of the hello, 0 when it has none
	Readmitted    bool         // was in the meeting when the server stopped a moment ago
	Watches       string       // participant that a viewer shows; empty: the meeting
}

// Enter seats somebody in the meeting or in the lobby, or refuses.
func (s *State) Enter(now time.Time, e Entry) ([]Effect, error) {
	if s.ended {
		return nil, fault.MeetingEnded
	}
	waits, err := s.decideEntry(now, e)
	if err != nil {
		s.settle(now)
		return s.take(), err
	}
	if waits {
		s.giveUpPlace(e.Person.Key)
	}
	switch {
	case e.Person.Kind == wire.KindIngest:
		s.replaceIngest(now, e.Person.Key)
	case e.Person.Kind == wire.KindPerson && s.devices(e.Person.Key) >= MaxDevices:
		s.gone(now, s.away(e.Person.Key), wire.LeftTimeout)
	}
	m := &member{
		id: e.ID, conn: e.Conn, person: e.Person, name: e.Person.Name, since: now, connected: true,
		quality: wire.Quality{ParticipantID: e.ID, Level: wire.QualityGood}, watches: e.Watches,
	}
	s.members[m.id] = m
	s.welcome(m, greeting{e.Welcome, e.AnswerTo, e.WaitingToken, e.AdmittedToken}, waits, false)
	if waits {
		s.waiting = append(s.waiting, m)
		s.sendLobby()
	} else {
		s.letIn(now, m)
	}
	return s.take(), nil
}

// decideEntry is where it is decided whether somebody enters, waits or is refused.
func (s *State) decideEntry(now time.Time, e Entry) (waits bool, err error) {
	p := e.Person
	devices := s.devices(p.Key)
	if err := s.allowMore(e, devices); err != nil {
		return false, err
	}
	if p.MayHost || devices > 0 {
		return false, nil
	}
	switch {
	case s.locked && !e.Readmitted:
		return false, fault.MeetingLocked
	case p.Guest && !s.settings.GuestsAllowed:
		return false, fault.GuestsNotAllowed
	case s.removed[p.Key] && !s.settings.Lobby:
		return false, fault.RemovedFromMeeting
	}
	if !s.mustWait(e) {
		return false, nil
	}
	if k := s.knocks[p.Key]; k != nil && now.Before(k.next) {
		seconds := math.Ceil(k.next.Sub(now).Seconds())
		return false, fault.RateLimited.With(map[string]any{"retryAfterSeconds": int(seconds)})
	}
	if len(s.waiting) >= MaxWaiting {
		return false, fault.MeetingFull
	}
	return true, nil
}

func (s *State) mustWait(e Entry) bool {
	switch {
	case s.removed[e.Person.Key]:
		return true
	case e.Readmitted:
		return false
	case s.settings.Lobby:
		return !e.Person.SkipsLobby
	default:
		return e.Person.Guest && !s.memberInside()
	}
}

func (s *State) memberInside() bool {
	return slices.ContainsFunc(s.inside, func(m *member) bool { return !m.person.Guest && !m.person.program() })
}

func (s *State) devices(key string) (count int) {
	for _, m := range s.inside {
		if m.person.Key == key {
			count++
		}
	}
	return count
}

// away finds the participant of a person that has been away longest, who need not be kept if the person comes anew.
func (s *State) away(key string) (longest *member) {
	for _, m := range s.inside {
		if m.person.Key == key && !m.connected && (longest == nil || m.deadline.Before(longest.deadline)) {
			longest = m
		}
	}
	return longest
}

// giveUpPlace ends the wait of a person who knocks again from elsewhere: one place in the lobby each.
func (s *State) giveUpPlace(key string) {
	for _, m := range slices.Clone(s.waiting) {
		if m.person.Key == key {
			s.dismiss(m, wire.EndReplaced)
		}
	}
}

// dismiss takes somebody out of the lobby.
func (s *State) dismiss(m *member, reason wire.EndReason) {
	delete(s.members, m.id)
	s.waiting = without(s.waiting, m)
	s.emit(Close{To: m.id, Reason: reason})
}

// greeting is what a hello is answered with.
type greeting struct {
	welcome                     wire.Welcome
	answerTo                    int64
	waitingToken, admittedToken string
}

// welcome gives the connection its seat and its tokens.
func (s *State) welcome(m *member, g greeting, waits, resumed bool) {
	w := g.welcome
	m.tokens = tokens{sha256.Sum256([]byte(g.admittedToken))}
	w.ResumeToken, m.admittedToken = g.admittedToken, ""
	if waits {
		m.tokens = append(m.tokens, sha256.Sum256([]byte(g.waitingToken)))
		w.ResumeToken, m.admittedToken = g.waitingToken, g.admittedToken
	}
	w.ParticipantID, w.Title, w.Waiting, w.Resumed = m.id, s.meeting.Title, waits, resumed
	s.emit(TakeSeat{ParticipantID: m.id}, Send{To: []string{m.id}, Message: &w, AnswerTo: g.answerTo})
}

// letIn makes a participant of somebody who just came or waited.
func (s *State) letIn(now time.Time, m *member) {
	if s.startedAt.IsZero() {
		s.startedAt = now
		if !s.meeting.StartedAt.IsZero() {
			s.startedAt = s.meeting.StartedAt
		}
		s.emit(Started{At: s.startedAt}, AccessChanged{Access: s.access()}, BoardsChanged{Boards: s.openBoards(), At: now})
		if s.meeting.Access.ChatClosed {
			s.emit(Changed{Settings: s.settings})
		}
	}
	if !m.person.program() {
		s.emptyAt = time.Time{}
	}
	m.inside, m.joinedAt, m.role, m.told = true, now, s.roleOf(m), m.connection()
	s.inside = append(s.inside, m)
	former := s.claimHost(m)
	s.drawers = true
	s.emit(Arrived{ParticipantID: m.id, Person: m.person, At: now})
	s.sendState(m)
	s.emit(OpenMedia{ParticipantID: m.id, Kind: m.person.Kind}) // after the state, so that no offer comes before it
	s.sendAll(&wire.ParticipantJoined{Participant: m.participant()}, m)
	if s.opened(m) {
		s.sendAll(&wire.MeetingUpdated{Meeting: s.wireMeeting()}, m)
	}
	if former != nil {
		s.setRole(m, former, s.roleAfterHost(former))
	}
	s.receive()
	if !m.person.Guest && !m.person.program() && !s.settings.Lobby {
		s.letInStranded(now)
	}
}

// roleOf is the role somebody comes in with, before anybody becomes host.
func (s *State) roleOf(m *member) wire.Role {
	sameAsHost := s.host != nil && s.host.person.Key == m.person.Key
	switch {
	case m.person.MayHost || sameAsHost || s.coHosts[m.person.Key]:
		return wire.RoleCoHost
	case m.person.Guest:
		return wire.RoleGuest
	default:
		return wire.RoleParticipant
	}
}

// claimHost makes m the host where it comes before the one there is, who is returned.
func (s *State) claimHost(m *member) (former *member) {
	h := s.host
	if m.person.Guest || m.person.program() || h != nil && s.standing(m) <= s.standing(h) {
		return nil
	}
	s.host, m.role = m, wire.RoleHost
	return h
}

// standing orders people by their claim to be host.
func (s *State) standing(m *member) int {
	switch {
	case m.person.Guest:
		return 0
	case m.person.Key == s.meeting.OrganizerKey:
		return 3
	case m.person.MayHost:
		return 2
	default:
		return 1
	}
}

func (s *State) roleAfterHost(m *member) wire.Role {
	if m.person.Guest {
		return wire.RoleGuest
	}
	return wire.RoleCoHost
}

// letInStranded admits those who waited only for a member to come.
func (s *State) letInStranded(now time.Time) {
	before := len(s.waiting)
	for _, m := range slices.Clone(s.waiting) {
		if !m.inside && !s.removed[m.person.Key] && len(s.inside) < s.settings.MaxParticipants {
			s.admit(now, m)
		}
	}
	if len(s.waiting) != before {
		s.sendLobby()
	}
}

// sendState gives one participant the whole state.
func (s *State) sendState(m *member) {
	joined := &wire.Joined{
		Meeting: s.wireMeeting(), Self: m.id, Participants: s.Participants(), Publications: s.livePublications(),
		Permissions: permissions(m.role, s.settings), ResumeToken: m.admittedToken,
	}
	if joined.Permissions.Admit {
		joined.Waiting = s.Waiting()
	}
	if m.connected { // programs are told that they are in
		s.emit(Send{To: []string{m.id}, Message: joined})
	}
	for _, other := range s.inside {
		if other.quality.Level != wire.QualityGood {
			quality := other.quality
			s.sendTo(m, &quality)
		}
	}
}

// Return is somebody who comes back with the token of an earlier connection.
type Return struct {
	ID            string
	Conn          string
	PersonKey     string
	Token         string
	Welcome       wire.Welcome
	WaitingToken  string
	AdmittedToken string
	AnswerTo      int64
	NewMedia      bool
}

// Resume gives a participant's seat to a new connection. fault.ResumeInvalid means that the token is not, or no longer,
// good for this room.
func (s *State) Resume(now time.Time, r Return) ([]Effect, error) {
	m := s.members[r.ID]
	if s.ended || m == nil || m.person.Key != r.PersonKey {
		return nil, fault.ResumeInvalid
	}
	switch {
	case m.tokens.have(r.Token):
		m.earlier = m.tokens
	case !m.earlier.have(r.Token):
		return nil, fault.ResumeInvalid
	}
	if m.connected {
		s.emit(Close{To: m.id, Reason: wire.EndReplaced})
		m.connected = false
	}
	if r.NewMedia {
		s.unpublish(m, m.publications...)
		m.tiles, m.videos, m.lost = nil, nil, Lost{}
	}
	m.conn, m.connected, m.deadline = r.Conn, true, time.Time{}
	s.welcome(m, greeting{r.Welcome, r.AnswerTo, r.WaitingToken, r.AdmittedToken}, !m.inside, true)
	if !m.inside {
		return s.take(), nil
	}
	s.sendState(m)
	s.emit(RestartMedia{ParticipantID: m.id, Renew: r.NewMedia})
	m.told = m.connection()
	s.sendAll(&wire.ParticipantUpdated{Participant: m.participant()}, m)
	m.receiving = Receive{}
	s.receive()
	return s.take(), nil
}

func (t tokens) have(token string) bool {
	hash := sha256.Sum256([]byte(token))
	known := 0
	for _, one := range t {
		known |= subtle.ConstantTimeCompare(hash[:], one[:])
	}
	return known == 1
}

// Confirm tells that a connection got its welcome: the tokens of before are spent.
func (s *State) Confirm(id, conn string) {
	if m := s.members[id]; m != nil && m.conn == conn {
		m.earlier = nil
	}
}

// Disconnect tells that a connection is lost. The participant is kept for ResumeGrace.
func (s *State) Disconnect(now time.Time, id, conn string) []Effect {
	m := s.members[id]
	if s.ended || m == nil || m.conn != conn || !m.connected {
		return nil
	}
	m.connected, m.deadline = false, now.Add(ResumeGrace)
	if m.inside {
		s.updated(m)
	}
	return s.take()
}
