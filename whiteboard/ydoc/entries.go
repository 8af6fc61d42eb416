package ydoc

import "sort"

// EntriesAfter counts the keys that a map at the root would have after the update, without applying it. Where the update
// builds on items that are not known it may count too many, and never too few unless several people delete at once. The
// error is a *MalformedError.
func (d *Doc) EntriesAfter(b []byte, root string) (int, error) {
	u, err := decode(b)
	if err != nil {
		return 0, err
	}
	d.keepFresh(u)
	e := entryCount{doc: d, root: d.Root(root), name: root, keys: map[ID]string{}, set: map[string]bool{}}
	e.addItems(u)
	count := e.root.Len() + e.unknown
	for key := range e.set {
		if s := e.root.entries[key]; s == nil || s.deleted {
			count++
		}
	}
	return count - e.deleted(u.deletes), nil
}

// entryCount follows what an update does to the entries of one type at the root.
type entryCount struct {
	doc     *Doc
	root    *Type
	name    string
	keys    map[ID]string   // of the update's items that are entries, by their last id
	set     map[string]bool // keys that hold something after the update
	unknown int             // items whose parent only the pending part of the document knows
}

func (e *entryCount) addItems(u *update) {
	for client, list := range u.items {
		for _, s := range list {
			if !s.countable() {
				continue
			}
			key, isEntry, known := e.keyOf(s)
			switch {
			case isEntry:
				e.keys[s.last()] = key
				if !u.deletes.has(client, s.last().Clock) {
					e.set[key] = true
				}
			case !known:
				e.unknown++
			}
		}
	}
}

// keyOf finds the key of an entry, which an item names itself or has from a neighbour.
func (e *entryCount) keyOf(s *item) (key string, isEntry, known bool) {
	if s.from != nil {
		return s.sub, s.from.root && s.from.name == e.name && s.hasSub, true
	}
	for _, id := range s.references() {
		if id == noID {
			continue
		}
		if key, ok := e.keys[id]; ok {
			return key, true, true
		}
		if id.Clock < e.doc.state(id.Client) {
			o := e.doc.find(id)
			return o.sub, o.hasSub && o.parent == e.root, true
		}
	}
	return "", false, false
}

// deleted counts the entries that the ranges delete and that are not set again.
func (e *entryCount) deleted(ds deleteSet) int {
	n := 0
	for client, list := range ds {
		for _, r := range list {
			for s := range e.doc.clients[client].from(r.clock) {
				if s.id.Clock >= r.end {
					break
				}
				if !s.deleted && s.hasSub && s.parent == e.root && e.root.entries[s.sub] == s && !e.set[s.sub] {
					n++
				}
			}
		}
	}
	return n
}

// has tells whether the clock lies in one of the ranges, which are in order.
func (ds deleteSet) has(client, clock uint64) bool {
	list := ds[client]
	i := sort.Search(len(list), func(i int) bool { return list[i].end > clock })
	return i < len(list) && list[i].clock <= clock
}
