package meetings

import (
	"context"

	"parley/api/meetings/meetingsdb"

	"github.com/google/uuid"
)

const maxAttendance = 20_000

// Attendance lists who was in a meeting, in the order of joining, to somebody who organizes it, is invited or attended.
func (s *Service) Attendance(ctx context.Context, reader, id uuid.UUID) (meeting meetingsdb.Meeting, entries []AttendanceEntry, err error) {
	r, err := s.db.MeetingForMember(ctx, meetingsdb.MeetingForMemberParams{ID: id, UserID: reader})
	if err != nil {
		return meetingsdb.Meeting{}, nil, found(err)
	}
	rows, err := s.db.Attendance(ctx, meetingsdb.AttendanceParams{MeetingID: id, RowLimit: maxAttendance})
	if err != nil {
		return meetingsdb.Meeting{}, nil, err
	}
	entries = make([]AttendanceEntry, 0, len(rows))
	for _, a := range rows {
		e := AttendanceEntry{
			ParticipantID: a.ParticipantID, SessionID: a.SessionID.String(), Name: a.Name, Guest: a.UserID == nil,
			JoinedAt: a.JoinedAt, LeftAt: a.LeftAt,
		}
		if a.UserID != nil {
			e.UserID = a.UserID.String()
		}
		entries = append(entries, e)
	}
	return r.Meeting, entries, nil
}
