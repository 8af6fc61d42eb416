package meetings

import (
	"context"
	"time"

	"parley/api"
	"parley/api/meetings/meetingsdb"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// View selects a list of one's meetings.
type View string

// The views. A recurring meeting that was held is both past and coming.
const (
	ViewRunning View = "running"
	ViewComing  View = "coming"
	ViewPast    View = "past"
)

// MeetingPage is a part of a list.
type MeetingPage struct {
	Items      []Meeting `json:"items"`
	NextCursor string    `json:"nextCursor,omitempty" doc:"Absent on the last page"`
}

// List answers one's meetings: those that one organizes, is invited to or attended. Running and past ones begin with
// the latest, coming ones with the next.
func (s *Service) List(ctx context.Context, reader uuid.UUID, view View, after string, limit int) (*MeetingPage, error) {
	from, err := api.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	if err := s.advance(ctx); err != nil {
		return nil, err
	}
	rows, sorts, err := s.rows(ctx, reader, view, from, int32(limit)+1)
	if err != nil {
		return nil, err
	}
	page := &MeetingPage{Items: []Meeting{}}
	if len(rows) > limit {
		rows = rows[:limit]
		page.NextCursor = api.Cursor{At: &sorts[limit-1], ID: rows[limit-1].meeting.ID}.String()
	}
	ids := make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.meeting.OrganizerID)
	}
	people, err := s.people.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		m := s.show(r, people, reader)
		if view == ViewPast {
			m.Status = Ended // of the run that the item is about, though more may be to come
		}
		page.Items = append(page.Items, m)
	}
	return page, nil
}

func (s *Service) rows(ctx context.Context, reader uuid.UUID, view View, from api.Cursor, limit int32) (rows []row, sorts []time.Time, err error) {
	switch view {
	case ViewRunning:
		list, err := s.db.ListRunning(ctx, meetingsdb.ListRunningParams{UserID: reader, BeforeAt: from.At, BeforeID: from.ID, RowLimit: limit})
		for _, r := range list {
			rows, sorts = append(rows, row{r.Meeting, r.CoHost, r.InviteeCount, r.ParticipantCount}), append(sorts, r.SortAt)
		}
		return rows, sorts, err
	case ViewComing:
		list, err := s.db.ListComing(ctx, meetingsdb.ListComingParams{UserID: reader, Now: s.now(), AfterAt: from.At, AfterID: from.ID, RowLimit: limit})
		for _, r := range list {
			rows, sorts = append(rows, row{r.Meeting, r.CoHost, r.InviteeCount, r.ParticipantCount}), append(sorts, r.SortAt)
		}
		return rows, sorts, err
	case ViewPast:
		list, err := s.db.ListPast(ctx, meetingsdb.ListPastParams{UserID: reader, BeforeAt: from.At, BeforeID: from.ID, RowLimit: limit})
		for _, r := range list {
			rows, sorts = append(rows, row{r.Meeting, r.CoHost, r.InviteeCount, r.ParticipantCount}), append(sorts, r.SortAt)
		}
		return rows, sorts, err
	default:
		return nil, nil, fault.Invalid("query.view", "running, coming or past")
	}
}
