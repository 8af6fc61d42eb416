package whiteboard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
)

// wires is a Relay between servers of this process.
type wires struct {
	mu    sync.Mutex
	nodes map[string]func([]byte, Stream)
}

type wire struct {
	*wires
	name string
}

func (w wire) Accept(fn func([]byte, Stream)) (func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nodes[w.name] = fn
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.nodes, w.name)
	}, nil
}

func (w wire) Dial(_ context.Context, node string, hello []byte) (Stream, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fn := w.nodes[node]
	if fn == nil {
		return nil, errors.New("no such node")
	}
	there, back := make(chan []byte, 64), make(chan []byte, 64)
	var once sync.Once
	over := make(chan struct{})
	end := func() { once.Do(func() { close(over) }) }
	go fn(bytes.Clone(hello), &wireEnd{there, back, over, end})
	return &wireEnd{back, there, over, end}, nil
}

type wireEnd struct {
	in, out chan []byte
	over    chan struct{}
	end     func()
}

func (e *wireEnd) Send(b []byte) error {
	select {
	case e.out <- bytes.Clone(b):
		return nil
	case <-e.over:
		return io.EOF
	}
}

func (e *wireEnd) Receive(ctx context.Context) ([]byte, error) {
	select {
	case b := <-e.in:
		return b, nil
	default:
	}
	select {
	case b := <-e.in:
		return b, nil
	case <-e.over:
		return nil, io.EOF
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (e *wireEnd) Close() error {
	e.end()
	return nil
}

// twoNodes are servers with one store; a board is open on the first of them.
func twoNodes(t *testing.T) (one, two *place) {
	store, lines := newMemory(), &wires{nodes: map[string]func([]byte, Stream){}}
	one = newNode(t, memoryNode{store, "one"}, func(c *Config) { c.Relay = wire{lines, "one"} })
	two = newNode(t, memoryNode{store, "two"}, func(c *Config) { c.Relay = wire{lines, "two"} })
	two.board = one.board
	for _, p := range []*place{one, two} {
		p.door.let("user:ann", RoleOwner)
		p.door.let("user:bob", RoleEditor)
	}
	return one, two
}

func TestBoardOfAnotherNode(t *testing.T) {
	one, two := twoNodes(t)
	ann := one.join("user:ann")
	large := strings.Repeat("x", maxUpdateBytes-100)
	for _, key := range []string{"a", "b", "c", "d", "e", "f"} {
		ann.set(key, large)
	}
	bob := two.join("user:bob")
	bob.awaitValue("f", large)
	bob.set("bob", "1")
	ann.awaitValue("bob", "1")
	ann.set("ann", "1")
	bob.awaitValue("ann", "1")
	bob.show(bob.id, 1, `{"x":1}`)
	ann.await("bob's pointer", func() bool { return len(ann.states) == 1 })

	two.door.let("user:bob", RoleViewer)
	two.Recheck(two.board)
	bob.awaitEvent(eventRole, "")
	bob.set("no", "1")
	bob.awaitEvent(eventRefused, codeReadOnly)
	two.door.refuse("user:bob", ErrDenied)
	two.Recheck(two.board)
	bob.awaitClosed(4403)
	ann.await("bob gone", func() bool { return len(ann.states) == 0 })

	eve := two.join("user:ann")
	eve.send([]byte{9})
	eve.awaitClosed(4400)

	late := two.join("user:ann")
	one.CloseBoard(one.board)
	late.awaitClosed(4404)
	ann.awaitClosed(4404)
}

func TestRestoreOnAnotherNode(t *testing.T) {
	one, two := twoNodes(t)
	ann := one.join("user:ann")
	ann.set("a", "1")
	one.awaitStored("a", "1")
	ann.set("a", "2")
	one.awaitStored("a", "2")
	if err := two.Restore(t.Context(), two.board, 1, "user:bob"); err != nil {
		t.Fatal(err)
	}
	ann.awaitValue("a", "1")
	if err := two.Restore(t.Context(), two.board, 99, "user:bob"); !errors.Is(err, ErrNoState) {
		t.Errorf("restored what never was: %v", err)
	}
}

func TestNodeWithTheBoardGoesDown(t *testing.T) {
	one, two := twoNodes(t)
	ann := one.join("user:ann")
	ann.set("a", "1")
	bob := two.join("user:bob")
	bob.awaitValue("a", "1")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := one.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	bob.awaitClosed(4503)
	again := two.join("user:bob")
	again.awaitValue("a", "1")
}

func TestWithoutARelayClientsComeBackLater(t *testing.T) {
	store := newMemory()
	one, two := newNode(t, memoryNode{store, "one"}), newNode(t, memoryNode{store, "two"})
	two.board = one.board
	one.door.let("user:ann", RoleOwner)
	two.door.let("user:ann", RoleOwner)
	one.join("user:ann")
	two.dial("user:ann").awaitClosed(4503)
}
