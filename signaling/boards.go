package signaling

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"parley/internal/fault"
	"parley/signaling/room"
	"parley/signaling/wire"
)

// drawing knows who may do what on boards that are open in meetings, without asking the rooms: it is asked for each
// connection to a board, again and again.
type drawing struct {
	mu    sync.RWMutex
	rooms map[*room.Room]room.Drawers // that have open boards; guarded by mu
}

func newDrawing() *drawing { return &drawing{rooms: map[*room.Room]room.Drawers{}} }

// role is the most capable one that the person has on the board in any meeting, empty for none.
func (d *drawing) role(boardID, person string) (role room.BoardRole) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, in := range d.rooms {
		if is := lent(in, boardID, person); role != room.BoardEditor && is != "" {
			role = is
		}
	}
	return role
}

// in lists the rooms in which the board is open.
func (d *drawing) in(boardID string) (list []*room.Room) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for r, in := range d.rooms {
		if slices.Contains(in.Boards, boardID) {
			list = append(list, r)
		}
	}
	return list
}

// replace notes what a room says, and returns by board whose role changed with it.
func (d *drawing) replace(r *room.Room, now room.Drawers) map[string][]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.rooms[r]
	delete(d.rooms, r)
	if len(now.Boards) > 0 {
		d.rooms[r] = now
	}
	changed := map[string][]string{}
	for board := range union(before.Boards, now.Boards) {
		for person := range union(slices.Collect(maps.Keys(before.Roles)), slices.Collect(maps.Keys(now.Roles))) {
			if lent(before, board, person) != lent(now, board, person) {
				changed[board] = append(changed[board], person)
			}
		}
	}
	return changed
}

// lent is the role that a room gives a person on a board, empty for none.
func lent(in room.Drawers, board, person string) room.BoardRole {
	if slices.Contains(in.Boards, board) {
		return in.Roles[person]
	}
	return ""
}

func union(lists ...[]string) map[string]bool {
	all := map[string]bool{}
	for _, one := range slices.Concat(lists...) {
		all[one] = true
	}
	return all
}

// drawers takes what a room says of its boards, and tells whose role changed. It is called from the room's goroutine.
func (r *Rooms) drawers(in *room.Room, now room.Drawers) {
	changed := r.drawing.replace(in, now)
	if len(changed) == 0 {
		return
	}
	r.work.Go(func() {
		for board, people := range changed {
			r.onRoles(board, people)
		}
	})
}

// MeetingDrawers says who may do what on the boards that are open in a meeting.
type MeetingDrawers struct {
	MeetingID string
	room.Drawers
}

// Drawers lists the meetings of this process that have open boards. Its lists and maps are not to be changed.
func (r *Rooms) Drawers() []MeetingDrawers {
	r.drawing.mu.RLock()
	defer r.drawing.mu.RUnlock()
	list := make([]MeetingDrawers, 0, len(r.drawing.rooms))
	for in, drawers := range r.drawing.rooms {
		list = append(list, MeetingDrawers{in.MeetingID(), drawers})
	}
	return list
}

// BoardRole is what a person may do on a board because it is open in a meeting that he is in; empty for nothing. It
// does not wait for the rooms.
func (r *Rooms) BoardRole(boardID, person string) room.BoardRole {
	return r.drawing.role(boardID, person)
}

// MayOpenBoard tells whether the person may open one more board in a meeting, with the fault that says why not. A meeting
// that does not run in this process is answered as one that the person is not in.
func (r *Rooms) MayOpenBoard(ctx context.Context, meetingID, person string) error {
	return r.inside(meetingID, func(in *room.Room) error { return in.MayOpenBoard(ctx, person) })
}

// OpenBoard opens a board, which the person must be able to edit, in a meeting that he is in.
func (r *Rooms) OpenBoard(ctx context.Context, meetingID, person, boardID, title string) error {
	return r.actAs(ctx, meetingID, person, &room.OpenBoard{ID: boardID, Title: title})
}

// CloseBoard closes a board for all in a meeting.
func (r *Rooms) CloseBoard(ctx context.Context, meetingID, person, boardID string) error {
	return r.actAs(ctx, meetingID, person, &room.CloseBoard{ID: boardID})
}

func (r *Rooms) actAs(ctx context.Context, meetingID, person string, command wire.ClientMessage) error {
	return r.inside(meetingID, func(in *room.Room) error { return in.ActAs(ctx, person, command) })
}

func (r *Rooms) inside(meetingID string, step func(*room.Room) error) error {
	found, ok := r.find(meetingID)
	if !ok {
		return fault.NotInMeeting
	}
	err := step(found.room)
	if errors.Is(err, fault.MeetingEnded) {
		return fault.NotInMeeting
	}
	return err
}

// RenameBoard gives a board another title wherever it is open.
func (r *Rooms) RenameBoard(boardID, title string) {
	for _, in := range r.drawing.in(boardID) {
		_ = in.RenameBoard(context.Background(), boardID, title)
	}
}

// ForgetBoard closes a board that is no more wherever it is open.
func (r *Rooms) ForgetBoard(boardID string) {
	for _, in := range r.drawing.in(boardID) {
		_ = in.ForgetBoard(context.Background(), boardID)
	}
}
