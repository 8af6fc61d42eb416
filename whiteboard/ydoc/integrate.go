package ydoc

import "bytes"

// integrate gives an item whose references are known its place (yjs Item.integrate). The error is a *LimitError; the
// document is whole after it, without the item.
func (t *transaction) integrate(s *item) error {
	t.own(s)
	if s.kind != kindGC {
		t.resolve(s)
		if s.parent == nil {
			*s = item{id: s.id, length: s.length, origin: noID, rightOrigin: noID, kind: kindGC, deleted: true}
		}
	}
	if s.kind == kindGC {
		t.add(s)
		return nil
	}
	return t.place(s)
}

// place puts an item that knows its parent, and its neighbours when it was written, into the document.
func (t *transaction) place(s *item) error {
	if s.kind == kindType {
		s.typ = newType(s)
		if s.typ.depth > t.limits.Depth {
			return &LimitError{"depth", t.limits.Depth}
		}
	}
	if err := t.choosePlace(s); err != nil {
		return err
	}
	t.link(s)
	t.add(s)
	if p := s.parent; p.item != nil && p.item.deleted || s.hasSub && s.right != nil {
		t.delete(s)
	}
	return nil
}

// own copies the content out of the memory of the update, which a small rest would otherwise keep.
func (d *Doc) own(s *item) {
	if !d.loading {
		s.content = bytes.Clone(s.content)
	}
}

// add appends the item to those of its client.
func (t *transaction) add(s *item) {
	client := s.id.Client
	list := t.clients[client]
	if list == nil {
		list = &itemList{}
		t.clients[client] = list
	}
	if _, known := t.before[client]; !known {
		t.before[client] = s.id.Clock
	}
	list.push(s)
	t.size += s.weight()
}

// resolve finds the neighbours and the parent. Without a parent the item has lost its place: what it refers to is gone, or
// never was a type.
func (t *transaction) resolve(s *item) {
	from := s.from
	s.from = nil
	if s.origin != noID {
		s.left = t.endingAt(s.origin)
	}
	if s.rightOrigin != noID {
		s.right = t.startingAt(s.rightOrigin)
	}
	switch {
	case s.left != nil && s.left.kind == kindGC || s.right != nil && s.right.kind == kindGC:
	case s.left != nil:
		s.parent, s.sub, s.hasSub = s.left.parent, s.left.sub, s.left.hasSub
	case s.right != nil:
		s.parent, s.sub, s.hasSub = s.right.parent, s.right.sub, s.right.hasSub
	case from.root:
		s.parent = t.root(from.name)
	default:
		s.parent = t.find(from.id).typ
	}
}

func (d *Doc) root(name string) *Type {
	root := d.roots[name]
	if root == nil {
		root = &Type{name: name}
		d.roots[name] = root
		d.size += ItemWeight + len(name)
	}
	return root
}

// first answers the leftmost item where s belongs: of the list, or of its key.
func (t *transaction) first(s *item) (*item, error) {
	if !s.hasSub {
		return s.parent.start, nil
	}
	o, steps := s.parent.entries[s.sub], 0
	for o != nil && o.left != nil {
		o = o.left
		steps++
	}
	return o, t.spend(steps)
}

// following answers the item after the left neighbour of s.
func (t *transaction) following(s *item) (*item, error) {
	if s.left != nil {
		return s.left.right, nil
	}
	return t.first(s)
}

// choosePlace sets left to the item that s follows. It passes over items that others wrote at the same place, so that
// everybody ends with the same order (YATA; yjs INTERNALS.md, "List CRDT").
//
// Yjs keeps two sets: the items passed, and those of them passed since left was last moved. Here an item is in a set when
// it was visited after a moment.
func (t *transaction) choosePlace(s *item) error {
	if s.left == nil && s.right != nil && s.right.left == nil || s.left != nil && s.left.right == s.right {
		return nil
	}
	o, err := t.following(s)
	began, moved := t.visits, t.visits
	for ; err == nil && o != nil && o != s.right; o = o.right {
		t.visits++
		o.visited = t.visits
		err = t.spend(1)
		if o.origin == s.origin {
			if o.id.Client < s.id.Client {
				s.left, moved = o, t.visits
			} else if o.rightOrigin == s.rightOrigin {
				break
			}
			continue
		}
		if o.origin == noID {
			break
		}
		origin := t.find(o.origin)
		if origin.visited <= began {
			break
		}
		if origin.visited <= moved {
			s.left, moved = o, t.visits
		}
	}
	return err
}

// link puts the item between its neighbours.
func (t *transaction) link(s *item) {
	if s.left != nil {
		s.right = s.left.right
		s.left.right = s
	} else {
		s.right, _ = t.first(s)
		if !s.hasSub {
			s.parent.start = s
		}
	}
	if s.right != nil {
		s.right.left = s
		return
	}
	if s.hasSub {
		s.parent.setEntry(s)
		if s.left != nil {
			t.delete(s.left)
		}
	}
}
