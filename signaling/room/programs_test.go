package room

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

var (
	encoder = Person{Key: "stream:1", Kind: wire.KindIngest, Name: "Camera 2", SkipsLobby: true}
	display = Person{Key: "stream:2", Kind: wire.KindViewer, Name: "Foyer", SkipsLobby: true}
)

func TestProgramsEnter(t *testing.T) {
	lock := func(b *table) {
		locked := true
		b.must("host", &wire.UpdateSettings{Locked: &locked})
	}
	removed := func(b *table) {
		b.seat("first", encoder)
		b.must("host", &wire.Remove{ParticipantID: "first"})
	}
	first := func(b *table) { b.seat("first", encoder) }
	small := open
	small.MaxParticipants = 2
	alone := []Person{organizer}
	for name, c := range map[string]struct {
		settings Settings
		people   []Person
		before   func(b *table)
		person   Person
		watches  string
		want     fault.Code
		waits    bool
	}{
		"an ingest":                          {open, alone, nil, encoder, "", "", false},
		"a viewer":                           {open, alone, nil, display, "", "", false},
		"nobody is in":                       {open, nil, nil, encoder, "", fault.MeetingNotRunning, false},
		"only a guest is in the lobby":       {open, []Person{guest}, nil, display, "", fault.MeetingNotRunning, false},
		"the lobby is on":                    {lobbed, alone, nil, encoder, "", "", false},
		"locked":                             {open, alone, lock, encoder, "", fault.MeetingLocked, false},
		"locked, but in already":             {open, alone, func(b *table) { first(b); lock(b) }, encoder, "", "", false},
		"a viewer of a locked meeting":       {open, alone, lock, display, "", fault.MeetingLocked, false},
		"removed":                            {open, alone, removed, encoder, "", fault.RemovedFromMeeting, false},
		"removed, with lobby":                {lobbed, alone, removed, encoder, "", "", true},
		"full":                               {small, []Person{organizer, colleague}, nil, encoder, "", fault.MeetingFull, false},
		"full, but in already":               {small, alone, first, encoder, "", "", false},
		"a viewer of a participant":          {open, alone, nil, display, "host", "", false},
		"a viewer of nobody":                 {open, alone, nil, display, "gone", fault.ParticipantNotFound, false},
		"a viewer of somebody in the lobby":  {lobbed, []Person{organizer, outsider}, nil, display, "p1", fault.ParticipantNotFound, false},
		"as many programs as there may be":   {open, alone, programs(MaxPrograms, true), encoder, "", fault.LimitReached, false},
		"one program less":                   {open, alone, programs(MaxPrograms-1, true), encoder, "", "", false},
		"as many viewers as the token lets":  {open, alone, programs(MaxViewersPerToken, false), display, "", fault.LimitReached, false},
		"viewers of other tokens are others": {open, alone, programs(MaxViewersPerToken, true), display, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTable(t, c.settings)
			for i, p := range c.people {
				id := "host"
				if i > 0 {
					id = fmt.Sprintf("p%d", i)
				}
				b.seat(id, p)
			}
			if c.before != nil {
				c.before(b)
			}
			wantCode(t, b.enterWith(Entry{ID: "program", Person: c.person, Watches: c.watches}), c.want)
			if b.waits("program") != c.waits {
				t.Errorf("waits: %t", !c.waits)
			}
		})
	}
}

// programs seats viewers, each with a token of its own or all with that of display.
func programs(count int, own bool) func(b *table) {
	return func(b *table) {
		for i := range count {
			p := display
			if own {
				p.Key = fmt.Sprintf("stream:other-%d", i)
			}
			b.seat(fmt.Sprintf("viewer%d", i), p)
		}
	}
}

func TestAnIngestIsReplacedByItsToken(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("one", encoder)
	b.publish("one", wire.PublishTrack{MID: "0", Source: wire.SourceCamera})
	b.seat("two", encoder)
	if b.role("one") != "" || b.role("two") != wire.RoleParticipant {
		t.Error("the first is still there")
	}
	if closing := got[*wire.Closing](b, "one"); len(closing) != 1 || closing[0].Reason != wire.EndReplaced {
		t.Errorf("told %+v", closing)
	}
}

func TestProgramsAreNoPeople(t *testing.T) {
	b := newTable(t, open)
	b.seat("m", colleague)
	b.seat("stream", encoder)
	b.seat("screen", display)
	b.must("m", &wire.Leave{})
	if b.s.host != nil {
		t.Errorf("%s became host", b.s.host.id)
	}
	b.seat("g", guest)
	if !b.waits("g") {
		t.Error("a program let a guest in")
	}
	b.after(EmptyGrace + time.Second)
	if !b.s.Ended() {
		t.Error("programs keep the meeting going")
	}
	for _, id := range []string{"stream", "screen"} {
		if closing := got[*wire.Closing](b, id); len(closing) != 1 || closing[0].Reason != wire.EndMeetingEnded {
			t.Errorf("%s is told %+v", id, closing)
		}
	}
}

func TestWhatMayBeDoneToPrograms(t *testing.T) {
	tracks := []wire.PublishTrack{{MID: "0", Source: wire.SourceMicrophone}, {MID: "1", Source: wire.SourceCamera}}
	for name, c := range map[string]struct {
		command wire.ClientMessage
		want    fault.Code
	}{
		"mute":               {&wire.MuteParticipant{ParticipantID: "stream", Source: wire.SourceMicrophone}, ""},
		"stop the picture":   {&wire.MuteParticipant{ParticipantID: "stream", Source: wire.SourceCamera}, ""},
		"mute a viewer":      {&wire.MuteParticipant{ParticipantID: "screen", Source: wire.SourceMicrophone}, fault.PublicationNotFound},
		"unmute":             {&wire.AskUnmute{ParticipantID: "stream", Source: wire.SourceCamera}, ""},
		"unmute a viewer":    {&wire.AskUnmute{ParticipantID: "screen", Source: wire.SourceCamera}, fault.PublicationNotFound},
		"remove":             {&wire.Remove{ParticipantID: "stream"}, ""},
		"remove a viewer":    {&wire.Remove{ParticipantID: "screen"}, ""},
		"spotlight":          {&wire.Spotlight{ParticipantID: "stream"}, ""},
		"make a co-host":     {&wire.SetRole{ParticipantID: "stream", Role: wire.RoleCoHost}, fault.NotAllowed},
		"make a viewer host": {&wire.TransferHost{ParticipantID: "screen"}, fault.NotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTable(t, open)
			b.seat("host", organizer)
			b.seat("stream", encoder)
			b.seat("screen", display)
			b.publish("stream", tracks...)
			wantCode(t, b.act("host", c.command), c.want)
		})
	}
}

func TestAMutedIngestIsUnmutedByAHost(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("stream", encoder)
	ids, _ := b.publish("stream", wire.PublishTrack{MID: "0", Source: wire.SourceCamera})
	b.must("host", &wire.MuteParticipant{ParticipantID: "stream", Source: wire.SourceCamera})
	b.must("host", &wire.AskUnmute{ParticipantID: "stream", Source: wire.SourceCamera})
	want := []Gate{{ids["0"], true}, {ids["0"], false}}
	if gates := effectsOf[Gate](b); !slices.Equal(gates, want) {
		t.Errorf("gates %+v", gates)
	}
	if asked := got[*wire.AskedToUnmute](b, "stream"); len(asked) > 0 {
		t.Error("the program was asked")
	}
}

func TestAMutedIngestComesBackMuted(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("one", encoder)
	b.publish("one", mic, cam)
	b.must("host", &wire.MuteParticipant{ParticipantID: "one", Source: wire.SourceMicrophone})
	b.seat("two", encoder)
	ids, _ := b.publish("two", mic, cam)
	if !b.s.publications[ids["m"]].muted || b.s.publications[ids["c"]].muted {
		t.Error("the microphone is on, or the camera off")
	}
	b.must("host", &wire.AskUnmute{ParticipantID: "two", Source: wire.SourceMicrophone})
	b.seat("three", encoder)
	if ids, _ = b.publish("three", mic); b.s.publications[ids["m"]].muted {
		t.Error("muted after it was unmuted")
	}
	b.seat("m", colleague)
	b.publish("m", mic)
	b.must("host", &wire.MuteParticipant{ParticipantID: "m", Source: wire.SourceMicrophone})
	b.publish("m")
	if ids, _ = b.publish("m", mic); b.s.publications[ids["m"]].muted {
		t.Error("a person is kept muted")
	}
}

func TestAnIngestShares(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("stream", encoder)
	share := wire.PublishTrack{MID: "0", Source: wire.SourceScreen, ShareID: "s"}
	b.publish("stream", share)
	if plan, err := b.s.Published("stream", "conn-stream"); err != nil || len(plan.Tracks) != 1 || plan.Tracks[0].Source != wire.SourceScreen {
		t.Errorf("shares %+v, %v", plan, err)
	}
	hosts := wire.ShareHosts
	b.must("host", &wire.UpdateSettings{WhoMayShare: &hosts})
	if plan, err := b.s.Published("stream", "conn-stream"); err != nil || len(plan.Tracks) != 0 {
		t.Errorf("still shares %+v, %v", plan, err)
	}
	if _, refused := b.publish("stream", share); refused["0"] != string(fault.NotAllowed) {
		t.Errorf("refused %v", refused)
	}
}

func TestViewersOfSomebodyLeaveWithHim(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("m", colleague)
	if err := b.enterWith(Entry{ID: "screen", Person: display, Watches: "m"}); err != nil {
		t.Fatal(err)
	}
	b.must("m", &wire.Leave{})
	if b.role("screen") != "" {
		t.Error("the viewer shows nobody")
	}
}

// hall is a meeting with people who send sound and pictures, and a viewer.
type hall struct {
	*table
	ids map[string]map[string]string // publications by participant and mid
}

func newHall(t *testing.T, watches string, sections ...Section) *hall {
	h := &hall{table: newTable(t, open), ids: map[string]map[string]string{}}
	for i, p := range []Person{organizer, secretary, colleague} {
		id := []string{"ann", "bob", "eve"}[i]
		h.seat(id, p)
		h.ids[id], _ = h.publish(id, mic, cam)
	}
	if err := h.enterWith(Entry{ID: "screen", Person: display, Watches: watches}); err != nil {
		t.Fatal(err)
	}
	effects, err := h.s.Watch("screen", "conn-screen", sections)
	if err != nil {
		t.Fatal(err)
	}
	h.record(effects)
	return h
}

var (
	mic        = wire.PublishTrack{MID: "m", Source: wire.SourceMicrophone}
	cam        = wire.PublishTrack{MID: "c", Source: wire.SourceCamera}
	screen     = wire.PublishTrack{MID: "s", Source: wire.SourceScreen, ShareID: "s"}
	screenHear = wire.PublishTrack{MID: "a", Source: wire.SourceScreenAudio, ShareID: "s"}
)

// speak lets somebody be the loudest for a time.
func (h *hall) speak(who string, d time.Duration) {
	for range int(d / (200 * time.Millisecond)) {
		h.now = h.now.Add(200 * time.Millisecond)
		h.record(h.s.SetSpeakers(h.now, []Level{{h.ids[who]["m"], 0.5}}))
	}
}

// want compares what the viewer's sections show: who and which mid.
func (h *hall) want(what string, want ...string) {
	h.t.Helper()
	names := map[string]string{"": "-"}
	for who, ids := range h.ids {
		for mid, id := range ids {
			names[id] = who + " " + mid
		}
	}
	var shown []string
	for _, id := range h.s.members["screen"].receiving.Publications {
		shown = append(shown, names[id])
	}
	if !slices.Equal(shown, want) {
		h.t.Errorf("%s: shows %q, want %q", what, shown, want)
	}
}

func sections(audio, video int) (list []Section) {
	for range audio {
		list = append(list, Section{wire.KindAudio, []string{"opus"}})
	}
	for range video {
		list = append(list, Section{wire.KindVideo, []string{"VP8", "H264"}})
	}
	return list
}

func TestAViewerFollowsTheMeeting(t *testing.T) {
	h := newHall(t, "", sections(1, 1)...)
	h.want("nobody spoke", "ann m", "ann c")
	h.speak("bob", 400*time.Millisecond)
	h.want("the first who speaks", "bob m", "bob c")
	h.speak("eve", 600*time.Millisecond)
	h.want("an interjection is heard", "eve m", "bob c")
	h.speak("eve", 2*time.Second)
	h.want("who goes on speaking", "eve m", "eve c")
	h.ids["ann"], _ = h.publish("ann", mic, cam, screen, screenHear)
	h.want("a share comes first, speech before its sound", "eve m", "ann s")
	h.record(h.s.SetSpeakers(h.now, nil))
	h.want("its sound when nobody speaks", "ann a", "ann s")
	h.publish("ann", mic, cam)
	h.want("the share is over", "eve m", "eve c")
	h.must("eve", &wire.SetMuted{PublicationID: h.ids["eve"]["c"], Muted: true})
	h.want("the camera is off", "eve m", "bob c")
	h.must("bob", &wire.Leave{})
	h.want("he left", "eve m", "ann c")
	h.must("ann", &wire.Leave{})
	h.want("nothing is left", "eve m", "-")
}

func TestSectionsKeepWhatTheyShow(t *testing.T) {
	h := newHall(t, "", sections(2, 2)...)
	h.want("the first of them", "ann m", "bob m", "ann c", "bob c")
	h.speak("eve", 2*time.Second)
	h.want("one place for who speaks", "ann m", "eve m", "ann c", "eve c")
	h.speak("ann", 3*time.Second)
	h.want("who is shown stays where he is", "ann m", "eve m", "ann c", "eve c")
	h.must("ann", &wire.Spotlight{ParticipantID: "bob"})
	h.want("the spotlight", "ann m", "eve m", "ann c", "bob c")
}

func TestAViewerOfOnePerson(t *testing.T) {
	h := newHall(t, "bob", sections(1, 2)...)
	h.want("camera and microphone", "bob m", "bob c", "-")
	h.speak("ann", 3*time.Second)
	h.want("whoever speaks", "bob m", "bob c", "-")
	h.ids["bob"], _ = h.publish("bob", mic, cam, screen)
	h.want("the share in the section that is left", "bob m", "bob c", "bob s")
}

func TestWhatAViewerCannotDecodeIsLeftOut(t *testing.T) {
	h := newHall(t, "", Section{wire.KindVideo, []string{"H264"}}, Section{wire.KindVideo, []string{"VP8"}})
	for who, codec := range map[string]string{"ann": "AV1", "bob": "VP8", "eve": "H264"} {
		h.record(h.s.SetCodec(h.ids[who]["c"], codec))
	}
	h.want("each in a section that takes it", "eve c", "bob c")
	h.record(h.s.SetCodec(h.ids["eve"]["c"], "VP9"))
	h.want("silence where nothing fits", "-", "bob c")
	h.record(h.s.SetCodec(h.ids["bob"]["c"], "VP9"))
	h.want("somebody who can send it again in the common codec", "-", "bob c")
}

func TestAViewerOnlyWatches(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	_, err := b.s.Watch("host", "conn-host", sections(1, 1))
	wantCode(t, err, fault.WrongState)
	_, err = b.s.Watch("nobody", "conn", nil)
	wantCode(t, err, fault.NotInMeeting)
}
