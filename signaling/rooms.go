package signaling

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"parley/internal/fault"
	"parley/sfu"
	"parley/signaling/room"
	"parley/signaling/session"
)

// endedFor is how long a meeting that a host ended stays closed to those who may not host it, so that who comes late
// is told, and does not sit in an empty room.
const endedFor = 30 * time.Second

// lookTimeout bounds how long a look into a room may take.
const lookTimeout = 2 * time.Second

// Rooms are the meetings that run in this process.
type Rooms struct {
	// Static after construction.
	sfu      *sfu.SFU
	observer room.Observer
	history  session.History
	log      *slog.Logger
	onSend   func(messageType string, receivers int)
	onDrop   func()
	onRoles  func(boardID string, people []string)
	started  time.Time
	drawing  *drawing
	work     sync.WaitGroup // rooms and their media, and who is told of roles

	// Guarded by mu. It is never held while a room is called, for rooms call over.
	mu     sync.Mutex
	open   map[string]*running
	ended  map[string]time.Time // meetings ended by a host
	begun  map[string]bool      // meetings that ran and are over, noted while others are taken up again
	closed bool
}

type running struct {
	room  *room.Room
	media *session.Media
}

func newRooms(
	s *sfu.SFU, observer room.Observer, history session.History, log *slog.Logger, onSend func(messageType string, receivers int), onDrop func(),
	onRoles func(boardID string, people []string),
) *Rooms {
	return &Rooms{
		sfu: s, observer: observer, history: history, log: log, onSend: onSend, onDrop: onDrop, onRoles: onRoles, open: map[string]*running{}, ended: map[string]time.Time{},
		started: time.Now(), begun: map[string]bool{}, drawing: newDrawing(),
	}
}

// find returns the room of a meeting that runs.
func (r *Rooms) find(meetingID string) (*running, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, ok := r.open[meetingID]
	return found, ok
}

// enter finds or makes the room of a meeting and calls step with it. A room that ends meanwhile is tried again anew.
func (r *Rooms) enter(meeting room.Meeting, mayHost bool, step func(*running) error) error {
	const attempts = 3
	var err error
	for range attempts {
		var target *running
		if target, err = r.findOrOpen(meeting, mayHost); err != nil {
			return err
		}
		if err = step(target); !errors.Is(err, fault.MeetingEnded) {
			return err
		}
		<-target.room.Done()
	}
	return err
}

func (r *Rooms) findOrOpen(meeting room.Meeting, mayHost bool) (*running, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, fault.Unavailable
	}
	if found, ok := r.open[meeting.ID]; ok {
		return found, nil
	}
	if at, ok := r.ended[meeting.ID]; ok && !mayHost && time.Since(at) < endedFor {
		return nil, fault.MeetingEnded
	}
	if r.begun[meeting.ID] || time.Since(r.started) >= readmission {
		meeting.Access, meeting.Boards = room.Access{}, room.Boards{} // nobody came back in time: it ended as an empty one does
	}
	log := r.log.With("meeting", meeting.ID)
	opened := &running{media: session.NewMedia(r.sfu, log)}
	opened.room = room.New(room.Options{
		Meeting: meeting, Media: opened.media, Observer: r.observer, Log: log, OnSend: r.onSend, OnDrop: r.onDrop,
		OnOver: r.over, OnDrawers: r.drawers,
	})
	opened.media.Attach(opened.room, r.history)
	r.open[meeting.ID] = opened
	r.work.Go(func() {
		<-opened.room.Done()
		opened.media.Wait()
	})
	log.Info("room opened")
	return opened, nil
}

// over forgets a room. It is called from the room's goroutine.
func (r *Rooms) over(ended *room.Room, end room.Ended) {
	r.drawers(ended, room.Drawers{})
	r.mu.Lock()
	defer r.mu.Unlock()
	id, now := ended.MeetingID(), time.Now()
	if current := r.open[id]; current != nil && current.room == ended {
		delete(r.open, id)
	}
	for other, at := range r.ended {
		if now.Sub(at) >= endedFor {
			delete(r.ended, other)
		}
	}
	if end.ByHost {
		r.ended[id] = now
	}
	if end.Started && now.Sub(r.started) < readmission {
		r.begun[id] = true
	}
	r.log.Info("room closed", "meeting", id, "byHost", end.ByHost)
}

// Snapshot tells who is in a meeting; ok is false when it does not run in this process.
func (r *Rooms) Snapshot(meetingID string) (snapshot room.Snapshot, ok bool) {
	found, ok := r.find(meetingID)
	if !ok {
		return room.Snapshot{}, false
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	snapshot, err := found.room.Snapshot(ctx)
	return snapshot, err == nil && !snapshot.StartedAt.IsZero()
}

// InMeeting tells whether the person is in the meeting, not only in its lobby.
func (r *Rooms) InMeeting(meetingID, personKey string) bool {
	snapshot, _ := r.Snapshot(meetingID)
	for _, p := range snapshot.Participants {
		if p.Person.Key == personKey {
			return true
		}
	}
	return false
}

// End ends a meeting for all, as its host would.
func (r *Rooms) End(meetingID string) {
	if found, ok := r.find(meetingID); ok {
		_ = found.room.End(context.Background())
	}
}

// Change brings a running meeting up to date with a title and settings that were changed elsewhere.
func (r *Rooms) Change(meetingID, title string, settings room.Settings) {
	if found, ok := r.find(meetingID); ok {
		_ = found.room.Change(context.Background(), title, settings)
	}
}

// Count returns how many meetings run, and how many participants are in them.
func (r *Rooms) Count() (rooms, participants int) {
	for _, id := range r.ids() {
		if snapshot, ok := r.Snapshot(id); ok {
			rooms++
			participants += len(snapshot.Participants)
		}
	}
	return rooms, participants
}

func (r *Rooms) ids() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := make([]string, 0, len(r.open))
	for id := range r.open {
		ids = append(ids, id)
	}
	return ids
}

// stop tells everybody in every room that the server stops.
func (r *Rooms) stop(ctx context.Context) {
	r.mu.Lock()
	r.closed = true
	open := make([]*running, 0, len(r.open))
	for _, one := range r.open {
		open = append(open, one)
	}
	r.mu.Unlock()
	for _, one := range open {
		one.room.Stop(ctx)
	}
}
