package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"parley/api/boards"
	"parley/internal/bus"
	"parley/signaling"
	"parley/signaling/room"

	"github.com/google/uuid"
)

const (
	// Nodes say on lentSubject what their meetings lend; with lentWish one asks all to say it again.
	lentSubject = "meetingboards.lent"
	lentWish    = "meetingboards.wish"
	// A node says everything again every lentEvery; a meeting of which nothing came for lentFor is over.
	lentEvery = 10 * time.Second
	lentFor   = 30 * time.Second
)

// lentMessage is what the meeting of a node lends on its boards, as it travels the bus; without boards nothing any more.
type lentMessage struct {
	Node    string                    `json:"node"`
	Meeting string                    `json:"meeting"`
	Boards  []string                  `json:"boards,omitempty"`
	Roles   map[string]room.BoardRole `json:"roles,omitempty"` // by the key of the person
}

// lentRoles keeps the roles that meetings of other nodes lend on boards, and tells other nodes of those of this one.
type lentRoles struct {
	// Static after construction.
	bus       *bus.Bus
	node      string
	here      func() []signaling.MeetingDrawers // meetings of this node that have open boards
	onChanged func(person string)               // what somebody may do on some board is another thing
	log       *slog.Logger

	telling sync.Mutex
	told    map[string]room.Drawers // by meeting of this node; guarded by telling

	mu    sync.RWMutex
	there map[lentBy]lentThere // guarded by mu
}

type lentBy struct{ node, meeting string }

type lentThere struct {
	room.Drawers
	heardAt time.Time
}

func newLentRoles(b *bus.Bus, node string, here func() []signaling.MeetingDrawers, onChanged func(string), log *slog.Logger) *lentRoles {
	return &lentRoles{
		bus: b, node: node, here: here, onChanged: onChanged, log: log, told: map[string]room.Drawers{}, there: map[lentBy]lentThere{},
	}
}

// start listens to other nodes and asks what their meetings lend, until close.
func (l *lentRoles) start() (closing func(context.Context) error, err error) {
	lent, err := l.bus.Subscribe(lentSubject, l.hear)
	if err != nil {
		return nil, err
	}
	wish, err := l.bus.Subscribe(lentWish, func(bus.Message) { l.tell(true) })
	if err != nil {
		lent.Close()
		return nil, err
	}
	l.publish(lentWish, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.runTelling(ctx)
	}()
	return func(context.Context) error {
		cancel()
		<-done
		wish.Close()
		lent.Close()
		return nil
	}, nil
}

func (l *lentRoles) runTelling(ctx context.Context) {
	tick := time.NewTicker(lentEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.tell(true)
			l.forgetSilent(time.Now())
		}
	}
}

// role is the most capable one that a person has on a board through meetings of other nodes, empty for none.
func (l *lentRoles) role(board uuid.UUID, person string) (most boards.Role) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, in := range l.there {
		if slices.Contains(in.Boards, board.String()) {
			if is := boards.Role(in.Roles[person]); is.AtLeast(most) {
				most = is
			}
		}
	}
	return most
}

// tell says to other nodes what meetings of this one lend: all of it, or what has changed.
func (l *lentRoles) tell(all bool) {
	l.telling.Lock()
	defer l.telling.Unlock()
	now := map[string]room.Drawers{}
	for _, one := range l.here() {
		now[one.MeetingID] = one.Drawers
		if before, known := l.told[one.MeetingID]; all || !known || !sameDrawers(before, one.Drawers) {
			l.say(one.MeetingID, one.Drawers)
		}
	}
	for meeting := range l.told {
		if _, runs := now[meeting]; !runs {
			l.say(meeting, room.Drawers{})
		}
	}
	l.told = now
}

func (l *lentRoles) say(meeting string, d room.Drawers) {
	data, err := json.Marshal(lentMessage{Node: l.node, Meeting: meeting, Boards: d.Boards, Roles: d.Roles})
	if err != nil {
		panic(err) // texts and lists of them
	}
	l.publish(lentSubject, data)
}

// publish only warns: what did not get through is said again soon.
func (l *lentRoles) publish(subject string, data []byte) {
	if err := l.bus.Publish(context.Background(), subject, data); err != nil {
		l.log.Warn("roles on boards not told to other nodes", "error", err)
	}
}

// hear takes what another node says.
func (l *lentRoles) hear(m bus.Message) {
	if m.Lost {
		l.publish(lentWish, nil)
		return
	}
	var said lentMessage
	if err := json.Unmarshal(m.Data, &said); err != nil {
		l.log.Error("roles on boards of another node unreadable", "error", err)
		return
	}
	if said.Node == l.node {
		return
	}
	l.replace(lentBy{said.Node, said.Meeting}, lentThere{room.Drawers{Boards: said.Boards, Roles: said.Roles}, time.Now()})
}

// forgetSilent drops what nodes said that are gone.
func (l *lentRoles) forgetSilent(now time.Time) {
	l.mu.RLock()
	var gone []lentBy
	for by, in := range l.there {
		if now.Sub(in.heardAt) > lentFor {
			gone = append(gone, by)
		}
	}
	l.mu.RUnlock()
	for _, by := range gone {
		l.replace(by, lentThere{})
	}
}

// replace notes what a meeting lends, and tells whose role changed with it.
func (l *lentRoles) replace(by lentBy, now lentThere) {
	l.mu.Lock()
	before := l.there[by].Drawers
	delete(l.there, by)
	if len(now.Boards) > 0 {
		l.there[by] = now
	}
	l.mu.Unlock()
	if sameDrawers(before, now.Drawers) {
		return
	}
	people := maps.Clone(before.Roles)
	if people == nil {
		people = map[string]room.BoardRole{}
	}
	maps.Copy(people, now.Roles)
	for person := range people {
		if !slices.Equal(before.Boards, now.Boards) || before.Roles[person] != now.Roles[person] {
			l.onChanged(person)
		}
	}
}

func sameDrawers(a, b room.Drawers) bool {
	return slices.Equal(a.Boards, b.Boards) && maps.Equal(a.Roles, b.Roles)
}
