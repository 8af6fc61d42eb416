package room

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"parley/internal/fault"
	"parley/signaling/wire"
)

func track(mid string, source wire.Source) wire.PublishTrack {
	t := wire.PublishTrack{MID: mid, Source: source}
	if source == wire.SourceScreen || source == wire.SourceScreenAudio {
		t.ShareID = "share"
	}
	return t
}

func TestPublishing(t *testing.T) {
	b := newTable(t, open)
	b.seat("a", organizer)
	b.seat("b", colleague)
	first, _ := b.publish("a", track("0", wire.SourceMicrophone), track("1", wire.SourceCamera))
	if len(got[*wire.PublicationAdded](b, "b")) != 2 {
		t.Fatal("the others are not told")
	}
	if _, answered := b.sent["a"][len(b.sent["a"])-3].(*wire.Published); !answered {
		t.Errorf("published does not come before publicationAdded: %T", b.sent["a"][len(b.sent["a"])-3])
	}
	b.forget()

	second, _ := b.publish("a", track("0", wire.SourceMicrophone), track("1", wire.SourceScreen))
	if second["0"] != first["0"] || second["1"] == first["1"] {
		t.Errorf("first %v, second %v", first, second)
	}
	if gone := got[*wire.PublicationRemoved](b, "b"); len(gone) != 1 || gone[0].PublicationID != first["1"] {
		t.Errorf("removed %v", gone)
	}
	if unpublished := effectsOf[Unpublish](b); len(unpublished) != 1 {
		t.Errorf("media told %v", unpublished)
	}
	b.publish("a")
	if len(b.s.publications) != 0 {
		t.Errorf("left over: %v", b.s.publications)
	}
}

func TestKeptPublicationsKeepWhatAHostDid(t *testing.T) {
	b := newTable(t, open)
	b.seat("a", organizer)
	b.seat("b", colleague)
	b.publish("b", track("0", wire.SourceMicrophone))
	b.must("a", &wire.MuteAll{})
	b.publish("b", track("0", wire.SourceMicrophone), track("1", wire.SourceCamera))
	if p := b.s.livePublications()[0]; !p.Muted {
		t.Errorf("a new offer undid the muting: %+v", p)
	}
}

func TestSharesAreBounded(t *testing.T) {
	b := newTable(t, open)
	for i := range 3 {
		b.seat(fmt.Sprint(i), Person{Key: fmt.Sprint("user:", i)})
	}
	share := func(mid, id string) wire.PublishTrack {
		return wire.PublishTrack{MID: mid, Source: wire.SourceScreen, ShareID: id}
	}
	_, refused := b.publish("0", share("0", "x"), share("1", "y"), share("2", "z"))
	if !maps.Equal(refused, map[string]string{"2": "shareLimit"}) {
		t.Errorf("third share of one participant: %v", refused)
	}
	b.publish("1", share("0", "x"), share("1", "y"))
	sound := wire.PublishTrack{MID: "1", Source: wire.SourceScreenAudio, ShareID: "x"}
	_, refused = b.publish("2", share("0", "x"), sound)
	if !maps.Equal(refused, map[string]string{"0": "shareLimit", "1": "notAllowed"}) {
		t.Errorf("fifth share of the meeting and its sound: %v", refused)
	}
	// One that ends in the same offer makes room.
	_, refused = b.publish("1", share("2", "new"), share("1", "y"))
	if len(refused) != 0 {
		t.Errorf("replacing a share: %v", refused)
	}
}

func TestReservedPlacesCount(t *testing.T) {
	b := newTable(t, open)
	plan := func(id string, tracks ...wire.PublishTrack) Plan {
		p, err := b.s.PlanPublish(id, "conn-"+id, tracks, func() string { b.count++; return fmt.Sprint("p", b.count) })
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for i := range 5 {
		b.seat(fmt.Sprint(i), Person{Key: fmt.Sprint("user:", i)})
	}
	for i := range MaxShares {
		plan(fmt.Sprint(i), track("0", wire.SourceScreen))
	}
	if p := plan("4", track("0", wire.SourceScreen)); len(p.Refused) != 1 {
		t.Errorf("a share beyond the reserved ones: %v", p)
	}
	b.s.AbortPublish("0")
	if p := plan("4", track("0", wire.SourceScreen)); len(p.Refused) != 0 {
		t.Errorf("the place given up is not free: %v", p)
	}
}

func TestWhoMaySharesEndsShares(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("co", secretary)
	b.seat("m", colleague)
	b.publish("co", track("0", wire.SourceScreen))
	b.publish("m", track("0", wire.SourceScreen), track("1", wire.SourceScreenAudio), track("2", wire.SourceCamera))
	hosts := wire.ShareHosts
	b.must("host", &wire.UpdateSettings{WhoMayShare: &hosts})
	if live := b.s.livePublications(); len(live) != 2 {
		t.Errorf("live %v", live)
	}
	if muted := got[*wire.Muted](b, "m"); len(muted) != 1 || muted[0].Source != wire.SourceScreen || muted[0].ByID != "host" {
		t.Errorf("told %v", muted)
	}
	_, refused := b.publish("m", track("2", wire.SourceCamera), track("0", wire.SourceScreen))
	if refused["0"] != "notAllowed" {
		t.Errorf("refused %v", refused)
	}
	if changed := effectsOf[Changed](b); len(changed) != 1 || changed[0].Settings.WhoMayShare != wire.ShareHosts {
		t.Errorf("observer told %v", changed)
	}
}

func TestHostStopsACameraAndAShare(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("m", colleague)
	ids, _ := b.publish("m", track("0", wire.SourceCamera), track("1", wire.SourceScreen))
	b.forget()
	b.must("host", &wire.MuteParticipant{ParticipantID: "m", Source: wire.SourceCamera})
	b.must("host", &wire.MuteParticipant{ParticipantID: "m", Source: wire.SourceScreen})
	if gates := effectsOf[Gate](b); len(gates) != 1 || gates[0] != (Gate{ids["0"], true}) {
		t.Errorf("gates %v", gates)
	}
	if gone := effectsOf[Unpublish](b); len(gone) != 1 || gone[0].PublicationID != ids["1"] {
		t.Errorf("unpublished %v", gone)
	}
	b.must("m", &wire.SetMuted{PublicationID: ids["0"]})
	if p := b.s.publications[ids["0"]]; p.muted {
		t.Error("who was muted cannot unmute himself")
	}
}

func TestAPlanOvertakenByARemoval(t *testing.T) {
	b := newTable(t, open)
	b.seat("host", organizer)
	b.seat("m", colleague)
	plan, err := b.s.PlanPublish("m", "conn-m", []wire.PublishTrack{track("0", wire.SourceScreen)}, func() string { return "p" })
	if err != nil {
		t.Fatal(err)
	}
	hosts := wire.ShareHosts
	b.must("host", &wire.UpdateSettings{WhoMayShare: &hosts})
	effects, err := b.s.CommitPublish(b.now, "m", Negotiated{Plan: plan, Conn: "conn-m"})
	if err != nil {
		t.Fatal(err)
	}
	b.record(effects)
	if len(b.s.publications) != 0 || !slices.Contains(effectsOf[Unpublish](b), Unpublish{"p"}) {
		t.Error("a share that was forbidden while it was negotiated goes on")
	}

	b.must("host", &wire.Remove{ParticipantID: "m"})
	_, err = b.s.CommitPublish(b.now, "m", Negotiated{Plan: plan})
	wantCode(t, err, fault.NotInMeeting)
}

func receives(b *table, id string) []string { return b.s.members[id].receiving.Publications }

func TestWhatIsReceived(t *testing.T) {
	b := newTable(t, open)
	b.seat("a", organizer)
	b.seat("b", colleague)
	mine, _ := b.publish("a", track("0", wire.SourceMicrophone), track("1", wire.SourceCamera))
	theirs, _ := b.publish("b", track("0", wire.SourceMicrophone), track("1", wire.SourceCamera))
	if r := receives(b, "a"); !slices.Equal(r, []string{theirs["0"]}) {
		t.Errorf("before a view: %v", r)
	}
	big := wire.Tile{PublicationID: theirs["1"], Width: 640, Height: 360}
	small := wire.Tile{PublicationID: theirs["1"], Width: 160, Height: 90, Pinned: true}
	own := wire.Tile{PublicationID: mine["1"], Width: 640, Height: 360}
	b.must("a", &wire.View{Tiles: []wire.Tile{small, big, own, {PublicationID: "unknown"}}})
	if r := receives(b, "a"); !slices.Equal(r, []string{theirs["0"], theirs["1"]}) {
		t.Errorf("in view: %v", r)
	}
	want := []wire.Tile{{PublicationID: theirs["1"], Width: 640, Height: 360, Pinned: true}}
	if v := b.s.members["a"].receiving.View; !slices.Equal(v, want) {
		t.Errorf("view %v", v)
	}
	b.must("a", &wire.View{})
	if r, v := receives(b, "a"), b.s.members["a"].receiving.View; len(r) != 2 || len(v) != 0 {
		t.Errorf("out of view: %v, %v", r, v)
	}
	b.forget()
	b.must("a", &wire.View{})
	if again := effectsOf[Receive](b); len(again) != 0 {
		t.Errorf("nothing changed but %v", again)
	}
	b.must("b", &wire.Leave{})
	if r := receives(b, "a"); len(r) != 0 {
		t.Errorf("after the other left: %v", r)
	}
}

func TestWhatIsReceivedIsBounded(t *testing.T) {
	b := newTable(t, open)
	b.seat("me", organizer)
	var tiles []wire.Tile
	var audios []string
	for i := range MaxAudios + MaxVideos {
		id := fmt.Sprintf("p%02d", i)
		b.seat(id, Person{Key: "user:" + id})
		ids, _ := b.publish(id, wire.PublishTrack{MID: "0", Source: wire.SourceMicrophone, Muted: true},
			track("1", wire.SourceCamera))
		audios = append(audios, ids["0"])
		tiles = append(tiles, wire.Tile{PublicationID: ids["1"], Width: 100, Height: 100})
	}
	b.must("me", &wire.View{Tiles: tiles})
	if r := receives(b, "me"); len(r) != MaxAudios+MaxVideos {
		t.Errorf("receives %d", len(r))
	}
	// The last page pushes the first one out; who unmutes is heard, however many muted ones there are.
	b.must("me", &wire.View{Tiles: tiles[len(tiles)-10:]})
	last := fmt.Sprintf("p%02d", MaxAudios+MaxVideos-1)
	b.must(last, &wire.SetMuted{PublicationID: audios[len(audios)-1]})
	r := receives(b, "me")
	if !slices.Contains(r, tiles[len(tiles)-1].PublicationID) || !slices.Contains(r, audios[len(audios)-1]) {
		t.Errorf("receives %v", r)
	}
	if len(r) != MaxAudios+MaxVideos {
		t.Errorf("receives %d", len(r))
	}
}

func TestSpeakersAreParticipants(t *testing.T) {
	b := newTable(t, open)
	b.seat("a", organizer)
	b.seat("b", colleague)
	a, _ := b.publish("a", track("0", wire.SourceMicrophone))
	theirs, _ := b.publish("b", wire.PublishTrack{MID: "0", Source: wire.SourceMicrophone, Muted: true})
	b.record(b.s.SetSpeakers(b.now, []Level{{a["0"], 0.5}, {theirs["0"], 0.4}, {"gone", 1}}))
	told := got[*wire.Speakers](b, "b")
	if len(told) != 1 || len(told[0].Speakers) != 1 || told[0].Speakers[0] != (wire.Speaker{ParticipantID: "a", Level: 0.5}) {
		t.Errorf("told %v", told)
	}
}

func TestQualityIsToldWhenItChanges(t *testing.T) {
	b := newTable(t, open)
	b.seat("a", organizer)
	b.seat("b", colleague)
	b.record(b.s.SetQuality(wire.Quality{ParticipantID: "a", Level: wire.QualityGood}))
	b.record(b.s.SetQuality(wire.Quality{ParticipantID: "a", Level: wire.QualityWeak, Side: "uplink", Reason: "uplinkLoss"}))
	b.record(b.s.SetQuality(wire.Quality{ParticipantID: "a", Level: wire.QualityWeak, Side: "uplink", Reason: "uplinkLoss"}))
	if told := got[*wire.Quality](b, "b"); len(told) != 1 || told[0].Level != wire.QualityWeak {
		t.Errorf("told %v", told)
	}
	b.seat("late", outsider)
	if told := got[*wire.Quality](b, "late"); len(told) != 1 {
		t.Errorf("who comes later is told %v", told)
	}
}

func TestSpotlightEndsWithItsParticipant(t *testing.T) {
	b := newTable(t, open)
	b.seat("a", organizer)
	b.seat("b", colleague)
	b.must("a", &wire.Spotlight{ParticipantID: "b"})
	b.must("b", &wire.Leave{})
	told := got[*wire.MeetingUpdated](b, "a")
	if len(told) != 2 || told[0].Meeting.SpotlightID != "b" || told[1].Meeting.SpotlightID != "" {
		t.Errorf("told %v", told)
	}
}

func TestSettingsChangedOutside(t *testing.T) {
	b := newTable(t, open)
	b.seat("a", organizer)
	b.record(b.s.Change(b.now, "New title", open))
	b.record(b.s.Change(b.now, "New title", lobbed))
	told := got[*wire.MeetingUpdated](b, "a")
	if len(told) != 2 || told[0].Meeting.Title != "New title" || !told[1].Meeting.Lobby {
		t.Errorf("told %v", told)
	}
}

func TestASecondEncodingIsNoPublication(t *testing.T) {
	b := newTable(t, open)
	b.seat("a", organizer)
	b.seat("b", colleague)
	again := func(mid, of string) wire.PublishTrack {
		t := track(mid, wire.SourceCamera)
		t.SecondOf = of
		return t
	}
	first, _ := b.publish("a", track("1", wire.SourceCamera))
	b.forget()
	both, refused := b.publish("a", track("1", wire.SourceCamera), again("4", "1"))
	if both["4"] != first["1"] || both["1"] != first["1"] || len(refused) != 0 {
		t.Errorf("published %v, refused %v", both, refused)
	}
	if len(b.s.livePublications()) != 1 || len(got[*wire.PublicationAdded](b, "b")) != 0 {
		t.Errorf("publications %v", b.s.livePublications())
	}
	b.publish("a", track("1", wire.SourceCamera))
	if len(effectsOf[Unpublish](b)) != 0 {
		t.Error("the publication ended with its second encoding")
	}
	hosts := wire.ShareHosts
	b.must("a", &wire.UpdateSettings{WhoMayShare: &hosts})
	screen := track("2", wire.SourceScreen)
	second := screen
	second.MID, second.SecondOf = "3", "2"
	if _, refused := b.publish("b", screen, second); refused["2"] == "" || refused["3"] == "" {
		t.Errorf("refused %v", refused)
	}
}
