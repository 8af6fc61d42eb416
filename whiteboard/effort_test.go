package whiteboard

import (
	"encoding/binary"
	"testing"
	"testing/synctest"
	"time"
)

func TestEffortsComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := efforts{}
		e.add("ann", 0, time.Now())
		e.add("eve", stepsBurst-1, time.Now())
		if e.isSpent("ann", time.Now()) || e.isSpent("eve", time.Now()) {
			t.Error("turned away within the share")
		}
		e.add("eve", stepsPerSecond+1, time.Now())
		if !e.isSpent("eve", time.Now()) {
			t.Error("more than the share is taken")
		}
		time.Sleep(2 * time.Second)
		if e.isSpent("eve", time.Now()) {
			t.Error("still turned away after the excess has come back")
		}
		if e.forget(time.Now()); len(e) != 1 {
			t.Errorf("%d people remembered instead of eve", len(e))
		}
		time.Sleep(time.Minute)
		if e.forget(time.Now()); len(e) != 0 {
			t.Errorf("%d people remembered for ever", len(e))
		}
	})
}

// crowded is an update with a list of so many items, and one that puts as many others at its front, each of another client.
func crowded(items, others int) (list, conflicts []byte) {
	list = binary.AppendUvarint([]byte{1}, uint64(items))
	list = append(list, 1, 0)
	for i := range items {
		if i == 0 {
			list = append(list, 3, 1, 1, 'l') // binary, in the root "l"
		} else {
			list = binary.AppendUvarint(append(list, 0x83, 1), uint64(i-1)) // binary, after the one before
		}
		list = append(list, 1, 7)
	}
	conflicts = binary.AppendUvarint(nil, uint64(others))
	for i := range others {
		conflicts = binary.AppendUvarint(append(conflicts, 1), uint64(1000+others-i))
		conflicts = append(conflicts, 0, 3, 1, 1, 'l', 1, 7)
	}
	return append(list, 0), append(conflicts, 0)
}

func TestWorkIsChargedToWhoMadeIt(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:eve", RoleEditor)
	p.join("user:eve")
	b := p.loaded(p.board)
	list, conflicts := crowded(5000, 20)
	var used float64
	charge := func() {
		for m := range b.members {
			b.onUpdate(m, message{messageUpdate, list})
			b.onUpdate(m, message{messageUpdate, conflicts})
		}
		if e := b.efforts["user:eve"]; e != nil {
			used = e.used
		}
	}
	if err := b.do(t.Context(), charge); err != nil {
		t.Fatal(err)
	}
	if used < 5000*20 {
		t.Errorf("%g steps are charged for 20 changes at the place of 5000", used)
	}
}

func TestWhoCostsTooMuchIsTurnedAway(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleEditor)
	p.door.let("user:eve", RoleEditor)
	ann, eve := p.join("user:ann"), p.join("user:eve")
	spend := func() { p.loaded(p.board).efforts.add("user:eve", 1000*stepsBurst, time.Now()) }
	if err := p.loaded(p.board).do(t.Context(), spend); err != nil {
		t.Fatal(err)
	}
	eve.set("a", "by eve")
	eve.awaitClosed(4529)
	again := p.dial("user:eve")
	again.ask()
	again.awaitClosed(4529)
	ann.set("b", "by ann")
	p.awaitStored("b", "by ann")
	ann.ask()
	p.join("user:ann").awaitValue("b", "by ann")
}

// TestWhatWaitsForGoodIsNobodysElse has somebody send changes that build on ones which never come.
func TestWhatWaitsForGoodIsNobodysElse(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleEditor)
	p.door.let("user:eve", RoleEditor)
	eve := p.join("user:eve")
	eve.mu.Lock()
	eve.clock = 5
	update := eve.entry("a", "1")
	eve.mu.Unlock()
	eve.send(appendMessage(messageUpdate, update))
	eve.await("a question", func() bool { return len(eve.asked) == 2 })
	p.join("user:ann")
	p.settle()
	b := p.loaded(p.board)
	look := func() {
		if !b.doc.Pending() {
			t.Error("nothing waits")
		}
		for m := range b.members {
			if m.mustAsk {
				t.Errorf("%s is asked again for what waits", m.grant.Person.Key)
			}
		}
	}
	if err := b.do(t.Context(), look); err != nil {
		t.Fatal(err)
	}
}
