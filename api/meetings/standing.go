package meetings

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley/api/meetings/meetingsdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// standing is what a member of the company is to a meeting.
type standing struct{ organizer, invitee, coHost, attended bool }

func (s standing) hosts() bool   { return s.organizer || s.coHost }
func (s standing) invited() bool { return s.organizer || s.invitee }
func (s standing) member() bool  { return s.organizer || s.invitee || s.attended }

func (s *Service) standing(ctx context.Context, m meetingsdb.Meeting, user uuid.UUID) (standing, error) {
	r, err := s.db.Standing(ctx, meetingsdb.StandingParams{MeetingID: m.ID, UserID: user})
	return standing{organizer: m.OrganizerID == user, invitee: r.Invitee, coHost: r.CoHost, attended: r.Attended}, err
}

// run is what is known about a meeting that people are in.
type run struct {
	startedAt   time.Time
	chatAllowed bool
}

// present lists who is in the meeting now: from its room when it is on this node, else as it was recorded. run is nil
// when nobody is.
func (s *Service) present(ctx context.Context, m meetingsdb.Meeting) ([]Present, *run, error) {
	if room, ok := s.rooms.Room(m.ID.String()); ok && !room.StartedAt.IsZero() {
		return room.Participants, &run{room.StartedAt, room.ChatAllowed}, nil
	}
	if m.SessionStartedAt == nil || m.SessionEndedAt != nil {
		return nil, nil, nil
	}
	rows, err := s.db.OpenAttendance(ctx, m.ID)
	if err != nil {
		return nil, nil, err
	}
	list := make([]Present, 0, len(rows))
	for _, r := range rows {
		p := Present{ParticipantID: r.ParticipantID, PersonKey: r.PersonKey, Name: r.Name, JoinedAt: r.JoinedAt}
		if r.UserID != nil {
			p.UserID = r.UserID.String()
		}
		list = append(list, p)
	}
	return list, &run{*m.SessionStartedAt, m.ChatAllowed}, nil
}

// ChatStanding is what somebody may do in the conversation of a meeting.
type ChatStanding struct {
	Title    string
	Read     bool
	Write    bool
	Moderate bool      // recall what others wrote
	Since    time.Time // what was written before is not shown; zero: all is
	Refusal  error     // why Write is refused
}

// ChatStanding answers what the principal may do in the meeting's conversation. Organizer, invitees and those who
// attended read and write before, during and after the meeting; guests while they are in it, and only what was written
// since it began. Where the hosts have closed the chat only they write.
func (s *Service) ChatStanding(ctx context.Context, p authz.Principal, meetingID uuid.UUID) (ChatStanding, error) {
	m, err := s.db.MeetingByID(ctx, meetingID)
	if errors.Is(err, pgx.ErrNoRows) {
		return ChatStanding{}, fault.ConversationNotFound
	} else if err != nil {
		return ChatStanding{}, err
	}
	present, run, err := s.present(ctx, m)
	if err != nil {
		return ChatStanding{}, err
	}
	at := slices.IndexFunc(present, func(one Present) bool { return one.PersonKey == p.Key() })
	c := ChatStanding{Title: m.Title}
	if p.Kind == authz.Guest {
		if p.MeetingID != m.ID || at < 0 {
			c.Refusal = fault.NotInMeeting
			return c, nil
		}
		c.Read, c.Since = true, run.startedAt
	} else {
		is, err := s.standing(ctx, m, p.UserID)
		if err != nil {
			return ChatStanding{}, err
		}
		c.Read = is.member() || at >= 0
		c.Moderate = is.hosts()
	}
	// A person may be in the meeting with several devices; the role of any of them counts.
	c.Moderate = c.Moderate || slices.ContainsFunc(present, func(one Present) bool { return one.PersonKey == p.Key() && one.Host })
	switch {
	case !c.Read:
		c.Refusal = fault.ConversationNotFound
	case run != nil && !run.chatAllowed && !c.Moderate:
		c.Refusal = fault.ChatClosed
	default:
		c.Write = true
	}
	return c, nil
}

// MemberIDs lists the members of the company whom the meeting concerns: organizer, invitees, those who attended and
// those who are in it.
func (s *Service) MemberIDs(ctx context.Context, meetingID uuid.UUID) ([]uuid.UUID, error) {
	ids, err := s.db.MemberIDs(ctx, meetingID)
	if err != nil {
		return nil, err
	}
	// Attendance is written behind a queue; the room knows who came a moment ago.
	room, _ := s.rooms.Room(meetingID.String())
	for _, p := range room.Participants {
		if id, err := uuid.Parse(p.UserID); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// MeetingEvent tells the people of a meeting that its status or attendance changed.
type MeetingEvent struct {
	Type             string    `json:"type"` // meeting
	MeetingID        uuid.UUID `json:"meetingId"`
	Code             string    `json:"code"`
	Status           Status    `json:"status"`
	ParticipantCount int       `json:"participantCount"`
}

// publishStatus tells everybody whom the meeting concerns how it stands. Clients ask again when they connect, so a
// failure costs no more than a moment of an old number.
func (s *Service) publishStatus(ctx context.Context, meetingID uuid.UUID) {
	m, err := s.db.MeetingByID(ctx, meetingID)
	if err == nil {
		var ids []uuid.UUID
		if ids, err = s.MemberIDs(ctx, meetingID); err == nil {
			err = s.publishMeeting(ctx, m, ids)
		}
	}
	if err != nil {
		s.log.Warn("meeting status not published", "meeting", meetingID, "error", err)
	}
}

func (s *Service) publishMeeting(ctx context.Context, m meetingsdb.Meeting, ids []uuid.UUID) error {
	present, _, err := s.present(ctx, m)
	if err != nil {
		return err
	}
	people := map[string]bool{}
	for _, p := range present {
		if !isProgram(p.PersonKey) {
			people[p.PersonKey] = true
		}
	}
	to := make([]string, 0, len(ids))
	for _, id := range ids {
		to = append(to, userKey(id))
	}
	s.events.Publish(ctx, to, MeetingEvent{"meeting", m.ID, m.Code, statusOf(m, s.now()), len(people)})
	return nil
}
