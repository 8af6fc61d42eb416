package signaling

import (
	"context"
	"errors"
	"net/http"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"
	"parley/signaling/room"
	"parley/signaling/session"
	"parley/signaling/wire"

	"github.com/google/uuid"
)

// entrance brings one connection to its place. It implements session.Entrance.
type entrance struct {
	server    *Server
	request   *http.Request   // of the handshake
	principal authz.Principal // who made it
	code      string
}

// Enter resumes where the hello has a token that is still good, and else enters anew.
func (e *entrance) Enter(ctx context.Context, hello session.Hello, seat room.Seat, conn string) (session.Place, error) {
	if err := e.limit(); err != nil {
		return session.Place{}, err
	}
	if err := e.stillGood(ctx); err != nil {
		return session.Place{}, err
	}
	admission, err := e.server.opts.Directory.Admit(ctx, e.principal, e.code)
	if err != nil {
		return session.Place{}, err
	}
	if admission.Person.Guest && hello.Name != "" {
		admission.Person.Name = hello.Name
	}
	held, err := e.server.tickets.read(hello.Resume)
	ours := err == nil && held.MeetingID == admission.Meeting.ID && held.PersonKey == admission.Person.Key
	if ours {
		place, err := e.resume(ctx, hello, held, seat, conn)
		if !errors.Is(err, fault.ResumeInvalid) {
			return place, err
		}
	}
	readmitted := ours && e.server.tickets.readmits(time.Now(), held)
	return e.enter(ctx, admission, hello.RequestID, readmitted, seat, conn)
}

// limit keeps one person from knocking at all doors all the time. Strangers are turned away by the Directory.
func (e *entrance) limit() error {
	key := e.principal.Key()
	if key == "" {
		return nil
	}
	if ok, wait := e.server.hellos.Take(key); !ok {
		return fault.RateLimited.With(map[string]any{"retryAfterSeconds": int(wait.Seconds()) + 1})
	}
	return nil
}

// stillGood asks again who it is: between handshake and hello the credential may have been revoked, and Revoke ends
// only connections that it knows.
func (e *entrance) stillGood(ctx context.Context) error {
	now, err := e.server.opts.Authenticate(e.request.WithContext(ctx))
	switch {
	case errors.Is(err, fault.Unauthenticated), err == nil && now.Key() != e.principal.Key():
		return fault.Unauthenticated
	case err != nil:
		return fault.Unavailable.Wrap(err)
	}
	return nil
}

func (e *entrance) resume(
	ctx context.Context, hello session.Hello, held ticket, seat room.Seat, conn string,
) (session.Place, error) {
	found, ok := e.server.rooms.find(held.MeetingID)
	if !ok {
		return session.Place{}, fault.ResumeInvalid
	}
	waiting, admitted := e.tokens(held.MeetingID, held.ParticipantID, held.PersonKey)
	err := found.room.Resume(ctx, seat, room.Return{
		ID: held.ParticipantID, Conn: conn, PersonKey: held.PersonKey, Token: hello.Resume, Welcome: e.welcome(held.ParticipantID),
		WaitingToken: waiting, AdmittedToken: admitted, NewMedia: hello.NewMedia,
		AnswerTo: hello.RequestID,
	})
	if errors.Is(err, fault.MeetingEnded) {
		err = fault.ResumeInvalid // the room is over; whether the meeting is, a new room tells
	}
	return seated(found, held.ParticipantID, conn, err)
}

func (e *entrance) enter(
	ctx context.Context, a Admission, answerTo int64, readmitted bool, seat room.Seat, conn string,
) (place session.Place, err error) {
	unique, err := uuid.NewV7()
	if err != nil {
		return session.Place{}, fault.Internal.Wrap(err)
	}
	id := unique.String()
	waiting, admitted := e.tokens(a.Meeting.ID, id, a.Person.Key)
	err = e.server.rooms.enter(a.Meeting, a.Person.MayHost, func(target *running) error {
		err := target.room.Enter(ctx, seat, room.Entry{
			ID: id, Conn: conn, Person: a.Person, Welcome: e.welcome(id), WaitingToken: waiting, AdmittedToken: admitted,
			AnswerTo: answerTo, Readmitted: readmitted,
		})
		place, err = seated(target, id, conn, err)
		return err
	})
	return place, err
}

// seated makes sure that nobody keeps a seat who is told an error: the room may have been slow, not unwilling.
func seated(in *running, id, conn string, err error) (session.Place, error) {
	if err != nil {
		in.room.Disconnect(id, conn)
		return session.Place{}, err
	}
	return session.Place{Room: in.room, Media: in.media, ParticipantID: id}, nil
}

func (e *entrance) tokens(meetingID, participantID, personKey string) (waiting, admitted string) {
	now := time.Now()
	return e.server.tickets.issue(now, meetingID, participantID, personKey, false),
		e.server.tickets.issue(now, meetingID, participantID, personKey, true)
}

// welcome is what the room completes.
func (e *entrance) welcome(participantID string) wire.Welcome {
	now := time.Now()
	return wire.Welcome{
		Version: wire.Version, Codecs: e.server.opts.Codecs, ICEServers: iceServers(e.server.opts.ICEServers, participantID, now),
		PingSeconds: int(session.PingInterval.Seconds()), ResumeSeconds: int(room.ResumeGrace.Seconds()),
		ServerTime: now.UnixMilli(),
	}
}
