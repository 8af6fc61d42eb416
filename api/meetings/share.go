package meetings

import (
	"context"
	"net/url"

	"parley/api/meetings/meetingsdb"

	"github.com/google/uuid"
)

// shared is a meeting with its organizer and schedule, for the texts that leave the server.
type shared struct {
	meeting  meetingsdb.Meeting
	host     Person
	schedule Schedule
}

func (s *Service) shared(ctx context.Context, reader, id uuid.UUID) (shared, error) {
	r, err := s.db.MeetingForMember(ctx, meetingsdb.MeetingForMemberParams{ID: id, UserID: reader})
	if err != nil {
		return shared{}, found(err)
	}
	m, err := s.advanced(ctx, r.Meeting)
	if err != nil {
		return shared{}, err
	}
	people, err := s.people.People(ctx, []uuid.UUID{m.OrganizerID})
	if err != nil {
		return shared{}, err
	}
	schedule, err := scheduleOf(m)
	return shared{meeting: m, host: people[m.OrganizerID], schedule: schedule}, err
}

// Invite writes an invitation in the language of locale.
func (s *Service) Invite(ctx context.Context, reader, id uuid.UUID, locale string) (string, error) {
	m, err := s.shared(ctx, reader, id)
	if err != nil {
		return "", err
	}
	return s.invitation(m).text(locale), nil
}

func (s *Service) invitation(m shared) invitation {
	i := invitation{
		Host: m.host.Name, Title: m.meeting.Title, URL: s.url(m.meeting.Code), Code: m.meeting.Code, Instant: m.meeting.Instant,
		Schedule: m.schedule, Start: m.schedule.Start(), Timezone: m.meeting.Timezone, GuestsAllowed: m.meeting.GuestsAllowed,
	}
	if m.meeting.NextAt != nil {
		i.Start = *m.meeting.NextAt
	}
	return i
}

// CalendarFile writes the meeting for calendar programs.
func (s *Service) CalendarFile(ctx context.Context, reader, id uuid.UUID, locale string) (code string, file []byte, err error) {
	m, err := s.shared(ctx, reader, id)
	if err != nil {
		return "", nil, err
	}
	return m.meeting.Code, calendarFile(calendarEntry{
		UID: m.meeting.ID.String() + "@parley", Sequence: int(m.meeting.Sequence), Title: m.meeting.Title,
		Description: s.invitation(m).text(locale), URL: s.url(m.meeting.Code), OrganizerName: m.host.Name,
		OrganizerEmail: s.address(m.host), Schedule: m.schedule, Timezone: m.meeting.Timezone,
		Cancelled: m.meeting.CancelledAt != nil, Changed: m.meeting.UpdatedAt,
	}), nil
}

// address is what calendar programs take for the organizer; one without an e-mail address gets one that cannot be
// delivered (RFC 2606).
func (s *Service) address(p Person) string {
	if p.Email != "" {
		return p.Email
	}
	host := "parley.invalid"
	if u, err := url.Parse(s.publicURL); err == nil && u.Hostname() != "" {
		host = u.Hostname() + ".invalid"
	}
	return p.ID.String() + "@" + host
}
