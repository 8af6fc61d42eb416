package signaling_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"parley/internal/fault"
	"parley/sfu"
	"parley/signaling/room"
	"parley/signaling/wire"

	"github.com/pion/webrtc/v4"
)

func TestHowAStreamEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(g *gate, p *program, host *browser, who string)
		reason wire.LeftReason
	}{
		"removed by a host":    {func(_ *gate, _ *program, host *browser, who string) { host.send(&wire.Remove{ParticipantID: who}) }, wire.LeftRemoved},
		"the token is revoked": {func(g *gate, _ *program, _ *browser, _ string) { g.grants.revoke("pub"); g.whip.Revoke("id-pub") }, wire.LeftLeave},
		"the token is void":    {func(g *gate, _ *program, _ *browser, _ string) { g.grants.revoke("pub") }, wire.LeftLeave},
		"the program closes":   {func(_ *gate, p *program, _ *browser, _ string) { p.close() }, wire.LeftTimeout},
		"the token comes again": {func(g *gate, _ *program, _ *browser, _ string) {
			g.program("pub").sends(webrtc.MimeTypeOpus).start("/whip/abc-defg-hij")
		}, wire.LeftLeave},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, open(), sfu.Config{})
			host := g.browser("host", "olga")
			host.join()
			p := g.program("pub").sends(webrtc.MimeTypeOpus)
			p.start("/whip/abc-defg-hij")
			who := joins(host)
			host.hears(publications(host, who.ID, 1)[wire.SourceMicrophone].ID)
			c.end(g, p, host, who.ID)
			left := await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == who.ID })
			if left.Reason != c.reason {
				t.Errorf("left: %s", left.Reason)
			}
			if r := p.stop(); r.status != http.StatusNotFound && r.status != http.StatusUnauthorized {
				t.Errorf("its session is answered %d", r.status)
			}
		})
	}
}

func TestAStreamThatNeverConnectsEnds(t *testing.T) {
	g := newGate(t, open(), sfu.Config{DisconnectedAfter: 500 * time.Millisecond, FailedAfter: time.Second})
	host := g.browser("host", "olga")
	host.join()
	p := g.program("pub").sends(webrtc.MimeTypeOpus)
	if r := g.post("/whip/abc-defg-hij", "pub", p.makeOffer(nil)); r.status != http.StatusCreated {
		t.Fatalf("answered %d %s", r.status, r.body)
	}
	who := joins(host)
	await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == who.ID && m.Reason == wire.LeftTimeout })
}

func TestATokenExpires(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	grant := g.grants.list["pub"]
	grant.ExpiresAt = time.Now().Add(time.Second)
	g.grants.list["pub"] = grant
	host := g.browser("host", "olga")
	host.join()
	g.program("pub").sends(webrtc.MimeTypeOpus).start("/whip/abc-defg-hij")
	who := joins(host)
	await(host, func(m *wire.ParticipantLeft) bool { return m.ParticipantID == who.ID })
}

func TestARemovedStreamWaits(t *testing.T) {
	settings := open()
	settings.Lobby = true
	g := newGate(t, settings, sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	g.program("pub").sends(webrtc.MimeTypeOpus).start("/whip/abc-defg-hij")
	host.do(&wire.Remove{ParticipantID: joins(host).ID})
	offer := g.program("pub").sends(webrtc.MimeTypeOpus).makeOffer(nil)
	r := g.post("/whip/abc-defg-hij", "pub", offer)
	if r.status != http.StatusServiceUnavailable || r.code(t) != string(fault.WaitingInLobby) || r.header.Get("Retry-After") != "5" {
		t.Fatalf("answered %d %v %s", r.status, r.header, r.body)
	}
	lobby := await(host, func(m *wire.LobbyUpdated) bool { return len(m.Waiting) == 1 })
	if lobby.Waiting[0].Kind != wire.KindIngest {
		t.Errorf("waiting %+v", lobby.Waiting)
	}
	host.do(&wire.Admit{ParticipantIDs: []string{lobby.Waiting[0].ID}})
	again := g.program("pub").sends(webrtc.MimeTypeOpus)
	again.start("/whip/abc-defg-hij")
	for {
		if added := await[*wire.PublicationAdded](host, nil); added.Publication.Source == wire.SourceMicrophone {
			host.hears(added.Publication.ID)
			break
		}
	}
}

func TestProgramsLeaveNothingBehind(t *testing.T) {
	g := newGate(t, open(), sfu.Config{})
	host := g.browser("host", "olga")
	host.join()
	for i := range 5 {
		p := g.program("pub").sends(webrtc.MimeTypeOpus)
		p.start("/whip/abc-defg-hij")
		if i%2 == 0 {
			p.stop()
		}
		p.close()
	}
	left := 0
	for left < 5 {
		await[*wire.ParticipantLeft](host, nil)
		left++
	}
	snapshot, _ := g.server.Rooms().Snapshot("meeting")
	if kinds := slices.IndexFunc(snapshot.Participants, func(p room.Present) bool { return p.Person.Kind != "" }); kinds >= 0 {
		t.Errorf("still there: %+v", snapshot.Participants)
	}
}
