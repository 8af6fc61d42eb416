package room

import (
	"slices"
	"testing"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

func TestWhoEntersAndWhoWaits(t *testing.T) {
	noGuests := open
	noGuests.GuestsAllowed = false
	nobody := func(*table) {}
	withMember := func(b *table) { b.seat("first", Person{Key: "user:first", SkipsLobby: true}) }
	locked := func(b *table) {
		on := true
		b.seat("first", secretary)
		b.must("first", &wire.UpdateSettings{Locked: &on})
	}
	removed := func(b *table) {
		b.seat("first", secretary)
		b.seat("gone", colleague)
		b.must("first", &wire.Remove{ParticipantID: "gone"})
	}
	const enters, waits = "enters", "waits"
	tests := []struct {
		name     string
		settings Settings
		before   func(*table)
		who      Person
		want     string // or a fault code
	}{
		{"organizer, empty meeting with lobby", lobbed, nobody, organizer, enters},
		{"member who skips the lobby, empty meeting with lobby", lobbed, nobody, colleague, enters},
		{"member who does not skip, empty meeting with lobby", lobbed, nobody, outsider, waits},
		{"guest, empty meeting with lobby", lobbed, nobody, guest, waits},
		{"guest, running meeting with lobby", lobbed, withMember, guest, waits},
		{"member who does not skip, running meeting with lobby", lobbed, withMember, outsider, waits},
		{"member, empty meeting without lobby", open, nobody, outsider, enters},
		{"guest, empty meeting without lobby", open, nobody, guest, waits},
		{"guest, running meeting without lobby", open, withMember, guest, enters},
		{"guest where none are allowed", noGuests, withMember, guest, string(fault.GuestsNotAllowed)},
		{"member in a locked meeting", open, locked, colleague, string(fault.MeetingLocked)},
		{"organizer in a locked meeting", open, locked, organizer, enters},
		{"second device of somebody inside a locked meeting", open, locked, secretary, enters},
		{"who was removed, without lobby", open, removed, colleague, string(fault.RemovedFromMeeting)},
		{"who was removed, with lobby", lobbed, removed, colleague, waits},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newTable(t, test.settings)
			test.before(b)
			err := b.enter("new", test.who)
			got := enters
			switch {
			case err != nil:
				got = string(fault.From(err).Code)
			case b.waits("new"):
				got = waits
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestLobbyBeforeTheFirstPersonComes(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("guest", guest)
	b.seat("outsider", outsider)
	if len(effectsOf[Started](b)) != 0 {
		t.Fatal("the meeting began with an empty room")
	}
	b.seat("host", organizer)
	joined := got[*wire.Joined](b, "host")[0]
	if len(joined.Waiting) != 2 || joined.Waiting[0].ID != "guest" || joined.Waiting[1].ID != "outsider" {
		t.Fatalf("the host sees %v waiting", joined.Waiting)
	}
	b.must("host", &wire.Admit{ParticipantIDs: []string{"guest"}})
	admitted := got[*wire.Joined](b, "guest")
	if len(admitted) != 1 || admitted[0].ResumeToken != "token-guest" || len(admitted[0].Waiting) != 0 {
		t.Fatalf("the guest got %v", admitted)
	}
	lobby := got[*wire.LobbyUpdated](b, "host")
	if len(lobby) != 1 || len(lobby[0].Waiting) != 1 {
		t.Fatalf("the host got %v", lobby)
	}
	if len(got[*wire.LobbyUpdated](b, "guest")) != 0 {
		t.Fatal("a guest is told of the lobby")
	}
	if len(effectsOf[Started](b)) != 1 {
		t.Fatal("the meeting did not begin once")
	}
}

func TestGuestsWaitForAMemberWithoutLobby(t *testing.T) {
	b := newTable(t, open)
	b.seat("g1", guest)
	b.seat("g2", Person{Key: "guest:2", Guest: true})
	b.seat("m", colleague)
	wantRoles(t, b, map[string]wire.Role{"m": wire.RoleHost, "g1": wire.RoleGuest, "g2": wire.RoleGuest})
	if lobby := got[*wire.LobbyUpdated](b, "m"); len(lobby) != 1 || len(lobby[0].Waiting) != 0 {
		t.Errorf("the member is told %v", lobby)
	}
}

func TestLobbySwitchedOffLetsThoseInWhoWait(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	b.seat("gone", colleague)
	b.must("host", &wire.Remove{ParticipantID: "gone"})
	b.seat("back", colleague)
	b.seat("g", guest)
	off := false
	b.must("host", &wire.UpdateSettings{Lobby: &off})
	if b.role("g") != wire.RoleGuest || !b.waits("back") {
		t.Errorf("guest %q, removed one waits %v", b.role("g"), b.waits("back"))
	}
}

func TestRefusedOnesKnockAgainLater(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	for pause := firstKnockPause; pause < time.Minute; pause *= 2 {
		b.seat("g", guest)
		b.must("host", &wire.Refuse{ParticipantIDs: []string{"g"}})
		closing := got[*wire.Closing](b, "g")
		if len(closing) == 0 || closing[len(closing)-1].Reason != wire.EndRefused {
			t.Fatalf("refused with %v", closing)
		}
		b.after(pause - time.Second)
		wantCode(t, b.enter("g", guest), fault.RateLimited)
		b.after(time.Second)
	}
	b.seat("g", guest)
	b.must("host", &wire.Admit{All: true})
	b.must("g", &wire.Leave{})
	b.seat("g", guest)
	if !b.waits("g") {
		t.Error("an admitted guest who left does not wait again")
	}
}

func TestOnePlaceInTheLobbyForEachPerson(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("g1", guest)
	b.seat("g2", guest)
	if closing := got[*wire.Closing](b, "g1"); len(closing) != 1 || closing[0].Reason != wire.EndReplaced {
		t.Errorf("the earlier place: %v", closing)
	}
	if len(b.s.Waiting()) != 1 {
		t.Errorf("waiting: %v", b.s.Waiting())
	}
}

func TestRemovedOnesComeBackOnlyThroughTheLobby(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	b.seat("m", colleague)
	b.must("host", &wire.Remove{ParticipantID: "m"})
	if left := got[*wire.ParticipantLeft](b, "host"); len(left) != 1 || left[0].Reason != wire.LeftRemoved {
		t.Fatalf("the host is told %v", left)
	}
	b.seat("m2", colleague)
	b.must("host", &wire.Admit{ParticipantIDs: []string{"m2"}})
	b.must("m2", &wire.Leave{})
	b.seat("m3", colleague)
	if b.waits("m3") {
		t.Error("who was admitted after a removal still waits")
	}
}

func TestMeetingIsFull(t *testing.T) {
	small := open
	small.MaxParticipants = 2
	b := newTable(t, small)
	b.seat("a", colleague)
	b.seat("b", outsider)
	wantCode(t, b.enter("c", guest), fault.MeetingFull)
	b.seat("host", organizer)
	wantRoles(t, b, map[string]wire.Role{"host": wire.RoleHost})
}

func TestLobbyIsFull(t *testing.T) {
	b := newTable(t, lobbed)
	for i := range MaxWaiting {
		b.seat(string(rune('a'+i/26))+string(rune('a'+i%26)), Person{Key: string(rune(1000 + i)), Guest: true})
	}
	wantCode(t, b.enter("last", guest), fault.MeetingFull)
}

func TestSamePersonWithSeveralDevices(t *testing.T) {
	b := newTable(t, open)
	b.seat("laptop", organizer)
	b.seat("phone", organizer)
	b.seat("m1", colleague)
	b.must("laptop", &wire.SetRole{ParticipantID: "m1", Role: wire.RoleCoHost})
	b.seat("m2", colleague)
	wantRoles(t, b, map[string]wire.Role{
		"laptop": wire.RoleHost, "phone": wire.RoleCoHost, "m1": wire.RoleCoHost, "m2": wire.RoleCoHost,
	})
	b.must("laptop", &wire.SetRole{ParticipantID: "m2", Role: wire.RoleParticipant})
	wantRoles(t, b, map[string]wire.Role{"m1": wire.RoleParticipant, "m2": wire.RoleParticipant})
	b.must("laptop", &wire.Leave{})
	wantRoles(t, b, map[string]wire.Role{"phone": wire.RoleHost})
	for range MaxDevices - 1 {
		b.count++
		b.seat("tablet"+string(rune('0'+b.count)), organizer)
	}
	wantCode(t, b.enter("toomany", organizer), fault.MeetingFull)
	b.drop("tablet1")
	b.seat("another", organizer)
	if b.role("tablet1") != "" {
		t.Error("who is away keeps a place that the same person needs")
	}
}

func TestHostComesAndGoes(t *testing.T) {
	b := newTable(t, open)
	b.seat("m", colleague)
	b.seat("o", outsider)
	wantRoles(t, b, map[string]wire.Role{"m": wire.RoleHost, "o": wire.RoleParticipant})

	b.seat("host", organizer)
	wantRoles(t, b, map[string]wire.Role{"host": wire.RoleHost, "m": wire.RoleCoHost})
	if told := got[*wire.PermissionsUpdated](b, "m"); len(told) != 1 || told[0].Permissions.End {
		t.Errorf("the former host is told %v", told)
	}

	b.must("host", &wire.TransferHost{ParticipantID: "o"})
	wantRoles(t, b, map[string]wire.Role{"host": wire.RoleCoHost, "o": wire.RoleHost})
	b.must("host", &wire.Leave{})
	b.seat("host2", organizer)
	wantRoles(t, b, map[string]wire.Role{"host2": wire.RoleHost, "o": wire.RoleCoHost})
}

func TestTheOrganizerComesBeforeOthersWhoMayHost(t *testing.T) {
	b := newTable(t, open)
	b.s.meeting.OrganizerKey = organizer.Key
	b.seat("m", colleague)
	b.seat("named", secretary)
	wantRoles(t, b, map[string]wire.Role{"named": wire.RoleHost, "m": wire.RoleCoHost})
	b.seat("host", organizer)
	wantRoles(t, b, map[string]wire.Role{"host": wire.RoleHost, "named": wire.RoleCoHost})
	b.must("host", &wire.Leave{})
	wantRoles(t, b, map[string]wire.Role{"named": wire.RoleHost})
}

func TestSuccession(t *testing.T) {
	p := func(key string) Person { return Person{Key: "user:" + key} }
	tests := []struct {
		name   string
		others func(b *table) // who is there beside the host
		want   string
	}{
		{"a co-host before a longer present participant", func(b *table) {
			b.seat("a", p("a"))
			b.seat("b", p("b"))
			b.must("host", &wire.SetRole{ParticipantID: "b", Role: wire.RoleCoHost})
		}, "b"},
		{"the longest present member", func(b *table) {
			b.seat("g", guest)
			b.seat("a", p("a"))
			b.seat("b", p("b"))
		}, "a"},
		{"a connected member before one who is away", func(b *table) {
			b.seat("a", p("a"))
			b.seat("b", p("b"))
			b.drop("a")
		}, "b"},
		{"a member who is away before a guest", func(b *table) {
			b.seat("g", guest)
			b.seat("a", p("a"))
			b.drop("a")
		}, "a"},
		{"another organizer before a co-host", func(b *table) {
			b.seat("a", p("a"))
			b.must("host", &wire.SetRole{ParticipantID: "a", Role: wire.RoleCoHost})
			b.seat("s", secretary)
		}, "s"},
		{"a guest when nobody else is there", func(b *table) { b.seat("g", guest) }, "g"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newTable(t, open)
			b.seat("host", organizer)
			test.others(b)
			b.must("host", &wire.Leave{})
			wantRoles(t, b, map[string]wire.Role{test.want: wire.RoleHost})
		})
	}
}

func TestAMemberTakesOverFromAGuest(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("g", guest)
	b.must("host", &wire.Leave{})
	b.seat("m", colleague)
	wantRoles(t, b, map[string]wire.Role{"m": wire.RoleHost, "g": wire.RoleGuest})
}

func TestResume(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("m", colleague)
	b.publish("m", wire.PublishTrack{MID: "0", Source: wire.SourceMicrophone})
	b.must("m", &wire.RaiseHand{Raised: true})
	b.forget()

	b.drop("m")
	updates := got[*wire.ParticipantUpdated](b, "host")
	if len(updates) != 1 || updates[0].Participant.Connection != wire.Reconnecting {
		t.Fatalf("others see %v", updates)
	}
	b.must("host", &wire.RaiseHand{Raised: true})
	if len(b.sent["m"]) != 0 {
		t.Fatalf("who is away was sent %v", b.sent["m"])
	}
	b.after(ResumeGrace - time.Second)
	wantCode(t, b.resume("m", "token-host", false), fault.ResumeInvalid)
	wantCode(t, b.resume("m", "token-m", false), "")
	welcome, joined := got[*wire.Welcome](b, "m")[0], got[*wire.Joined](b, "m")[0]
	if !welcome.Resumed || welcome.ParticipantID != "m" || welcome.Waiting {
		t.Errorf("welcome %+v", welcome)
	}
	if len(joined.Participants) != 2 || len(joined.Publications) != 1 || joined.Participants[1].HandAt == 0 {
		t.Errorf("joined %+v", joined)
	}
	if restart := effectsOf[RestartMedia](b); len(restart) != 1 || restart[0].Renew {
		t.Errorf("media %v", restart)
	}

	b.drop("m")
	wantCode(t, b.resume("m", "token-m", false), "") // the welcome with the next token was lost on the way
	b.s.Confirm("m", "conn-of-before")
	wantCode(t, b.resume("m", "token-m", false), "")
	b.s.Confirm("m", "conn-m")
	b.drop("m")
	wantCode(t, b.resume("m", "token-m", false), fault.ResumeInvalid)
	wantCode(t, b.resume("m", "next-m", true), "")
	if len(b.s.publications) != 0 || len(got[*wire.PublicationRemoved](b, "host")) != 1 {
		t.Error("new media keeps the old publications")
	}

	b.drop("m")
	b.after(ResumeGrace)
	if left := got[*wire.ParticipantLeft](b, "host"); len(left) != 1 || left[0].Reason != wire.LeftTimeout {
		t.Fatalf("others see %v", left)
	}
	wantCode(t, b.resume("m", "next-m", false), fault.ResumeInvalid)
}

func TestResumeReplacesALivingConnection(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	wantCode(t, b.resume("host", "token-host", false), "")
	if closing := got[*wire.Closing](b, "host"); len(closing) != 1 || closing[0].Reason != wire.EndReplaced {
		t.Errorf("the earlier connection got %v", closing)
	}
	seat, closed := -1, -1
	for i, e := range b.all {
		switch e.(type) {
		case TakeSeat:
			seat = i
		case Close:
			closed = i
		}
	}
	if closed > seat {
		t.Error("the new connection has the seat before the earlier one is closed")
	}
}

func TestResumeInTheLobby(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	b.seat("g", guest)
	b.drop("g")
	b.must("host", &wire.Admit{All: true})
	if p := b.s.Participants(); p[1].Connection != wire.Reconnecting {
		t.Errorf("admitted while away: %v", p[1])
	}
	wantCode(t, b.resume("g", "waiting-g", false), "")
	if len(got[*wire.Joined](b, "g")) != 1 {
		t.Error("no state for who was admitted while away")
	}

	b.seat("g2", Person{Key: "guest:2", Guest: true})
	b.drop("g2")
	b.after(ResumeGrace)
	if len(b.s.waiting) != 0 {
		t.Error("a place in the lobby outlives its person")
	}
}

func TestReadmittedAfterARestart(t *testing.T) {
	b := newTable(t, lobbed)
	if err := b.enterWith(Entry{ID: "g", Person: guest, Readmitted: true}); err != nil || b.waits("g") {
		t.Fatalf("waits: %v, %v", b.waits("g"), err)
	}
	wantRoles(t, b, map[string]wire.Role{"g": wire.RoleGuest})
	b.seat("host", organizer)
	wantRoles(t, b, map[string]wire.Role{"host": wire.RoleHost, "g": wire.RoleGuest})
}

func TestMeetingEndsWhenEmpty(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	b.seat("g", guest)
	b.must("host", &wire.Leave{})
	b.after(EmptyGrace - time.Second)
	b.seat("m", colleague)
	b.must("m", &wire.Leave{})
	b.after(EmptyGrace - time.Second)
	if b.s.Ended() {
		t.Fatal("ended within the grace")
	}
	b.after(time.Second)
	ended := effectsOf[Ended](b)
	if len(ended) != 1 || ended[0].ByHost || !ended[0].Started {
		t.Fatalf("ended %v", ended)
	}
	if closing := got[*wire.Closing](b, "g"); len(closing) != 1 || closing[0].Reason != wire.EndMeetingEnded {
		t.Errorf("who waits is told %v", closing)
	}
	wantCode(t, b.enter("late", colleague), fault.MeetingEnded)
}

func TestARoomThatNobodyEnteredIsForgotten(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("g", guest)
	b.must("g", &wire.Leave{})
	if ended := effectsOf[Ended](b); len(ended) != 1 || ended[0].Started {
		t.Errorf("ended %v", ended)
	}
	closed := newTable(t, Settings{})
	wantCode(t, closed.enter("g", guest), fault.GuestsNotAllowed)
	if !closed.s.Ended() {
		t.Error("the room outlives the only visitor, who was refused")
	}
}

func TestEndForAll(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	b.seat("m", colleague)
	b.seat("g", guest)
	b.must("host", &wire.End{})
	for _, id := range []string{"host", "m", "g"} {
		closing := got[*wire.Closing](b, id)
		if len(closing) != 1 || closing[0].Reason != wire.EndMeetingEnded || closing[0].Reconnect {
			t.Errorf("%s is told %v", id, closing)
		}
	}
	if gone := effectsOf[Gone](b); len(gone) != 2 {
		t.Errorf("attendance: %v", gone)
	}
	if ended := effectsOf[Ended](b); len(ended) != 1 || !ended[0].ByHost {
		t.Errorf("ended %v", ended)
	}
}

func TestStopAsksEverybodyBack(t *testing.T) {
	b := newTable(t, lobbed)
	b.seat("host", organizer)
	b.seat("g", guest)
	b.record(b.s.Stop(b.now))
	for _, id := range []string{"host", "g"} {
		closing := got[*wire.Closing](b, id)
		if len(closing) != 1 || closing[0].Reason != wire.EndShutdown || !closing[0].Reconnect {
			t.Errorf("%s is told %v", id, closing)
		}
	}
	if len(effectsOf[Ended](b)) != 0 {
		t.Error("a server that stops ends the meeting")
	}
}

func TestHandsAreOrdered(t *testing.T) {
	b := newTable(t, open)
	for _, id := range []string{"a", "b", "c"} {
		b.seat(id, Person{Key: "user:" + id})
	}
	for _, id := range []string{"c", "a", "b"} {
		b.must(id, &wire.RaiseHand{Raised: true})
	}
	list := b.s.Participants()
	slices.SortFunc(list, func(x, y wire.Participant) int { return int(x.HandAt - y.HandAt) })
	if list[0].ID != "c" || list[1].ID != "a" || list[2].ID != "b" {
		t.Errorf("order %v", list)
	}
	b.must("a", &wire.LowerHands{})
	for _, p := range b.s.Participants() {
		if p.HandAt != 0 {
			t.Errorf("%s still has a hand up", p.ID)
		}
	}
}

func TestTakenUpAgainAfterARestart(t *testing.T) {
	kept := Access{Locked: true, Removed: []string{guest.Key, colleague.Key}}
	for name, c := range map[string]struct {
		access     Access
		settings   Settings
		person     Person
		readmitted bool
		want       fault.Code
		waits      bool
	}{
		"new to a locked meeting":           {kept, open, outsider, false, fault.MeetingLocked, false},
		"back in a locked meeting":          {kept, open, outsider, true, "", false},
		"who may host":                      {kept, open, organizer, false, "", false},
		"removed, with an old token":        {kept, open, guest, true, fault.RemovedFromMeeting, false},
		"removed and locked":                {kept, open, guest, false, fault.MeetingLocked, false},
		"removed, not locked":               {Access{Removed: kept.Removed}, open, colleague, false, fault.RemovedFromMeeting, false},
		"removed, with lobby":               {Access{Removed: kept.Removed}, lobbed, colleague, true, "", true},
		"nobody is kept out":                {Access{}, open, colleague, false, "", false},
		"somebody else, none of the former": {Access{Removed: kept.Removed}, open, outsider, false, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTable(t, c.settings)
			b.s = NewState(Meeting{ID: "meeting", Settings: c.settings, Access: c.access})
			err := b.enterWith(Entry{ID: "p", Person: c.person, Readmitted: c.readmitted})
			wantCode(t, err, c.want)
			if b.waits("p") != c.waits {
				t.Errorf("waits: %t", !c.waits)
			}
			changes := effectsOf[AccessChanged](b)
			if inside := c.want == "" && !c.waits; inside != (len(changes) == 1) {
				t.Errorf("told %+v", changes)
			} else if inside && (changes[0].Access.Locked != c.access.Locked || !slices.Equal(changes[0].Access.Removed, c.access.Removed)) {
				t.Errorf("told %+v, want %+v", changes[0].Access, c.access)
			}
		})
	}
}

// What hosts decided is told as it is decided, and holds in the room of the next process.
func TestCoHostsAndAClosedChatAreTakenUpAgain(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("m", colleague)
	b.seat("g", guest)
	closed := false
	for _, step := range []struct {
		what    string
		command wire.ClientMessage
		coHosts []string
		closed  bool
	}{
		{"a co-host", &wire.SetRole{ParticipantID: "m", Role: wire.RoleCoHost}, []string{colleague.Key}, false},
		{"another one", &wire.SetRole{ParticipantID: "g", Role: wire.RoleCoHost}, slices.Sorted(slices.Values([]string{colleague.Key, guest.Key})), false},
		{"no chat", &wire.UpdateSettings{ChatAllowed: &closed}, slices.Sorted(slices.Values([]string{colleague.Key, guest.Key})), true},
		{"a co-host less", &wire.SetRole{ParticipantID: "g", Role: wire.RoleParticipant}, []string{colleague.Key}, true},
	} {
		b.forget()
		b.must("host", step.command)
		changes := effectsOf[AccessChanged](b)
		if len(changes) != 1 || !slices.Equal(changes[0].Access.CoHosts, step.coHosts) || changes[0].Access.ChatClosed != step.closed {
			t.Errorf("%s: told %+v", step.what, changes)
		}
	}
	kept := b.s.Snapshot().Access
	next := newTable(t, open)
	next.s = NewState(Meeting{ID: "meeting", Settings: open, Access: kept})
	next.seat("host", organizer)
	next.seat("m", colleague)
	next.seat("g", guest)
	next.seat("o", outsider)
	for id, want := range map[string]wire.Role{"m": wire.RoleCoHost, "g": wire.RoleGuest, "o": wire.RoleParticipant} {
		if got := next.s.members[id].role; got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if next.s.settings.ChatAllowed {
		t.Error("the chat is open again")
	}
	changes := effectsOf[Changed](next)
	if len(changes) != 1 || changes[0].Settings.ChatAllowed {
		t.Errorf("told %+v of the rules", changes)
	}
}

func TestWhoMayNotEnterIsTold(t *testing.T) {
	b := newTable(t, lobbed)
	locked, unlocked := true, false
	b.seat("host", organizer)
	b.seat("m", colleague)
	for _, step := range []struct {
		what string
		do   func()
		want Access
	}{
		{"lock", func() { b.must("host", &wire.UpdateSettings{Locked: &locked}) }, Access{Locked: true}},
		{"remove", func() { b.must("host", &wire.Remove{ParticipantID: "m"}) }, Access{Locked: true, Removed: []string{colleague.Key}}},
		{"unlock", func() { b.must("host", &wire.UpdateSettings{Locked: &unlocked}) }, Access{Removed: []string{colleague.Key}}},
		{"admit", func() {
			b.seat("m2", colleague)
			b.must("host", &wire.Admit{All: true})
		}, Access{}},
	} {
		b.forget()
		step.do()
		changes := effectsOf[AccessChanged](b)
		if len(changes) != 1 || changes[0].Access.Locked != step.want.Locked || !slices.Equal(changes[0].Access.Removed, step.want.Removed) {
			t.Errorf("%s: told %+v, want %+v", step.what, changes, step.want)
		}
	}
}
