package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/api/boards"
	"parley/internal/bus"
	"parley/internal/postgres/pgtest"
	"parley/signaling"
	"parley/signaling/room"
	"parley/signaling/wire"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

// lender is a node whose meetings are played by hand.
type lender struct {
	*lentRoles

	mu      sync.Mutex
	run     []signaling.MeetingDrawers // guarded by mu
	changed map[string]int             // guarded by mu; how often somebody was said to have another role
}

func newLender(b *bus.Bus, name string) *lender {
	l := &lender{changed: map[string]int{}}
	here := func() []signaling.MeetingDrawers {
		l.mu.Lock()
		defer l.mu.Unlock()
		return slices.Clone(l.run)
	}
	onChanged := func(person string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.changed[person]++
	}
	l.lentRoles = newLentRoles(b, name, here, onChanged, slog.New(slog.DiscardHandler))
	return l
}

func (l *lender) begin(t *testing.T) {
	t.Helper()
	closing, err := l.start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closing(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func (l *lender) runs(list ...signaling.MeetingDrawers) {
	l.mu.Lock()
	l.run = list
	l.mu.Unlock()
	l.tell(false)
}

// awaitRole waits until somebody has the role on the board, and was said to have another one so many times.
func (l *lender) awaitRole(t *testing.T, board uuid.UUID, person string, want boards.Role, changes int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		l.mu.Lock()
		changed := l.changed[person]
		l.mu.Unlock()
		if got := l.role(board, person); got == want && changed == changes {
			return
		} else if time.Now().After(deadline) {
			t.Fatalf("%s is %q after %d changes, want %q after %d", person, got, changed, want, changes)
		}
	}
}

func TestRolesThatMeetingsOfOtherNodesLend(t *testing.T) {
	b, err := bus.Open("", slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	board := uuid.New()
	meeting := func(mei, guest room.BoardRole) signaling.MeetingDrawers {
		return signaling.MeetingDrawers{MeetingID: "m", Drawers: room.Drawers{
			Boards: []string{board.String()}, Roles: map[string]room.BoardRole{"user:mei": mei, "guest:g": guest},
		}}
	}
	one, two := newLender(b, "one"), newLender(b, "two")
	one.runs(meeting(room.BoardEditor, room.BoardCommenter))
	one.begin(t)
	two.begin(t) // asks, and hears what began before it
	two.awaitRole(t, board, "user:mei", boards.Editor, 1)
	two.awaitRole(t, board, "guest:g", boards.Commenter, 1)
	for _, got := range []boards.Role{two.role(board, "user:other"), two.role(uuid.New(), "user:mei"), one.role(board, "user:mei")} {
		if got != "" {
			t.Errorf("somebody who was lent nothing is %q", got)
		}
	}

	one.runs(meeting(room.BoardEditor, room.BoardEditor))
	two.awaitRole(t, board, "guest:g", boards.Editor, 2)
	one.runs()
	two.awaitRole(t, board, "guest:g", "", 3)
	two.awaitRole(t, board, "user:mei", "", 2) // not told of what changed for others

	one.runs(meeting(room.BoardEditor, room.BoardEditor))
	two.awaitRole(t, board, "user:mei", boards.Editor, 3)
	two.forgetSilent(time.Now())
	two.awaitRole(t, board, "user:mei", boards.Editor, 3)
	two.forgetSilent(time.Now().Add(2 * lentFor)) // the node is gone
	two.awaitRole(t, board, "user:mei", "", 4)
}

// TestABoardThroughAnotherNode lets people of a meeting draw through a node on which the meeting does not run.
func TestABoardThroughAnotherNode(t *testing.T) {
	events := startNATS(t)
	database := "PARLEY_DATABASE_URL=" + pgtest.EmptyURL(t)
	one := launchWith(t, environment(dataDir(t), database, "PARLEY_NATS_URL="+events.ClientURL()))
	two := launchWith(t, environment(dataDir(t), database, "PARLEY_NATS_URL="+events.ClientURL()))
	setup := regexp.MustCompile(`/setup#(\S+)`).FindStringSubmatch(one.out.String())
	host := enters(t, one.url, "/setup", fmt.Sprintf(`{"token":%q,"companyName":"远帆","name":"Olga","login":"olga","password":"correct horse battery","locale":"en"}`, setup[1]))
	meeting := host.call(201, "POST", "/meetings", `{"title":"Weekly","guestsAllowed":true}`)
	id, code := field[string](t, meeting, "id"), field[string](t, meeting, "code")
	guest := enters(t, one.url, "/meetings/by-code/"+code+"/guests", `{"name":"Gast"}`)
	chair := host.joins(code, "")
	visit := guest.joins(code, "")
	board := field[string](t, guest.call(201, "POST", "/meetings/"+id+"/boards", `{"title":"Roadmap"}`), "id")

	there := guest
	there.url = two.url
	drawing := there.opensAtLast(board)
	hosts := wire.DrawHosts
	chair.send(&wire.UpdateSettings{WhoMayDraw: &hosts})
	drawing.is("commenter")

	hostThere := host
	hostThere.url = two.url
	hostThere.call(200, "PATCH", "/boards/"+board, `{"title":"Plan"}`)
	hears(chair, func(m *wire.MeetingUpdated) bool {
		return len(m.Meeting.Boards) == 1 && m.Meeting.Boards[0].Title == "Plan"
	})
	chair.send(&wire.Remove{ParticipantID: visit.id})
	drawing.endsWith(4403)
	hostThere.call(204, "DELETE", "/boards/"+board, "")
	hears(chair, func(m *wire.MeetingUpdated) bool { return len(m.Meeting.Boards) == 0 })
}

// opensAtLast opens a board as soon as a node has heard that one may.
func (v visitor) opensAtLast(board string) easel {
	v.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		e := v.opens(board)
		_ = e.ws.SetReadDeadline(time.Now().Add(patience))
		kind, first, err := e.ws.ReadMessage()
		if err == nil && kind == websocket.BinaryMessage && strings.Contains(string(first), `"ready"`) {
			if !strings.Contains(string(first), `"editor"`) {
				v.t.Fatalf("the board says %q", first)
			}
			return e
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("the board does not open: %v", err)
		}
	}
}

func TestLentMessageIsReadAsItIsWritten(t *testing.T) {
	said := lentMessage{Node: "n", Meeting: "m", Boards: []string{"b"}, Roles: map[string]room.BoardRole{"user:a": room.BoardEditor}}
	data, err := json.Marshal(said)
	if err != nil || string(data) != `{"node":"n","meeting":"m","boards":["b"],"roles":{"user:a":"editor"}}` {
		t.Errorf("%s %v", data, err)
	}
}
