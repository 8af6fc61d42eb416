package signaling_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"parley/signaling/wire"

	"github.com/gorilla/websocket"
)

// Many come, act, lose their connections and come back at the same time, and a host ends the meeting now and then. What
// is held: every request is answered or its connection ends, and in the end the room is as empty as the street.
func TestACrowd(t *testing.T) {
	s := newStand(t, open())
	const visitors, rounds = 12, 6
	var crowd sync.WaitGroup
	for i := range visitors {
		crowd.Go(func() {
			person := []string{"olga", "mei", "gast", "gina"}[i%4]
			token := ""
			for round := range rounds {
				token = visit(t, s, fmt.Sprintf("%s %d.%d", person, i, round), person, token)
			}
		})
	}
	crowd.Wait()
	s.server.Rooms().End("meeting")
	deadline := time.Now().Add(patience)
	for {
		if rooms, people := s.server.Rooms().Count(); rooms == 0 && people == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the room does not empty")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// visit is one connection; it returns the token to come back with.
func visit(t *testing.T, s *stand, name, person, token string) string {
	dialer := websocket.Dialer{Subprotocols: []string{"parley.v1"}}
	b := s.visitor(name, person)
	ws, response, err := dialer.Dial(b.url, b.head)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return ""
	}
	defer ws.Close()
	_ = response.Body.Close()
	random := rand.New(rand.NewPCG(uint64(len(name)), 7))
	say := func(m wire.ClientMessage) bool {
		return ws.WriteMessage(websocket.TextMessage, wire.EncodeClient(m, 1)) == nil
	}
	say(&wire.Hello{Version: wire.Version, Resume: token, NewMedia: random.IntN(2) == 0})
	id := ""
	for range 30 {
		_ = ws.SetReadDeadline(time.Now().Add(patience))
		_, data, err := ws.ReadMessage()
		if err != nil {
			return token
		}
		message, _, err := wire.DecodeServer(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return ""
		}
		switch m := message.(type) {
		case *wire.Welcome:
			token, id = m.ResumeToken, m.ParticipantID
		case *wire.Closing:
			return ""
		}
		if id != "" && !say(anything(random, id)) {
			return token
		}
	}
	if random.IntN(3) == 0 {
		say(&wire.Leave{})
		return ""
	}
	return token
}

func anything(random *rand.Rand, id string) wire.ClientMessage {
	on := random.IntN(2) == 0
	choices := []wire.ClientMessage{
		&wire.RaiseHand{Raised: on}, &wire.SendReaction{Emoji: "🎉"}, &wire.Rename{Name: "N" + id[len(id)-4:]},
		&wire.Admit{All: true}, &wire.MuteAll{}, &wire.LowerHands{}, &wire.View{}, &wire.Ping{},
		&wire.UpdateSettings{Lobby: &on}, &wire.Spotlight{ParticipantID: id}, &wire.RestartICE{}, &wire.TransferHost{ParticipantID: id},
		&wire.ReportStats{DownlinkLoss: random.Float64()}, &wire.Publish{SDP: "v=0"},
	}
	if random.IntN(60) == 0 {
		return &wire.End{}
	}
	return choices[random.IntN(len(choices))]
}
