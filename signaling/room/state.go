package room

import (
	"crypto/sha256"
	"maps"
	"slices"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// State is the state of a meeting and its rules. It is not safe for concurrent use; Room owns it.
type State struct {
	meeting   Meeting
	settings  Settings
	locked    bool
	spotlight string
	startedAt time.Time // zero until the first participant is in
	emptyAt   time.Time // when the last participant left; zero while somebody is in
	ended     bool
	lastHand  int64
	floor     floor

	members map[string]*member
	inside  []*member // in the order of joining
	waiting []*member // in the order of knocking
	host    *member   // nil while nobody is in

	coHosts map[string]bool   // person keys that are co-hosts when they come back
	removed map[string]bool   // person keys that may not come back by themselves
	knocks  map[string]*knock // person keys that were refused

	boards    []Board // open, in the order of opening
	presented string  // id of the board that is presented to all
	drawing   bool    // it was told who may draw on boards
	drawers   bool    // who may draw, or on what, may have changed since

	silenced map[silenced]bool // what hosts muted of programs, for when they come back

	publications map[string]*publication // by id, reserved ones included

	effects []Effect
}

type member struct {
	id            string
	conn          string // id of the connection that has the seat
	person        Person
	name          string
	role          wire.Role
	inside        bool // false: in the lobby
	since         time.Time
	joinedAt      time.Time
	handAt        int64
	connected     bool
	lost          Lost
	told          wire.Connection // what the others were told of the connection last
	deadline      time.Time       // when a dropped one is given up
	tokens        tokens
	earlier       tokens // good until the connection that has the seat shows that it got the new ones
	admittedToken string
	publications  []*publication
	tiles         []wire.Tile
	videos        []string // received videos, latest shown first
	receiving     Receive
	quality       wire.Quality
	watches       string    // of a viewer: the participant it shows, empty for the meeting
	sections      []Section // of a viewer
	spokeAt       time.Time // spoke for longer than a moment, last
	reactions     bucket
	changes       bucket
}

// tokens are the hashes of resume tokens.
type tokens [][sha256.Size]byte

// knock counts the refusals of a person.
type knock struct {
	refusals int
	next     time.Time
}

// NewState returns the state of a meeting to which nobody has come.
func NewState(meeting Meeting) *State {
	s := &State{
		meeting:  meeting,
		settings: meeting.Settings.withDefaults(),
		locked:   meeting.Access.Locked,
		members:  map[string]*member{},
		coHosts:  map[string]bool{},
		removed:  map[string]bool{},
		knocks:   map[string]*knock{},
		silenced: map[silenced]bool{},

		publications: map[string]*publication{},
	}
	for _, key := range meeting.Access.Removed {
		s.removed[key] = true
	}
	for _, key := range meeting.Access.CoHosts {
		s.coHosts[key] = true
	}
	s.boards, s.presented = slices.Clone(meeting.Boards.Open), meeting.Boards.PresentedID
	s.settings.ChatAllowed = s.settings.ChatAllowed && !meeting.Access.ChatClosed
	return s
}

func (s *State) access() Access {
	return Access{
		Locked: s.locked, Removed: slices.Sorted(maps.Keys(s.removed)),
		ChatClosed: !s.settings.ChatAllowed, CoHosts: slices.Sorted(maps.Keys(s.coHosts)),
	}
}

// Ended tells whether the meeting is over; nothing happens in it any more.
func (s *State) Ended() bool { return s.ended }

// Participants lists who is in the meeting, in the order of joining.
func (s *State) Participants() []wire.Participant {
	list := make([]wire.Participant, 0, len(s.inside))
	for _, m := range s.inside {
		list = append(list, m.participant())
	}
	return list
}

// Present is a participant as the rest of the server sees it.
type Present struct {
	ParticipantID string
	Person        Person
	Name          string // as shown in the meeting
	Role          wire.Role
	JoinedAt      time.Time
	Connected     bool
	Quality       wire.Quality
}

// Snapshot is a running meeting as the rest of the server sees it.
type Snapshot struct {
	StartedAt    time.Time // zero while everybody waits in the lobby
	Settings     Settings
	Access       Access
	Boards       Boards
	Participants []Present // in the order of joining, without those who wait
}

// Snapshot returns what the rest of the server may know.
func (s *State) Snapshot() Snapshot {
	list := make([]Present, 0, len(s.inside))
	for _, m := range s.inside {
		list = append(list, Present{m.id, m.person, m.name, m.role, m.joinedAt, m.connected, m.quality})
	}
	return Snapshot{StartedAt: s.startedAt, Settings: s.settings, Access: s.access(), Boards: s.openBoards(), Participants: list}
}

// Waiting lists who is in the lobby, in the order of knocking.
func (s *State) Waiting() []wire.Waiting {
	list := make([]wire.Waiting, 0, len(s.waiting))
	for _, m := range s.waiting {
		list = append(list, wire.Waiting{
			ID: m.id, Kind: m.person.Kind, Name: m.name, Guest: m.person.Guest, Department: m.person.Department,
			AvatarURL: m.person.AvatarURL, Since: m.since.UnixMilli(),
		})
	}
	return list
}

func (m *member) participant() wire.Participant {
	return wire.Participant{
		ID: m.id, Kind: m.person.Kind, UserID: m.person.UserID, Name: m.name, AvatarURL: m.person.AvatarURL,
		Department: m.person.Department, Role: m.role, JoinedAt: m.joinedAt.UnixMilli(), HandAt: m.handAt,
		Connection: m.connection(),
	}
}

func (s *State) wireMeeting() wire.Meeting {
	return wire.Meeting{
		ID: s.meeting.ID, Code: s.meeting.Code, Title: s.meeting.Title, ConversationID: s.meeting.ConversationID,
		StartedAt: s.startedAt.UnixMilli(), Lobby: s.settings.Lobby, Locked: s.locked,
		GuestsAllowed: s.settings.GuestsAllowed, WhoMayShare: s.settings.WhoMayShare, WhoMayDraw: s.settings.WhoMayDraw,
		ChatAllowed: s.settings.ChatAllowed, SpotlightID: s.spotlight, Boards: s.wireBoards(), PresentedBoardID: s.presented,
	}
}

func (s *State) emit(effects ...Effect) { s.effects = append(s.effects, effects...) }

// take hands over what was emitted.
func (s *State) take() []Effect {
	s.tellDrawers()
	effects := s.effects
	s.effects = nil
	return effects
}

// sendTo passes programs over: nobody reads there.
func (s *State) sendTo(m *member, message wire.ServerMessage) {
	if m.connected && !m.person.program() {
		s.emit(Send{To: []string{m.id}, Message: message})
	}
}

// sendAll reaches everybody who is in and connected, but except; who resumes later gets the whole state.
func (s *State) sendAll(message wire.ServerMessage, except ...*member) {
	s.sendWhere(message, func(m *member) bool { return !slices.Contains(except, m) })
}

func (s *State) sendWhere(message wire.ServerMessage, match func(*member) bool) {
	var to []string
	for _, m := range s.inside {
		if m.connected && !m.person.program() && match(m) {
			to = append(to, m.id)
		}
	}
	if len(to) > 0 {
		s.emit(Send{To: to, Message: message})
	}
}

// sendLobby tells those who may admit who waits.
func (s *State) sendLobby() {
	s.sendWhere(&wire.LobbyUpdated{Waiting: s.Waiting()}, s.mayAdmit)
}

func (s *State) mayAdmit(m *member) bool { return permissions(m.role, s.settings).Admit }

func (s *State) updated(m *member) {
	m.told = m.connection()
	s.sendAll(&wire.ParticipantUpdated{Participant: m.participant()})
}

// actor returns the member behind a command. A connection that lost its seat to another one has no say any more.
func (s *State) actor(id, conn string) (*member, error) {
	if m := s.members[id]; m != nil && m.conn == conn && !s.ended {
		return m, nil
	}
	return nil, fault.NotInMeeting
}

// bucket limits a rate.
type bucket struct {
	tokens float64
	at     time.Time
}

func (b *bucket) take(now time.Time, perSecond, burst float64) bool {
	if b.at.IsZero() {
		b.tokens = burst
	} else {
		b.tokens = min(burst, b.tokens+now.Sub(b.at).Seconds()*perSecond)
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
