package whiteboard

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// stock is a Node.js process with clients of the npm package y-websocket (testdata/stock.cjs).
type stock struct {
	t  *testing.T
	p  *place
	in io.Writer
	// lines are the answers; closed when the process has ended.
	lines chan string
}

// newStock starts one. Without Node.js or the packages of web/ a test fails: this is never skipped.
func newStock(t *testing.T, p *place) *stock {
	t.Helper()
	cmd := exec.Command("node", "testdata/stock.cjs")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		t.Fatalf("the tests with stock clients need Node.js: %v", err)
	}
	s := &stock{t: t, p: p, in: in, lines: make(chan string, 1)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(s.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			s.lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		in.Close()
		for range s.lines {
		}
		<-read
		if err := cmd.Wait(); err != nil || complaints.Len() > 0 {
			t.Errorf("stock clients: %v (npm ci in web/ installs y-websocket)\n%s", err, complaints.String())
		}
	})
	return s
}

type ask map[string]any

func (s *stock) ask(request ask) any {
	s.t.Helper()
	b, err := json.Marshal(request)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.in.Write(append(b, '\n')); err != nil {
		s.t.Fatal(err)
	}
	select {
	case line, ok := <-s.lines:
		var reply struct {
			Result any
			Error  string
		}
		if err := json.Unmarshal([]byte(line), &reply); !ok || err != nil || reply.Error != "" {
			s.t.Fatalf("%v: %v %s", request, err, reply.Error)
		}
		return reply.Result
	case <-time.After(patience):
		s.t.Fatalf("%v is not answered", request)
		return nil
	}
}

func (s *stock) open(name, person string) {
	s.t.Helper()
	s.ask(ask{"open": name, "url": strings.TrimSuffix(s.p.url, "/"), "board": s.p.board.String(), "params": ask{"person": person}})
}

func TestStockClients(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleEditor)
	p.door.let("user:eve", RoleViewer)
	s := newStock(t, p)
	s.open("ann", "user:ann")
	s.open("bob", "user:bob")
	s.open("eve", "user:eve")

	// The whole element is one value, and chunks of several clients converge.
	s.ask(ask{"set": "ann", "key": "a", "value": ask{"type": "rectangle", "x": 1.5, "text": "白板"}})
	s.ask(ask{"set": "bob", "key": "b", "value": 2})
	both := ask{"a": ask{"type": "rectangle", "x": 1.5, "text": "白板"}, "b": 2}
	for _, name := range []string{"ann", "bob", "eve"} {
		s.ask(ask{"wait": name, "elements": both})
	}

	// A viewer changes nothing, whatever its own copy shows.
	s.ask(ask{"set": "eve", "key": "c", "value": "no"})
	s.ask(ask{"set": "ann", "key": "b"})
	both = ask{"a": both["a"]}
	s.ask(ask{"wait": "bob", "elements": both})

	// Edits on both sides of a cut merge.
	s.ask(ask{"cut": "bob"})
	s.ask(ask{"set": "bob", "key": "offline", "value": 1})
	s.ask(ask{"set": "ann", "key": "meanwhile", "value": 1})
	s.ask(ask{"mend": "bob"})
	both["offline"], both["meanwhile"] = 1, 1
	s.ask(ask{"wait": "ann", "elements": both})
	s.ask(ask{"wait": "bob", "elements": both})

	// A late joiner gets everything.
	s.open("carol", "user:ann")
	s.ask(ask{"wait": "carol", "elements": both})

	// Lost access is for ever.
	p.door.refuse("user:bob", ErrDenied)
	p.Recheck(p.board)
	if code := s.ask(ask{"waitClosed": "bob"}); code != 4403.0 {
		t.Errorf("closed with %v", code)
	}
}

func TestStockAwareness(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleCommenter)
	s := newStock(t, p)
	s.open("ann", "user:ann")
	s.open("bob", "user:bob")
	s.open("carol", "user:ann")
	for x := range 3 {
		s.ask(ask{"show": "ann", "state": ask{"x": x}})
		s.ask(ask{"waitShown": "bob", "by": "ann", "x": x})
		s.ask(ask{"show": "bob", "state": ask{"x": x}})
		s.ask(ask{"waitShown": "ann", "by": "bob", "x": x})
		s.ask(ask{"waitShown": "carol", "by": "bob", "x": x})
	}
	s.ask(ask{"cut": "bob"})
	s.ask(ask{"waitShown": "ann", "by": "bob", "x": nil})
	s.ask(ask{"mend": "bob"})
	s.ask(ask{"show": "bob", "state": ask{"x": 9}})
	s.ask(ask{"waitShown": "ann", "by": "bob", "x": 9})
}

// TestStockClientsAreQuiet holds that an update is not sent back and forth.
func TestStockClientsAreQuiet(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	s := newStock(t, p)
	s.open("ann", "user:ann")
	s.open("bob", "user:ann")
	for i := range 5 {
		s.ask(ask{"set": "ann", "key": "a", "value": i})
		s.ask(ask{"wait": "bob", "elements": ask{"a": i}})
	}
	if n := s.ask(ask{"count": "ann"}); n != 0.0 {
		t.Errorf("ann's own changes came back %v times", n)
	}
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	if n := len(p.store.boards[p.board]); n != 5 {
		t.Errorf("%d changes are stored", n)
	}
}
