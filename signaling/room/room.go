package room

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"parley/internal/actor"
	"parley/internal/fault"
	"parley/signaling/wire"
)

// Seat is the connection of one participant. Its methods put something into a bounded outbox and never block.
type Seat interface {
	// Send queues an encoded message. When the outbox is full the connection ends; the participant may resume.
	Send(frame []byte)
	// Close queues a closing message; the connection ends once that is written. What is sent later is dropped.
	Close(reason wire.EndReason, reconnect bool)
}

// Media is the media layer under one room. Its methods only note what is wanted and never block.
type Media interface {
	// Open begins the media of a participant; offers and candidates go to the seat, which is nil for one who is away.
	Open(participantID string, kind wire.ParticipantKind, seat Seat)
	// Restart follows a resume: the subscribe connection needs a new offer; with renew both connections are new.
	Restart(participantID string, seat Seat, renew bool)
	// Receive says which publications a participant gets and how large he shows the videos, replacing what it said before.
	// For a viewer they are those of its sections in their order, empty for silence.
	Receive(participantID string, publications []string, view []wire.Tile)
	SetMuted(publicationID string, muted bool)
	SetHint(publicationID string, hint wire.ContentHint)
	Unpublish(publicationID string)
	CloseParticipant(participantID string)
	// Close ends what is left when the room is over.
	Close()
}

// Observer is told what is worth keeping. Its methods must not block.
type Observer interface {
	MeetingStarted(meetingID string, at time.Time)
	ParticipantJoined(meetingID, participantID string, person Person, at time.Time)
	ParticipantLeft(meetingID, participantID string, at time.Time, reason GoneReason)
	MeetingEnded(meetingID string, at time.Time, byHost bool)
	SettingsChanged(meetingID string, settings Settings)
	// AccessChanged is told after MeetingStarted and at every change, to be handed to the room of a next process.
	AccessChanged(meetingID string, access Access)
	// BoardsChanged is told after MeetingStarted and when a board is opened, closed, presented or renamed: for the room of
	// a next process, and for the timeline of a recording.
	BoardsChanged(meetingID string, boards Boards, at time.Time)
}

// Options are what a room is made of.
type Options struct {
	Meeting  Meeting
	Media    Media
	Observer Observer
	Log      *slog.Logger
	// OnSend is told of every message sent, with the number of its receivers. May be nil.
	OnSend func(messageType string, receivers int)
	// OnDrop is told when the room was too busy to listen to the media layer. May be nil.
	OnDrop func()
	// OnDrawers is told who may do what on the open boards, from the room's goroutine, whenever that may have changed. It
	// must neither block nor call the room. May be nil.
	OnDrawers func(r *Room, drawers Drawers)
	// OnOver is called once, from the room's goroutine, when the room is over. It must not call the room.
	OnOver func(r *Room, end Ended)
}

// mailboxSize bounds what waits for the room. Commands of participants wait for a place; what the media layer tells
// (speakers, quality, codecs) is dropped when there is none, because newer of the same kind follows.
const mailboxSize = 512

// Room gives a State its goroutine.
type Room struct {
	// Static after construction.
	opts  Options
	actor *actor.Actor

	// Owned by the actor.
	state    *State
	seats    map[string]Seat
	present  map[string]bool // participants that the observer believes to be in
	arriving Seat            // who said hello, while Enter or Resume is carried out
	timer    *time.Timer
	over     bool
}

// New starts a room.
func New(opts Options) *Room {
	if opts.OnSend == nil {
		opts.OnSend = func(string, int) {}
	}
	if opts.OnDrawers == nil {
		opts.OnDrawers = func(*Room, Drawers) {}
	}
	if opts.OnDrop == nil {
		opts.OnDrop = func() {}
	}
	r := &Room{
		opts: opts, state: NewState(opts.Meeting), seats: map[string]Seat{}, present: map[string]bool{},
	}
	r.actor = actor.New(mailboxSize, r.onPanic)
	r.timer = time.AfterFunc(time.Hour, r.expire)
	r.timer.Stop()
	return r
}

// MeetingID returns the id of the meeting.
func (r *Room) MeetingID() string { return r.opts.Meeting.ID }

// Queued returns how much waits for the room.
func (r *Room) Queued() int { return r.actor.Queued() }

// Done is closed when the room's goroutine has ended.
func (r *Room) Done() <-chan struct{} { return r.actor.Done() }

// Enter seats somebody in the meeting or in its lobby.
func (r *Room) Enter(ctx context.Context, seat Seat, e Entry) error {
	return r.arrive(ctx, seat, func(now time.Time) ([]Effect, error) { return r.state.Enter(now, e) })
}

// Resume gives a participant's seat to another connection.
func (r *Room) Resume(ctx context.Context, seat Seat, back Return) error {
	return r.arrive(ctx, seat, func(now time.Time) ([]Effect, error) { return r.state.Resume(now, back) })
}

func (r *Room) arrive(ctx context.Context, seat Seat, step func(time.Time) ([]Effect, error)) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) {
		r.arriving = seat
		return step(now)
	})
}

// Disconnect tells that a connection is lost. It waits for the room however long that takes: a lost connection that
// the room does not know of would be kept for ever.
func (r *Room) Disconnect(id, conn string) {
	_ = r.do(context.Background(), func(now time.Time) ([]Effect, error) {
		return r.state.Disconnect(now, id, conn), nil
	})
}

// Confirm tells that a connection got its welcome.
func (r *Room) Confirm(ctx context.Context, id, conn string) error {
	return r.do(ctx, func(time.Time) ([]Effect, error) {
		r.state.Confirm(id, conn)
		return nil, nil
	})
}

// Expel takes out a participant whose connection may not come back. It waits for the room, as Disconnect does.
func (r *Room) Expel(id, conn string) {
	_ = r.do(context.Background(), func(now time.Time) ([]Effect, error) {
		return r.state.Expel(now, id, conn), nil
	})
}

// Act carries out a command.
func (r *Room) Act(ctx context.Context, id, conn string, command wire.ClientMessage) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) { return r.state.Act(now, id, conn, command) })
}

// ActAs carries out a command of a person who is in the meeting, given elsewhere than on a connection of the room.
func (r *Room) ActAs(ctx context.Context, person string, command wire.ClientMessage) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) { return r.state.ActAs(now, person, command) })
}

// MayOpenBoard tells whether a person may open one more board, with the fault that says why not.
func (r *Room) MayOpenBoard(ctx context.Context, person string) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) { return nil, r.state.MayOpenBoard(now, person) })
}

// RenameBoard gives an open board another title.
func (r *Room) RenameBoard(ctx context.Context, id, title string) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) { return r.state.RenameBoard(now, id, title), nil })
}

// ForgetBoard closes a board that is no more.
func (r *Room) ForgetBoard(ctx context.Context, id string) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) { return r.state.ForgetBoard(now, id), nil })
}

// PlanPublish decides what a participant may publish.
func (r *Room) PlanPublish(
	ctx context.Context, id, conn string, tracks []wire.PublishTrack, newID func() string,
) (plan Plan, err error) {
	err = r.do(ctx, func(time.Time) (_ []Effect, err error) {
		plan, err = r.state.PlanPublish(id, conn, tracks, newID)
		return nil, err
	})
	return plan, err
}

// CommitPublish makes a plan's publications live.
func (r *Room) CommitPublish(ctx context.Context, id string, n Negotiated) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) { return r.state.CommitPublish(now, id, n) })
}

// AbortPublish gives a plan up.
func (r *Room) AbortPublish(ctx context.Context, id string) error {
	return r.do(ctx, func(time.Time) ([]Effect, error) {
		r.state.AbortPublish(id)
		return nil, nil
	})
}

// Watch tells what a viewer can be shown.
func (r *Room) Watch(ctx context.Context, id, conn string, sections []Section) error {
	return r.do(ctx, func(time.Time) ([]Effect, error) { return r.state.Watch(id, conn, sections) })
}

// Published tells what a participant publishes, as the plan that keeps it so.
func (r *Room) Published(ctx context.Context, id, conn string) (plan Plan, err error) {
	err = r.do(ctx, func(time.Time) (_ []Effect, err error) {
		plan, err = r.state.Published(id, conn)
		return nil, err
	})
	return plan, err
}

// SetLost tells which peer connections of a participant are lost. It waits for the room, for nothing newer may follow.
func (r *Room) SetLost(id string, lost Lost) {
	_ = r.do(context.Background(), func(time.Time) ([]Effect, error) { return r.state.SetLost(id, lost), nil })
}

// SetQuality tells how a connection is; false when the room was too busy to listen. It never blocks, and neither do
// SetSpeakers and SetCodec.
func (r *Room) SetQuality(quality wire.Quality) bool {
	return r.hear(func() []Effect { return r.state.SetQuality(quality) })
}

// SetSpeakers tells who speaks.
func (r *Room) SetSpeakers(levels []Level) {
	r.hear(func() []Effect { return r.state.SetSpeakers(time.Now(), levels) })
}

// SetCodec tells the codec of a publication.
func (r *Room) SetCodec(publicationID, codec string) {
	r.hear(func() []Effect { return r.state.SetCodec(publicationID, codec) })
}

// hear listens to the media layer, unless the room is too busy or over.
func (r *Room) hear(step func() []Effect) bool {
	if r.post(step) {
		return true
	}
	if !r.closed() {
		r.opts.OnDrop()
	}
	return false
}

func (r *Room) closed() bool {
	select {
	case <-r.actor.Done():
		return true
	default:
		return false
	}
}

// Drop takes out a participant whose media broke for good.
func (r *Room) Drop(id string) {
	_ = r.do(context.Background(), func(now time.Time) ([]Effect, error) { return r.state.Drop(now, id), nil })
}

// Snapshot tells who is in the meeting.
func (r *Room) Snapshot(ctx context.Context) (snapshot Snapshot, err error) {
	err = r.do(ctx, func(time.Time) ([]Effect, error) {
		snapshot = r.state.Snapshot()
		return nil, nil
	})
	return snapshot, err
}

// End ends the meeting for all.
func (r *Room) End(ctx context.Context) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) { return r.state.End(now), nil })
}

// Change takes a title and settings that were changed outside the room.
func (r *Room) Change(ctx context.Context, title string, settings Settings) error {
	return r.do(ctx, func(now time.Time) ([]Effect, error) { return r.state.Change(now, title, settings), nil })
}

// Stop tells everybody that the server stops and waits for the room's goroutine.
func (r *Room) Stop(ctx context.Context) {
	_ = r.do(ctx, func(now time.Time) ([]Effect, error) {
		effects := r.state.Stop(now)
		r.over = true
		return effects, nil
	})
	r.actor.Close()
}

func (r *Room) do(ctx context.Context, step func(now time.Time) ([]Effect, error)) error {
	var result error
	err := r.actor.Do(ctx, func() {
		effects, err := step(time.Now())
		result = err
		r.carryOut(effects)
	})
	if errors.Is(err, actor.ErrClosed) {
		return fault.MeetingEnded
	}
	if err != nil {
		return fault.Unavailable.Wrap(err)
	}
	return result
}

func (r *Room) post(step func() []Effect) bool {
	return r.actor.Post(func() { r.carryOut(step()) })
}

// expire runs on the timer's goroutine.
func (r *Room) expire() {
	taken := r.post(func() []Effect { return r.state.Expire(time.Now()) })
	if !taken && !r.closed() {
		r.timer.Reset(100 * time.Millisecond)
	}
}

// carryOut does what the state decided, and then looks when it wants to be woken.
func (r *Room) carryOut(effects []Effect) {
	over, end := r.over, Ended{}
	for _, effect := range effects {
		if e, ok := effect.(Ended); ok {
			over, end = true, e
		}
		r.apply(effect)
	}
	r.arriving = nil
	if over {
		r.finish(end)
		return
	}
	r.timer.Stop()
	if deadline := r.state.Deadline(); !deadline.IsZero() {
		r.timer.Reset(time.Until(deadline))
	}
}

func (r *Room) finish(end Ended) {
	r.over = true
	r.timer.Stop()
	r.opts.Media.Close()
	r.opts.OnOver(r, end)
	r.actor.Stop()
}

func (r *Room) apply(effect Effect) {
	media, id := r.opts.Media, r.opts.Meeting.ID
	switch e := effect.(type) {
	case Send:
		r.send(e)
	case TakeSeat:
		r.seats[e.ParticipantID] = r.arriving
	case Close:
		r.closeSeat(e)
	case OpenMedia:
		media.Open(e.ParticipantID, e.Kind, r.seats[e.ParticipantID])
	case RestartMedia:
		media.Restart(e.ParticipantID, r.seats[e.ParticipantID], e.Renew)
	case CloseMedia:
		media.CloseParticipant(e.ParticipantID)
		delete(r.seats, e.ParticipantID)
	case Receive:
		media.Receive(e.ParticipantID, e.Publications, e.View)
	case Gate:
		media.SetMuted(e.PublicationID, e.Muted)
	case Hint:
		media.SetHint(e.PublicationID, e.Hint)
	case Unpublish:
		media.Unpublish(e.PublicationID)
	case Started:
		r.opts.Observer.MeetingStarted(id, e.At)
	case Arrived:
		r.present[e.ParticipantID] = true
		r.opts.Observer.ParticipantJoined(id, e.ParticipantID, e.Person, e.At)
	case Gone:
		delete(r.present, e.ParticipantID)
		r.opts.Observer.ParticipantLeft(id, e.ParticipantID, e.At, e.Reason)
	case Changed:
		r.opts.Observer.SettingsChanged(id, e.Settings)
	case AccessChanged:
		r.opts.Observer.AccessChanged(id, e.Access)
	case BoardsChanged:
		r.opts.Observer.BoardsChanged(id, e.Boards, e.At)
	case Drawers:
		r.opts.OnDrawers(r, e)
	case Ended:
		if e.Started {
			r.opts.Observer.MeetingEnded(id, e.At, e.ByHost)
		}
	}
}

// send encodes once for all receivers.
func (r *Room) send(e Send) {
	frame := wire.Encode(e.Message, e.AnswerTo)
	for _, id := range e.To {
		if seat := r.seats[id]; seat != nil {
			seat.Send(frame)
		}
	}
	r.opts.OnSend(wire.TypeOf(e.Message), len(e.To))
}

func (r *Room) closeSeat(e Close) {
	if seat := r.seats[e.To]; seat != nil {
		seat.Close(e.Reason, e.Reconnect)
		delete(r.seats, e.To)
	}
}

// onPanic ends the room, and only the room. The state is not looked at: it may be half changed.
func (r *Room) onPanic(p *actor.Panic) {
	r.opts.Log.Error("room panicked", "meeting", r.opts.Meeting.ID, "panic", p.Value, "stack", string(p.Stack))
	r.timer.Stop()
	for _, seat := range r.seats {
		seat.Close(wire.EndShutdown, true)
	}
	now := time.Now()
	for id := range r.present {
		r.opts.Observer.ParticipantLeft(r.opts.Meeting.ID, id, now, GoneShutdown)
	}
	r.opts.Media.Close()
	if !r.over {
		r.over = true
		r.opts.OnOver(r, Ended{At: now, Started: len(r.present) > 0})
	}
}
