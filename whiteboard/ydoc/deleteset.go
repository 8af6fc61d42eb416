package ydoc

import (
	"cmp"
	"slices"
)

// span is a range of clocks [clock, end).
type span struct{ clock, end uint64 }

// deleteSet holds ranges of clocks by client (yjs DeleteSet.js).
type deleteSet map[uint64][]span

func (ds deleteSet) add(client, clock, length uint64) {
	list := ds[client]
	if n := len(list); n > 0 && list[n-1].end == clock {
		list[n-1].end += length
		return
	}
	ds[client] = append(list, span{clock, clock + length})
}

func (ds deleteSet) addAll(other deleteSet) {
	for client, list := range other {
		ds[client] = append(ds[client], list...)
	}
}

// normalise sorts the ranges of each client and joins those that touch.
func (ds deleteSet) normalise() {
	for client, list := range ds {
		slices.SortFunc(list, func(a, b span) int { return cmp.Compare(a.clock, b.clock) })
		joined := list[:1]
		for _, s := range list[1:] {
			if last := &joined[len(joined)-1]; last.end >= s.clock {
				last.end = max(last.end, s.end)
			} else {
				joined = append(joined, s)
			}
		}
		ds[client] = joined
	}
}

func (ds deleteSet) len() int {
	n := 0
	for _, list := range ds {
		n += len(list)
	}
	return n
}

func (ds deleteSet) append(b []byte) []byte {
	b = appendUint(b, uint64(len(ds)))
	for _, client := range descending(ds) {
		b = appendUint(appendUint(b, client), uint64(len(ds[client])))
		for _, s := range ds[client] {
			b = appendUint(appendUint(b, s.clock), s.end-s.clock)
		}
	}
	return b
}

func (r *reader) deleteSet() deleteSet {
	ds := deleteSet{}
	for range r.count(2) {
		client := r.uint()
		for range r.count(2) {
			clock, length := r.uint(), r.uint()
			if clock+length > maxSafeInteger {
				r.fail("deleted range is out of bounds")
			} else if length > 0 {
				ds[client] = append(ds[client], span{clock, clock + length})
			}
		}
	}
	ds.normalise()
	return ds
}
