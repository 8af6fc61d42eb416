package meetings

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/api/meetings/meetingsdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	maxTitle        = 200 // characters
	maxInvitees     = 500
	defaultMinutes  = 60
	defaultTimezone = "UTC"
	codeAttempts    = 5
)

// Draft is a meeting to be.
type Draft struct {
	Title           string      `json:"title,omitempty" maxLength:"200" doc:"Defaults to the name of the organizer"`
	StartsAt        *time.Time  `json:"startsAt,omitempty" doc:"Absent: now"`
	DurationMinutes int         `json:"durationMinutes,omitempty" minimum:"5" maximum:"1440" default:"60"`
	Timezone        string      `json:"timezone,omitempty" maxLength:"64" default:"UTC" doc:"IANA name"`
	Rrule           string      `json:"rrule,omitempty" maxLength:"255" doc:"RFC 5545 rule of DAILY, WEEKLY, MONTHLY or YEARLY"`
	InviteeIDs      []uuid.UUID `json:"inviteeIds,omitempty" maxItems:"500"`
	CoHostIDs       []uuid.UUID `json:"coHostIds,omitempty" maxItems:"500" doc:"Those of the invitees who may host and edit as well"`
	Lobby           bool        `json:"lobby,omitempty"`
	GuestsAllowed   bool        `json:"guestsAllowed,omitempty"`
	WhoMayShare     string      `json:"whoMayShare,omitempty" enum:"everyone,hosts" default:"everyone"`
	WhoMayDraw      string      `json:"whoMayDraw,omitempty" enum:"everyone,hosts" default:"everyone" doc:"Who may open boards in it and draw on them"`
}

// Create makes a meeting of the principal with its conversation.
func (s *Service) Create(ctx context.Context, p authz.Principal, d Draft) (*MeetingDetail, error) {
	if ok, wait := s.creations.Take(p.Key()); !ok {
		return nil, retryAfter(wait)
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	instant := d.StartsAt == nil && d.Rrule == ""
	start := now
	if d.StartsAt != nil {
		start = *d.StartsAt
	}
	if d.Title = cleanTitle(d.Title); d.Title == "" {
		d.Title = fmt.Sprintf(wordsFor(p.Locale).defaultTitle, p.Name)
	}
	if d.DurationMinutes == 0 {
		d.DurationMinutes = defaultMinutes
	}
	if d.Timezone == "" {
		d.Timezone = defaultTimezone
	}
	if d.WhoMayShare == "" {
		d.WhoMayShare = "everyone"
	}
	if d.WhoMayDraw == "" {
		d.WhoMayDraw = "everyone"
	}
	if err := d.validate(); err != nil {
		return nil, err
	}
	schedule, next, err := s.plan(start, d.DurationMinutes, d.Timezone, d.Rrule)
	if err != nil {
		return nil, err
	}
	end := next.Add(schedule.duration)
	params := meetingsdb.InsertMeetingParams{
		ID: newID(), OrganizerID: p.UserID, Title: d.Title, Instant: instant, StartsAt: schedule.Start(),
		DurationMinutes: int32(d.DurationMinutes), Timezone: d.Timezone, Rrule: schedule.Rule(), Lobby: d.Lobby,
		GuestsAllowed: d.GuestsAllowed, WhoMayShare: d.WhoMayShare, WhoMayDraw: d.WhoMayDraw, NextAt: &next, NextEndAt: &end, Now: now,
	}
	if err := s.insert(ctx, params, d.InviteeIDs, d.CoHostIDs); err != nil {
		return nil, err
	}
	s.publishStatus(ctx, params.ID)
	return s.Detail(ctx, p.UserID, params.ID)
}

// insert draws codes until one is free.
func (s *Service) insert(ctx context.Context, params meetingsdb.InsertMeetingParams, invitees, coHosts []uuid.UUID) error {
	for attempt := range codeAttempts {
		params.Code = newCode()
		err := s.transact(ctx, func(tx pgx.Tx, q *meetingsdb.Queries) (err error) {
			if params.ConversationID, err = s.conversations.CreateForMeeting(ctx, tx, params.ID); err != nil {
				return err
			}
			if err := q.InsertMeeting(ctx, params); err != nil {
				return err
			}
			return setInvitees(ctx, q, params.ID, params.OrganizerID, invitees, coHosts)
		})
		if !isUnique(err, "meetings_code_key") || attempt == codeAttempts-1 {
			return err
		}
	}
	return nil
}

func setInvitees(ctx context.Context, q *meetingsdb.Queries, id, organizer uuid.UUID, invitees, coHosts []uuid.UUID) error {
	// Not nil: to the database that would be no list at all.
	coHosts = append([]uuid.UUID{}, coHosts...)
	all := slices.DeleteFunc(append(append([]uuid.UUID{}, invitees...), coHosts...), func(u uuid.UUID) bool { return u == organizer })
	if err := q.DeleteInviteesBut(ctx, meetingsdb.DeleteInviteesButParams{MeetingID: id, UserIds: all}); err != nil {
		return err
	}
	return q.InsertInvitees(ctx, meetingsdb.InsertInviteesParams{MeetingID: id, UserIds: all, CoHostIds: coHosts})
}

// plan makes the schedule and finds its next occurrence, which must not be over.
func (s *Service) plan(start time.Time, minutes int, timezone, rule string) (Schedule, time.Time, error) {
	now := s.now()
	if start.After(now.AddDate(horizonYears, 0, 0)) || start.Before(now.AddDate(-horizonYears, 0, 0)) {
		return Schedule{}, time.Time{}, fault.Invalid("body.startsAt", "too far away")
	}
	schedule, err := NewSchedule(start, time.Duration(minutes)*time.Minute, timezone, rule)
	if bad, ok := asRuleError(err); ok {
		return Schedule{}, time.Time{}, fault.Invalid("body.rrule", bad.Reason)
	} else if err != nil {
		return Schedule{}, time.Time{}, fault.Invalid("body.timezone", "not a time zone")
	}
	next, ok := schedule.Next(now, time.Time{})
	if !ok {
		return Schedule{}, time.Time{}, fault.Invalid("body.startsAt", "it is over already")
	}
	return schedule, next, nil
}

func (d Draft) validate() error {
	switch {
	case d.DurationMinutes < 5 || d.DurationMinutes > 24*60:
		return fault.Invalid("body.durationMinutes", "5 to 1440")
	case d.WhoMayShare != "everyone" && d.WhoMayShare != "hosts":
		return fault.Invalid("body.whoMayShare", "everyone or hosts")
	case d.WhoMayDraw != "everyone" && d.WhoMayDraw != "hosts":
		return fault.Invalid("body.whoMayDraw", "everyone or hosts")
	case len(d.InviteeIDs)+len(d.CoHostIDs) > maxInvitees:
		return fault.Invalid("body.inviteeIds", fmt.Sprintf("at most %d", maxInvitees))
	}
	return nil
}

// cleanTitle makes one line of at most maxTitle characters, without marks that turn the direction of what follows.
func cleanTitle(title string) string {
	title = oneLine(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == utf8.RuneError:
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, title))
	if runes := []rune(title); len(runes) > maxTitle {
		title = strings.TrimSpace(string(runes[:maxTitle]))
	}
	return title
}

// newID answers a UUIDv7; the random source of the system does not fail.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
