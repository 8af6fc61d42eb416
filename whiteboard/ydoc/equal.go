package ydoc

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"unicode/utf8"
)

// Equal tells whether two documents know the same clocks and show the same, down to formats and shared types.
func (d *Doc) Equal(other *Doc) bool {
	if !bytes.Equal(d.StateVector().Encode(), other.StateVector().Encode()) {
		return false
	}
	for name := range d.roots {
		if !sameContent(d.roots[name], other.Root(name)) {
			return false
		}
	}
	for name, root := range other.roots {
		if d.roots[name] == nil && !root.empty() {
			return false
		}
	}
	return true
}

// sameContent tells whether two types show the same, whatever their ids.
func sameContent(a, b *Type) bool {
	if a.Len() != b.Len() || !sameEntries(a, b) {
		return false
	}
	next, stop := iter.Pull(b.units())
	defer stop()
	for u := range a.units() {
		v, ok := next()
		if !ok || !sameItem(u.item, v.item, u.content, v.content) {
			return false
		}
	}
	_, more := next()
	return !more
}

func sameEntries(a, b *Type) bool {
	for key, s := range a.entries {
		o := b.entries[key]
		if !s.deleted && (o == nil || o.deleted || !sameItem(s, o, s.content, o.content)) {
			return false
		}
	}
	return true
}

func sameItem(a, b *item, left, right []byte) bool {
	return a.kind == b.kind && bytes.Equal(left, right) && (a.kind != kindType || sameContent(a.typ, b.typ))
}

// unit is a part of a list: one character, one element, one format. offset and length count in the item's clocks.
type unit struct {
	item    *item
	offset  uint64
	length  uint64
	content []byte
}

// units walks over the visible units of the list.
func (t *Type) units() iter.Seq[unit] {
	return func(yield func(unit) bool) {
		for s := range t.visible() {
			if !s.eachUnit(yield) {
				return
			}
		}
	}
}

func (s *item) eachUnit(yield func(unit) bool) bool {
	if s.kind != kindString && s.kind != kindAny && s.kind != kindJSON {
		return yield(s.run())
	}
	r, offset := reader{buf: s.content}, uint64(0)
	for r.pos < len(s.content) {
		start, length := r.pos, uint64(1)
		if s.kind == kindString {
			char, size := utf8.DecodeRune(s.content[r.pos:])
			r.pos += size
			length = utf16Width(char)
		} else {
			r.skipElement(s.kind)
		}
		if !yield(unit{s, offset, length, s.content[start:r.pos]}) {
			return false
		}
		offset += length
	}
	return true
}

// run is the whole item as one unit.
func (s *item) run() unit { return unit{s, 0, s.length, s.content} }

// runs walks over the visible items, each one unit.
func (t *Type) runs() iter.Seq[unit] {
	return func(yield func(unit) bool) {
		for s := range t.visible() {
			if !yield(s.run()) {
				return
			}
		}
	}
}

func (t *Type) empty() bool {
	for range t.visible() {
		return false
	}
	return t.Len() == 0
}

// Compact is Encode for the one who deletes what the document was made of: it reads the result again and compares before it
// answers.
func (d *Doc) Compact() ([]byte, error) {
	b := d.Encode()
	again, err := Load(d.limits, b)
	if err != nil {
		return nil, fmt.Errorf("load compacted document: %w", err)
	}
	if !again.Equal(d) {
		return nil, errors.New("ydoc: compacted document differs")
	}
	return b, nil
}
