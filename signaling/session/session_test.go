package session

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/signaling/wire"

	"github.com/gorilla/websocket"
)

func TestWhoSaysNothingIsClosed(t *testing.T) {
	serve(t, &entrance{}, func(t *testing.T, client *websocket.Conn, ended <-chan struct{}) {
		begin := time.Now()
		client.SetPingHandler(func(string) error { return nil })
		if e, ok := receive(t, client).(*wire.Error); !ok || e.Code != "wrongState" {
			t.Errorf("told %+v", e)
		}
		if c, ok := receive(t, client).(*wire.Closing); !ok || c.Reason != wire.EndProtocol {
			t.Errorf("told %+v", c)
		}
		if waited := time.Since(begin); waited != helloTimeout {
			t.Errorf("after %v", waited)
		}
		if _, _, err := client.ReadMessage(); !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
			t.Errorf("closed with %v", err)
		}
	})
}

func TestADeadLinkIsNoticed(t *testing.T) {
	e := &entrance{}
	serve(t, e, func(t *testing.T, client *websocket.Conn, ended <-chan struct{}) {
		say(t, client, &wire.Hello{Version: 1})
		receive(t, client)
		receive(t, client)
		var quiet atomic.Bool
		client.SetPingHandler(func(text string) error {
			if quiet.Load() {
				return nil
			}
			return client.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(time.Second))
		})
		go func() {
			for {
				if _, _, err := client.ReadMessage(); err != nil {
					return
				}
			}
		}()
		time.Sleep(10 * silenceTimeout)
		now, err := e.room.Snapshot(t.Context())
		if err != nil || len(now.Participants) != 1 || !now.Participants[0].Connected {
			t.Fatalf("pongs do not count: %v %v", now, err)
		}
		quiet.Store(true)
		begin := time.Now()
		<-ended
		if waited := time.Since(begin); waited > silenceTimeout+closeTimeout+PingInterval {
			t.Errorf("noticed after %v", waited)
		}
		if now, _ := e.room.Snapshot(t.Context()); now.Participants[0].Connected {
			t.Error("the room believes that the participant is there")
		}
	})
}

func TestAPanicEndsOnlyTheSession(t *testing.T) {
	serve(t, &entrance{panic: true}, func(t *testing.T, client *websocket.Conn, ended <-chan struct{}) {
		say(t, client, &wire.Hello{Version: 1})
		if c, ok := receive(t, client).(*wire.Closing); !ok || !c.Reconnect {
			t.Errorf("told %+v", c)
		}
		_, _, _ = client.ReadMessage()
	})
}

func TestOutboxOverflows(t *testing.T) {
	tests := map[string]struct {
		frame []byte
		count int
	}{
		"frames": {[]byte("x"), maxOutboxFrames},
		"bytes":  {[]byte(strings.Repeat("x", maxOutboxBytes/4)), 4},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOutbox()
			for range test.count {
				o.Send(test.frame)
			}
			if o.over() {
				t.Fatal("over before it is full")
			}
			o.Send(test.frame)
			o.Send(test.frame)
			o.Close(wire.EndMeetingEnded, false)
			frames, closing := o.take()
			if len(frames) != 1 || closing.Reason != wire.EndOverflow || !closing.Reconnect {
				t.Errorf("%d frames, closing %+v", len(frames), closing)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	var b tokens
	now := time.Unix(1000, 0)
	take := func(n int) (taken int) {
		for range n {
			if b.take(now, 10, 5) {
				taken++
			}
		}
		return taken
	}
	if n := take(20); n != 5 {
		t.Errorf("burst of %d", n)
	}
	now = now.Add(200 * time.Millisecond)
	if n := take(20); n != 2 {
		t.Errorf("%d after 200 ms", n)
	}
	now = now.Add(time.Hour)
	if n := take(20); n != 5 {
		t.Errorf("%d after an hour", n)
	}
}
