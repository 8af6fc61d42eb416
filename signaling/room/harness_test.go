package room

import (
	"fmt"
	"testing"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	start  = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	open   = Settings{GuestsAllowed: true, WhoMayShare: wire.ShareEveryone, ChatAllowed: true}
	lobbed = Settings{Lobby: true, GuestsAllowed: true, WhoMayShare: wire.ShareEveryone, ChatAllowed: true}

	organizer = Person{Key: "user:organizer", UserID: "organizer", Name: "Olga", MayHost: true, SkipsLobby: true}
	secretary = Person{Key: "user:secretary", UserID: "secretary", Name: "Sven", MayHost: true, SkipsLobby: true}
	colleague = Person{Key: "user:member", UserID: "member", Name: "Mei", SkipsLobby: true}
	outsider  = Person{Key: "user:outsider", UserID: "outsider", Name: "Oskar"}
	guest     = Person{Key: "guest:1", Name: "Gast", Guest: true}
)

// table is a State with a clock and a record of what every participant was sent.
type table struct {
	t     *testing.T
	s     *State
	now   time.Time
	sent  map[string][]wire.ServerMessage
	all   []Effect
	count int
}

func newTable(t *testing.T, settings Settings) *table {
	t.Helper()
	return &table{
		t: t, now: start, sent: map[string][]wire.ServerMessage{},
		s: NewState(Meeting{ID: "meeting", Code: "abc-defg-hij", Title: "Weekly", Settings: settings}),
	}
}

func (b *table) record(effects []Effect) {
	b.t.Helper()
	for _, e := range effects {
		b.all = append(b.all, e)
		switch e := e.(type) {
		case Send:
			for _, id := range e.To {
				b.sent[id] = append(b.sent[id], e.Message)
			}
		case Close:
			b.sent[e.To] = append(b.sent[e.To], &wire.Closing{Reason: e.Reason, Reconnect: e.Reconnect})
		}
	}
	b.check()
}

// check holds what is true of every state.
func (b *table) check() {
	b.t.Helper()
	hosts := 0
	for _, m := range b.s.inside {
		if m.role == wire.RoleHost {
			hosts++
		}
	}
	if hosts > 1 || hosts == 1 && b.s.host.role != wire.RoleHost || hosts == 0 && b.s.host != nil {
		b.t.Fatalf("%d hosts, host is %v", hosts, b.s.host)
	}
	if len(b.s.members) != len(b.s.inside)+len(b.s.waiting) {
		b.t.Fatalf("%d members, %d inside, %d waiting", len(b.s.members), len(b.s.inside), len(b.s.waiting))
	}
	owned := 0
	for _, m := range b.s.inside {
		owned += len(m.publications)
	}
	if owned != len(b.s.publications) {
		b.t.Fatalf("%d publications owned, %d known", owned, len(b.s.publications))
	}
}

func (b *table) enter(id string, p Person) error {
	b.t.Helper()
	return b.enterWith(Entry{ID: id, Person: p})
}

func (b *table) enterWith(e Entry) error {
	b.t.Helper()
	e.Conn = "conn-" + e.ID
	e.WaitingToken, e.AdmittedToken = "waiting-"+e.ID, "token-"+e.ID
	effects, err := b.s.Enter(b.now, e)
	b.record(effects)
	return err
}

// seat lets somebody in who must not be refused.
func (b *table) seat(id string, p Person) {
	b.t.Helper()
	if err := b.enter(id, p); err != nil {
		b.t.Fatalf("enter %s: %v", id, err)
	}
}

func (b *table) act(id string, command wire.ClientMessage) error {
	b.t.Helper()
	effects, err := b.s.Act(b.now, id, "conn-"+id, command)
	b.record(effects)
	return err
}

func (b *table) must(id string, command wire.ClientMessage) {
	b.t.Helper()
	if err := b.act(id, command); err != nil {
		b.t.Fatalf("%s %T: %v", id, command, err)
	}
}

// openBoard opens a board as a person.
func (b *table) openBoard(person, id string) error {
	b.t.Helper()
	return b.actAs(person, &OpenBoard{ID: id, Title: "Title of " + id})
}

func (b *table) actAs(person string, command wire.ClientMessage) error {
	b.t.Helper()
	effects, err := b.s.ActAs(b.now, person, command)
	b.record(effects)
	return err
}

func (b *table) drop(id string) { b.record(b.s.Disconnect(b.now, id, "conn-"+id)) }

func (b *table) resume(id, token string, newMedia bool) error {
	m := b.s.members[id]
	key := ""
	if m != nil {
		key = m.person.Key
	}
	effects, err := b.s.Resume(b.now, Return{
		ID: id, Conn: "conn-" + id, PersonKey: key, Token: token, NewMedia: newMedia,
		WaitingToken: "next-waiting-" + id, AdmittedToken: "next-" + id,
	})
	b.record(effects)
	return err
}

func (b *table) after(d time.Duration) {
	b.now = b.now.Add(d)
	b.record(b.s.Expire(b.now))
}

// publish publishes exactly the tracks and returns the ids by mid and the refusals.
func (b *table) publish(id string, tracks ...wire.PublishTrack) (ids, refused map[string]string) {
	b.t.Helper()
	plan, err := b.s.PlanPublish(id, "conn-"+id, tracks, func() string {
		b.count++
		return fmt.Sprintf("pub%d", b.count)
	})
	if err != nil {
		b.t.Fatalf("plan: %v", err)
	}
	effects, err := b.s.CommitPublish(b.now, id, Negotiated{Plan: plan, SDP: "v=0", Conn: "conn-" + id, AnswerTo: 1})
	if err != nil {
		b.t.Fatalf("commit: %v", err)
	}
	b.record(effects)
	ids, refused = map[string]string{}, map[string]string{}
	for _, t := range plan.Tracks {
		ids[t.MID] = t.PublicationID
	}
	for _, r := range plan.Refused {
		refused[r.MID] = r.Code
	}
	return ids, refused
}

func (b *table) role(id string) wire.Role {
	if m := b.s.members[id]; m != nil && m.inside {
		return m.role
	}
	return ""
}

func (b *table) waits(id string) bool {
	m := b.s.members[id]
	return m != nil && !m.inside
}

func (b *table) forget() { b.sent, b.all = map[string][]wire.ServerMessage{}, nil }

// got lists the messages of one type that a participant was sent.
func got[M wire.ServerMessage](b *table, id string) (list []M) {
	for _, m := range b.sent[id] {
		if m, ok := m.(M); ok {
			list = append(list, m)
		}
	}
	return list
}

func effectsOf[E Effect](b *table) (list []E) {
	for _, e := range b.all {
		if e, ok := e.(E); ok {
			list = append(list, e)
		}
	}
	return list
}

func wantRoles(t *testing.T, b *table, want map[string]wire.Role) {
	t.Helper()
	for id, role := range want {
		if got := b.role(id); got != role {
			t.Errorf("role of %s is %q, want %q", id, got, role)
		}
	}
}

func wantCode(t *testing.T, err error, want fault.Code) {
	t.Helper()
	var code fault.Code
	if err != nil {
		code = fault.From(err).Code
	}
	if code != want {
		t.Errorf("got %q (%v), want %q", code, err, want)
	}
}
