package whiteboard

import (
	"encoding/json"
	"testing"
	"time"
)

func TestAwarenessReachesTheOthersAndGoes(t *testing.T) {
	p := newPlace(t)
	p.door.let("user:ann", RoleOwner)
	p.door.let("user:bob", RoleCommenter)
	ann, bob := p.join("user:ann"), p.join("user:bob")
	ann.show(ann.id, 1, `{"pointer":{"x":1},"user":{"name":"The Boss","colour":"red"}}`)
	bob.awaitState(ann.id, `{"pointer":{"x":1},"user":{"avatarUrl":"","colour":"red","key":"user:ann","name":"ANN"}}`)
	bob.show(bob.id, 1, `{"reaction":"!"}`)
	ann.awaitState(bob.id, `{"reaction":"!","user":{"avatarUrl":"","key":"user:bob","name":"BOB"}}`)
	late := p.join("user:bob")
	late.awaitState(ann.id, `{"pointer":{"x":1},"user":{"avatarUrl":"","colour":"red","key":"user:ann","name":"ANN"}}`)
	ann.leave()
	bob.awaitState(ann.id, "")
	late.mu.Lock()
	clear(late.states)
	late.mu.Unlock()
	late.send([]byte{typeQuery})
	late.awaitState(bob.id, `{"reaction":"!","user":{"avatarUrl":"","key":"user:bob","name":"BOB"}}`)
}

func TestNobodySpeaksForAnother(t *testing.T) {
	now := time.Now()
	grant := func(person string) Grant { return Grant{Person: Person{Key: person}, Role: RoleEditor} }
	ann := &member{out: newOutbox(), grant: grant("user:ann")}
	bob := &member{out: newOutbox(), grant: grant("user:bob")}
	a := newAwareness()
	state := []byte(`{}`)
	if !a.take(ann, presence{1, 1, state}, now) {
		t.Fatal("own state is refused")
	}
	for name, c := range map[string]struct {
		by   *member
		p    presence
		want bool
	}{
		"another's id, newer":      {bob, presence{1, 9, state}, false},
		"another's id, gone":       {bob, presence{1, 9, gone}, false},
		"a second id":              {ann, presence{2, 1, state}, false},
		"own, but older":           {ann, presence{1, 0, state}, false},
		"own, the same again":      {ann, presence{1, 1, state}, false},
		"gone, but never was here": {bob, presence{3, 1, gone}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := a.take(c.by, c.p, now); got != c.want {
				t.Errorf("taken: %t", got)
			}
		})
	}
	if !a.leave(ann, now) {
		t.Error("nothing to take away")
	}
	if a.take(bob, presence{1, 2, state}, now.Add(time.Second)) {
		t.Error("bob wakes ann's ghost")
	}
	again := &member{out: newOutbox(), grant: grant("user:ann")}
	if !a.take(again, presence{1, 1, state}, now.Add(time.Second)) {
		t.Error("ann may not come back under her id")
	}
	second := &member{out: newOutbox(), grant: grant("user:ann")}
	if !a.take(second, presence{1, 2, state}, now) {
		t.Error("ann may not come back before her old connection ends")
	}
	if a.leave(again, now) {
		t.Error("the end of the old connection takes the new state away")
	}
	if !a.leave(second, now) || len(a.states)+len(a.owners) != 0 {
		t.Error("something stays")
	}
	a.leave(&member{out: newOutbox()}, now)
	third := &member{out: newOutbox(), grant: grant("user:carol")}
	if !a.take(third, presence{1, 5, state}, now.Add(2*departedFor)) {
		t.Error("an id is kept for ever")
	}
}

func TestStamp(t *testing.T) {
	person := Person{Key: "guest:1", Name: "<b>甲", AvatarURL: "/a.png"}
	for name, c := range map[string]struct {
		role        Role
		state, want string
	}{
		"editor":            {RoleEditor, `{"selected":["x"],"user":{"key":"user:boss","color":"#123"}}`, `{"selected":["x"],"user":{"avatarUrl":"/a.png","color":"#123","key":"guest:1","name":"<b>甲"}}`},
		"viewer":            {RoleViewer, `{"pointer":{},"user":{"color":"#123"}}`, `{"user":{"avatarUrl":"/a.png","color":"#123","key":"guest:1","name":"<b>甲"}}`},
		"mover":             {RoleEditor, `{"moving":{"x":[1,2]}}`, `{"moving":{"x":[1,2]},"user":{"avatarUrl":"/a.png","key":"guest:1","name":"<b>甲"}}`},
		"commenter":         {RoleCommenter, `{"moving":{"x":[1,2]},"pointer":{}}`, `{"pointer":{},"user":{"avatarUrl":"/a.png","key":"guest:1","name":"<b>甲"}}`},
		"user is no object": {RoleEditor, `{"user":7}`, `{"user":{"avatarUrl":"/a.png","key":"guest:1","name":"<b>甲"}}`},
		"no object":         {RoleEditor, `[1,2]`, `{"user":{"avatarUrl":"/a.png","key":"guest:1","name":"<b>甲"}}`},
		"two users":         {RoleEditor, `{"user":{"name":"a"},"user":{"name":"b"}}`, `{"user":{"avatarUrl":"/a.png","key":"guest:1","name":"<b>甲"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			var have, want any
			if err := json.Unmarshal(stamp([]byte(c.state), Grant{Person: person, Role: c.role}), &have); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(c.want), &want); err != nil {
				t.Fatal(err)
			}
			h, _ := json.Marshal(have)
			w, _ := json.Marshal(want)
			if string(h) != string(w) {
				t.Errorf("have %s\nwant %s", h, w)
			}
		})
	}
}
