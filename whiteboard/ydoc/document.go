package ydoc

import "errors"

// Doc is a document. One goroutine at a time may use it, for reading as well.
type Doc struct {
	limits Limits

	clients map[uint64]*itemList
	roots   map[string]*Type
	size    int // sum of the weights of all items

	pending        map[uint64][]*item           // by client: items that wait, disjoint, none of them known
	waiting        map[uint64]map[uint64]uint64 // by the client waited for: who waits for which clock
	waitsFor       map[uint64]uint64            // by the client that waits: the one it waits for
	pendingDeletes deleteSet

	loading bool   // items may keep the memory of updates
	visits  uint64 // counts items passed in searches for a place
	work    int    // what is left of Limits.Work in this transaction
}

// Applied says what an update changed.
type Applied struct {
	// Update holds what the document did not know, to be sent to the others; nil when that is nothing. It is written
	// anew: it holds the content of what is still there and nothing that came along.
	Update []byte
	// Pending tells that the document holds items or deletions that wait for updates not seen yet. Ask the sender for
	// what follows StateVector.
	Pending bool
	// Work is how many of the steps of Limits.Work it took.
	Work int
}

// New makes an empty document.
func New(limits Limits) *Doc {
	return &Doc{
		limits:         limits.withDefaults(),
		clients:        map[uint64]*itemList{},
		roots:          map[string]*Type{},
		pending:        map[uint64][]*item{},
		waiting:        map[uint64]map[uint64]uint64{},
		waitsFor:       map[uint64]uint64{},
		pendingDeletes: deleteSet{},
	}
}

// Load makes a document of updates that the server has stored, in any order. Of the limits only Depth holds for them. The
// document keeps the updates in memory: they must not be changed afterwards.
func Load(limits Limits, updates ...[]byte) (*Doc, error) {
	d := New(limits)
	set := d.limits
	d.limits, d.loading = set.unbounded(), true
	for _, b := range updates {
		if _, err := d.apply(b); err != nil {
			return nil, err
		}
	}
	d.limits, d.loading = set, false
	return d, nil
}

// Apply takes an update of a client, in any order and any number of times. What builds on updates not seen yet waits inside
// the document.
//
// A *MalformedError, and a *LimitError for "update" or "state", leave the document as it was. "depth", "work" and "pending"
// are noticed on the way: what came before stays and is in Applied, the rest is forgotten, and the client that sent it has to
// start again from the state vector. An update without items is applied beyond Limits.State as well, so that a full
// document can be cleared.
func (d *Doc) Apply(b []byte) (Applied, error) {
	t, err := d.apply(b)
	if t == nil {
		return Applied{}, err
	}
	return Applied{Update: t.encode(), Pending: d.Pending(), Work: d.limits.Work - d.work}, err
}

// apply answers the transaction, unless it refuses the update as a whole.
func (d *Doc) apply(b []byte) (*transaction, error) {
	if len(b) > d.limits.Update {
		return nil, &LimitError{"update", d.limits.Update}
	}
	u, err := decodeInto(b, d.loading)
	if err != nil {
		return nil, err
	}
	if fresh := d.keepFresh(u); fresh > 0 && d.size+fresh > d.limits.State {
		return nil, &LimitError{"state", d.limits.State}
	}
	t := d.begin()
	err = errors.Join(t.applyItems(u), t.applyDeletes(u.deletes))
	t.finish()
	return t, err
}

// keepFresh drops from the update what the document knows and answers the weight of the rest.
func (d *Doc) keepFresh(u *update) int {
	weight := 0
	for client, list := range u.items {
		state := d.state(client)
		for len(list) > 0 && list[0].end() <= state {
			list = list[1:]
		}
		for _, s := range list {
			weight += s.weight()
		}
		if len(list) == 0 {
			delete(u.items, client)
		} else {
			u.items[client] = list
		}
	}
	return weight
}

// Pending tells whether something waits for updates not seen yet.
func (d *Doc) Pending() bool { return len(d.pending) > 0 || len(d.pendingDeletes) > 0 }

// Size is what the document weighs against Limits.State: the bytes of its content and names, and ItemWeight for each item.
// It is more than Encode writes, without what is pending.
func (d *Doc) Size() int { return d.size }

// StateVector answers what the document knows, without what is pending.
func (d *Doc) StateVector() StateVector {
	sv := make(StateVector, len(d.clients))
	for client, list := range d.clients {
		sv[client] = list.next()
	}
	return sv
}

// Encode writes the whole document as one update, also what is pending. Deleted content is not in it.
func (d *Doc) Encode() []byte { return d.Diff(nil) }

// Diff writes what a document with that state vector lacks (yjs encodeStateAsUpdate), also what is pending.
func (d *Doc) Diff(sv StateVector) []byte {
	u := &update{items: make(map[uint64][]*item, len(d.clients)), deletes: deleteSet{}}
	for client, list := range d.clients {
		u.deletes.addDeleted(client, list)
		if from := sv[client]; from < list.next() {
			u.items[client] = list.slice(from)
		}
	}
	for client, list := range d.pending {
		if items := u.items[client]; list[len(list)-1].end() > sv[client] {
			u.items[client] = append(items[:len(items):len(items)], list...)
		}
	}
	if len(d.pendingDeletes) > 0 {
		u.deletes.addAll(d.pendingDeletes)
		u.deletes.normalise()
	}
	return u.diff(sv)
}

func (l *itemList) slice(from uint64) []*item {
	list := make([]*item, 0, l.lenFrom(from))
	for s := range l.from(from) {
		list = append(list, s)
	}
	return list
}

func (ds deleteSet) addDeleted(client uint64, list *itemList) {
	for s := range list.from(0) {
		if s.deleted {
			ds.add(client, s.id.Clock, s.length)
		}
	}
}

func (d *Doc) state(client uint64) uint64 { return d.clients[client].next() }

// find answers the item that holds the id, which must be known.
func (d *Doc) find(id ID) *item {
	list := d.clients[id.Client]
	return list.item(list.find(id.Clock))
}
