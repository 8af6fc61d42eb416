package meetings

import (
	"context"
	"time"

	"parley/api/meetings/meetingsdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Edit changes a meeting; what is absent stays.
type Edit struct {
	Title           *string      `json:"title,omitempty" minLength:"1" maxLength:"200"`
	StartsAt        *time.Time   `json:"startsAt,omitempty"`
	DurationMinutes *int         `json:"durationMinutes,omitempty" minimum:"5" maximum:"1440"`
	Timezone        *string      `json:"timezone,omitempty" maxLength:"64"`
	Rrule           *string      `json:"rrule,omitempty" maxLength:"255" doc:"Empty: once"`
	InviteeIDs      *[]uuid.UUID `json:"inviteeIds,omitempty" maxItems:"500"`
	CoHostIDs       *[]uuid.UUID `json:"coHostIds,omitempty" maxItems:"500"`
	Lobby           *bool        `json:"lobby,omitempty"`
	GuestsAllowed   *bool        `json:"guestsAllowed,omitempty"`
	WhoMayShare     *string      `json:"whoMayShare,omitempty" enum:"everyone,hosts"`
	WhoMayDraw      *string      `json:"whoMayDraw,omitempty" enum:"everyone,hosts"`
}

// Update edits a meeting that the principal organizes or co-hosts. A meeting that runs follows.
func (s *Service) Update(ctx context.Context, p authz.Principal, id uuid.UUID, e Edit) (*MeetingDetail, error) {
	var removed bool
	err := s.transact(ctx, func(_ pgx.Tx, q *meetingsdb.Queries) error {
		r, err := q.MeetingForHost(ctx, meetingsdb.MeetingForHostParams{ID: id, UserID: p.UserID})
		if err != nil {
			return found(err)
		}
		m := r.Meeting
		if err := s.save(ctx, q, m, e); err != nil || (e.InviteeIDs == nil && e.CoHostIDs == nil) {
			return err
		}
		removed = true
		return s.replaceInvitees(ctx, q, m, e)
	})
	if err != nil {
		return nil, err
	}
	detail, err := s.Detail(ctx, p.UserID, id)
	if err != nil {
		return nil, err
	}
	if removed {
		s.events.Recheck(ctx, detail.ConversationID)
	}
	s.changeRoom(id.String(), detail.Title, SettingsChange{
		Lobby: detail.Lobby, GuestsAllowed: detail.GuestsAllowed, ChatAllowed: detail.ChatAllowed, WhoMayShare: detail.WhoMayShare,
		WhoMayDraw: detail.WhoMayDraw,
	})
	s.publishStatus(ctx, id)
	return detail, nil
}

func (s *Service) save(ctx context.Context, q *meetingsdb.Queries, m meetingsdb.Meeting, e Edit) error {
	d := Draft{
		Title: m.Title, StartsAt: &m.StartsAt, DurationMinutes: int(m.DurationMinutes), Timezone: m.Timezone, Rrule: m.Rrule,
		Lobby: m.Lobby, GuestsAllowed: m.GuestsAllowed, WhoMayShare: m.WhoMayShare, WhoMayDraw: m.WhoMayDraw,
	}
	moved := e.merge(&d)
	if err := d.validate(); err != nil {
		return err
	}
	params := meetingsdb.UpdateMeetingParams{
		ID: m.ID, Title: d.Title, StartsAt: m.StartsAt, DurationMinutes: m.DurationMinutes, Timezone: m.Timezone, Rrule: m.Rrule,
		Instant: m.Instant, Lobby: d.Lobby, GuestsAllowed: d.GuestsAllowed, WhoMayShare: d.WhoMayShare, WhoMayDraw: d.WhoMayDraw, Sequence: m.Sequence,
		NextAt: m.NextAt, NextEndAt: m.NextEndAt, Now: s.now(),
	}
	if moved {
		schedule, next, err := s.plan(*d.StartsAt, d.DurationMinutes, d.Timezone, d.Rrule)
		if err != nil {
			return err
		}
		end := next.Add(schedule.duration)
		params.StartsAt, params.DurationMinutes, params.Timezone, params.Rrule = schedule.Start(), int32(d.DurationMinutes), d.Timezone, schedule.Rule()
		params.NextAt, params.NextEndAt, params.Instant = &next, &end, false
		params.Sequence++
	}
	return q.UpdateMeeting(ctx, params)
}

// merge applies the edit to d; moved tells that the schedule changes.
func (e Edit) merge(d *Draft) (moved bool) {
	if e.Title != nil {
		if title := cleanTitle(*e.Title); title != "" {
			d.Title = title
		}
	}
	set(&d.Lobby, e.Lobby)
	set(&d.GuestsAllowed, e.GuestsAllowed)
	set(&d.WhoMayShare, e.WhoMayShare)
	set(&d.WhoMayDraw, e.WhoMayDraw)
	if e.StartsAt != nil {
		moved = !e.StartsAt.Equal(*d.StartsAt)
		d.StartsAt = e.StartsAt
	}
	moved = set(&d.DurationMinutes, e.DurationMinutes) || moved
	moved = set(&d.Timezone, e.Timezone) || moved
	return set(&d.Rrule, e.Rrule) || moved
}

func set[T comparable](to *T, from *T) (changed bool) {
	if from == nil || *from == *to {
		return false
	}
	*to = *from
	return true
}

func (s *Service) replaceInvitees(ctx context.Context, q *meetingsdb.Queries, m meetingsdb.Meeting, e Edit) error {
	rows, err := q.Invitees(ctx, m.ID)
	if err != nil {
		return err
	}
	var invitees, coHosts []uuid.UUID
	for _, r := range rows {
		invitees = append(invitees, r.UserID)
		if r.CoHost {
			coHosts = append(coHosts, r.UserID)
		}
	}
	if e.CoHostIDs != nil {
		coHosts = *e.CoHostIDs
	}
	if e.InviteeIDs != nil {
		invitees = *e.InviteeIDs
		if e.CoHostIDs == nil {
			coHosts = intersect(coHosts, invitees)
		}
	}
	return setInvitees(ctx, q, m.ID, m.OrganizerID, invitees, coHosts)
}

func intersect(a, b []uuid.UUID) []uuid.UUID {
	in := make(map[uuid.UUID]bool, len(b))
	for _, id := range b {
		in[id] = true
	}
	var both []uuid.UUID
	for _, id := range a {
		if in[id] {
			both = append(both, id)
		}
	}
	return both
}

// Cancel withdraws a meeting that the principal organizes and ends it if it runs. Its conversation and attendance stay.
func (s *Service) Cancel(ctx context.Context, p authz.Principal, id uuid.UUID) error {
	rows, err := s.db.CancelMeeting(ctx, meetingsdb.CancelMeetingParams{ID: id, UserID: p.UserID, Now: s.now()})
	if err != nil {
		return err
	}
	if rows == 0 {
		return fault.MeetingNotFound
	}
	s.rooms.End(id.String())
	s.publishStatus(ctx, id)
	return nil
}
