package main

import (
	"context"
	"sync/atomic"
	"time"

	"parley/api/chat"
	"parley/api/identity"
	"parley/api/meetings"
	"parley/internal/authz"
	"parley/signaling"
	"parley/signaling/room"
	"parley/signaling/whip"
	"parley/signaling/wire"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The types of this file turn what one package offers into what another one asks for. They decide nothing.

// meetingPeople is identity as meetings see it.
type meetingPeople struct{ identity *identity.Service }

// People implements meetings.People.
func (p meetingPeople) People(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]meetings.Person, error) {
	cards, err := p.identity.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	people := make(map[uuid.UUID]meetings.Person, len(cards))
	for id, c := range cards {
		people[id] = meetings.Person{ID: c.ID, Name: c.Name, Email: c.Email, AvatarURL: c.AvatarURL, Department: c.Department}
	}
	return people, nil
}

// chatPeople is identity as chat sees it.
type chatPeople struct{ identity *identity.Service }

// People implements chat.People.
func (p chatPeople) People(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]chat.Person, error) {
	cards, err := p.identity.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	people := make(map[uuid.UUID]chat.Person, len(cards))
	for id, c := range cards {
		people[id] = chat.Person{ID: c.ID, Name: c.Name, AvatarURL: c.AvatarURL}
	}
	return people, nil
}

// conversations is chat as meetings see it.
type conversations struct{}

// CreateForMeeting implements meetings.Conversations.
func (conversations) CreateForMeeting(ctx context.Context, tx pgx.Tx, meetingID uuid.UUID) (uuid.UUID, error) {
	return chat.CreateForMeeting(ctx, tx, meetingID)
}

// meetingChats is meetings as chat sees them.
type meetingChats struct{ meetings *meetings.Service }

// Standing implements chat.Subject.
func (m meetingChats) Standing(ctx context.Context, p authz.Principal, meetingID uuid.UUID) (chat.Standing, error) {
	s, err := m.meetings.ChatStanding(ctx, p, meetingID)
	return chat.Standing{Title: s.Title, Read: s.Read, Write: s.Write, Moderate: s.Moderate, Since: s.Since, Refusal: s.Refusal}, err
}

// MemberIDs implements chat.Subject.
func (m meetingChats) MemberIDs(ctx context.Context, meetingID uuid.UUID) ([]uuid.UUID, error) {
	return m.meetings.MemberIDs(ctx, meetingID)
}

// runningRooms is signaling as meetings see it. Signaling comes last, because it asks meetings who may enter; until
// then no room runs.
type runningRooms struct {
	signal  atomic.Pointer[signaling.Server]
	streams atomic.Pointer[whip.Server]
	// boardRolesChanged is told whose role on a board a meeting changed; BoardRole says what it is now.
	boardRolesChanged atomic.Pointer[func(board uuid.UUID, people []string)]
	// lent are the roles that meetings of other nodes lend; nil until open boards are there.
	lent            atomic.Pointer[lentRoles]
	maxParticipants int // of this installation
}

// Room implements meetings.Rooms.
func (r *runningRooms) Room(meetingID string) (meetings.Room, bool) {
	signal := r.signal.Load()
	if signal == nil {
		return meetings.Room{}, false
	}
	snapshot, ok := signal.Rooms().Snapshot(meetingID)
	if !ok {
		return meetings.Room{}, false
	}
	present := make([]meetings.Present, len(snapshot.Participants))
	for i, p := range snapshot.Participants {
		present[i] = meetings.Present{
			ParticipantID: p.ParticipantID, PersonKey: p.Person.Key, UserID: p.Person.UserID, Name: p.Name,
			AvatarURL: p.Person.AvatarURL, Host: p.Role == wire.RoleHost || p.Role == wire.RoleCoHost, JoinedAt: p.JoinedAt,
		}
	}
	return meetings.Room{
		StartedAt: snapshot.StartedAt, ChatAllowed: snapshot.Settings.ChatAllowed, Access: meetings.Access(snapshot.Access),
		Boards: recordedBoards(snapshot.Boards), Participants: present,
	}, true
}

// End implements meetings.Rooms.
func (r *runningRooms) End(meetingID string) {
	if signal := r.signal.Load(); signal != nil {
		signal.Rooms().End(meetingID)
	}
}

// Change brings a running meeting up to date with an edit; it is meetings' ChangeRoom.
func (r *runningRooms) Change(meetingID, title string, to meetings.SettingsChange) {
	if signal := r.signal.Load(); signal != nil {
		signal.Rooms().Change(meetingID, title, room.Settings{
			Lobby: to.Lobby, GuestsAllowed: to.GuestsAllowed, ChatAllowed: to.ChatAllowed,
			WhoMayShare: wire.WhoMayShare(to.WhoMayShare), WhoMayDraw: wire.WhoMayDraw(to.WhoMayDraw), MaxParticipants: r.maxParticipants,
		})
	}
}

// Revoke takes people out of meetings whose session ended; it is the event hub's OnRevoked.
func (r *runningRooms) Revoke(userID, sessionID uuid.UUID) {
	if signal := r.signal.Load(); signal != nil {
		signal.Revoke(userID, sessionID)
	}
}

// StreamRevoked ends the programs of a stream token; it is meetings' StreamRevoked.
func (r *runningRooms) StreamRevoked(tokenID uuid.UUID) {
	if streams := r.streams.Load(); streams != nil {
		streams.Revoke(tokenID.String())
	}
}

// streamTokens is meetings as programs see them.
type streamTokens struct{ meetings *meetings.Service }

// StreamToken implements whip.Tokens.
func (t streamTokens) StreamToken(ctx context.Context, token string) (whip.Grant, error) {
	g, err := t.meetings.StreamGrant(ctx, token)
	if err != nil {
		return whip.Grant{}, err
	}
	grant := whip.Grant{
		TokenID: g.TokenID.String(), MeetingID: g.MeetingID.String(), Code: g.Code, Right: whip.Right(g.Right), Name: g.Name,
	}
	if g.ExpiresAt != nil {
		grant.ExpiresAt = *g.ExpiresAt
	}
	return grant, nil
}

// doorkeeper is meetings as signaling sees them.
type doorkeeper struct {
	meetings        *meetings.Service
	maxParticipants int // of this installation
}

// Admit implements signaling.Directory.
func (d doorkeeper) Admit(ctx context.Context, p authz.Principal, code string) (signaling.Admission, error) {
	a, err := d.meetings.Admit(ctx, p, code)
	if err != nil {
		return signaling.Admission{}, err
	}
	return signaling.Admission{
		Meeting: room.Meeting{
			ID: a.MeetingID, Code: a.Code, Title: a.Title, ConversationID: a.ConversationID, OrganizerKey: a.OrganizerKey,
			Settings: room.Settings{
				Lobby: a.Lobby, GuestsAllowed: a.GuestsAllowed, ChatAllowed: a.ChatAllowed,
				WhoMayShare: wire.WhoMayShare(a.WhoMayShare), WhoMayDraw: wire.WhoMayDraw(a.WhoMayDraw),
				MaxParticipants: min(a.MaxParticipants, d.maxParticipants),
			},
			Access: room.Access(a.Access), Boards: keptBoards(a.Boards),
		},
		Person: room.Person{
			Key: a.PersonKey, UserID: a.UserID, Name: a.Name, AvatarURL: a.AvatarURL, Department: a.Department,
			Guest: a.Guest, MayHost: a.MayHost, SkipsLobby: a.SkipsLobby,
		},
	}, nil
}

// attendance is the recorder as rooms see it.
type attendance struct{ recorder *meetings.Recorder }

// MeetingStarted implements room.Observer.
func (o attendance) MeetingStarted(meetingID string, at time.Time) {
	o.recorder.MeetingStarted(meetingID, at)
}

// ParticipantJoined implements room.Observer.
func (o attendance) ParticipantJoined(meetingID, participantID string, p room.Person, at time.Time) {
	o.recorder.ParticipantJoined(meetingID, participantID, meetings.Attendee{PersonKey: p.Key, UserID: p.UserID, Name: p.Name}, at)
}

// ParticipantLeft implements room.Observer.
func (o attendance) ParticipantLeft(meetingID, participantID string, at time.Time, reason room.GoneReason) {
	o.recorder.ParticipantLeft(meetingID, participantID, at, string(reason))
}

// MeetingEnded implements room.Observer.
func (o attendance) MeetingEnded(meetingID string, at time.Time, byHost bool) {
	o.recorder.MeetingEnded(meetingID, at, byHost)
}

// SettingsChanged implements room.Observer.
func (o attendance) SettingsChanged(meetingID string, s room.Settings) {
	o.recorder.SettingsChanged(meetingID, meetings.SettingsChange{
		Lobby: s.Lobby, GuestsAllowed: s.GuestsAllowed, ChatAllowed: s.ChatAllowed, WhoMayShare: string(s.WhoMayShare),
		WhoMayDraw: string(s.WhoMayDraw),
	})
}

// AccessChanged implements room.Observer.
func (o attendance) AccessChanged(meetingID string, a room.Access) {
	o.recorder.AccessChanged(meetingID, meetings.Access(a))
}

// BoardsChanged implements room.Observer.
func (o attendance) BoardsChanged(meetingID string, b room.Boards, at time.Time) {
	o.recorder.BoardsChanged(meetingID, recordedBoards(b), at)
}
