package ydoc

import (
	"cmp"
	"slices"
	"sort"
)

// update is a decoded update: of each client the items in the order of their clocks, possibly with gaps, and what is deleted.
type update struct {
	items   map[uint64][]*item
	deletes deleteSet
}

// decode reads an update in format version 1 (yjs encoding.js, readClientsStructRefs). Items share the memory of b.
func decode(b []byte) (*update, error) { return decodeInto(b, false) }

// decodeInto is decode for items that will stay in memory together, when bulk says so.
func decodeInto(b []byte, bulk bool) (*update, error) {
	r := &itemReader{reader: reader{buf: b}, bulk: bulk}
	u := &update{items: map[uint64][]*item{}}
	for range r.count(3) {
		count := r.count(2)
		client, clock := r.uint(), r.uint()
		r.ahead = count
		list := make([]*item, 0, count)
		for range count {
			s := r.item(ID{client, clock})
			if r.err != nil {
				return nil, r.err
			}
			clock = s.end()
			if n := len(list); s.kind != kindSkip && (n == 0 || s.kind != kindGC || !list[n-1].join(s)) {
				list = appendRuns(list, s)
			}
		}
		if len(list) > 0 {
			u.items[client] = mergeItems(u.items[client], list)
		}
	}
	u.deletes = r.deleteSet()
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	return u, nil
}

// encode writes the update; gaps become Skip structs.
func (u *update) encode() []byte { return u.diff(nil) }

// diff writes what a document with that state vector lacks. Deletions are always written whole, as in Yjs.
func (u *update) diff(sv StateVector) []byte {
	clients := make([]uint64, 0, len(u.items))
	for _, client := range descending(u.items) {
		list := u.items[client]
		if list[len(list)-1].end() > sv[client] {
			clients = append(clients, client)
		}
	}
	b := appendUint(make([]byte, 0, u.sizeHint()), uint64(len(clients)))
	for _, client := range clients {
		b = appendItems(b, u.items[client], sv[client])
	}
	return u.deletes.append(b)
}

// sizeHint is about what encode writes.
func (u *update) sizeHint() int {
	n := 16 + 8*u.deletes.len()
	for _, list := range u.items {
		for _, s := range list {
			n += 12 + len(s.content) + len(s.sub)
		}
	}
	return n
}

// appendItems writes the items of one client from a clock on.
func appendItems(b []byte, list []*item, from uint64) []byte {
	list = list[sort.Search(len(list), func(i int) bool { return list[i].end() > from }):]
	count, next := uint64(len(list)), list[0].id.Clock
	for _, s := range list {
		if s.id.Clock > next {
			count++
		}
		next = s.end()
	}
	from = max(from, list[0].id.Clock)
	b = appendID(appendUint(b, count), ID{list[0].id.Client, from})
	for next = from; len(list) > 0; list = list[1:] {
		s := list[0]
		if s.id.Clock > next {
			b = appendUint(append(b, byte(kindSkip)), s.id.Clock-next)
			next = s.id.Clock
		}
		b = s.append(b, next-s.id.Clock)
		next = s.end()
	}
	return b
}

// mergeItems unites two ordered lists of the same client. What both hold is taken once.
func mergeItems(a, b []*item) []*item {
	if len(a) == 0 || len(b) == 0 || a[len(a)-1].end() <= b[0].id.Clock {
		return append(a, b...)
	}
	all := append(slices.Clone(a), b...)
	slices.SortStableFunc(all, func(a, b *item) int {
		return cmp.Or(cmp.Compare(a.id.Clock, b.id.Clock), cmp.Compare(a.rank(), b.rank()))
	})
	merged := all[:0]
	var next uint64
	for _, s := range all {
		switch {
		case s.end() <= next:
			continue
		case s.id.Clock < next:
			s = s.cut(next - s.id.Clock)
		}
		next = s.end()
		merged = append(merged, s)
	}
	return merged
}

// rank prefers the copy of an item whose content is gone already.
func (s *item) rank() int { return min(int(s.kind), int(kindJSON)) }

// joinItems joins neighbours in the list.
func joinItems(list []*item) []*item {
	joined := list[:0]
	for _, s := range list {
		if n := len(joined); n == 0 || joined[n-1].hasSub || s.hasSub || !joined[n-1].join(s) {
			joined = append(joined, s)
		}
	}
	return joined
}

func (u *update) stateVector() StateVector {
	sv := StateVector{}
	for client, list := range u.items {
		var next uint64
		for _, s := range list {
			if s.id.Clock > next {
				break
			}
			next = s.end()
		}
		if next > 0 {
			sv[client] = next
		}
	}
	return sv
}

func (u *update) merge(other *update) {
	for client, list := range other.items {
		u.items[client] = mergeItems(u.items[client], list)
	}
	u.deletes.addAll(other.deletes)
}

// Merge makes one update of many, in any order, without a document (yjs mergeUpdates): applying it is applying them all.
// Content stays; Doc.Compact is what drops deleted content. The error is a *MalformedError.
func Merge(updates ...[]byte) ([]byte, error) {
	all := &update{items: map[uint64][]*item{}, deletes: deleteSet{}}
	for _, b := range updates {
		u, err := decode(b)
		if err != nil {
			return nil, err
		}
		all.merge(u)
	}
	for client, list := range all.items {
		all.items[client] = joinItems(list)
	}
	all.deletes.normalise()
	return all.encode(), nil
}

// Diff answers what of the update a document with that state vector lacks (yjs diffUpdate).
func Diff(update []byte, sv StateVector) ([]byte, error) {
	u, err := decode(update)
	if err != nil {
		return nil, err
	}
	return u.diff(sv), nil
}

// UpdateStateVector answers the state vector of a document that holds nothing but the update (yjs
// encodeStateVectorFromUpdate).
func UpdateStateVector(update []byte) (StateVector, error) {
	u, err := decode(update)
	if err != nil {
		return nil, err
	}
	return u.stateVector(), nil
}
