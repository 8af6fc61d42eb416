package ydoc

import (
	"bytes"
	"errors"
	"slices"
)

// ErrClientInUse is answered when a change is to be written under the id of a client that has written before.
var ErrClientInUse = errors.New("ydoc: client id is in use")

// Restore changes the document so that it shows what an earlier state of it shows, by changes of a new client: what came
// later stays in the history, and clients that were away merge as ever. Types that both states hold keep their identity;
// everything else that differs is written anew.
//
// client must be an id that has never written to the document; a random number below 2^32 as Yjs takes them. Applied.Update
// is nil when nothing differs. The limits for updates from outside do not hold.
func (d *Doc) Restore(old *Doc, client uint64) (Applied, error) {
	if d.state(client) > 0 || len(d.pending[client]) > 0 || client > maxSafeInteger {
		return Applied{}, ErrClientInUse
	}
	set := d.limits
	d.limits = set.unbounded()
	w := &writer{transaction: d.begin(), client: client}
	for name := range d.roots {
		w.restore(d.roots[name], old.Root(name))
	}
	for name, from := range old.roots {
		if d.roots[name] == nil && !from.empty() {
			w.restore(d.root(name), from)
		}
	}
	w.finish()
	d.limits = set
	return Applied{Update: w.encode(), Pending: d.Pending()}, w.err
}

// alike tells whether two units may stand for each other: the same type, whatever is in it, or equal content.
func alike(a, b unit) bool {
	if a.item.kind != b.item.kind || !bytes.Equal(a.content, b.content) {
		return false
	}
	return a.item.kind != kindType || a.item.id == b.item.id || sameContent(a.item.typ, b.item.typ)
}

// restore makes a type show what its earlier state shows.
func (w *writer) restore(now, old *Type) {
	w.restoreEntries(now, old)
	w.restoreList(now, old)
}

func (w *writer) restoreEntries(now, old *Type) {
	for key, s := range now.entries {
		if o := old.entries[key]; !s.deleted && (o == nil || o.deleted) {
			w.delete(s)
		}
	}
	for key, o := range old.entries {
		s := now.entries[key]
		switch {
		case o.deleted:
		case s == nil || s.deleted || s.kind != o.kind || !bytes.Equal(s.content, o.content):
			w.copyEntry(now, key, o)
		case s.kind == kindType:
			w.restore(s.typ, o.typ)
		}
	}
}

func (w *writer) restoreList(now, old *Type) {
	current, wanted := bothUnits(now, old)
	head := 0
	for head < len(current) && head < len(wanted) && alike(current[head], wanted[head]) {
		head++
	}
	tail := 0
	for tail < min(len(current), len(wanted))-head && alike(current[len(current)-1-tail], wanted[len(wanted)-1-tail]) {
		tail++
	}
	w.restoreTypes(current[:head], wanted[:head])
	w.restoreTypes(current[len(current)-tail:], wanted[len(wanted)-tail:])
	for _, u := range current[head : len(current)-tail] {
		clock := u.item.id.Clock + u.offset
		w.deleteSpan(u.item.id.Client, span{clock, clock + u.length})
	}
	if added := wanted[head : len(wanted)-tail]; len(added) > 0 {
		w.copyUnits(now, w.lastOf(current[:head]), added)
	}
}

// maxUnits bounds how many characters and elements a list is compared by; longer ones are compared by their items.
const maxUnits = 200_000

// bothUnits lists what two states of a list show.
func bothUnits(now, old *Type) (current, wanted []unit) {
	if now.length()+old.length() > maxUnits {
		return slices.Collect(now.runs()), slices.Collect(old.runs())
	}
	return slices.Collect(now.units()), slices.Collect(old.units())
}

func (t *Type) length() uint64 {
	var n uint64
	for s := range t.visible() {
		n += s.length
	}
	return n
}

func (w *writer) restoreTypes(now, old []unit) {
	for i := range now {
		if now[i].item.kind == kindType {
			w.restore(now[i].item.typ, old[i].item.typ)
		}
	}
}

// lastOf answers the item that ends with the last of the units.
func (w *writer) lastOf(units []unit) *item {
	if len(units) == 0 {
		return nil
	}
	u := units[len(units)-1]
	return w.endingAt(ID{u.item.id.Client, u.item.id.Clock + u.offset + u.length - 1})
}
