package meetings

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"parley/api/meetings/meetingsdb"

	"github.com/google/uuid"
)

const maxAttendance = 20_000

// AttendanceEntry is one interval of presence. A person who left and came back has several.
type AttendanceEntry struct {
	ParticipantID string     `json:"participantId"`
	SessionID     string     `json:"sessionId" doc:"The run of the meeting that it belongs to"`
	UserID        string     `json:"userId,omitempty" doc:"Absent for guests and programs"`
	Name          string     `json:"name"`
	Guest         bool       `json:"guest"`
	Program       bool       `json:"program" doc:"Sent a stream into the meeting, or showed it elsewhere"`
	JoinedAt      time.Time  `json:"joinedAt"`
	LeftAt        *time.Time `json:"leftAt" doc:"Null while still in the meeting"`
}

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
			ParticipantID: a.ParticipantID, SessionID: a.SessionID.String(), Name: a.Name, Program: isProgram(a.PersonKey),
			Guest:    a.UserID == nil && !isProgram(a.PersonKey),
			JoinedAt: a.JoinedAt, LeftAt: a.LeftAt,
		}
		if a.UserID != nil {
			e.UserID = a.UserID.String()
		}
		entries = append(entries, e)
	}
	return r.Meeting, entries, nil
}

var attendanceHeads = map[string][]string{
	"en":    {"Name", "Guest", "Joined (UTC)", "Left (UTC)", "Minutes"},
	"zh-CN": {"姓名", "访客", "加入时间(UTC)", "离开时间(UTC)", "时长(分钟)"},
}

// attendanceCSV writes RFC 4180 with a byte order mark, without which spreadsheets take UTF-8 for something else.
func attendanceCSV(entries []AttendanceEntry, locale string, now time.Time) []byte {
	heads, yes := attendanceHeads["en"], "yes"
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		heads, yes = attendanceHeads["zh-CN"], "是"
	}
	var buf bytes.Buffer
	buf.WriteString("\ufeff")
	w := csv.NewWriter(&buf)
	w.UseCRLF = true
	rows := [][]string{heads}
	for _, e := range entries {
		guest, left, until := "", "", now
		if e.Guest {
			guest = yes
		}
		if e.LeftAt != nil {
			left, until = e.LeftAt.UTC().Format(time.DateTime), *e.LeftAt
		}
		minutes := strconv.FormatFloat(until.Sub(e.JoinedAt).Minutes(), 'f', 1, 64)
		rows = append(rows, []string{plainCell(e.Name), guest, e.JoinedAt.UTC().Format(time.DateTime), left, minutes})
	}
	// Writing into a buffer does not fail.
	_ = w.WriteAll(rows)
	return buf.Bytes()
}

// plainCell keeps a spreadsheet from taking a name for a formula (CWE-1236).
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}
