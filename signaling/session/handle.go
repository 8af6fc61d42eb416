package session

import (
	"context"
	"time"

	"parley/internal/fault"
	"parley/signaling/room"
	"parley/signaling/wire"

	"github.com/google/uuid"
)

// handle carries out a message of somebody who has a place. The answer is nil when none is wanted, or when the room
// gives it.
func (s *Session) handle(ctx context.Context, request wire.Request) (answer wire.ServerMessage, err error) {
	switch m := request.Message.(type) {
	case *wire.Hello:
		return nil, fault.WrongState
	case *wire.Ping:
		return &wire.Pong{ServerTime: time.Now().UnixMilli()}, nil
	case *wire.Publish:
		return nil, s.publish(ctx, request.ID, m)
	case *wire.SubscribeAnswer:
		err = s.withLink(func(l *link) error { return l.answer(ctx, m) })
	case *wire.Candidate:
		err = s.withLink(func(l *link) error { return l.candidate(ctx, m) })
	case *wire.RestartICE:
		err = s.restart()
	case *wire.ReportStats:
		err = s.withLink(func(l *link) error { return l.noteReport(time.Now(), m) })
	default:
		err = s.place.Room.Act(ctx, s.place.ParticipantID, s.conn, m)
	}
	if err != nil || request.ID == 0 {
		return nil, err
	}
	return &wire.OK{}, nil
}

// withLink calls use with the media of the participant; who waits in the lobby has none.
func (s *Session) withLink(use func(*link) error) error {
	l := s.place.Media.link(s.place.ParticipantID)
	if l == nil {
		return fault.WrongState
	}
	return use(l)
}

func (s *Session) limitOffers() error {
	if s.offers.take(time.Now(), offersPerSecond, offersBurst) {
		return nil
	}
	return fault.RateLimited.With(map[string]any{"retryAfterSeconds": 1})
}

func (s *Session) restart() error {
	if err := s.limitOffers(); err != nil {
		return err
	}
	return s.withLink(func(l *link) error {
		l.change(func() { l.restart = true })
		return nil
	})
}

// publish asks the room what may be published, negotiates that, and lets the room make it known. The room answers, so
// that published comes before what follows from it.
func (s *Session) publish(ctx context.Context, requestID int64, m *wire.Publish) error {
	if err := s.limitOffers(); err != nil {
		return err
	}
	return s.withLink(func(l *link) error {
		r, id := s.place.Room, s.place.ParticipantID
		plan, err := r.PlanPublish(ctx, id, s.conn, m.Tracks, newID)
		if err != nil {
			return err
		}
		sdp, codecs, err := l.publish(ctx, m.SDP, plan)
		if err != nil {
			_ = r.AbortPublish(context.WithoutCancel(ctx), id)
			return err
		}
		err = r.CommitPublish(context.WithoutCancel(ctx), id, room.Negotiated{
			Plan: plan, SDP: sdp, Codecs: codecs, Conn: s.conn, AnswerTo: requestID,
		})
		if err != nil { // the participant is gone
			for _, t := range plan.Tracks {
				s.place.Media.Unpublish(t.PublicationID)
			}
		}
		return err
	})
}

func newID() string {
	id, err := uuid.NewV7()
	if err != nil { // the system has no randomness
		panic(err)
	}
	return id.String()
}
