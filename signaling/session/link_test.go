package session

import (
	"log/slog"
	"testing"

	"parley/sfu"
	"parley/signaling/room"
)

func TestWhichConnectionsAreLost(t *testing.T) {
	type change struct {
		target sfu.Target
		state  sfu.State
	}
	const pub, sub = sfu.TargetPublish, sfu.TargetSubscribe
	both := room.Lost{Publish: true, Subscribe: true}
	for name, c := range map[string]struct {
		changes []change
		want    room.Lost
	}{
		"new":             {nil, room.Lost{}},
		"connecting":      {[]change{{pub, sfu.StateConnecting}}, room.Lost{}},
		"never connected": {[]change{{pub, sfu.StateConnecting}, {pub, sfu.StateFailed}}, room.Lost{}},
		"silent":          {[]change{{pub, sfu.StateConnected}, {pub, sfu.StateDisconnected}}, room.Lost{Publish: true}},
		"other silent":    {[]change{{pub, sfu.StateConnected}, {sub, sfu.StateConnected}, {sub, sfu.StateDisconnected}}, room.Lost{Subscribe: true}},
		"both silent": {[]change{
			{pub, sfu.StateConnected}, {sub, sfu.StateConnected}, {pub, sfu.StateDisconnected}, {sub, sfu.StateFailed},
		}, both},
		"restarting": {[]change{{pub, sfu.StateConnected}, {pub, sfu.StateDisconnected}, {pub, sfu.StateConnecting}}, room.Lost{Publish: true}},
		"back":       {[]change{{pub, sfu.StateConnected}, {pub, sfu.StateFailed}, {pub, sfu.StateConnecting}, {pub, sfu.StateConnected}}, room.Lost{}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLink(NewMedia(nil, slog.New(slog.DiscardHandler)), "m", "", nil)
			events := newPeerEvents(l, l.generation)
			for _, change := range c.changes {
				events.OnState(change.target, change.state)
			}
			lost, changed := l.nextLost()
			if lost != c.want || changed != (c.want != room.Lost{}) {
				t.Errorf("lost %+v, changed %t; want %+v", lost, changed, c.want)
			}
			if _, again := l.nextLost(); again {
				t.Error("told twice")
			}
			l.renewLocked()
			if lost, _ := l.nextLost(); lost != (room.Lost{}) {
				t.Errorf("a new peer has lost %+v", lost)
			}
			events.OnState(pub, sfu.StateConnected)
			events.OnState(pub, sfu.StateDisconnected)
			if lost, _ := l.nextLost(); lost != (room.Lost{}) {
				t.Errorf("the earlier peer says that %+v is lost", lost)
			}
		})
	}
}
