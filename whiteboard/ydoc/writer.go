package ydoc

import (
	"bytes"
	"slices"
)

// writer makes changes in the name of a client.
type writer struct {
	*transaction
	client uint64
	err    error
}

// insert puts an item, whose parent and neighbours are set, into the document as the client's next.
func (w *writer) insert(s *item) *item {
	s.id, s.origin, s.rightOrigin = ID{w.client, w.state(w.client)}, noID, noID
	if s.left != nil {
		s.origin = s.left.last()
	}
	if s.right != nil {
		s.rightOrigin = s.right.id
	}
	if w.err == nil {
		w.err = w.place(s)
	}
	return s
}

// copyEntry sets a key to what an item of another document holds.
func (w *writer) copyEntry(parent *Type, key string, from *item) {
	s := w.insert(&item{
		kind: from.kind, length: from.length, content: bytes.Clone(from.content),
		parent: parent, sub: key, hasSub: true, left: parent.entries[key],
	})
	w.copyType(s, from)
}

// copyUnits inserts the same content after an item, or at the start.
func (w *writer) copyUnits(parent *Type, left *item, units []unit) {
	for len(units) > 0 && w.err == nil {
		first := units[0]
		s := &item{kind: first.item.kind, length: first.length, content: bytes.Clone(first.content), parent: parent, left: left, right: parent.start}
		if left != nil {
			s.right = left.right
		}
		for units = units[1:]; len(units) > 0 && s.takes(units[0]); units = units[1:] {
			s.content = append(s.content, units[0].content...)
			s.length += units[0].length
		}
		left = w.insert(s)
		w.copyType(s, first.item)
	}
}

func (s *item) takes(u unit) bool {
	return u.item.kind == s.kind && (s.kind == kindString || s.kind == kindAny || s.kind == kindJSON) && len(s.content)+len(u.content) <= maxRun
}

// copyType fills a new type with what another one shows.
func (w *writer) copyType(s, from *item) {
	if s.kind != kindType || w.err != nil {
		return
	}
	for key, o := range from.typ.entries {
		if !o.deleted {
			w.copyEntry(s.typ, key, o)
		}
	}
	w.copyUnits(s.typ, nil, slices.Collect(from.typ.runs()))
}
