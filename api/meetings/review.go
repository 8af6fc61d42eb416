package meetings

import (
	"context"
	"slices"
	"time"

	"parley/api"
	"parley/api/meetings/meetingsdb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/quality"

	"github.com/google/uuid"
)

const (
	maxRuns       = 100 // listed, besides the one that is asked for
	qualityBlocks = 32  // read at once
)

// forever is after everything.
var forever = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// CallQuality is how everybody in one run of a meeting was connected.
type CallQuality struct {
	MeetingID string          `json:"meetingId"`
	Title     string          `json:"title"`
	Runs      []QualityRun    `json:"runs" doc:"Of this meeting, the last one first: the latest 100, and the one that is told about"`
	SessionID string          `json:"sessionId" doc:"The run that is told about; empty when nobody ever met"`
	StartedAt *time.Time      `json:"startedAt"`
	EndedAt   *time.Time      `json:"endedAt" doc:"Null while it runs"`
	ReadAt    time.Time       `json:"readAt" doc:"Of the server's clock"`
	People    []QualityPerson `json:"people" doc:"In the order of joining"`
}

// QualityRun is a run of a meeting, from the first who enters to the last who leaves.
type QualityRun struct {
	SessionID string     `json:"sessionId"`
	StartedAt time.Time  `json:"startedAt"`
	EndedAt   *time.Time `json:"endedAt" doc:"Null while it runs"`
}

// QualityPerson is how one person was connected, with all devices, or a program.
type QualityPerson struct {
	Key       string        `json:"key" doc:"Tells people of this list apart"`
	UserID    string        `json:"userId,omitempty" doc:"Absent for guests and programs"`
	Name      string        `json:"name"`
	AvatarURL string        `json:"avatarUrl,omitempty"`
	Guest     bool          `json:"guest"`
	Program   bool          `json:"program" doc:"Sent a stream into the meeting, or showed it elsewhere"`
	Stays     []QualityStay `json:"stays"`
	Spans     []QualitySpan `json:"spans" doc:"When the connection was not good, in the order of time"`
	Seconds   int           `json:"seconds" doc:"For how long there are measurements"`
}

// QualityStay is one interval of presence.
type QualityStay struct {
	ParticipantID string     `json:"participantId"`
	JoinedAt      time.Time  `json:"joinedAt"`
	LeftAt        *time.Time `json:"leftAt" doc:"Null while still in the meeting"`
}

// QualitySpan is trouble of one kind from one moment to another.
type QualitySpan struct {
	ParticipantID string    `json:"participantId"`
	From          time.Time `json:"from"`
	To            time.Time `json:"to"`
	Level         string    `json:"level" enum:"weak,bad"`
	Side          string    `json:"side" enum:"uplink,downlink,link,device,server"`
	Reason        string    `json:"reason" enum:"lost,serverBusy,serverLoss,uplinkLoss,uplinkBandwidth,downlinkLoss,downlinkBandwidth,frozen,roundTrip,cpu"`
	LossPercent   float64   `json:"lossPercent,omitempty" doc:"Of the packets, where packets were lost"`
	RoundTripMs   int       `json:"roundTripMs,omitempty" doc:"The longest, where it was too long"`
	Kbps          int       `json:"kbps,omitempty" doc:"The least kilobits a second that the side carried, where that was too little"`
	FrozenMs      int       `json:"frozenMs,omitempty" doc:"How long pictures stood still at this person, altogether"`
	OthersFrozen  int       `json:"othersFrozen,omitempty" doc:"The most others at one time to whom this person's pictures stood still"`
}

// reviewed is a run of a meeting that the reader may look into.
type reviewed struct {
	meeting meetingsdb.Meeting
	runs    []meetingsdb.RunsRow
	run     *meetingsdb.RunsRow // nil when nobody ever met
	until   time.Time           // what began later belongs to another run
	stays   []meetingsdb.RunAttendanceRow
}

// review finds a run for somebody who hosts the meeting, or for an admin. A nil session is the last one.
func (s *Service) review(ctx context.Context, p authz.Principal, meetingID, sessionID uuid.UUID) (*reviewed, error) {
	row, err := s.db.MeetingForReview(ctx, meetingsdb.MeetingForReviewParams{
		ID: meetingID, UserID: p.UserID, Admin: authz.Can(p, authz.ReviewMeetings), HostsNow: s.hostsNow(p, meetingID),
	})
	if err != nil {
		return nil, found(err)
	}
	r := &reviewed{meeting: row.Meeting, until: forever}
	if r.runs, err = s.db.Runs(ctx, meetingsdb.RunsParams{MeetingID: meetingID, RowLimit: maxRuns, SessionID: sessionID}); err != nil {
		return nil, err
	}
	if !row.AllRuns {
		r.runs = slices.DeleteFunc(r.runs, func(x meetingsdb.RunsRow) bool { return x.EndedAt != nil })
	}
	at := 0
	if sessionID != uuid.Nil {
		if at = slices.IndexFunc(r.runs, func(x meetingsdb.RunsRow) bool { return x.ID == sessionID }); at < 0 {
			return nil, fault.MeetingNotFound
		}
	}
	if len(r.runs) == 0 {
		return r, nil
	}
	r.run = &r.runs[at]
	if at > 0 {
		r.until = r.runs[at-1].StartedAt
	}
	r.stays, err = s.db.RunAttendance(ctx, meetingsdb.RunAttendanceParams{SessionID: r.run.ID, RowLimit: maxAttendance})
	return r, err
}

// hostsNow tells whether the person hosts the meeting at this moment, with any device.
func (s *Service) hostsNow(p authz.Principal, meetingID uuid.UUID) bool {
	room, _ := s.rooms.Room(meetingID.String())
	return slices.ContainsFunc(room.Participants, func(one Present) bool { return one.PersonKey == p.Key() && one.Host })
}

// Quality answers how everybody was connected in a run of a meeting to somebody who hosts it, or to an admin. A nil
// session is the last one.
func (s *Service) Quality(ctx context.Context, p authz.Principal, meetingID, sessionID uuid.UUID) (*CallQuality, error) {
	r, err := s.review(ctx, p, meetingID, sessionID)
	if err != nil {
		return nil, err
	}
	q := &CallQuality{MeetingID: r.meeting.ID.String(), Title: r.meeting.Title, Runs: make([]QualityRun, 0, len(r.runs)), ReadAt: s.now(), People: []QualityPerson{}}
	for _, run := range r.runs {
		q.Runs = append(q.Runs, QualityRun{run.ID.String(), run.StartedAt, run.EndedAt})
	}
	if r.run == nil {
		return q, nil
	}
	q.SessionID, q.StartedAt, q.EndedAt = r.run.ID.String(), &r.run.StartedAt, r.run.EndedAt
	connections, err := s.connections(ctx, r)
	if err != nil {
		return nil, err
	}
	q.People, err = s.qualityPeople(ctx, r.stays, connections)
	return q, err
}

// connection is what was measured of one participant.
type connection struct {
	spanner quality.Spanner
	seconds int
}

// connections reads what was measured of the participants of a run.
func (s *Service) connections(ctx context.Context, r *reviewed) (map[string]*connection, error) {
	all := map[string]*connection{}
	for _, stay := range r.stays {
		all[stay.ParticipantID] = &connection{}
	}
	err := eachBlock(ctx, s, r, false, quality.DecodePeople, func(people []quality.PersonLog) error {
		for _, log := range people {
			c := all[log.ParticipantID]
			if c == nil {
				continue // of another run
			}
			for _, second := range log.Seconds {
				c.spanner.Add(second.At, second.Row)
			}
			c.seconds += len(log.Seconds)
		}
		return nil
	})
	return all, err
}

// eachBlock reads one part of the blocks of a run in their order, some at a time: of publications, or of participants.
// A part that cannot be decoded is left out.
func eachBlock[P any](ctx context.Context, s *Service, r *reviewed, tracks bool, decode func([]byte) (P, error), use func(P) error) error {
	page := meetingsdb.QualityBlocksParams{Tracks: tracks, MeetingID: r.meeting.ID, Until: r.until, AfterAt: r.begins(), RowLimit: qualityBlocks}
	for {
		rows, err := s.db.QualityBlocks(ctx, page)
		if err != nil {
			return err
		}
		for _, row := range rows {
			page.AfterAt, page.AfterID = row.StartedAt, row.ID
			part, err := decode(row.Part)
			if err != nil {
				s.log.Error("measurements not readable", "block", row.ID, "error", err)
				continue
			}
			if err := use(part); err != nil {
				return err
			}
		}
		if len(rows) < qualityBlocks {
			return nil
		}
	}
}

// begins is when the first block of a run may begin: a room is there before its first participant is recorded.
func (r *reviewed) begins() time.Time { return r.run.StartedAt.Add(-quality.BlockLength) }

func (s *Service) qualityPeople(ctx context.Context, stays []meetingsdb.RunAttendanceRow, connections map[string]*connection) ([]QualityPerson, error) {
	var ids []uuid.UUID
	for _, stay := range stays {
		if stay.UserID != nil {
			ids = append(ids, *stay.UserID)
		}
	}
	known, err := s.people.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	list, index := []QualityPerson{}, map[string]int{}
	for _, stay := range stays {
		at, seen := index[stay.PersonKey]
		if !seen {
			at = len(list)
			index[stay.PersonKey] = at
			list = append(list, qualityPerson(stay, known))
		}
		p := &list[at]
		p.Stays = append(p.Stays, QualityStay{stay.ParticipantID, stay.JoinedAt, stay.LeftAt})
		c := connections[stay.ParticipantID]
		p.Seconds += c.seconds
		for _, span := range c.spanner.Spans() {
			p.Spans = append(p.Spans, qualitySpan(stay.ParticipantID, span))
		}
	}
	for i := range list {
		slices.SortStableFunc(list[i].Spans, func(a, b QualitySpan) int { return a.From.Compare(b.From) })
	}
	return list, nil
}

func qualityPerson(stay meetingsdb.RunAttendanceRow, known map[uuid.UUID]Person) QualityPerson {
	program := isProgram(stay.PersonKey)
	p := QualityPerson{Key: stay.PersonKey, Name: stay.Name, Guest: stay.UserID == nil && !program, Program: program, Spans: []QualitySpan{}}
	if stay.UserID != nil {
		p.UserID, p.AvatarURL = stay.UserID.String(), known[*stay.UserID].AvatarURL
	}
	return p
}

func qualitySpan(participant string, s quality.Span) QualitySpan {
	return QualitySpan{
		ParticipantID: participant, From: s.From, To: s.To, Level: s.Verdict.Level.String(), Side: s.Verdict.Reason.Side().String(),
		Reason: s.Verdict.Reason.String(), LossPercent: percent(s.Loss), RoundTripMs: int(s.RoundTrip / time.Millisecond), Kbps: s.Kbps,
		FrozenMs: int(s.Frozen / time.Millisecond), OthersFrozen: s.OthersFrozen,
	}
}

// percent keeps one digit after the point.
func percent(fraction float64) float64 { return float64(int(fraction*1000+0.5)) / 10 }

// ReviewedRun is a run of any meeting in the list of admins.
type ReviewedRun struct {
	MeetingID        string     `json:"meetingId"`
	SessionID        string     `json:"sessionId"`
	Title            string     `json:"title"`
	Host             PersonRef  `json:"host"`
	StartedAt        time.Time  `json:"startedAt"`
	EndedAt          *time.Time `json:"endedAt" doc:"Null while it runs"`
	ParticipantCount int        `json:"participantCount"`
	TroubledCount    int        `json:"troubledCount" doc:"Of them those whose connection was not good at some time"`
}

// ReviewedRuns is a page of them.
type ReviewedRuns struct {
	Items      []ReviewedRun `json:"items"`
	NextCursor string        `json:"nextCursor,omitempty"`
}

// RecentRuns lists the runs of all meetings for admins, the last one first.
func (s *Service) RecentRuns(ctx context.Context, p authz.Principal, after string, limit int) (*ReviewedRuns, error) {
	params := meetingsdb.RecentRunsParams{Admin: authz.Can(p, authz.ReviewMeetings), RowLimit: int32(limit) + 1}
	before, err := api.ParseCursor(after)
	if err != nil {
		return nil, err
	}
	params.BeforeAt, params.BeforeID = before.At, before.ID
	rows, err := s.db.RecentRuns(ctx, params)
	if err != nil {
		return nil, err
	}
	page := &ReviewedRuns{Items: make([]ReviewedRun, 0, len(rows))}
	if len(rows) > limit {
		rows = rows[:limit]
		page.NextCursor = api.Cursor{At: &rows[limit-1].StartedAt, ID: rows[limit-1].ID}.String()
	}
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.OrganizerID
	}
	people, err := s.people.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		page.Items = append(page.Items, ReviewedRun{
			MeetingID: row.MeetingID.String(), SessionID: row.ID.String(), Title: row.Title, Host: ref(people, row.OrganizerID),
			StartedAt: row.StartedAt, EndedAt: row.EndedAt, ParticipantCount: int(row.ParticipantCount), TroubledCount: int(row.TroubledCount),
		})
	}
	return page, nil
}
