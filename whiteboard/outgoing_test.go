package whiteboard

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

// settle waits until everybody has answered what the server asked on joining.
func (p *place) settle() {
	p.t.Helper()
	b := p.loaded(p.board)
	p.eventually("answers", func() (all bool) {
		all = true
		ask := func() {
			for m := range b.members {
				all = all && m.asked.Load() == 0
			}
		}
		return b.do(p.t.Context(), ask) == nil && all
	})
}

// hold stops the actor of the place's board until it is released.
func (p *place) hold() (release func()) {
	p.t.Helper()
	p.settle()
	held, end := make(chan struct{}), make(chan struct{})
	if !p.loaded(p.board).post(mail{do: func() { close(held); <-end }}) {
		p.t.Fatal("the board has ended")
	}
	<-held
	release = sync.OnceFunc(func() { close(end) })
	p.t.Cleanup(release)
	return release
}

// outbox answers what waits for a person who has the board open once.
func (p *place) outbox(person string) *outbox {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for v := range p.gates[p.board].visits {
		if v.person == person {
			return v.out
		}
	}
	p.t.Fatalf("%s is not there", person)
	return nil
}

// TestWhatWaitsGoesOutTogether has three changes come while the actor is at something else.
func TestWhatWaitsGoesOutTogether(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann, bob, watcher := p.join("user:ann"), p.join("user:ann"), p.join("user:ann")
	watcher.mu.Lock()
	before := watcher.updates
	watcher.mu.Unlock()
	release := p.hold()
	ann.set("a", "1")
	ann.set("b", "2")
	bob.set("c", "3")
	p.eventually("three changes", func() bool { return len(p.loaded(p.board).mail) == 3 })
	release()
	for key, value := range map[string]string{"a": "1", "b": "2", "c": "3"} {
		watcher.awaitValue(key, value)
	}
	watcher.mu.Lock()
	defer watcher.mu.Unlock()
	if got := watcher.updates - before; got != 1 {
		t.Errorf("three changes came in %d messages", got)
	}
}

// TestAnActorAtRestIsNotWoken has a board rest until the test ends that. It attends to its log nevertheless.
func TestAnActorAtRestIsNotWoken(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	ann, watcher := p.join("user:ann"), p.join("user:ann")
	p.settle()
	b := p.loaded(p.board)
	rest := func() {
		b.outgoing.rest.Stop()
		b.outgoing.isResting = true
	}
	if err := b.do(t.Context(), rest); err != nil {
		t.Fatal(err)
	}
	p.journal().fail(errors.New("no disk"))
	ann.awaitEvent(eventTrouble, codeNotSaved)
	for i := range 5 {
		ann.set(fmt.Sprint("k", i), "v")
	}
	p.eventually("mail", func() bool { return len(b.mail) == 5 })
	b.outgoing.rest.Reset(0)
	watcher.awaitValue("k4", "v")
}

// TestWhatOneSaidBeforeLeavingCounts has a connection end before the actor reads what came on it.
func TestWhatOneSaidBeforeLeavingCounts(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleOwner)
	ann, bob := p.join("user:ann"), p.join("user:bob")
	out, release := p.outbox("user:bob"), p.hold()
	bob.set("last", "words")
	bob.leave()
	p.eventually("the end of the connection", func() bool { return out.over() != nil })
	release()
	ann.awaitValue("last", "words")
	p.awaitStored("last", "words")
}
