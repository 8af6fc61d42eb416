package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/whiteboard/ydoc"

	"github.com/gorilla/websocket"
)

// Messages of the y-protocols, and our events (whiteboard/PROTOCOL.md).
const (
	boardSync   = 0
	boardEvent  = 100
	boardStep1  = 0
	boardStep2  = 1
	boardUpdate = 2
)

const elementsRoot = "elements"

// boardClient is one open tab: its document stays when the connection goes.
type boardClient struct {
	id     uint64 // Yjs client
	cookie string

	mu     sync.Mutex
	doc    *ydoc.Doc       // guarded by mu
	events []string        // guarded by mu: types of events, with their code
	conn   *websocket.Conn // guarded by mu; nil while there is none
	ended  chan struct{}   // guarded by mu
}

func newBoardClient(id uint64, cookie string) *boardClient {
	return &boardClient{id: id, cookie: cookie, doc: ydoc.New(ydoc.Limits{})}
}

// connect opens the board and asks for what is missing.
func (c *boardClient) connect(t *testing.T, url, board string) {
	t.Helper()
	address := "ws" + strings.TrimPrefix(url, "http") + "/whiteboard/" + board + "?events=1"
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), address, http.Header{"Cookie": {c.cookie}})
	if err != nil {
		t.Fatalf("open the board: %v %v", err, resp)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn, c.ended = conn, make(chan struct{})
	go c.runRead(conn, c.ended)
	c.sendLocked(boardSync, boardStep1, c.doc.StateVector().Encode())
	t.Cleanup(c.disconnect)
}

// disconnect ends the connection; the document stays.
func (c *boardClient) disconnect() {
	c.mu.Lock()
	conn, ended := c.conn, c.ended
	c.conn = nil
	c.mu.Unlock()
	if conn != nil {
		conn.Close()
	}
	if ended != nil {
		<-ended
	}
}

// sendLocked writes what the connection takes: without one the document keeps it for the next.
func (c *boardClient) sendLocked(kind, step byte, content []byte) {
	if c.conn == nil {
		return
	}
	b := append(binary.AppendUvarint([]byte{kind, step}, uint64(len(content))), content...)
	if err := c.conn.WriteMessage(websocket.BinaryMessage, b); err != nil {
		c.conn.Close()
		c.conn = nil
	}
}

func (c *boardClient) runRead(conn *websocket.Conn, ended chan struct{}) {
	defer close(ended)
	for {
		_, b, err := conn.ReadMessage()
		if err != nil {
			return
		}
		c.receive(b)
	}
}

func (c *boardClient) receive(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kind, b := cutUint(b)
	switch kind {
	case boardSync:
		step, b := cutUint(b)
		size, b := cutUint(b)
		c.syncLocked(step, b[:size])
	case boardEvent:
		_, b = cutUint(b)
		var event struct{ Type, Code string }
		if err := json.Unmarshal(b, &event); err != nil {
			panic(fmt.Sprintf("event %q: %v", b, err))
		}
		c.events = append(c.events, strings.TrimSpace(event.Type+" "+event.Code))
	}
}

func (c *boardClient) syncLocked(step uint64, content []byte) {
	if step == boardStep1 {
		sv, err := ydoc.DecodeStateVector(content)
		if err != nil {
			panic(err)
		}
		c.sendLocked(boardSync, boardStep2, c.doc.Diff(sv))
		return
	}
	if _, err := c.doc.Apply(content); err != nil {
		panic(err)
	}
}

func cutUint(b []byte) (uint64, []byte) {
	n, size := binary.Uvarint(b)
	return n, b[size:]
}

// draw sets an element, whether connected or not.
func (c *boardClient) draw(element string, version int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	applied, err := c.doc.Edit(c.id, func(e *ydoc.Edit) {
		e.Set(elementsRoot, element, map[string]any{
			"id": element, "type": "rectangle", "version": float64(version), "x": float64(version) / 3, "y": 2.0 * float64(version),
			"width": 200.0, "height": 100.0, "strokeColor": "#1e1e1e", "backgroundColor": "#ffec99", "index": "a1", "isDeleted": false,
		})
	})
	if err != nil {
		panic(err)
	}
	c.sendLocked(boardSync, boardUpdate, applied.Update)
}

// runDraw moves an element some thirty times a second until stop is closed and answers when each version was drawn.
func (c *boardClient) runDraw(element string, from int, stop <-chan struct{}) (drawn []time.Time) {
	ticks := time.NewTicker(33 * time.Millisecond)
	defer ticks.Stop()
	for {
		select {
		case <-stop:
			return drawn
		case now := <-ticks.C:
			c.draw(element, from+len(drawn))
			drawn = append(drawn, now)
		}
	}
}

func (c *boardClient) stateVector() ydoc.StateVector {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doc.StateVector()
}

func (c *boardClient) elements() map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doc.Root(elementsRoot).Map()
}

// version answers that of an element, 0 when it is not there.
func (c *boardClient) version(element string) int {
	e, _ := c.elements()[element].(map[string]any)
	version, _ := e["version"].(float64)
	return int(version)
}

func (c *boardClient) pending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doc.Pending()
}

// heard tells whether an event came after the first so many.
func (c *boardClient) heard(event string, after int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.events[after:], event)
}

func (c *boardClient) eventList() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.events, ", ")
}

// eventually waits for what needs no more than its time.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain for " + what)
		}
	}
}

// sameBoard waits until clients know the same, and compares what they show.
func sameBoard(t *testing.T, a, b *boardClient) {
	t.Helper()
	eventually(t, "two clients that know the same", func() bool { return maps.Equal(a.stateVector(), b.stateVector()) })
	if a.pending() || b.pending() {
		t.Error("something waits for changes that are not there")
	}
	left, right := a.elements(), b.elements()
	leftText, err := json.Marshal(left)
	if err != nil {
		t.Fatal(err)
	}
	rightText, err := json.Marshal(right)
	if err != nil {
		t.Fatal(err)
	}
	if string(leftText) != string(rightText) {
		t.Errorf("two clients see\n%s\n%s", leftText, rightText)
	}
}
