package whiteboard

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/whiteboard/ydoc"

	"github.com/gorilla/websocket"
)

// eventually waits until something holds that no client hears of.
func (p *place) eventually(what string, ok func() bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("waits for %s in vain", what)
		}
	}
}

// pause is over after a second, so that a client stays within its rate.
func (p *place) pause() func() bool {
	end := time.Now().Add(time.Second)
	return func() bool { return time.Now().After(end) }
}

// manyEntries writes an update that sets so many keys.
func (c *client) manyEntries(from, to int) []byte {
	b := binary.AppendUvarint([]byte{1}, uint64(to-from))
	b = binary.AppendUvarint(binary.AppendUvarint(b, c.id), c.clock)
	for i := from; i < to; i++ {
		key := fmt.Sprintf("k%d", i)
		c.last[key] = ydoc.ID{Client: c.id, Clock: c.clock}
		c.clock++
		b = append(append(b, 0x28, 1, byte(len(elementsRoot))), elementsRoot...)
		b = append(append(b, byte(len(key))), key...)
		b = append(b, 1, 119, 1, 'v')
	}
	return append(b, 0)
}

func TestTooManyElements(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleOwner)
	ann, bob := p.join("user:ann"), p.join("user:bob")
	ann.change(ann.manyEntries(0, maxElements))
	bob.awaitValue(fmt.Sprintf("k%d", maxElements-1), "v")

	bob.set("more", "1")
	if e := bob.awaitEvent(eventRefused, codeTooManyElements); e.Max != maxElements {
		t.Errorf("refused %+v", e)
	}
	// What there is can still be changed, by whoever is not behind.
	ann.set("k7", "moved")
	bob.awaitValue("k7", "moved")

	// Bob makes room: his next change has the server ask for everything together.
	bob.mu.Lock()
	update := bob.remove("more")
	bob.mu.Unlock()
	bob.change(update)
	bob.awaitEvent(eventAccepted, "")
	bob.set("k8", "by bob, in conflict")
	ann.await("bob's change", func() bool { v, _ := ann.doc.Root(elementsRoot).Entry("k8"); return v != "v" })

	ann.mu.Lock()
	update = ann.remove("k1")
	ann.mu.Unlock()
	ann.change(update)
	ann.set("one more", "fits")
	bob.awaitValue("one more", "fits")
	if n := p.count(); n != maxElements {
		t.Errorf("%d elements", n)
	}
}

// count is how many elements the server has.
func (p *place) count() (n int) {
	p.t.Helper()
	if err := p.loaded(p.board).do(p.t.Context(), func() { n = p.loaded(p.board).doc.Root(elementsRoot).Len() }); err != nil {
		p.t.Fatal(err)
	}
	return n
}

func TestUpdateTooLargeIsTakenLaterAsAnAnswer(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann, bob := p.join("user:ann"), p.join("user:ann")
	ann.set("large", strings.Repeat("x", maxUpdateBytes))
	if e := ann.awaitEvent(eventRefused, codeUpdateTooLarge); e.Max != maxUpdateBytes {
		t.Errorf("refused %+v", e)
	}
	ann.set("small", "1")
	bob.awaitValue("small", "1")
	ann.awaitEvent(eventAccepted, "")
}

func TestOfflineWorkBeyondAFrameIsTaken(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	watcher := p.join("user:ann")
	ann := p.dial("user:ann")
	ann.mu.Lock()
	ann.mute = true
	for i := range 30 {
		if _, err := ann.doc.Apply(ann.entry(fmt.Sprint("stroke", i), strings.Repeat("x", 100_000))); err != nil {
			t.Fatal(err)
		}
	}
	state := ann.doc.Encode()
	ann.mu.Unlock()
	ann.await("question", func() bool { return len(ann.asked) > 0 })
	ann.send(appendMessage(messageStep2, state))
	watcher.awaitValue("stroke29", strings.Repeat("x", 100_000))
}

func TestFullBoard(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann := p.join("user:ann")
	for i := 0; ; i++ {
		if i > 100 {
			t.Fatal("never full")
		}
		ann.set(fmt.Sprint("k", i), strings.Repeat("x", maxUpdateBytes-100))
		ann.mu.Lock()
		refused := len(ann.events) > 1
		ann.mu.Unlock()
		if refused {
			break
		}
		if i%40 == 39 {
			p.eventually("time to pass", p.pause())
		}
	}
	ann.awaitEvent(eventRefused, codeBoardFull)
	other := p.join("user:ann")
	ann.mu.Lock()
	update := ann.remove("k0")
	ann.mu.Unlock()
	other.change(update)
	other.set("small", "after clearing")
	p.awaitStored("small", "after clearing")
}

func TestHostileClientsAreClosed(t *testing.T) {
	awareness := func(update []byte) []byte {
		return append(binary.AppendUvarint([]byte{typeAwareness}, uint64(len(update))), update...)
	}
	for name, c := range map[string]struct {
		payload []byte
		code    int
	}{
		"empty":                     {nil, 4400},
		"unknown type":              {[]byte{9}, 4400},
		"auth":                      {[]byte{typeAuth, 0, 0}, 4400},
		"unknown step":              {[]byte{typeSync, 3, 0}, 4400},
		"ends early":                {[]byte{typeSync, 2, 5, 1}, 4400},
		"bytes left over":           {[]byte{typeSync, 2, 1, 1, 1}, 4400},
		"no update":                 {appendMessage(messageUpdate, []byte{1, 2, 3}), 4400},
		"no state vector":           {appendMessage(messageStep1, []byte{5}), 4400},
		"no awareness":              {awareness([]byte{200, 1}), 4400},
		"awareness without JSON":    {awareness(encodePresences([]presence{{1, 1, []byte("{")}})), 4400},
		"awareness too large":       {awareness(encodePresences([]presence{{1, 1, []byte(`"` + strings.Repeat("x", maxAwarenessBytes) + `"`)}})), 4400},
		"more states than bytes":    {awareness([]byte{255, 255, 255, 255, 15}), 4400},
		"frame too large":           {make([]byte, maxFrameBytes+1), 4413},
		"update of a frame and one": {appendMessage(messageUpdate, make([]byte, maxFrameBytes)), 4413},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.door.let("user:ann", RoleOwner)
			p.door.let("user:eve", RoleOwner)
			ann, eve := p.join("user:ann"), p.join("user:eve")
			eve.send(c.payload)
			eve.awaitClosed(c.code)
			ann.set("a", "1")
			p.awaitStored("a", "1")
		})
	}
}

func TestTextFramesAreMalformed(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann := p.join("user:ann")
	ann.write(websocket.TextMessage, []byte("hello"))
	ann.awaitClosed(4400)
}

func TestTooManyMessages(t *testing.T) {
	for name, flood := range map[string]func(c *client, i uint64){
		"document":        func(c *client, i uint64) { c.send(appendMessage(messageUpdate, emptyUpdate)) },
		"states":          func(c *client, i uint64) { c.send(appendMessage(messageStep1, []byte{0})) },
		"own awareness":   func(c *client, i uint64) { c.show(c.id, i, `{}`) },
		"awareness query": func(c *client, i uint64) { c.send([]byte{typeQuery}) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.door.let("user:ann", RoleOwner)
			ann := p.join("user:ann")
			for i := range uint64(4 * messagesBurst) {
				flood(ann, i+1)
			}
			ann.awaitClosed(4529)
		})
	}
}

// TestDraggingIsNoFlood has the rates of somebody who drags, with a pointer, and sends the awareness of 20 others back.
func TestDraggingIsNoFlood(t *testing.T) {
	var changes, own, echoes tokens
	now := time.Now()
	for second := range 60 {
		for frame := range 30 {
			at := now.Add(time.Duration(second)*time.Second + time.Duration(frame)*33*time.Millisecond)
			if !changes.take(at, messagesPerSecond, messagesBurst) || !own.take(at, messagesPerSecond, messagesBurst) {
				t.Fatalf("a drag is refused after %d s", second)
			}
			for range 2 * int(time.Second/maxTick) / 30 {
				if !echoes.take(at, echoesPerSecond, echoesBurst) {
					t.Fatalf("echoes are refused after %d s", second)
				}
			}
		}
	}
}

func TestTooManyTabs(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	for range maxConnectionsOfPerson {
		p.join("user:ann")
	}
	p.dial("user:ann").awaitClosed(4529)
	p.door.let("user:bob", RoleOwner)
	p.join("user:bob")
}

func TestWhoDoesNotReadIsClosedAndComesBack(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleOwner)
	ann, eve := p.join("user:ann"), p.join("user:ann")
	bob := p.connect("user:bob")
	p.eventually("bob", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.gates[p.board].byPerson["user:bob"] > 0
	})
	out := p.outbox("user:bob")
	for i := 0; out.over() == nil; i++ {
		if i > 1000 {
			t.Fatal("bob may lag behind without end")
		}
		value := fmt.Sprint(i, strings.Repeat("x", maxUpdateBytes-1000))
		ann.set("a", value)
		eve.awaitValue("a", value)
	}
	go bob.run()
	t.Cleanup(bob.leave)
	bob.awaitClosed(4508)
	ann.set("a", "the end")
	eve.awaitValue("a", "the end")
	p.join("user:bob").awaitValue("a", "the end")
}

func TestSlowOutbox(t *testing.T) {
	o := newOutbox()
	frame := make([]byte, maxQueueBytes/8)
	for range 8 {
		o.send(frame)
	}
	if o.over() != nil {
		t.Fatal("closed too early")
	}
	o.send(frame[:1])
	if e := o.over(); e == nil || *e != endSlow {
		t.Fatalf("ended by %v", e)
	}
	if frames, _, _ := o.take(nil); len(frames) != 0 {
		t.Errorf("%d frames for a client that does not read", len(frames))
	}
	answers := newOutbox()
	answers.answer(make([]byte, maxStateBytes))
	answers.send(frame)
	if answers.over() != nil {
		t.Fatal("a large state leaves no room")
	}
	answers.answer(make([]byte, maxStateBytes))
	if answers.over() == nil {
		t.Fatal("states without end")
	}
}
