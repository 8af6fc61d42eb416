package whiteboard

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 2 * time.Minute

// memory is a Store in memory, for as many nodes as have a memoryNode on it.
type memory struct {
	mu      sync.Mutex
	boards  map[uuid.UUID][]Entry
	holders map[uuid.UUID]*memoryLog
}

type memoryNode struct {
	*memory
	name string
}

func newMemory() *memory {
	return &memory{boards: map[uuid.UUID][]Entry{}, holders: map[uuid.UUID]*memoryLog{}}
}

func (n memoryNode) Open(_ context.Context, id uuid.UUID) (Log, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if h := n.holders[id]; h != nil {
		return nil, &ElsewhereError{h.node}
	}
	l := &memoryLog{store: n.memory, node: n.name, board: id, changed: make(chan struct{}, 1)}
	n.holders[id] = l
	return l, nil
}

func (s *memory) Create(_ context.Context, id uuid.UUID, first Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.boards[id]) > 0 {
		return ErrExists
	}
	s.boards[id] = []Entry{first}
	return nil
}

func (s *memory) updates(id uuid.UUID) [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := [][]byte{}
	for _, e := range s.boards[id] {
		list = append(list, slices.Clone(e.Update))
	}
	return list
}

func (s *memory) State(_ context.Context, id uuid.UUID) ([]byte, error) {
	return ydoc.Merge(s.updates(id)...)
}

func (s *memory) At(_ context.Context, id uuid.UUID, seq int64) ([]byte, error) {
	list := s.updates(id)
	if seq < 1 || seq > int64(len(list)) {
		return nil, ErrNoState
	}
	return ydoc.Merge(list[:seq]...)
}

func (s *memory) History(_ context.Context, id uuid.UUID, page HistoryPage) ([]Change, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Change
	for i, e := range slices.Backward(s.boards[id]) {
		list = append(list, Change{Seq: int64(i + 1), At: e.At, Authors: []string{e.Author}, Bytes: len(e.Update)})
	}
	return list, nil
}

// memoryLog commits at once, unless a test says that it fails.
type memoryLog struct {
	store *memory
	node  string
	board uuid.UUID

	changed chan struct{}

	mu      sync.Mutex
	waiting []Entry
	bytes   int
	err     error
	closed  bool
}

func (l *memoryLog) Load(context.Context) ([][]byte, error) { return l.store.updates(l.board), nil }

func (l *memoryLog) Append(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || errors.Is(l.err, ErrLost) {
		return
	}
	l.waiting = append(l.waiting, e)
	l.bytes += len(e.Update)
	l.commitLocked()
}

func (l *memoryLog) commitLocked() {
	if l.err != nil {
		return
	}
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	l.store.boards[l.board] = append(l.store.boards[l.board], l.waiting...)
	l.waiting, l.bytes = nil, 0
}

// fail makes committing fail with err, or work again.
func (l *memoryLog) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
	if errors.Is(err, ErrLost) {
		l.waiting, l.bytes = nil, 0
		l.store.mu.Lock()
		delete(l.store.holders, l.board)
		l.store.mu.Unlock()
	}
	l.commitLocked()
	signal(l.changed)
}

func (l *memoryLog) Status() LogStatus {
	l.mu.Lock()
	defer l.mu.Unlock()
	return LogStatus{Bytes: l.bytes, Entries: len(l.waiting), Err: l.err}
}

func (l *memoryLog) Changed() <-chan struct{} { return l.changed }

func (l *memoryLog) Close(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	l.store.mu.Lock()
	defer l.store.mu.Unlock()
	if l.store.holders[l.board] == l {
		delete(l.store.holders, l.board)
	}
	return l.err
}

// door is a Doorkeeper that knows people by the query: ?person=user:ann.
type door struct {
	mu     sync.Mutex
	grants map[string]Grant
	errs   map[string]error
}

func (d *door) let(person string, role Role) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, name, _ := strings.Cut(person, ":")
	d.grants[person] = Grant{Person: Person{Key: person, Name: strings.ToUpper(name)}, Role: role}
	delete(d.errs, person)
}

func (d *door) refuse(person string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.errs[person] = err
}

func (d *door) Admit(_ context.Context, r *http.Request, _ uuid.UUID) (Grant, error) {
	person := r.URL.Query().Get("person")
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.errs[person]; err != nil {
		return Grant{}, err
	}
	g, ok := d.grants[person]
	if !ok {
		return Grant{}, ErrUnauthenticated
	}
	return g, nil
}

// place is a server with all that it needs.
type place struct {
	*Server
	t      *testing.T
	door   *door
	store  *memory
	url    string // of WebSockets, without the board
	dialer websocket.Dialer
	board  uuid.UUID
}

func newPlace(t *testing.T, change ...func(*Config)) *place {
	t.Helper()
	store := newMemory()
	return newNode(t, memoryNode{store, "one"}, change...)
}

func newNode(t *testing.T, store memoryNode, change ...func(*Config)) *place {
	t.Helper()
	d := &door{grants: map[string]Grant{}, errs: map[string]error{}}
	cfg := Config{Store: store, Doorkeeper: d, Linger: time.Millisecond, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(Path, s)
	web := httptest.NewServer(mux)
	p := &place{Server: s, t: t, door: d, store: store.memory, board: uuid.New(), url: "ws" + strings.TrimPrefix(web.URL, "http") + "/whiteboard/"}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	return p
}

// journal answers the log of the place's board, which must be open.
func (p *place) journal() *memoryLog {
	p.t.Helper()
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	l := p.store.holders[p.board]
	if l == nil {
		p.t.Fatal("the board is not open")
	}
	return l
}

// client is somebody on a board who keeps a document, as a browser does.
type client struct {
	t      *testing.T
	ws     *websocket.Conn
	id     uint64
	person string
	done   chan struct{}

	writing sync.Mutex

	mu      sync.Mutex
	heard   chan struct{} // closed and made anew with each message
	doc     *ydoc.Doc
	clock   uint64
	last    map[string]ydoc.ID // of each key
	events  []event
	states  map[uint64]presence
	asked   [][]byte // state vectors of the server
	denied  []string
	updates int
	synced  bool
	closed  *websocket.CloseError
	mute    bool // does not answer a step 1
}

var nextClient uint64 = 1000

// dial opens a connection and does nothing on it but read.
func (p *place) dial(person string) *client {
	p.t.Helper()
	c := p.connect(person)
	go c.run()
	p.t.Cleanup(c.leave)
	return c
}

// connect opens a connection on which nobody reads yet.
func (p *place) connect(person string) *client {
	p.t.Helper()
	ws, answer, err := p.dialer.Dial(p.url+p.board.String()+"?events=1&person="+person, nil)
	if err != nil {
		p.t.Fatalf("dial: %v (%v)", err, answer)
	}
	nextClient++
	return &client{
		t: p.t, ws: ws, id: nextClient, person: person, done: make(chan struct{}), heard: make(chan struct{}),
		doc: ydoc.New(ydoc.Limits{Update: 1 << 30, State: 1 << 30}), last: map[string]ydoc.ID{}, states: map[uint64]presence{},
	}
}

// join opens a connection and gets the board.
func (p *place) join(person string) *client {
	p.t.Helper()
	c := p.dial(person)
	c.ask()
	c.await("state", func() bool { return c.synced })
	return c
}

// ask sends a step 1.
func (c *client) ask() {
	c.mu.Lock()
	vector := c.doc.StateVector().Encode()
	c.mu.Unlock()
	c.send(appendMessage(messageStep1, vector))
}

// appendMessage is the payload of a frame with a message of the document.
func appendMessage(kind messageKind, body []byte) []byte {
	b := binary.AppendUvarint([]byte{typeSync, byte(kind)}, uint64(len(body)))
	return append(b, body...)
}

func (c *client) send(payload []byte) { c.write(websocket.BinaryMessage, payload) }

func (c *client) write(kind int, payload []byte) {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.ws.WriteMessage(kind, payload)
}

func (c *client) leave() {
	_ = c.ws.Close()
	<-c.done
}

func (c *client) run() {
	defer close(c.done)
	for {
		_, data, err := c.ws.ReadMessage()
		c.mu.Lock()
		if err != nil {
			var closed *websocket.CloseError
			if !errors.As(err, &closed) {
				closed = &websocket.CloseError{Code: 1006, Text: err.Error()}
			}
			c.closed = closed
		} else {
			c.hear(data)
		}
		close(c.heard)
		c.heard = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			_ = c.ws.Close()
			return
		}
	}
}

func (c *client) hear(data []byte) {
	r := reader{buf: data}
	switch kind := r.uint(); kind {
	case typeSync:
		step, body := messageKind(r.uint()), r.bytes()
		if step == messageStep1 {
			c.asked = append(c.asked, body)
			if sv, err := ydoc.DecodeStateVector(body); err == nil && !c.mute {
				answer := appendMessage(messageStep2, c.doc.Diff(sv))
				go c.send(answer) // the reader must not wait for the server to read
			}
			return
		}
		if _, err := c.doc.Apply(body); err != nil {
			c.t.Errorf("server sent what does not apply: %v", err)
		}
		c.updates++
		c.synced = c.synced || step == messageStep2
	case typeAwareness:
		list, err := decodePresences(r.bytes(), func(uint64) bool { return true })
		if err != nil {
			c.t.Errorf("server sent awareness that does not parse")
		}
		for _, p := range list {
			c.states[p.client] = p
			if p.isGone() {
				delete(c.states, p.client)
			}
		}
	case typeAuth:
		r.uint()
		c.denied = append(c.denied, string(r.bytes()))
	case typeEvent:
		var e event
		if err := json.Unmarshal(r.bytes(), &e); err != nil {
			c.t.Error(err)
		}
		c.events = append(c.events, e)
	default:
		c.t.Errorf("server sent a message of type %d", kind)
	}
}

// await waits until something holds; ok runs under the client's lock.
func (c *client) await(what string, ok func() bool) {
	c.t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		c.mu.Lock()
		holds, heard, closed := ok(), c.heard, c.closed
		c.mu.Unlock()
		if holds {
			return
		}
		if closed != nil {
			c.t.Fatalf("%s waits for %s, but is closed: %v", c.person, what, closed)
		}
		select {
		case <-heard:
		case <-late.C:
			c.mu.Lock()
			defer c.mu.Unlock()
			c.t.Fatalf("%s waits for %s in vain; events %v, elements %v", c.person, what, c.events, c.doc.Root(elementsRoot).Map())
		}
	}
}

func (c *client) awaitEvent(kind, code string) event {
	c.t.Helper()
	var found event
	c.await(kind+" "+code, func() bool {
		for i, e := range c.events {
			if e.Type == kind && e.Code == code {
				found = e
				c.events = slices.Delete(c.events, i, i+1)
				return true
			}
		}
		return false
	})
	return found
}

func (c *client) awaitValue(key, value string) {
	c.t.Helper()
	c.await(key+" = "+value, func() bool {
		have, _ := c.doc.Root(elementsRoot).Entry(key)
		return have == value
	})
}

func (c *client) awaitClosed(code int) {
	c.t.Helper()
	select {
	case <-c.done:
	case <-time.After(patience):
		c.t.Fatalf("%s is not closed", c.person)
	}
	if c.closed.Code != code {
		c.t.Fatalf("%s is closed with %v, want %d", c.person, c.closed, code)
	}
}

// entry writes an update that sets a key, by hand (yjs INTERNALS.md).
func (c *client) entry(key, value string) []byte {
	old, known := c.last[key]
	id := ydoc.ID{Client: c.id, Clock: c.clock}
	c.clock++
	b := binary.AppendUvarint([]byte{1, 1}, id.Client)
	b = binary.AppendUvarint(b, id.Clock)
	if known {
		b = append(b, 0xa8) // any, key, origin
		b = binary.AppendUvarint(binary.AppendUvarint(b, old.Client), old.Clock)
	} else {
		b = append(b, 0x28, 1)
		b = append(binary.AppendUvarint(b, uint64(len(elementsRoot))), elementsRoot...)
		b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	}
	b = append(b, 1, 119)
	b = append(binary.AppendUvarint(b, uint64(len(value))), value...)
	c.last[key] = id
	if !known {
		return append(b, 0)
	}
	b = binary.AppendUvarint(append(b, 1), old.Client)
	return append(binary.AppendUvarint(append(b, 1), old.Clock), 1)
}

// remove writes an update that deletes a key of this client.
func (c *client) remove(key string) []byte {
	id := c.last[key]
	delete(c.last, key)
	b := binary.AppendUvarint([]byte{0, 1}, id.Client)
	return append(binary.AppendUvarint(append(b, 1), id.Clock), 1)
}

// change applies an update of the client's own and sends it.
func (c *client) change(update []byte) {
	c.t.Helper()
	c.mu.Lock()
	if _, err := c.doc.Apply(update); err != nil {
		c.t.Error(err)
	}
	c.mu.Unlock()
	c.send(appendMessage(messageUpdate, update))
}

func (c *client) set(key, value string) {
	c.t.Helper()
	c.mu.Lock()
	update := c.entry(key, value)
	c.mu.Unlock()
	c.change(update)
}

// show sends an awareness state of a client id.
func (c *client) show(client, clock uint64, state string) {
	update := encodePresences([]presence{{client, clock, []byte(state)}})
	c.send(append(binary.AppendUvarint([]byte{typeAwareness}, uint64(len(update))), update...))
}

// state answers what the client knows of another, "" when nothing.
func (c *client) awaitState(client uint64, want string) {
	c.t.Helper()
	c.await("awareness "+want, func() bool { return string(c.states[client].state) == want })
}
