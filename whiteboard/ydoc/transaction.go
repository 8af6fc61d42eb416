package ydoc

// transaction is one change of a document: what it added and deleted, and what has to be tidied up at its end (yjs
// Transaction.js).
type transaction struct {
	*Doc
	before  StateVector // of the clients that it wrote for
	deleted deleteSet
	touched deleteSet // where neighbours may be joined
}

func (d *Doc) begin() *transaction {
	d.work = d.limits.Work
	return &transaction{Doc: d, before: StateVector{}, deleted: deleteSet{}, touched: deleteSet{}}
}

// finish frees what was deleted and joins what can be.
func (t *transaction) finish() {
	t.deleted.normalise()
	for client, list := range t.deleted {
		for _, r := range list {
			t.free(client, r)
		}
	}
	t.touched.addAll(t.deleted)
	for client, clock := range t.before {
		t.touched[client] = append(t.touched[client], span{clock, t.state(client)})
	}
	t.touched.normalise()
	for client, list := range t.touched {
		for _, r := range list {
			t.clients[client].compact(r, t.join)
		}
	}
}

// free drops the content of deleted items. What was inside a deleted type is forgotten altogether.
func (t *transaction) free(client uint64, r span) {
	for s := range t.clients[client].from(r.clock) {
		if s.id.Clock >= r.end {
			return
		}
		if s.kind == kindGC || s.kind == kindDeleted {
			continue
		}
		if s.kind == kindType {
			t.forgetChildren(s.typ)
		}
		t.size -= len(s.content)
		s.kind, s.content, s.typ = kindDeleted, nil, nil
	}
}

func (t *transaction) forgetChildren(parent *Type) {
	for s := parent.start; s != nil; {
		next := s.right
		t.forget(s)
		s = next
	}
	for _, s := range parent.entries {
		for s != nil {
			next := s.left
			t.forget(s)
			s = next
		}
	}
	parent.start, parent.entries = nil, nil
}

// forget turns an item into a GC struct.
func (t *transaction) forget(s *item) {
	if s.kind == kindType {
		t.forgetChildren(s.typ)
	}
	t.size -= s.weight() - ItemWeight
	*s = item{id: s.id, length: s.length, origin: noID, rightOrigin: noID, kind: kindGC, deleted: true}
	t.touched.add(s.id.Client, s.id.Clock, s.length)
}

// join unites two neighbours in the store when they are neighbours in their type as well.
func (t *transaction) join(left, right *item) bool {
	if left.kind != kindGC && left.right != right || !left.join(right) {
		return false
	}
	t.size -= ItemWeight + len(right.sub)
	if left.kind == kindGC {
		return true
	}
	left.right = right.right
	if left.right != nil {
		left.right.left = left
	}
	if right.hasSub && right.parent.entries[right.sub] == right {
		right.parent.entries[right.sub] = left
	}
	return true
}

// delete marks an item and all that is inside it (yjs Item.delete).
func (t *transaction) delete(s *item) {
	if s.deleted {
		return
	}
	s.deleted = true
	t.deleted.add(s.id.Client, s.id.Clock, s.length)
	if s.kind != kindType {
		return
	}
	for child := s.typ.start; child != nil; child = child.right {
		t.delete(child)
	}
	for _, child := range s.typ.entries {
		t.delete(child)
	}
}

// applyDeletes deletes what the ranges name, and what earlier ones named that is known only now. What is still not known waits.
// The error is a *LimitError.
func (t *transaction) applyDeletes(ds deleteSet) error {
	for client := range t.before {
		t.settle(client)
	}
	rest, waiting := deleteSet{}, 0
	for client, list := range ds {
		if beyond := t.deleteKnown(client, list); len(beyond) > 0 {
			rest[client] = beyond
			waiting += len(beyond)
		}
	}
	if len(rest) == 0 {
		return nil
	}
	if (waiting+t.pendingDeletes.len())*ItemWeight > t.limits.Pending {
		return &LimitError{"pending", t.limits.Pending}
	}
	t.pendingDeletes.addAll(rest)
	t.pendingDeletes.normalise()
	return nil
}

// settle applies deletions that waited for the client.
func (t *transaction) settle(client uint64) {
	list, waits := t.pendingDeletes[client]
	if !waits {
		return
	}
	if list = t.deleteKnown(client, list); len(list) > 0 {
		t.pendingDeletes[client] = list
	} else {
		delete(t.pendingDeletes, client)
	}
}

// deleteKnown deletes the part of the ranges that is known and answers the rest.
func (t *transaction) deleteKnown(client uint64, list []span) (rest []span) {
	state := t.state(client)
	for _, r := range list {
		t.deleteSpan(client, span{r.clock, min(r.end, state)})
		if r.end > state {
			rest = append(rest, span{max(r.clock, state), r.end})
		}
	}
	return rest
}

func (t *transaction) deleteSpan(client uint64, r span) {
	list := t.clients[client]
	for clock := r.clock; clock < r.end; {
		p := list.find(clock)
		s := list.item(p)
		if !s.deleted {
			if s.id.Clock < clock {
				t.split(list, p, clock-s.id.Clock)
				continue
			}
			if s.end() > r.end {
				t.split(list, p, r.end-s.id.Clock)
			}
			t.delete(s)
		}
		clock = s.end()
	}
}

// split cuts an item of the store in two (yjs splitItem).
func (t *transaction) split(list *itemList, p position, offset uint64) {
	s := list.item(p)
	size := len(s.content)
	rest := s.cut(offset)
	t.size += ItemWeight + len(rest.sub) + len(s.content) + len(rest.content) - size
	list.insertAfter(p, rest)
	t.touched.add(rest.id.Client, rest.id.Clock, 1)
	if s.kind == kindGC {
		return
	}
	rest.left, s.right = s, rest
	if rest.right != nil {
		rest.right.left = rest
	} else if s.hasSub {
		s.parent.entries[s.sub] = rest
	}
}

// startingAt answers the item that starts with the id, cut free if need be; a GC struct is never cut.
func (t *transaction) startingAt(id ID) *item {
	list := t.clients[id.Client]
	p := list.find(id.Clock)
	s := list.item(p)
	if s.kind == kindGC || s.id.Clock == id.Clock {
		return s
	}
	t.split(list, p, id.Clock-s.id.Clock)
	return s.right
}

// endingAt answers the item that ends with the id, cut free if need be; a GC struct is never cut.
func (t *transaction) endingAt(id ID) *item {
	list := t.clients[id.Client]
	p := list.find(id.Clock)
	s := list.item(p)
	if s.kind != kindGC && s.last() != id {
		t.split(list, p, id.Clock-s.id.Clock+1)
	}
	return s
}

// spend counts steps of work.
func (t *transaction) spend(steps int) error {
	t.work -= steps
	if t.work < 0 {
		return &LimitError{"work", t.limits.Work}
	}
	return nil
}

// encode writes what the transaction changed, nil when that is nothing.
func (t *transaction) encode() []byte {
	if len(t.before) == 0 && len(t.deleted) == 0 {
		return nil
	}
	u := &update{items: make(map[uint64][]*item, len(t.before)), deletes: t.deleted}
	from := StateVector{}
	for client, clock := range t.before {
		u.items[client], from[client] = t.clients[client].slice(clock), clock
	}
	return u.diff(from)
}
