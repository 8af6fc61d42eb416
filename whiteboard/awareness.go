package whiteboard

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// presence is the awareness state of one client (y-protocols awareness.js).
type presence struct {
	client uint64
	clock  uint64
	state  []byte // a JSON object; "null" when the client has gone
}

var gone = []byte("null")

func (p presence) isGone() bool { return string(p.state) == "null" }

// decodePresences reads an awareness update. The states are part of it, and only those that keep wants are looked at.
// The error is errMalformed.
func decodePresences(update []byte, keep func(client uint64) bool) ([]presence, error) {
	r := reader{buf: update}
	var list []presence
	for range r.uint() {
		p := presence{client: r.uint(), clock: r.uint()}
		p.state = r.bytes()
		if r.bad {
			return nil, errMalformed
		}
		if !keep(p.client) {
			continue
		}
		if len(p.state) > maxAwarenessBytes || !json.Valid(p.state) {
			return nil, errMalformed
		}
		list = append(list, p)
	}
	if r.bad || len(r.buf) > 0 {
		return nil, errMalformed
	}
	return list, nil
}

func encodePresences(list []presence) []byte {
	b := binary.AppendUvarint(nil, uint64(len(list)))
	for _, p := range list {
		b = binary.AppendUvarint(binary.AppendUvarint(b, p.client), p.clock)
		b = append(binary.AppendUvarint(b, uint64(len(p.state))), p.state...)
	}
	return b
}

// stamp writes into a state who its person is, so that nobody poses as somebody else. A viewer's state keeps nothing else,
// and who may not write moves no elements (the field "moving"). What is no JSON object is an empty one.
func stamp(state []byte, g Grant) []byte {
	var fields, user map[string]json.RawMessage
	if json.Unmarshal(state, &fields) != nil || fields == nil {
		fields = map[string]json.RawMessage{}
	}
	if json.Unmarshal(fields["user"], &user) != nil || user == nil {
		user = map[string]json.RawMessage{}
	}
	if g.Role == RoleViewer {
		fields = map[string]json.RawMessage{}
	}
	if !g.Role.MayWrite() {
		delete(fields, "moving")
	}
	user["key"], user["name"], user["avatarUrl"] = quote(g.Person.Key), quote(g.Person.Name), quote(g.Person.AvatarURL)
	fields["user"] = marshal(user)
	return marshal(fields)
}

func quote(s string) json.RawMessage { return marshal(s) }

func marshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings, and values that were parsed before
	}
	return b
}

// awareness is who is on a board: the state of each member, under the id that its connection took first.
type awareness struct {
	states   map[uint64]presence
	owners   map[uint64]*member
	departed map[uint64]departure // ids of connections that ended
	changed  map[uint64]presence  // to be broadcast
	author   *member              // of all that changed; nil when there are several
}

// departure keeps an id for its person: what other clients send back must not bring it to life again.
type departure struct {
	person string
	until  time.Time
}

func newAwareness() awareness {
	return awareness{
		states: map[uint64]presence{}, owners: map[uint64]*member{}, departed: map[uint64]departure{}, changed: map[uint64]presence{},
	}
}

// take accepts a state of a member for its own id and ignores all others. It tells whether something changed.
func (a *awareness) take(m *member, p presence, now time.Time) bool {
	if !a.bind(m, p, now) {
		return false
	}
	old, known := a.states[p.client]
	if known && (p.clock < old.clock || p.clock == old.clock && !p.isGone()) || !known && p.isGone() {
		return false
	}
	if p.isGone() {
		delete(a.states, p.client)
		a.note(m, presence{p.client, p.clock, gone})
		return true
	}
	p.state = stamp(p.state, m.grant)
	a.states[p.client] = p
	a.note(m, p)
	return true
}

// bind gives a connection the first id that it speaks for, unless that is another's.
func (a *awareness) bind(m *member, p presence, now time.Time) bool {
	if m.bound.Load() {
		return a.owners[p.client] == m && m.client.Load() == p.client
	}
	if p.isGone() {
		return false
	}
	if other := a.owners[p.client]; other != nil && other.grant.Person.Key != m.grant.Person.Key {
		return false
	}
	if d, ok := a.departed[p.client]; ok && now.Before(d.until) && d.person != m.grant.Person.Key {
		return false
	}
	// A person who comes back before the old connection is known to be dead takes the id with him.
	delete(a.departed, p.client)
	a.owners[p.client] = m
	m.client.Store(p.client)
	m.bound.Store(true)
	return true
}

func (a *awareness) note(m *member, p presence) {
	if len(a.changed) == 0 {
		a.author = m
	} else if a.author != m {
		a.author = nil
	}
	a.changed[p.client] = p
}

// leave forgets the state of a member whose connection ended and tells whether there was one.
func (a *awareness) leave(m *member, now time.Time) bool {
	client := m.client.Load()
	if !m.bound.Load() || a.owners[client] != m {
		return false
	}
	delete(a.owners, client)
	a.forgetDeparted(now)
	a.departed[client] = departure{m.grant.Person.Key, now.Add(departedFor)}
	old, known := a.states[client]
	if known {
		delete(a.states, client)
		a.note(nil, presence{client, old.clock, gone})
	}
	return known
}

func (a *awareness) forgetDeparted(now time.Time) {
	for client, d := range a.departed {
		if now.After(d.until) {
			delete(a.departed, client)
		}
	}
}

// restamp writes what a member may show anew, after a change of its role or name. Clients take a state only with a higher
// clock: until the member's next one they keep what they have, unless it is taken away altogether.
func (a *awareness) restamp(m *member) {
	client := m.client.Load()
	p, known := a.states[client]
	if !known || a.owners[client] != m {
		return
	}
	p.state = stamp(p.state, m.grant)
	a.states[client] = p
}

// all encodes the states of everybody, nil when there are none.
func (a *awareness) all() []byte {
	if len(a.states) == 0 {
		return nil
	}
	return encodePresences(slices.Collect(maps.Values(a.states)))
}

// takeChanged encodes what changed since it was taken last, and who alone did it, if it was one.
func (a *awareness) takeChanged() (update []byte, author *member) {
	update, author = encodePresences(slices.Collect(maps.Values(a.changed))), a.author
	clear(a.changed)
	a.author = nil
	return update, author
}
