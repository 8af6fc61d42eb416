package whiteboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

func TestChangesReachTheOthersAndTheLog(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleEditor)
	ann, bob := p.join("user:ann"), p.join("user:bob")
	ann.set("a", "1")
	bob.awaitValue("a", "1")
	bob.set("b", "2")
	ann.awaitValue("b", "2")
	ann.set("a", "3")
	bob.awaitValue("a", "3")
	carol := p.join("user:ann")
	carol.awaitValue("a", "3")
	carol.awaitValue("b", "2")
	for _, c := range []*client{ann, bob, carol} {
		c.leave()
	}
	p.awaitUnloaded()
	again := p.join("user:bob")
	again.awaitValue("a", "3")
	entries := p.store.boards[p.board]
	if len(entries) != 3 || entries[0].Author != "user:ann" || entries[1].Author != "user:bob" || entries[0].At.IsZero() {
		t.Errorf("log %+v", entries)
	}
}

// TestAllConverge has people draw on the same elements at once, while others come and go on this and another node.
func TestAllConverge(t *testing.T) {
	one, two := twoNodes(t)
	var people []*client
	for i := range 6 {
		people = append(people, []*place{one, two}[i%2].join("user:ann"))
	}
	var drawing sync.WaitGroup
	for i, c := range people {
		drawing.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 1))
			for n := range messagesBurst - 20 {
				key := fmt.Sprint("k", r.IntN(8))
				c.mu.Lock()
				var update []byte
				if _, known := c.last[key]; known && r.IntN(5) == 0 {
					update = c.remove(key)
				} else {
					update = c.entry(key, fmt.Sprint(c.id, " ", n))
				}
				if _, err := c.doc.Apply(update); err != nil {
					t.Error(err)
				}
				c.mu.Unlock()
				c.send(appendMessage(messageUpdate, update))
			}
		})
	}
	for range 5 {
		two.join("user:bob").leave()
	}
	drawing.Wait()
	people = append(people, one.join("user:bob"), two.join("user:bob"))
	for _, c := range people {
		c.ask()
	}
	one.eventually("everybody to have the same", func() bool {
		state, err := one.State(t.Context(), one.board)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ydoc.Load(ydoc.Limits{}, state)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range people {
			c.mu.Lock()
			same := c.doc.Equal(want)
			c.mu.Unlock()
			if !same {
				return false
			}
		}
		return true
	})
	stored, err := ydoc.Load(ydoc.Limits{}, one.store.updates(one.board)...)
	if err != nil || !stored.Equal(people[0].doc) {
		t.Errorf("the store has %v, people have %v, %v", stored.Root(elementsRoot).Map(), people[0].doc.Root(elementsRoot).Map(), err)
	}
}

// awaitUnloaded waits until the board is put away.
func (p *place) awaitUnloaded() {
	p.t.Helper()
	p.mu.Lock()
	b := p.boards[p.board]
	p.mu.Unlock()
	if b == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-b.gone:
	case <-ctx.Done():
		p.t.Fatal("the board stays loaded")
	}
}

func TestLogIsClosedAfterTheLastLeave(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann := p.join("user:ann")
	ann.set("a", "1")
	journal := p.journal()
	ann.leave()
	p.awaitUnloaded()
	if !journal.closed {
		t.Error("the log stays open")
	}
}

func TestWhoMayEnter(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.refuse("user:eve", ErrNotFound)
	p.door.refuse("user:una", ErrHidden)
	p.door.refuse("user:old", ErrDenied)
	p.door.refuse("user:odd", errors.New("database is away"))
	p.door.let("user:bad", "boss")
	for person, code := range map[string]int{"user:eve": 4404, "user:una": 4404, "user:old": 4403, "user:odd": 4503, "nobody": 4401, "user:bad": 4403} {
		p.dial(person).awaitClosed(code)
	}
	if p.loaded(p.board) != nil {
		t.Error("the board was loaded for nobody")
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	_, answer, err := websocket.DefaultDialer.Dial(p.url+p.board.String()+"?person=user:ann", http.Header{"Origin": {"https://evil.example"}})
	if err == nil || answer.StatusCode != http.StatusForbidden {
		t.Errorf("%v %v", answer, err)
	}
	if _, answer, err := websocket.DefaultDialer.Dial(p.url+"not-a-board", nil); err == nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("%v %v", answer, err)
	}
}

func TestReadersChangeNothing(t *testing.T) {
	for _, role := range []Role{RoleViewer, RoleCommenter} {
		t.Run(string(role), func(t *testing.T) {
			p := newPlace(t)
			p.door.let("user:ann", RoleOwner)
			p.door.let("user:bob", role)
			ann, bob := p.join("user:ann"), p.join("user:bob")
			if e := bob.awaitEvent(eventReady, ""); e.Role != role || *e.CanWrite {
				t.Errorf("ready %+v", e)
			}
			// Not even an update that would not parse is looked at.
			bob.send(appendMessage(messageUpdate, []byte("no update")))
			bob.awaitEvent(eventRefused, codeReadOnly)
			bob.set("b", "2")
			ann.set("a", "1")
			bob.awaitValue("a", "1")
			ann.mu.Lock()
			have, wrote := ann.doc.Root(elementsRoot).Entry("b")
			ann.mu.Unlock()
			if wrote {
				t.Errorf("a reader wrote %v", have)
			}
			bob.mu.Lock()
			asked := len(bob.asked)
			bob.mu.Unlock()
			if asked > 0 {
				t.Error("a reader was asked for changes")
			}
		})
	}
}

func TestStockReaderIsToldInItsOwnWay(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:bob", RoleViewer)
	bob := p.join("user:bob")
	bob.leave()
	ws, _, err := websocket.DefaultDialer.Dial(p.url+p.board.String()+"?person=user:bob", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	if err := ws.WriteMessage(websocket.BinaryMessage, appendMessage(messageUpdate, []byte{1})); err != nil {
		t.Fatal(err)
	}
	_, data, err := ws.ReadMessage()
	if want := append([]byte{typeAuth, 0, byte(len(codeReadOnly))}, codeReadOnly...); err != nil || !bytes.Equal(data, want) {
		t.Errorf("%q, %v", data, err)
	}
}

func TestRoleChangesOnOpenConnections(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleEditor)
	ann, bob := p.join("user:ann"), p.join("user:bob")
	p.door.let("user:bob", RoleViewer)
	p.Recheck(p.board)
	if e := bob.awaitEvent(eventRole, ""); e.Role != RoleViewer || *e.CanWrite {
		t.Errorf("role %+v", e)
	}
	bob.set("b", "kept for later")
	bob.awaitEvent(eventRefused, codeReadOnly)
	p.door.let("user:bob", RoleEditor)
	p.Recheck(p.board)
	if e := bob.awaitEvent(eventRole, ""); e.Role != RoleEditor || !*e.CanWrite {
		t.Errorf("role %+v", e)
	}
	ann.awaitValue("b", "kept for later")
	bob.awaitEvent(eventAccepted, "")
	p.door.refuse("user:bob", ErrDenied)
	p.Recheck(p.board)
	bob.awaitClosed(4403)
	p.door.let("user:una", RoleViewer)
	una := p.join("user:una")
	p.door.refuse("user:una", ErrHidden)
	p.Recheck(p.board)
	una.awaitClosed(4403)
	p.door.refuse("user:ann", errors.New("nobody knows"))
	p.Recheck(p.board)
	ann.set("c", "still here")
	p.awaitStored("c", "still here")
}

// awaitStored waits until the store holds a value.
func (p *place) awaitStored(key, value string) {
	p.t.Helper()
	p.eventually("stored "+key, func() bool {
		d, err := ydoc.Load(ydoc.Limits{}, p.store.updates(p.board)...)
		if err != nil {
			p.t.Fatal(err)
		}
		have, _ := d.Root(elementsRoot).Entry(key)
		return have == value
	})
}

func TestQuietConnectionsHearSomething(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:bob", RoleViewer)
	ws, _, err := websocket.DefaultDialer.Dial(p.url+p.board.String()+"?person=user:bob", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	pinged := make(chan struct{}, 1)
	ws.SetPingHandler(func(string) error { signal(pinged); return nil })
	p.eventually("the connection", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.outboxes) == 1
	})
	p.pingAll()
	p.pingAll()
	for range 2 {
		if _, data, err := ws.ReadMessage(); err != nil || !bytes.Equal(data, vectors(t)["awareness about nobody"]) {
			t.Fatalf("% x, %v", data, err)
		}
	}
	if len(pinged) == 0 {
		t.Error("no ping")
	}
}

func TestOverTLS(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	mux := http.NewServeMux()
	mux.Handle(Path, p.Server)
	web := httptest.NewTLSServer(mux)
	t.Cleanup(web.Close)
	secret := *p
	secret.url = "wss" + strings.TrimPrefix(web.URL, "https") + "/whiteboard/"
	secret.dialer.TLSClientConfig = web.Client().Transport.(*http.Transport).TLSClientConfig
	ann, bob := secret.join("user:ann"), p.join("user:ann")
	large := strings.Repeat("x", maxUpdateBytes-1000)
	for _, key := range []string{"a", "b", "c"} {
		bob.set(key, large)
		ann.awaitValue(key, large)
	}
	ann.set("d", "1")
	bob.awaitValue("d", "1")
	secret.join("user:ann").awaitValue("c", large)
}

func TestDeletedBoardCloses(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann := p.join("user:ann")
	p.CloseBoard(p.board)
	ann.awaitClosed(4404)
	p.awaitUnloaded()
}

func TestShutdownSavesAndAsksBack(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann := p.join("user:ann")
	journal := p.journal()
	ann.set("a", "1")
	p.awaitStored("a", "1")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	ann.awaitClosed(4503)
	if !journal.closed {
		t.Error("the log stays open")
	}
	if _, err := p.acquire(ctx, p.board); !errors.Is(err, ErrUnavailable) {
		t.Errorf("acquire after shutdown: %v", err)
	}
}

func TestPanicEndsOneBoardOnly(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann := p.join("user:ann")
	ann.set("a", "1")
	first := p.board
	p.awaitStored("a", "1")
	other := *p
	other.board = [16]byte{1}
	bob := other.join("user:ann")
	if err := p.loaded(first).do(t.Context(), func() { panic("mistake") }); !errors.Is(err, ErrUnavailable) {
		t.Errorf("do: %v", err)
	}
	ann.awaitClosed(4503)
	bob.set("b", "2")
	other.awaitStored("b", "2")
	again := p.join("user:ann")
	again.awaitValue("a", "1")
}

func TestStateHistoryAndRestore(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	doc := ydoc.New(ydoc.Limits{})
	first := &client{t: t, id: 7, last: map[string]ydoc.ID{}}
	if _, err := doc.Apply(first.entry("a", "first")); err != nil {
		t.Fatal(err)
	}
	if err := p.Create(t.Context(), p.board, doc.Encode(), "user:ann"); err != nil {
		t.Fatal(err)
	}
	if err := p.Create(t.Context(), p.board, doc.Encode(), "user:ann"); !errors.Is(err, ErrExists) {
		t.Errorf("created twice: %v", err)
	}
	ann := p.join("user:ann")
	ann.awaitValue("a", "first")
	ann.set("b", "2")
	p.awaitStored("b", "2")
	if err := p.Restore(t.Context(), p.board, 1, "user:ann"); err != nil {
		t.Fatal(err)
	}
	ann.await("restored", func() bool { _, ok := ann.doc.Root(elementsRoot).Entry("b"); return !ok })
	state, err := p.State(t.Context(), p.board)
	if err != nil {
		t.Fatal(err)
	}
	d, err := ydoc.Load(ydoc.Limits{}, state)
	if err != nil || d.Root(elementsRoot).Len() != 1 {
		t.Errorf("state %v, %v", d.Root(elementsRoot).Map(), err)
	}
	changes, err := p.History(t.Context(), p.board, HistoryPage{})
	if err != nil || len(changes) != 3 {
		t.Errorf("history %v, %v", changes, err)
	}
	if err := p.Restore(t.Context(), p.board, 99, "user:ann"); !errors.Is(err, ErrNoState) {
		t.Errorf("restored what never was: %v", err)
	}
	ann.leave()
	p.awaitUnloaded()
	if err := p.Restore(t.Context(), p.board, 2, "user:ann"); err != nil {
		t.Fatal(err)
	}
	p.awaitUnloaded()
	if state, err = p.State(t.Context(), p.board); err != nil {
		t.Fatal(err)
	}
	if d, err = ydoc.Load(ydoc.Limits{}, state); err != nil || d.Root(elementsRoot).Len() != 2 {
		t.Errorf("state %v, %v", d.Root(elementsRoot).Map(), err)
	}
}

func TestTrouble(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleEditor)
	ann, bob := p.join("user:ann"), p.join("user:bob")
	journal := p.journal()
	journal.fail(errors.New("database is away"))
	if e := ann.awaitEvent(eventTrouble, codeNotSaved); !*e.CanWrite {
		t.Errorf("trouble %+v", e)
	}
	ann.set("a", "1")
	bob.awaitValue("a", "1")
	late := p.join("user:bob")
	late.awaitValue("a", "1")
	late.awaitEvent(eventTrouble, codeNotSaved)
	for i, full := 0, false; !full; i++ {
		if i > 2*maxUnsavedBytes/maxUpdateBytes {
			t.Fatal("the board takes everything")
		}
		value := fmt.Sprint(i, strings.Repeat("x", maxUpdateBytes-1000))
		bob.set("large", value)
		ann.await("the change or its refusal", func() bool {
			for _, e := range ann.events {
				full = full || e.Type == eventTrouble && !*e.CanWrite
			}
			have, _ := ann.doc.Root(elementsRoot).Entry("large")
			return full || have == value
		})
	}
	bob.set("large", "one more")
	bob.awaitEvent(eventRefused, codeNotSaved)
	journal.fail(nil)
	if e := ann.awaitEvent(eventHealed, ""); !*e.CanWrite {
		t.Errorf("healed %+v", e)
	}
	bob.awaitEvent(eventAccepted, "")
	bob.set("end", "all there")
	ann.awaitValue("end", "all there")
	p.awaitStored("end", "all there")
	p.eventually("nothing waits", func() bool { return p.unsaved.Load() == 0 })
}

func TestLostLeaseEndsTheBoard(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann := p.join("user:ann")
	p.journal().fail(fmt.Errorf("commit: %w", ErrLost))
	ann.awaitClosed(4503)
	again := p.join("user:ann")
	again.set("a", "1")
	p.awaitStored("a", "1")
}

func TestChangedIsTold(t *testing.T) {
	told := make(chan Changed, 100)
	p := newPlace(t, func(c *Config) { c.OnChanged = func(c Changed) { told <- c } })
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleOwner)
	ann, bob := p.join("user:ann"), p.join("user:bob")
	ann.set("a", "1")
	bob.awaitValue("a", "1")
	bob.set("b", "1")
	ann.awaitValue("b", "1")
	ann.leave()
	bob.leave()
	p.awaitUnloaded()
	authors := map[string]bool{}
	for len(told) > 0 {
		c := <-told
		if c.Board != p.board || c.At.IsZero() {
			t.Errorf("%+v", c)
		}
		for _, a := range c.Authors {
			authors[a] = true
		}
	}
	if len(authors) != 2 {
		t.Errorf("told of %v", authors)
	}
}

// TestNewsWaitForAPause counts on fake time.
func TestNewsWaitForAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newNews(uuid.New())
		began := time.Now()
		n.note("user:ann", began)
		go func() {
			for range 3 {
				time.Sleep(changedQuiet / 2)
				n.note("user:bob", time.Now())
			}
		}()
		n.settle()
		if waited := time.Since(began); waited != 5*changedQuiet/2 {
			t.Errorf("told after %v", waited)
		}
		if c, any := n.take(); !any || len(c.Authors) != 2 {
			t.Errorf("told %+v", c)
		}
		if _, any := n.take(); any {
			t.Error("told twice")
		}
		began = time.Now()
		n.note("user:ann", began)
		drawing := time.NewTicker(changedQuiet / 4)
		stop := make(chan struct{})
		go func() {
			for {
				select {
				case <-drawing.C:
					n.note("user:ann", time.Now())
				case <-stop:
					return
				}
			}
		}()
		n.settle()
		if waited := time.Since(began); waited != changedAtLeast {
			t.Errorf("while somebody draws, told after %v", waited)
		}
		drawing.Stop()
		close(stop)
	})
}
