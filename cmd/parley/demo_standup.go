package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"parley/api"
	"parley/api/meetings"
	"parley/signaling"
	"parley/signaling/wire"

	"github.com/gorilla/websocket"
)

// standupPeople sit in the running meeting of the demo, without camera and microphone; the last one raises a hand.
var standupPeople = []string{"maya", "limubai", "kenji", "zhaoqiming"}

const standupRetry = 2 * time.Second

// standup keeps the sample meeting running: real participants over real signaling, from inside.
type standup struct {
	url    string // static
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// holdStandup lets people of the sample company enter their meeting at the address where we listen.
func (a *app) holdStandup(ctx context.Context, c *company, address string) error {
	code, err := c.standupCode(ctx)
	if err != nil || code == "" {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &standup{url: "ws://" + address + "/api/v1/meetings/by-code/" + code + "/signal", cancel: cancel}
	for i, login := range standupPeople {
		cookie, err := c.domains.people.OpenSession(ctx, c.people[login].UserID, api.Client{UserAgent: "parley demo"})
		if err != nil {
			cancel()
			return err
		}
		s.work.Go(func() { s.sit(running, cookie, i == len(standupPeople)-1) })
	}
	a.started("sample meeting", func(context.Context) error {
		s.cancel()
		s.work.Wait()
		return nil
	})
	return nil
}

// standupCode finds the sample meeting; it is empty when somebody has cancelled it.
func (c *company) standupCode(ctx context.Context) (string, error) {
	organizer := c.people["wangsiyuan"].UserID
	for _, view := range []meetings.View{meetings.ViewRunning, meetings.ViewComing, meetings.ViewPast} {
		page, err := c.domains.meetings.List(ctx, organizer, view, "", 50)
		if err != nil {
			return "", err
		}
		for _, m := range page.Items {
			if m.Title == demoStandup && !m.Cancelled {
				return m.Code, nil
			}
		}
	}
	return "", nil
}

// sit stays in the meeting until ctx ends or the meeting does not want one any more.
func (s *standup) sit(ctx context.Context, cookie http.Cookie, raiseHand bool) {
	for ctx.Err() == nil {
		if errors.Is(s.attend(ctx, cookie, raiseHand), errDismissed) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(standupRetry):
		}
	}
}

// errDismissed says that the server closed the place: removed, or the meeting was ended.
var errDismissed = errors.New("dismissed")

func (s *standup) attend(ctx context.Context, cookie http.Cookie, raiseHand bool) error {
	dialer := websocket.Dialer{Subprotocols: []string{signaling.Subprotocol}, HandshakeTimeout: 10 * time.Second}
	header := http.Header{"Cookie": {cookie.Name + "=" + cookie.Value}}
	ws, response, err := dialer.DialContext(ctx, s.url, header)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	defer ws.Close()
	stop := context.AfterFunc(ctx, func() { ws.Close() })
	defer stop()
	if err := send(ws, "hello", wire.Hello{Version: wire.Version, Client: "parley demo"}); err != nil {
		return err
	}
	for {
		var message struct{ Type string }
		if err := ws.ReadJSON(&message); err != nil {
			return err
		}
		switch message.Type {
		case "joined":
			if raiseHand {
				if err := send(ws, "raiseHand", wire.RaiseHand{Raised: true}); err != nil {
					return err
				}
			}
		case "closing":
			return errDismissed
		}
	}
}

// send writes a message in the envelope of signaling.
func send(ws *websocket.Conn, kind string, message any) error {
	fields, err := json.Marshal(message)
	if err != nil {
		return err
	}
	envelope := map[string]any{}
	if err := json.Unmarshal(fields, &envelope); err != nil {
		return err
	}
	envelope["type"] = kind
	return ws.WriteJSON(envelope)
}
