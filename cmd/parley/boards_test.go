package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/bus"
	"parley/whiteboard"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
)

// openBoard connects to a board and answers the first message, an event.
func openBoard(t *testing.T, p *process, board, cookie string) (*websocket.Conn, string) {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(p.url, "http")+"/whiteboard/"+board+"?events=1", http.Header{"Cookie": {cookie}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	if err := ws.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	_, data, err := ws.ReadMessage()
	if err != nil {
		return ws, err.Error()
	}
	return ws, string(data)
}

func TestBoardsAreServed(t *testing.T) {
	p := launch(t, dataDir(t), "demo")
	_, text, _ := request(t, "GET", p.url+"/api/v1/demo/people", "")
	var people struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(text), &people); err != nil {
		t.Fatal(err)
	}
	owner, other := signInAs(t, p, people.Items[0].ID), signInAs(t, p, people.Items[1].ID)
	code, text, _ := request(t, "POST", p.url+"/api/v1/boards", `{"title":"Plan"}`, "Cookie", owner)
	var board struct{ ID string }
	if err := json.Unmarshal([]byte(text), &board); err != nil || code != 201 {
		t.Fatalf("board %d %s", code, text)
	}
	ws, first := openBoard(t, p, board.ID, owner)
	if !strings.Contains(first, `"type":"ready","role":"owner","canWrite":true`) {
		t.Errorf("the owner hears %q", first)
	}
	if _, first := openBoard(t, p, board.ID, other); !strings.Contains(first, "4404") {
		t.Errorf("somebody else hears %q", first)
	}
	if _, first := openBoard(t, p, board.ID, ""); !strings.Contains(first, "4401") {
		t.Errorf("nobody hears %q", first)
	}
	access := `{"entries":[{"kind":"everyone","role":"viewer"}]}`
	if code, text, _ := request(t, "PUT", p.url+"/api/v1/boards/"+board.ID+"/access", access, "Cookie", owner); code != 200 {
		t.Fatalf("access %d %s", code, text)
	}
	guest, first := openBoard(t, p, board.ID, other)
	if !strings.Contains(first, `"type":"ready","role":"viewer","canWrite":false`) {
		t.Errorf("a viewer hears %q", first)
	}
	if code, text, _ := request(t, "PUT", p.url+"/api/v1/boards/"+board.ID+"/access", `{"entries":[]}`, "Cookie", owner); code != 200 {
		t.Fatalf("access %d %s", code, text)
	}
	awaitClose(t, guest, 4403)
	if code, text, _ := request(t, "DELETE", p.url+"/api/v1/sessions/current", "", "Cookie", owner); code >= 300 {
		t.Fatalf("sign out %d %s", code, text)
	}
	awaitClose(t, ws, 4401)
}

// awaitClose reads until the connection is closed.
func awaitClose(t *testing.T, ws *websocket.Conn, code int) {
	t.Helper()
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, code) {
				t.Errorf("closed with %v, want %d", err, code)
			}
			return
		}
	}
}

// relays are those of two nodes on one bus.
func relays(t *testing.T) (one, two *boardRelay) {
	t.Helper()
	b, err := bus.Open("", slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	log := slog.New(slog.DiscardHandler)
	return &boardRelay{bus: b, node: "one", log: log}, &boardRelay{bus: b, node: "two", log: log}
}

func TestBoardRelay(t *testing.T) {
	one, two := relays(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := one.Dial(ctx, "two", nil); !errors.Is(err, bus.ErrNoResponder) {
		t.Errorf("dialled a node that is not there: %v", err)
	}
	ended := make(chan error, 1)
	stop, err := two.Accept(func(hello []byte, s whiteboard.Stream) {
		defer s.Close()
		for first := hello; ; {
			if err := s.Send(first); err != nil {
				ended <- err
				return
			}
			var err error
			if first, err = s.Receive(ctx); err != nil {
				ended <- err
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s, err := one.Dial(ctx, "two", []byte("hello"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := s.Receive(ctx); string(b) != "hello" {
		t.Fatalf("%q, %v", b, err)
	}
	for _, n := range []int{0, 1, relayPieceBytes, relayPieceBytes + 1, 5 * relayPieceBytes} {
		want := bytes.Repeat([]byte{'x'}, n)
		if err := s.Send(want); err != nil {
			t.Fatal(err)
		}
		if b, err := s.Receive(ctx); err != nil || !bytes.Equal(b, want) {
			t.Fatalf("%d bytes come back as %d, %v", n, len(b), err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("the other side ends with %v", err)
	}
	if err := s.Send(nil); !errors.Is(err, errRelayBroken) {
		t.Errorf("sent after close: %v", err)
	}
}

func TestBoardRelayBreaksWhenAPieceIsLost(t *testing.T) {
	one, two := relays(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := make(chan error, 1)
	stop, err := two.Accept(func(_ []byte, s whiteboard.Stream) {
		defer s.Close()
		_, err := s.Receive(ctx)
		ended <- err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s, err := one.Dial(ctx, "two", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.(*relayStream).number++
	if err := s.Send([]byte("after a gap")); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, errRelayBroken) {
		t.Errorf("ends with %v", err)
	}
}
