package meetings

import (
	"context"
	"errors"
	"time"

	"parley/api/meetings/meetingsdb"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// record writes one happening. Each may be written again, or find that another node or a reconciliation was faster.
func (s *Service) record(ctx context.Context, node string, h happening) error {
	return s.transact(ctx, func(_ pgx.Tx, q *meetingsdb.Queries) error {
		m, err := q.LockMeeting(ctx, h.meeting)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		switch h.kind {
		case settingsChanged:
			return q.UpdateSettings(ctx, meetingsdb.UpdateSettingsParams{
				ID: m.ID, Lobby: h.settings.Lobby, GuestsAllowed: h.settings.GuestsAllowed, WhoMayShare: h.settings.WhoMayShare,
				WhoMayDraw: h.settings.WhoMayDraw, ChatAllowed: h.settings.ChatAllowed, Now: s.now(),
			})
		case accessChanged:
			return saveAccess(ctx, q, m.ID, h.access)
		case boardsChanged:
			return saveBoards(ctx, q, m.ID, h.boards, h.at)
		case started:
			_, err = s.begin(ctx, q, m, node, h.at)
			return err
		case joined:
			return s.join(ctx, q, m, node, h)
		case left:
			return leave(ctx, q, m, h)
		default:
			return s.finish(ctx, q, m, h.at, h.byHost, reasonMeetingOver)
		}
	})
}

// begin opens a run. One that is still open belongs to a room that is gone without a word: it ended when its node was
// last heard of.
func (s *Service) begin(ctx context.Context, q *meetingsdb.Queries, m meetingsdb.Meeting, node string, at time.Time) (uuid.UUID, error) {
	open, err := q.OpenSession(ctx, m.ID)
	switch {
	case err == nil && open.StartedAt.Equal(at.Truncate(time.Microsecond)):
		return open.ID, nil // written before an answer was lost
	case err == nil:
		if err := s.abandon(ctx, q, open); err != nil {
			return uuid.Nil, err
		}
	case !errors.Is(err, pgx.ErrNoRows):
		return uuid.Nil, err
	}
	id := newID()
	if err := q.InsertSession(ctx, meetingsdb.InsertSessionParams{ID: id, MeetingID: m.ID, Node: node, StartedAt: at}); err != nil {
		return uuid.Nil, err
	}
	return id, q.ShowSession(ctx, meetingsdb.ShowSessionParams{ID: m.ID, SessionID: id, StartedAt: at})
}

func (s *Service) join(ctx context.Context, q *meetingsdb.Queries, m meetingsdb.Meeting, node string, h happening) error {
	session, err := s.openOrBegin(ctx, q, m, node, h.at)
	if err != nil {
		return err
	}
	return openInterval(ctx, q, session, m.ID, h.participant, h.attendee, h.at)
}

// openOrBegin answers the run that is open. There is none when its start was dropped, or when it was taken for
// abandoned.
func (s *Service) openOrBegin(ctx context.Context, q *meetingsdb.Queries, m meetingsdb.Meeting, node string, at time.Time) (uuid.UUID, error) {
	open, err := q.OpenSession(ctx, m.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return s.begin(ctx, q, m, node, at)
	}
	return open.ID, err
}

func openInterval(ctx context.Context, q *meetingsdb.Queries, session, meeting uuid.UUID, participant string, who Attendee, at time.Time) error {
	params := meetingsdb.OpenIntervalParams{
		ID: newID(), SessionID: session, MeetingID: meeting, ParticipantID: participant, PersonKey: who.PersonKey, Name: who.Name, JoinedAt: at,
	}
	if id, err := uuid.Parse(who.UserID); err == nil {
		params.UserID = &id
	}
	return q.OpenInterval(ctx, params)
}

// saveAccess keeps the access to the run that is open.
func saveAccess(ctx context.Context, q *meetingsdb.Queries, meeting uuid.UUID, a Access) error {
	if a.Removed == nil {
		a.Removed = []string{}
	}
	if a.CoHosts == nil {
		a.CoHosts = []string{}
	}
	return q.UpdateAccess(ctx, meetingsdb.UpdateAccessParams{
		ID: meeting, Locked: a.Locked, RemovedKeys: a.Removed, ChatClosed: a.ChatClosed, CoHostKeys: a.CoHosts,
	})
}

func leave(ctx context.Context, q *meetingsdb.Queries, m meetingsdb.Meeting, h happening) error {
	if m.SessionID == nil {
		return nil
	}
	return q.CloseInterval(ctx, meetingsdb.CloseIntervalParams{SessionID: *m.SessionID, ParticipantID: h.participant, LeftAt: h.at, Reason: h.reason})
}

// finish closes the run that is open. A host who ends a meeting ends its occurrence with it; one that only ran empty
// may be entered again until its time is over, unless it was made for this moment.
func (s *Service) finish(ctx context.Context, q *meetingsdb.Queries, m meetingsdb.Meeting, at time.Time, byHost bool, reason string) error {
	open, err := q.OpenSession(ctx, m.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	if at.Before(open.StartedAt) {
		at = open.StartedAt
	}
	if err := q.CloseIntervals(ctx, meetingsdb.CloseIntervalsParams{SessionID: open.ID, LeftAt: at, Reason: reason, StillThere: []string{}}); err != nil {
		return err
	}
	if err := q.EndSession(ctx, meetingsdb.EndSessionParams{ID: open.ID, EndedAt: at, EndedByHost: byHost}); err != nil {
		return err
	}
	if err := q.ShowSession(ctx, meetingsdb.ShowSessionParams{ID: m.ID, SessionID: open.ID, StartedAt: open.StartedAt, EndedAt: &at}); err != nil {
		return err
	}
	if reason != reasonLost {
		if err := saveAccess(ctx, q, m.ID, Access{}); err != nil {
			return err
		}
		if err := saveBoards(ctx, q, m.ID, Boards{}, at); err != nil {
			return err
		}
	}
	return s.settle(ctx, q, m, at, byHost || m.Instant)
}

// accessOf is the access when the meeting's room opens: what its run had when it was lost with its server. One
// that was lost long ago has ended.
func (s *Service) accessOf(m meetingsdb.Meeting) Access {
	if m.SessionEndedAt != nil && s.now().Sub(*m.SessionEndedAt) > accessKept {
		return Access{}
	}
	return Access{Locked: m.Locked, Removed: m.RemovedKeys, ChatClosed: m.ChatClosed, CoHosts: m.CoHostKeys}
}

// settle reckons the next occurrence after a run; over tells that the occurrence it belonged to is over with it.
func (s *Service) settle(ctx context.Context, q *meetingsdb.Queries, m meetingsdb.Meeting, at time.Time, over bool) error {
	is := occurrence{nextAt: m.NextAt, nextEndAt: m.NextEndAt}
	switch {
	case over && m.Instant:
		is = occurrence{}
	case over && m.CancelledAt == nil:
		schedule, err := scheduleOf(m)
		if err != nil {
			return err
		}
		is = reckon(schedule, is, at, at)
	}
	is.pastAt = &at
	return saveOccurrence(ctx, q, m.ID, is)
}

// reconcile makes the attendance of a meeting what its room says.
func (s *Service) reconcile(ctx context.Context, node string, meeting uuid.UUID) error {
	return s.transact(ctx, func(_ pgx.Tx, q *meetingsdb.Queries) error {
		m, err := q.LockMeeting(ctx, meeting)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		// Asked after the row is locked: nothing older can be written over it.
		now := s.now()
		room, ok := s.rooms.Room(meeting.String())
		if !ok || room.StartedAt.IsZero() {
			return s.finish(ctx, q, m, now, false, reasonLost)
		}
		session, err := s.openOrBegin(ctx, q, m, node, room.StartedAt)
		if err != nil {
			return err
		}
		if err := saveAccess(ctx, q, m.ID, room.Access); err != nil {
			return err
		}
		if err := saveBoards(ctx, q, m.ID, room.Boards, now); err != nil {
			return err
		}
		there := make([]string, 0, len(room.Participants))
		for _, p := range room.Participants {
			there = append(there, p.ParticipantID)
			if err := openInterval(ctx, q, session, m.ID, p.ParticipantID, Attendee{p.PersonKey, p.UserID, p.Name}, p.JoinedAt); err != nil {
				return err
			}
		}
		return q.CloseIntervals(ctx, meetingsdb.CloseIntervalsParams{SessionID: session, LeftAt: now, Reason: reasonLost, StillThere: there})
	})
}

// recover closes what this node left open before it started, and what silent nodes left open.
func (s *Service) recover(ctx context.Context, node string, startedBefore time.Time) error {
	return s.transact(ctx, func(_ pgx.Tx, q *meetingsdb.Queries) error {
		list, err := q.AbandonedSessions(ctx, meetingsdb.AbandonedSessionsParams{
			Node: node, StartedBefore: startedBefore, SilentSince: s.now().Add(-silentAfter),
		})
		if err != nil {
			return err
		}
		for _, session := range list {
			if err := s.abandon(ctx, q, session); err != nil {
				return err
			}
		}
		return nil
	})
}

// abandon closes a run of which nothing more will be heard, at its last heartbeat.
func (s *Service) abandon(ctx context.Context, q *meetingsdb.Queries, session meetingsdb.MeetingSession) error {
	m, err := q.LockMeeting(ctx, session.MeetingID)
	if err != nil {
		return err
	}
	return s.finish(ctx, q, m, session.HeartbeatAt, false, reasonLost)
}

func (s *Service) beat(ctx context.Context, node string) error {
	if err := s.db.Heartbeat(ctx, meetingsdb.HeartbeatParams{Node: node, Now: s.now()}); err != nil {
		return err
	}
	return s.recover(ctx, node, time.Time{})
}

// publishPresence tells the people of a meeting how it stands. When somebody left, the streams that follow the
// conversation ask again whether they may: a guest who is out reads no further.
func (s *Service) publishPresence(ctx context.Context, meetingID uuid.UUID, someLeft bool) {
	s.publishStatus(ctx, meetingID)
	if !someLeft {
		return
	}
	m, err := s.db.MeetingByID(ctx, meetingID)
	if err != nil {
		s.log.Warn("streams not asked again", "meeting", meetingID, "error", err)
		return
	}
	s.events.Recheck(ctx, m.ConversationID)
}
