package meetings

import (
	"context"
	"time"

	"parley/api/meetings/meetingsdb"

	"github.com/google/uuid"
)

// The start and end of the next occurrence are kept in the row, so that lists are sorted and paged by the database.
// They are brought up to date when somebody looks, and when the host ends an occurrence early.

// occurrence is what the row keeps about the schedule.
type occurrence struct {
	nextAt, nextEndAt, pastAt *time.Time
}

// reckon finds the occurrence that follows now, and the end of the one before it. over is when the host ended the
// meeting, zero when that is not what happened.
func reckon(schedule Schedule, was occurrence, now, over time.Time) occurrence {
	is := occurrence{pastAt: was.pastAt}
	if next, ok := schedule.Next(now, over); ok {
		end := next.Add(schedule.duration)
		is.nextAt, is.nextEndAt = &next, &end
	}
	if was.nextEndAt != nil && !was.nextEndAt.After(now) && (is.pastAt == nil || is.pastAt.Before(*was.nextEndAt)) {
		is.pastAt = was.nextEndAt
	}
	return is
}

// advance brings all meetings up to date whose occurrence is over.
func (s *Service) advance(ctx context.Context) error {
	now := s.now()
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	q := s.db.WithTx(tx)
	stale, err := q.StaleOccurrences(ctx, now)
	if err != nil || len(stale) == 0 {
		return err
	}
	for _, m := range stale {
		schedule, err := NewSchedule(m.StartsAt, time.Duration(m.DurationMinutes)*time.Minute, m.Timezone, m.Rrule)
		if err != nil {
			// The zone is gone from the system's table; the meeting must not hold up the others.
			s.log.Error("schedule unreadable", "meeting", m.ID, "error", err)
			schedule = Schedule{start: m.StartsAt}
		}
		is := reckon(schedule, occurrence{nextEndAt: &m.NextEndAt, pastAt: m.PastAt}, now, time.Time{})
		if m.Instant && m.SessionID == nil {
			// Made to be entered at once and never entered: nothing to look back at.
			is.pastAt = nil
		}
		if err := saveOccurrence(ctx, q, m.ID, is); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// advanced is m as it would be after advance.
func (s *Service) advanced(ctx context.Context, m meetingsdb.Meeting) (meetingsdb.Meeting, error) {
	if m.NextEndAt == nil || m.NextEndAt.After(s.now()) {
		return m, nil
	}
	if err := s.advance(ctx); err != nil {
		return m, err
	}
	return s.db.MeetingByID(ctx, m.ID)
}

func saveOccurrence(ctx context.Context, q *meetingsdb.Queries, id uuid.UUID, is occurrence) error {
	return q.UpdateOccurrence(ctx, meetingsdb.UpdateOccurrenceParams{ID: id, NextAt: is.nextAt, NextEndAt: is.nextEndAt, PastAt: is.pastAt})
}
