package room

import (
	"testing"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// crowd is one of each role, one who waits, and one who is reconnecting.
func crowd(t *testing.T) *table {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	b.seat("co", colleague)
	b.seat("co2", Person{Key: "user:co2", SkipsLobby: true})
	b.seat("part", Person{Key: "user:part", SkipsLobby: true})
	b.seat("part2", Person{Key: "user:part2", SkipsLobby: true})
	b.seat("away", Person{Key: "user:away", SkipsLobby: true})
	b.seat("guest", guest)
	b.must("host", &wire.Admit{All: true})
	b.must("host", &wire.SetRole{ParticipantID: "co", Role: wire.RoleCoHost})
	b.must("host", &wire.SetRole{ParticipantID: "co2", Role: wire.RoleCoHost})
	b.seat("waiting", Person{Key: "guest:2", Guest: true})
	for _, id := range []string{"host", "co", "co2", "part", "part2", "guest"} {
		b.publish(id, wire.PublishTrack{MID: "0", Source: wire.SourceMicrophone},
			wire.PublishTrack{MID: "1", Source: wire.SourceCamera})
	}
	b.drop("away")
	for _, id := range []string{"guest", "part2"} {
		if err := b.openBoard(b.s.members[id].person.Key, "board of "+id); err != nil {
			t.Fatal(err)
		}
	}
	b.forget()
	return b
}

// own is the publication that a participant of crowd may command.
func (b *table) own(id string, source wire.Source) string {
	if m := b.s.members[id]; m != nil {
		for _, p := range m.publications {
			if p.source == source {
				return p.id
			}
		}
	}
	return "none"
}

func TestWhoMayDoWhat(t *testing.T) {
	const (
		ok      = fault.Code("")
		no      = fault.NotAllowed
		state   = fault.WrongState
		noOne   = fault.ParticipantNotFound
		nothing = fault.PublicationNotFound
		noBoard = fault.BoardNotFound
	)
	type command = wire.ClientMessage
	on, hosts, drawHosts := true, wire.ShareHosts, wire.DrawHosts
	fixed := func(c command) func(*table, string) command {
		return func(*table, string) command { return c }
	}
	actors := []string{"host", "co", "part", "guest", "waiting"}
	tests := []struct {
		name    string
		command func(b *table, actor string) command
		want    [5]fault.Code // by host, co-host, participant, guest, and one who waits
	}{
		{"raise hand", fixed(&wire.RaiseHand{Raised: true}), [5]fault.Code{ok, ok, ok, ok, state}},
		{"react", fixed(&wire.SendReaction{Emoji: "👍"}), [5]fault.Code{ok, ok, ok, ok, state}},
		{"rename", fixed(&wire.Rename{Name: "New"}), [5]fault.Code{ok, ok, ok, ok, state}},
		{"view", fixed(&wire.View{}), [5]fault.Code{ok, ok, ok, ok, state}},
		{"leave", fixed(&wire.Leave{}), [5]fault.Code{ok, ok, ok, ok, ok}},
		{"mute own", func(b *table, actor string) command {
			return &wire.SetMuted{PublicationID: b.own(actor, wire.SourceMicrophone), Muted: true}
		}, [5]fault.Code{ok, ok, ok, ok, state}},
		{"mute another's by setMuted", func(b *table, _ string) command {
			return &wire.SetMuted{PublicationID: b.own("part2", wire.SourceMicrophone), Muted: true}
		}, [5]fault.Code{no, no, no, no, state}},
		{"unmute another's by setMuted", func(b *table, _ string) command {
			return &wire.SetMuted{PublicationID: b.own("co2", wire.SourceMicrophone)}
		}, [5]fault.Code{no, no, no, no, state}},
		{"mute nothing", fixed(&wire.SetMuted{PublicationID: "none"}), [5]fault.Code{nothing, nothing, nothing, nothing, state}},
		{"hint another's", func(b *table, _ string) command {
			return &wire.SetHint{PublicationID: b.own("part2", wire.SourceCamera), Hint: wire.HintText}
		}, [5]fault.Code{no, no, no, no, state}},
		{"admit", fixed(&wire.Admit{ParticipantIDs: []string{"waiting"}}), [5]fault.Code{ok, ok, no, no, state}},
		{"admit all", fixed(&wire.Admit{All: true}), [5]fault.Code{ok, ok, no, no, state}},
		{"admit nobody", fixed(&wire.Admit{ParticipantIDs: []string{"part"}}), [5]fault.Code{noOne, noOne, no, no, state}},
		{"refuse", fixed(&wire.Refuse{ParticipantIDs: []string{"waiting"}}), [5]fault.Code{ok, ok, no, no, state}},
		{"refuse nobody", fixed(&wire.Refuse{ParticipantIDs: []string{"part"}}), [5]fault.Code{noOne, noOne, no, no, state}},
		{"mute the host", fixed(&wire.MuteParticipant{ParticipantID: "host", Source: wire.SourceMicrophone}), [5]fault.Code{no, no, no, no, state}},
		{"mute a co-host", fixed(&wire.MuteParticipant{ParticipantID: "co2", Source: wire.SourceMicrophone}), [5]fault.Code{ok, no, no, no, state}},
		{"mute a participant", fixed(&wire.MuteParticipant{ParticipantID: "part2", Source: wire.SourceMicrophone}), [5]fault.Code{ok, ok, no, no, state}},
		{"stop a camera", fixed(&wire.MuteParticipant{ParticipantID: "part2", Source: wire.SourceCamera}), [5]fault.Code{ok, ok, no, no, state}},
		{"stop a share there is not", fixed(&wire.MuteParticipant{ParticipantID: "part2", Source: wire.SourceScreen}), [5]fault.Code{nothing, nothing, no, no, state}},
		{"mute who waits", fixed(&wire.MuteParticipant{ParticipantID: "waiting", Source: wire.SourceMicrophone}), [5]fault.Code{noOne, noOne, no, no, state}},
		{"mute who is not there", fixed(&wire.MuteParticipant{ParticipantID: "nobody", Source: wire.SourceMicrophone}), [5]fault.Code{noOne, noOne, no, no, state}},
		{"mute all", fixed(&wire.MuteAll{}), [5]fault.Code{ok, ok, no, no, state}},
		{"ask to unmute", fixed(&wire.AskUnmute{ParticipantID: "part2", Source: wire.SourceMicrophone}), [5]fault.Code{ok, ok, no, no, state}},
		{"ask the host to unmute", fixed(&wire.AskUnmute{ParticipantID: "host", Source: wire.SourceMicrophone}), [5]fault.Code{ok, ok, no, no, state}},
		{"ask one who is away", fixed(&wire.AskUnmute{ParticipantID: "away", Source: wire.SourceMicrophone}), [5]fault.Code{state, state, no, no, state}},
		{"remove the host", fixed(&wire.Remove{ParticipantID: "host"}), [5]fault.Code{no, no, no, no, state}},
		{"remove a co-host", fixed(&wire.Remove{ParticipantID: "co2"}), [5]fault.Code{ok, no, no, no, state}},
		{"remove a participant", fixed(&wire.Remove{ParticipantID: "part2"}), [5]fault.Code{ok, ok, no, no, state}},
		{"remove one who is away", fixed(&wire.Remove{ParticipantID: "away"}), [5]fault.Code{ok, ok, no, no, state}},
		{"remove who waits", fixed(&wire.Remove{ParticipantID: "waiting"}), [5]fault.Code{noOne, noOne, no, no, state}},
		{"lower a hand", fixed(&wire.LowerHands{ParticipantID: "part2"}), [5]fault.Code{ok, ok, no, no, state}},
		{"lower all hands", fixed(&wire.LowerHands{}), [5]fault.Code{ok, ok, no, no, state}},
		{"make a co-host", fixed(&wire.SetRole{ParticipantID: "part2", Role: wire.RoleCoHost}), [5]fault.Code{ok, no, no, no, state}},
		{"unmake a co-host", fixed(&wire.SetRole{ParticipantID: "co2", Role: wire.RoleParticipant}), [5]fault.Code{ok, no, no, no, state}},
		{"unmake the host", fixed(&wire.SetRole{ParticipantID: "host", Role: wire.RoleParticipant}), [5]fault.Code{no, no, no, no, state}},
		{"transfer to a participant", fixed(&wire.TransferHost{ParticipantID: "part2"}), [5]fault.Code{ok, no, no, no, state}},
		{"transfer to a co-host", fixed(&wire.TransferHost{ParticipantID: "co2"}), [5]fault.Code{ok, no, no, no, state}},
		{"transfer to a guest", fixed(&wire.TransferHost{ParticipantID: "guest"}), [5]fault.Code{no, no, no, no, state}},
		{"transfer to one who is away", fixed(&wire.TransferHost{ParticipantID: "away"}), [5]fault.Code{state, no, no, no, state}},
		{"transfer to who waits", fixed(&wire.TransferHost{ParticipantID: "waiting"}), [5]fault.Code{noOne, no, no, no, state}},
		{"spotlight", fixed(&wire.Spotlight{ParticipantID: "guest"}), [5]fault.Code{ok, ok, no, no, state}},
		{"end the spotlight", fixed(&wire.Spotlight{}), [5]fault.Code{ok, ok, no, no, state}},
		{"lock", fixed(&wire.UpdateSettings{Locked: &on}), [5]fault.Code{ok, ok, no, no, state}},
		{"keep sharing to hosts", fixed(&wire.UpdateSettings{WhoMayShare: &hosts}), [5]fault.Code{ok, ok, no, no, state}},
		{"keep drawing to hosts", fixed(&wire.UpdateSettings{WhoMayDraw: &drawHosts}), [5]fault.Code{ok, ok, no, no, state}},
		{"open a board", fixed(&OpenBoard{ID: "new"}), [5]fault.Code{ok, ok, ok, ok, state}},
		{"present the guest's board", fixed(&wire.PresentBoard{BoardID: "board of guest"}), [5]fault.Code{ok, ok, no, ok, state}},
		{"present a participant's board", fixed(&wire.PresentBoard{BoardID: "board of part2"}), [5]fault.Code{ok, ok, no, no, state}},
		{"present what is not open", fixed(&wire.PresentBoard{BoardID: "other"}), [5]fault.Code{noBoard, noBoard, noBoard, noBoard, state}},
		{"present no board", fixed(&wire.PresentBoard{}), [5]fault.Code{ok, ok, no, no, state}},
		{"close the guest's board", fixed(&CloseBoard{ID: "board of guest"}), [5]fault.Code{ok, ok, no, ok, state}},
		{"close what is not open", fixed(&CloseBoard{ID: "other"}), [5]fault.Code{noBoard, noBoard, noBoard, noBoard, state}},
		{"end for all", fixed(&wire.End{}), [5]fault.Code{ok, no, no, no, state}},
		{"hello again", fixed(&wire.Hello{}), [5]fault.Code{state, state, state, state, state}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for i, actor := range actors {
				b := crowd(t)
				err := b.act(actor, test.command(b, actor))
				if err == nil && test.want[i] == ok {
					continue
				}
				if err == nil {
					t.Errorf("%s: allowed, want %s", actor, test.want[i])
				} else if code := fault.From(err).Code; code != test.want[i] {
					t.Errorf("%s: %q, want %q", actor, code, test.want[i])
				}
			}
		})
	}
}

// A refused command has no effect at all.
func TestRefusedCommandsChangeNothing(t *testing.T) {
	b := crowd(t)
	for _, command := range []wire.ClientMessage{
		&wire.MuteAll{}, &wire.End{}, &wire.Remove{ParticipantID: "host"}, &wire.Admit{All: true},
		&wire.SetRole{ParticipantID: "guest", Role: wire.RoleCoHost},
	} {
		if b.act("guest", command) == nil {
			t.Errorf("%T was allowed to a guest", command)
		}
	}
	if len(b.all) != 0 {
		t.Errorf("effects of refused commands: %v", b.all)
	}
}

func TestPermissionsByRole(t *testing.T) {
	closed := Settings{WhoMayShare: wire.ShareHosts, WhoMayDraw: wire.DrawHosts}
	everything := wire.Permissions{
		PublishMicrophone: true, PublishCamera: true, Share: true, Draw: true, Chat: true, Rename: true, Admit: true, Moderate: true,
		ChangeSettings: true, AssignRoles: true, End: true,
	}
	coHost := everything
	coHost.AssignRoles, coHost.End = false, false
	plain := wire.Permissions{PublishMicrophone: true, PublishCamera: true, Share: true, Draw: true, Chat: true, Rename: true}
	quiet := plain
	quiet.Share, quiet.Draw, quiet.Chat = false, false, false
	tests := []struct {
		role     wire.Role
		settings Settings
		want     wire.Permissions
	}{
		{wire.RoleHost, open, everything},
		{wire.RoleHost, closed, everything},
		{wire.RoleCoHost, open, coHost},
		{wire.RoleCoHost, closed, coHost},
		{wire.RoleParticipant, open, plain},
		{wire.RoleParticipant, closed, quiet},
		{wire.RoleGuest, open, plain},
		{wire.RoleGuest, closed, quiet},
	}
	for _, test := range tests {
		if got := permissions(test.role, test.settings); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.role, got, test.want)
		}
	}
}

func TestAReplacedConnectionHasNoSay(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	_, err := b.s.Act(b.now, "host", "conn-of-before", &wire.End{})
	wantCode(t, err, fault.NotInMeeting)
	_, err = b.s.PlanPublish("host", "conn-of-before", nil, nil)
	wantCode(t, err, fault.NotInMeeting)
}

func TestChangesAreLimited(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	for i := range changesBurst {
		b.must("host", &wire.RaiseHand{Raised: i%2 == 0})
	}
	wantCode(t, b.act("host", &wire.Rename{Name: "Other"}), fault.RateLimited)
	b.after(time.Second)
	b.must("host", &wire.Rename{Name: "Other"})
}

func TestReactionsAreLimited(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	for range reactionsBurst {
		b.must("host", &wire.SendReaction{Emoji: "🎉"})
	}
	wantCode(t, b.act("host", &wire.SendReaction{Emoji: "🎉"}), fault.RateLimited)
	b.after(time.Second)
	b.must("host", &wire.SendReaction{Emoji: "🎉"})
}
