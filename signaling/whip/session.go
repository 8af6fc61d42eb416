package whip

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"sync"
	"time"

	"parley/signaling/room"
	"parley/signaling/session"
	"parley/signaling/wire"

	"github.com/google/uuid"
)

// program is the session of a program: a participant's seat, and the resource by which the program changes and ends it.
type program struct {
	// Static after construction.
	server      *Server
	id          string // part of its address, unguessable
	participant string
	conn        string
	kind        wire.ParticipantKind
	grant       Grant
	token       string        // what the program showed, to ask again whether it is good
	admitted    chan struct{} // closed by the room's joined
	over        chan struct{} // closed by Close
	enter, end  sync.Once

	// Static once it is known to the server.
	place session.Place

	// Guarded by mu, which is held while media are negotiated.
	mu    sync.Mutex
	offer string // the latest
	etag  string // of the ICE session

	expiry *time.Timer // guarded by the server's mu; nil when the token does not expire
}

func newProgram(s *Server, kind wire.ParticipantKind, grant Grant) *program {
	return &program{
		server: s, id: rand.Text() + rand.Text(), participant: newID(), conn: newID(), kind: kind, grant: grant,
		admitted: make(chan struct{}), over: make(chan struct{}), etag: newETag(),
	}
}

func newETag() string { return `"` + rand.Text() + `"` }

func newID() string {
	id, err := uuid.NewV7()
	if err != nil { // the system has no randomness
		panic(err)
	}
	return id.String()
}

// Send implements room.Seat. A program reads nothing; only that it was let in matters.
func (p *program) Send(frame []byte) {
	var message struct{ Type string }
	if json.Unmarshal(frame, &message) == nil && message.Type == wire.TypeOf(&wire.Joined{}) {
		p.enter.Do(func() { close(p.admitted) })
	}
}

// Close implements room.Seat. The connection ends with the participant's media; the program learns the reason only when it
// asks again.
func (p *program) Close(reason wire.EndReason, _ bool) {
	p.end.Do(func() {
		close(p.over)
		p.server.forget(p, reason)
	})
}

// entry is how it comes to the room's door. Nobody resumes a program: its tokens are told to nobody.
func (p *program) entry(name, watches string) room.Entry {
	return room.Entry{
		ID: p.participant, Conn: p.conn, Watches: watches, WaitingToken: rand.Text(), AdmittedToken: rand.Text(),
		Person: room.Person{Key: "stream:" + p.grant.TokenID, Kind: p.kind, Name: name, SkipsLobby: true},
	}
}

// leave ends the participation.
func (p *program) leave(ctx context.Context) {
	// Who is gone already has nothing to leave.
	_ = p.place.Room.Act(context.WithoutCancel(ctx), p.participant, p.conn, &wire.Leave{})
}
