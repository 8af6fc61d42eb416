package meetings

import (
	"context"
	"time"

	"parley/api/meetings/meetingsdb"

	"github.com/google/uuid"
)

// Status is where a meeting is in its life.
type Status string

// The statuses. A meeting that has ended may be entered again; then it runs.
const (
	Scheduled Status = "scheduled"
	Running   Status = "running"
	Ended     Status = "ended"
)

// PersonRef is a member of the company in a list.
type PersonRef struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	AvatarURL string    `json:"avatarUrl,omitempty"`
}

// Meeting is a meeting in a list.
type Meeting struct {
	ID               uuid.UUID  `json:"id"`
	Code             string     `json:"code" doc:"Such as abc-defg-hjk"`
	Title            string     `json:"title"`
	URL              string     `json:"url"`
	Status           Status     `json:"status" enum:"scheduled,running,ended"`
	Cancelled        bool       `json:"cancelled"`
	Instant          bool       `json:"instant" doc:"Made to be entered at once, not for a time to come"`
	StartsAt         time.Time  `json:"startsAt" doc:"Of the first occurrence"`
	DurationMinutes  int        `json:"durationMinutes"`
	Timezone         string     `json:"timezone" doc:"IANA name; the recurrence is reckoned on its clock"`
	Rrule            string     `json:"rrule,omitempty" doc:"RFC 5545 recurrence rule"`
	NextOccurrence   *time.Time `json:"nextOccurrence" doc:"Start of the occurrence that runs or comes next"`
	StartedAt        *time.Time `json:"startedAt" doc:"When people last began to meet"`
	EndedAt          *time.Time `json:"endedAt" doc:"When they last ended; null while they meet"`
	Host             PersonRef  `json:"host"`
	ParticipantCount int        `json:"participantCount" doc:"Who is in it; once it has ended, who was"`
	InviteeCount     int        `json:"inviteeCount"`
	Mine             bool       `json:"mine" doc:"The reader organizes it"`
	CanEdit          bool       `json:"canEdit"`
	CanReview        bool       `json:"canReview" doc:"The reader may see how everybody was connected; admins may in any case"`
	ConversationID   uuid.UUID  `json:"conversationId"`
}

// Invitee is a person who is invited.
type Invitee struct {
	PersonRef
	CoHost bool `json:"coHost"`
}

// MeetingDetail is a meeting with its rules and invitees.
type MeetingDetail struct {
	Meeting
	Lobby         bool      `json:"lobby"`
	GuestsAllowed bool      `json:"guestsAllowed"`
	WhoMayShare   string    `json:"whoMayShare" enum:"everyone,hosts"`
	WhoMayDraw    string    `json:"whoMayDraw" enum:"everyone,hosts" doc:"Who may open boards in it and draw on them"`
	ChatAllowed   bool      `json:"chatAllowed"`
	Invitees      []Invitee `json:"invitees"`
	CanCancel     bool      `json:"canCancel"`
}

// row is a meeting as a query of lists answers it.
type row struct {
	meeting      meetingsdb.Meeting
	coHost       bool
	invitees     int64
	participants int64
}

func statusOf(m meetingsdb.Meeting, now time.Time) Status {
	switch {
	case m.SessionStartedAt != nil && m.SessionEndedAt == nil:
		return Running
	case m.CancelledAt == nil && m.NextEndAt != nil && m.NextEndAt.After(now):
		return Scheduled
	default:
		return Ended
	}
}

// show writes a meeting as the person sees it.
func (s *Service) show(r row, people map[uuid.UUID]Person, reader uuid.UUID) Meeting {
	m := r.meeting
	mine := m.OrganizerID == reader
	return Meeting{
		ID: m.ID, Code: m.Code, Title: m.Title, URL: s.url(m.Code), Status: statusOf(m, s.now()), Cancelled: m.CancelledAt != nil,
		Instant: m.Instant, StartsAt: m.StartsAt, DurationMinutes: int(m.DurationMinutes), Timezone: m.Timezone, Rrule: m.Rrule,
		NextOccurrence: m.NextAt, StartedAt: m.SessionStartedAt, EndedAt: m.SessionEndedAt, Host: ref(people, m.OrganizerID),
		ParticipantCount: int(r.participants), InviteeCount: int(r.invitees), Mine: mine,
		CanEdit: (mine || r.coHost) && m.CancelledAt == nil, CanReview: mine || r.coHost, ConversationID: m.ConversationID,
	}
}

func ref(people map[uuid.UUID]Person, id uuid.UUID) PersonRef {
	p := people[id]
	return PersonRef{ID: id, Name: p.Name, AvatarURL: p.AvatarURL}
}

// Detail answers a meeting to somebody who organizes it, is invited or attended.
func (s *Service) Detail(ctx context.Context, reader, id uuid.UUID) (*MeetingDetail, error) {
	r, err := s.db.MeetingForMember(ctx, meetingsdb.MeetingForMemberParams{ID: id, UserID: reader})
	if err != nil {
		return nil, found(err)
	}
	if r.Meeting, err = s.advanced(ctx, r.Meeting); err != nil {
		return nil, err
	}
	invitees, err := s.db.Invitees(ctx, id)
	if err != nil {
		return nil, err
	}
	ids := []uuid.UUID{r.Meeting.OrganizerID}
	for _, i := range invitees {
		ids = append(ids, i.UserID)
	}
	people, err := s.people.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	detail := &MeetingDetail{
		Meeting: s.show(row{r.Meeting, r.CoHost, r.InviteeCount, r.ParticipantCount}, people, reader),
		Lobby:   r.Meeting.Lobby, GuestsAllowed: r.Meeting.GuestsAllowed, WhoMayShare: r.Meeting.WhoMayShare, WhoMayDraw: r.Meeting.WhoMayDraw,
		ChatAllowed: r.Meeting.ChatAllowed, Invitees: make([]Invitee, 0, len(invitees)),
		CanCancel: r.Organizer && r.Meeting.CancelledAt == nil,
	}
	for _, i := range invitees {
		detail.Invitees = append(detail.Invitees, Invitee{ref(people, i.UserID), i.CoHost})
	}
	return detail, nil
}
