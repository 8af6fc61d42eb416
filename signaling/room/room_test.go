package room

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// desk is a Seat that keeps what it is sent.
type desk struct {
	mu      sync.Mutex
	frames  []wire.ServerMessage
	closing *wire.Closing
	onSend  func()
}

func (d *desk) Send(frame []byte) {
	message, _, err := wire.DecodeServer(frame)
	if err != nil {
		panic(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.frames = append(d.frames, message)
	if d.onSend != nil {
		d.onSend()
	}
}

func (d *desk) Close(reason wire.EndReason, reconnect bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closing = &wire.Closing{Reason: reason, Reconnect: reconnect}
}

func (d *desk) last() wire.ServerMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.frames[len(d.frames)-1]
}

// notebook is an Observer, and deaf a Media, that keep what they are told.
type notebook struct {
	mu    sync.Mutex
	lines []string
}

func (n *notebook) note(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
}

func (n *notebook) MeetingStarted(string, time.Time)                      { n.note("started") }
func (n *notebook) ParticipantJoined(_, id string, _ Person, _ time.Time) { n.note(id + " joined") }
func (n *notebook) ParticipantLeft(_, id string, _ time.Time, why GoneReason) {
	n.note(id + " " + string(why))
}
func (n *notebook) SettingsChanged(string, Settings)        { n.note("settings") }
func (n *notebook) AccessChanged(string, Access)            {}
func (n *notebook) BoardsChanged(string, Boards, time.Time) {}
func (n *notebook) MeetingEnded(_ string, _ time.Time, byHost bool) {
	if byHost {
		n.note("ended by host")
	} else {
		n.note("ended")
	}
}

type deaf struct{ notebook }

func (d *deaf) Open(id string, _ wire.ParticipantKind, _ Seat) { d.note("open " + id) }
func (d *deaf) Restart(id string, _ Seat, renew bool)          { d.note("restart " + id) }
func (d *deaf) Receive(string, []string, []wire.Tile)          {}
func (d *deaf) SetMuted(string, bool)                          {}
func (d *deaf) SetHint(id string, hint wire.ContentHint)       {}
func (d *deaf) Unpublish(id string)                            { d.note("unpublish " + id) }
func (d *deaf) CloseParticipant(id string)                     { d.note("close " + id) }
func (d *deaf) Close()                                         { d.note("close") }

func runRoom(t *testing.T, settings Settings, test func(t *testing.T, r *Room, o *notebook, m *deaf, over <-chan bool)) {
	synctest.Test(t, func(t *testing.T) {
		o, m, over := &notebook{}, &deaf{}, make(chan bool, 2)
		r := New(Options{
			Meeting: Meeting{ID: "m", Settings: settings}, Media: m, Observer: o, Log: slog.New(slog.DiscardHandler),
			OnOver: func(_ *Room, end Ended) { over <- end.ByHost },
		})
		defer r.Stop(context.Background())
		test(t, r, o, m, over)
	})
}

func sit(t *testing.T, r *Room, id string, p Person) *desk {
	t.Helper()
	d := &desk{}
	err := r.Enter(t.Context(), d, Entry{ID: id, Conn: id, Person: p, AdmittedToken: "token-" + id})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestRoomKeepsADroppedParticipantForThirtySeconds(t *testing.T) {
	runRoom(t, open, func(t *testing.T, r *Room, o *notebook, m *deaf, _ <-chan bool) {
		host := sit(t, r, "host", organizer)
		sit(t, r, "m", colleague)
		r.Disconnect("m", "m")
		time.Sleep(ResumeGrace - time.Second)
		back := &desk{}
		err := r.Resume(t.Context(), back, Return{
			ID: "m", Conn: "m2", PersonKey: colleague.Key, Token: "token-m", AdmittedToken: "t2",
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := back.last().(*wire.Joined); !ok {
			t.Errorf("back with %T", back.last())
		}
		r.Disconnect("m", "m") // the earlier connection is late
		time.Sleep(ResumeGrace + time.Second)
		if now, _ := r.Snapshot(t.Context()); len(now.Participants) != 2 {
			t.Fatalf("a late disconnect ended the participation: %v", now)
		}
		r.Disconnect("m", "m2")
		time.Sleep(ResumeGrace + time.Second)
		synctest.Wait()
		if left, ok := host.last().(*wire.ParticipantLeft); !ok || left.Reason != wire.LeftTimeout {
			t.Errorf("the host sees %+v", host.last())
		}
	})
}

func TestRoomEndsAfterTheEmptyGrace(t *testing.T) {
	runRoom(t, open, func(t *testing.T, r *Room, o *notebook, m *deaf, over <-chan bool) {
		sit(t, r, "a", colleague)
		if err := r.Act(t.Context(), "a", "a", &wire.Leave{}); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if byHost := <-over; byHost {
			t.Error("ended by host")
		}
		if took := time.Since(begin); took != EmptyGrace {
			t.Errorf("ended after %v", took)
		}
		<-r.Done()
		want := []string{"started", "a joined", "a leave", "ended"}
		if got := o.lines; len(got) != 4 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] {
			t.Errorf("observed %v", got)
		}
		wantCode(t, r.Enter(t.Context(), &desk{}, Entry{ID: "b"}), fault.MeetingEnded)
	})
}

func TestRoomEndedFromOutside(t *testing.T) {
	runRoom(t, open, func(t *testing.T, r *Room, o *notebook, m *deaf, over <-chan bool) {
		d := sit(t, r, "a", colleague)
		if err := r.End(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !<-over || d.closing == nil || d.closing.Reason != wire.EndMeetingEnded {
			t.Errorf("closing %v", d.closing)
		}
		if m.lines[len(m.lines)-1] != "close" {
			t.Errorf("media %v", m.lines)
		}
	})
}

func TestAPanicEndsOnlyTheRoom(t *testing.T) {
	runRoom(t, open, func(t *testing.T, r *Room, o *notebook, m *deaf, over <-chan bool) {
		a := sit(t, r, "a", colleague)
		sit(t, r, "b", outsider)
		a.onSend = func() { panic("boom") }
		err := r.Act(t.Context(), "b", "b", &wire.RaiseHand{Raised: true})
		wantCode(t, err, fault.MeetingEnded)
		<-over
		<-r.Done()
		if o.lines[len(o.lines)-1] == "ended" {
			t.Error("the meeting counts as ended, so that nobody may come back")
		}
	})
}

func TestStoppingAsksEverybodyBack(t *testing.T) {
	runRoom(t, open, func(t *testing.T, r *Room, o *notebook, m *deaf, over <-chan bool) {
		a := sit(t, r, "a", colleague)
		r.Stop(t.Context())
		if a.closing == nil || a.closing.Reason != wire.EndShutdown || !a.closing.Reconnect {
			t.Errorf("closing %v", a.closing)
		}
		if got := o.lines[len(o.lines)-1]; got != "a shutdown" {
			t.Errorf("observed %v", o.lines)
		}
	})
}
