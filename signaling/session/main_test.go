package session

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/fault"
	"parley/signaling/room"
	"parley/signaling/wire"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type deaf struct{}

func (deaf) Open(string, wire.ParticipantKind, room.Seat)               {}
func (deaf) Restart(string, room.Seat, bool)                            {}
func (deaf) Receive(string, []string, []wire.Tile)                      {}
func (deaf) SetMuted(string, bool)                                      {}
func (deaf) SetHint(string, wire.ContentHint)                           {}
func (deaf) Unpublish(string)                                           {}
func (deaf) CloseParticipant(string)                                    {}
func (deaf) Close()                                                     {}
func (deaf) MeetingStarted(string, time.Time)                           {}
func (deaf) ParticipantJoined(string, string, room.Person, time.Time)   {}
func (deaf) ParticipantLeft(string, string, time.Time, room.GoneReason) {}
func (deaf) MeetingEnded(string, time.Time, bool)                       {}
func (deaf) SettingsChanged(string, room.Settings)                      {}
func (deaf) AccessChanged(string, room.Access)                          {}
func (deaf) BoardsChanged(string, room.Boards, time.Time)               {}
func (deaf) Received(string)                                            {}
func (deaf) Failed(fault.Code)                                          {}
func (deaf) Ended(wire.EndReason)                                       {}

// entrance lets everybody into one room.
type entrance struct {
	room  *room.Room
	count atomic.Int32
	panic bool
}

func (e *entrance) Enter(ctx context.Context, hello Hello, seat room.Seat, conn string) (Place, error) {
	if e.panic {
		panic("boom")
	}
	id := string(rune('a' + e.count.Add(1)))
	err := e.room.Enter(ctx, seat, room.Entry{ID: id, Conn: conn, Person: room.Person{Key: "user:" + id}, AnswerTo: hello.RequestID})
	return Place{Room: e.room, Media: NewMedia(nil, slog.New(slog.DiscardHandler)), ParticipantID: id}, err
}

// hijacked answers an upgrade with one end of a pipe.
type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

func (h hijacked) Header() http.Header { return http.Header{} }
func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// serve runs a session over a pipe in a bubble of synthetic time, and hands the other end to test.
func serve(t *testing.T, e *entrance, test func(t *testing.T, client *websocket.Conn, ended <-chan struct{})) {
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{}, 1)
		e.room = room.New(room.Options{
			Meeting: room.Meeting{ID: "m"}, Media: deaf{}, Observer: deaf{}, Log: slog.New(slog.DiscardHandler),
			OnOver: func(*room.Room, room.Ended) { over <- struct{}{} },
		})
		defer e.room.Stop(context.Background())
		near, far := net.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			request, err := http.ReadRequest(bufio.NewReader(far))
			if err != nil {
				t.Error(err)
				return
			}
			ws, err := (&websocket.Upgrader{}).Upgrade(hijacked{conn: far}, request, nil)
			if err != nil {
				t.Error(err)
				return
			}
			New(ws, Options{Entrance: e, Meter: deaf{}, Log: slog.New(slog.DiscardHandler)}).Run(context.Background())
		}()
		dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return near, nil }}
		client, _, err := dialer.Dial("ws://server/", nil)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		test(t, client, ended)
		<-ended
	})
}

func receive(t *testing.T, client *websocket.Conn) wire.ServerMessage {
	t.Helper()
	_, data, err := client.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	message, _, err := wire.DecodeServer(data)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func say(t *testing.T, client *websocket.Conn, message wire.ClientMessage) {
	t.Helper()
	if err := client.WriteMessage(websocket.TextMessage, wire.EncodeClient(message, 1)); err != nil {
		t.Fatal(err)
	}
}
