package meetings

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	recorderBatch     = 256
	heartbeatEvery    = 15 * time.Second
	silentAfter       = 2 * time.Minute // a node without a heartbeat for so long is taken for dead
	firstRetry        = 200 * time.Millisecond
	longestRetry      = 10 * time.Second
	accessKept        = time.Hour        // longest stop of the server over which a run keeps who may not enter
	closingTime       = 10 * time.Second // to write what is queued when the server stops
	reasonLost        = "lost"           // the server crashed, or the leave was not seen
	reasonMeetingOver = "ended"
)

// Attendee is somebody who enters a meeting.
type Attendee struct {
	PersonKey string // user:<id> or guest:<id>
	UserID    string // empty for guests
	Name      string
}

// SettingsChange is the rules of a running meeting after its hosts changed them.
type SettingsChange struct {
	Lobby, GuestsAllowed, ChatAllowed bool
	WhoMayShare, WhoMayDraw           string
}

// Access is who may not enter or write in a running meeting, and who may more than others.
type Access struct {
	Locked     bool     // nobody new
	Removed    []string // person keys
	ChatClosed bool
	CoHosts    []string // person keys of those whom a host made co-hosts in it
}

// Board is a board that is open in a running meeting.
type Board struct {
	ID         string
	Title      string
	OpenerKey  string // person key of who opened it
	OpenerName string
	OpenedAt   time.Time
}

// Boards are the boards that are open in a running meeting.
type Boards struct {
	Open        []Board // in the order of opening
	PresentedID string  // the one of them that is presented to all; empty for none
}

// happening is what the recorder was told.
type happening struct {
	meeting     uuid.UUID
	at          time.Time
	kind        happeningKind
	participant string
	attendee    Attendee
	reason      string
	byHost      bool
	settings    SettingsChange
	access      Access
	boards      Boards
}

type happeningKind int

const (
	started happeningKind = iota
	joined
	left
	ended
	settingsChanged
	accessChanged
	boardsChanged
)

// RecorderConfig is what a recorder needs besides the service.
type RecorderConfig struct {
	Node     string                // name of this node, the same after a restart
	Queue    int                   // happenings that wait to be written. Defaults to 4096
	Registry prometheus.Registerer // Defaults to none
}

// Recorder writes the runs of meetings and who was in them. Its methods only queue what happened, so that rooms never
// wait for the database. The queue is bounded: when it is full the meeting is marked, and once the queue has been
// written its attendance is compared with who is in the room, so that a leave is never lost, only its exact time.
type Recorder struct {
	service *Service           // static
	node    string             // static
	log     *slog.Logger       // static
	queue   chan happening     // static
	dropped prometheus.Counter // static
	cancel  context.CancelFunc // static
	done    chan struct{}      // static; closed by run
	wake    chan struct{}      // static; a meeting was marked
	missing map[uuid.UUID]bool // running meetings whose room did not answer; owned by run
	mu      sync.Mutex         // guards what follows
	marked  map[uuid.UUID]bool // meetings whose happenings were dropped
	closed  bool               // nothing is queued any more
}

// NewRecorder closes what a crash left open and starts writing.
func NewRecorder(ctx context.Context, s *Service, cfg RecorderConfig) (*Recorder, error) {
	if cfg.Queue <= 0 {
		cfg.Queue = 4096
	}
	r := &Recorder{
		service: s, node: cfg.Node, log: s.log, queue: make(chan happening, cfg.Queue), done: make(chan struct{}),
		wake: make(chan struct{}, 1), marked: map[uuid.UUID]bool{}, missing: map[uuid.UUID]bool{},
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_attendance_dropped_total",
			Help: "Joins and leaves that did not fit the queue of the attendance recorder and were reconciled later.",
		}),
	}
	if cfg.Registry != nil {
		if err := cfg.Registry.Register(r.dropped); err != nil {
			return nil, err
		}
	}
	if err := s.recover(ctx, cfg.Node, s.now()); err != nil {
		return nil, err
	}
	runCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.cancel = cancel
	go r.run(runCtx)
	return r, nil
}

// Close writes what is queued, for some seconds at most, and ends the recorder.
func (r *Recorder) Close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.queue)
		time.AfterFunc(closingTime, r.cancel)
	}
	r.mu.Unlock()
	<-r.done
	r.cancel()
}

// MeetingStarted tells that the first participant is in.
func (r *Recorder) MeetingStarted(meetingID string, at time.Time) {
	r.put(meetingID, happening{kind: started, at: at})
}

// ParticipantJoined tells that somebody is in.
func (r *Recorder) ParticipantJoined(meetingID, participantID string, who Attendee, at time.Time) {
	r.put(meetingID, happening{kind: joined, participant: participantID, attendee: who, at: at})
}

// ParticipantLeft tells that somebody is out.
func (r *Recorder) ParticipantLeft(meetingID, participantID string, at time.Time, reason string) {
	r.put(meetingID, happening{kind: left, participant: participantID, reason: reason, at: at})
}

// MeetingEnded tells that the meeting is over; byHost that a host ended it for all.
func (r *Recorder) MeetingEnded(meetingID string, at time.Time, byHost bool) {
	r.put(meetingID, happening{kind: ended, byHost: byHost, at: at})
}

// SettingsChanged tells the rules of the meeting after a host changed them.
func (r *Recorder) SettingsChanged(meetingID string, to SettingsChange) {
	r.put(meetingID, happening{kind: settingsChanged, settings: to})
}

// AccessChanged tells who may not enter the meeting and so on, for when the server restarts in it.
func (r *Recorder) AccessChanged(meetingID string, to Access) {
	r.put(meetingID, happening{kind: accessChanged, access: to})
}

// BoardsChanged tells which boards are open in the meeting, for afterwards and for when the server restarts in it.
func (r *Recorder) BoardsChanged(meetingID string, to Boards, at time.Time) {
	r.put(meetingID, happening{kind: boardsChanged, boards: to, at: at})
}

func (r *Recorder) put(meetingID string, h happening) {
	id, err := uuid.Parse(meetingID)
	if err != nil {
		r.log.Error("attendance of an unknown meeting", "meeting", meetingID)
		return
	}
	h.meeting = id
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	select {
	case r.queue <- h:
	default:
		r.dropped.Inc()
		r.marked[id] = true
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}

func (r *Recorder) run(ctx context.Context) {
	defer close(r.done)
	heartbeat := time.NewTicker(heartbeatEvery)
	defer heartbeat.Stop()
	for {
		select {
		case h, open := <-r.queue:
			if !open {
				r.reconcile(ctx)
				return
			}
			r.writeBatch(ctx, h)
			r.reconcile(ctx)
		case <-r.wake:
			r.reconcile(ctx)
		case <-heartbeat.C:
			r.beat(ctx)
		}
	}
}

// writeBatch writes h and what is queued behind it, then tells the people of those meetings once.
func (r *Recorder) writeBatch(ctx context.Context, h happening) {
	touched := map[uuid.UUID]bool{} // true: somebody left
	for more, count := true, 1; more; count++ {
		r.write(ctx, h)
		touched[h.meeting] = touched[h.meeting] || h.kind == left || h.kind == ended
		if count == recorderBatch {
			break
		}
		select {
		case h, more = <-r.queue:
		default:
			more = false
		}
	}
	for id, someLeft := range touched {
		r.service.publishPresence(ctx, id, someLeft)
	}
}

// reconcile writes what is queued and then compares the marked meetings with their rooms. A meeting was marked after
// everything that is queued now, so no join that is still to be written can open an interval for good.
func (r *Recorder) reconcile(ctx context.Context) {
	r.mu.Lock()
	marked := r.marked
	r.marked = map[uuid.UUID]bool{}
	queued := len(r.queue)
	r.mu.Unlock()
	if len(marked) == 0 {
		return
	}
	for range queued {
		h, open := <-r.queue
		if !open {
			break
		}
		r.write(ctx, h)
	}
	for id := range marked {
		r.retry(ctx, "reconcile attendance", id, func() error { return r.service.reconcile(ctx, r.node, id) })
		r.service.publishPresence(ctx, id, true)
	}
}

func (r *Recorder) write(ctx context.Context, h happening) {
	r.retry(ctx, "record attendance", h.meeting, func() error { return r.service.record(ctx, r.node, h) })
}

// retry goes on until fn succeeds: attendance waits for a database that is away. What the database refuses for what it
// is would be refused again, and is given up.
func (r *Recorder) retry(ctx context.Context, what string, meeting uuid.UUID, fn func() error) {
	for pause := firstRetry; ; pause = min(2*pause, longestRetry) {
		err := fn()
		if err == nil {
			return
		}
		r.log.Error("attendance not written", "doing", what, "meeting", meeting, "error", err)
		if refused(err) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// refused holds for errors of the data (class 22) and of constraints (23).
func refused(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && slices.Contains([]string{"22", "23"}, pg.Code[:2])
}

// beat shows that this node lives, closes the runs of nodes that do not, and marks those of this node whose room is
// gone without a word, as after a panic. A room that is merely slow to answer is given until the next beat.
func (r *Recorder) beat(ctx context.Context) {
	if err := r.service.beat(ctx, r.node); err != nil {
		r.log.Warn("heartbeat not written", "error", err)
		return
	}
	running, err := r.service.db.RunningOnNode(ctx, r.node)
	if err != nil {
		r.log.Warn("running meetings not read", "error", err)
		return
	}
	missing := map[uuid.UUID]bool{}
	for _, id := range running {
		if _, ok := r.service.rooms.Room(id.String()); ok {
			continue
		}
		if missing[id] = true; r.missing[id] {
			r.mark(id)
		}
	}
	r.missing = missing
	r.reconcile(ctx)
}

func (r *Recorder) mark(meeting uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.marked[meeting] = true
}
