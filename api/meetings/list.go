package meetings

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"time"

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

// cursor is the place after the last item of a page.
type cursor struct {
	at *time.Time // nil: from the beginning
	id uuid.UUID
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(c.at.UnixMicro())), c.id[:]...))
}

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != 24 {
		return cursor{}, fault.Invalid("query.cursor", "not a cursor of this list")
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC()
	if at.Year() < 1970 || at.Year() > 9999 {
		return cursor{}, fault.Invalid("query.cursor", "not a cursor of this list")
	}
	return cursor{at: &at, id: uuid.UUID(raw[8:])}, nil
}

// List answers one's meetings: those that one organizes, is invited to or attended. Running and past ones begin with
// the latest, coming ones with the next.
func (s *Service) List(ctx context.Context, reader uuid.UUID, view View, after string, limit int) (*MeetingPage, error) {
	from, err := parseCursor(after)
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
		page.NextCursor = cursor{&sorts[limit-1], rows[limit-1].meeting.ID}.String()
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

func (s *Service) rows(ctx context.Context, reader uuid.UUID, view View, from cursor, limit int32) (rows []row, sorts []time.Time, err error) {
	switch view {
	case ViewRunning:
		list, err := s.db.ListRunning(ctx, meetingsdb.ListRunningParams{UserID: reader, BeforeAt: from.at, BeforeID: from.id, RowLimit: limit})
		for _, r := range list {
			rows, sorts = append(rows, row{r.Meeting, r.CoHost, r.InviteeCount, r.ParticipantCount}), append(sorts, r.SortAt)
		}
		return rows, sorts, err
	case ViewComing:
		list, err := s.db.ListComing(ctx, meetingsdb.ListComingParams{UserID: reader, Now: s.now(), AfterAt: from.at, AfterID: from.id, RowLimit: limit})
		for _, r := range list {
			rows, sorts = append(rows, row{r.Meeting, r.CoHost, r.InviteeCount, r.ParticipantCount}), append(sorts, r.SortAt)
		}
		return rows, sorts, err
	case ViewPast:
		list, err := s.db.ListPast(ctx, meetingsdb.ListPastParams{UserID: reader, BeforeAt: from.at, BeforeID: from.id, RowLimit: limit})
		for _, r := range list {
			rows, sorts = append(rows, row{r.Meeting, r.CoHost, r.InviteeCount, r.ParticipantCount}), append(sorts, r.SortAt)
		}
		return rows, sorts, err
	default:
		return nil, nil, fault.Invalid("query.view", "running, coming or past")
	}
}
