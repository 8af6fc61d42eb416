package ydoc

import (
	"slices"
	"sort"
)

// blockSize bounds how many pointers move when an item is cut in two.
const blockSize = 512

// itemList holds the items of one client in the order of their clocks, without gaps from zero on, in blocks that are never
// empty.
type itemList struct{ blocks [][]*item }

// position is where an item lies: the block and the place in it.
type position struct{ block, at int }

// next is the first clock that is not known.
func (l *itemList) next() uint64 {
	if l == nil || len(l.blocks) == 0 {
		return 0
	}
	last := l.blocks[len(l.blocks)-1]
	return last[len(last)-1].end()
}

// lenFrom counts the items from the one that holds the clock on.
func (l *itemList) lenFrom(clock uint64) int {
	if clock >= l.next() {
		return 0
	}
	p := l.find(clock)
	n := -p.at
	for _, block := range l.blocks[p.block:] {
		n += len(block)
	}
	return n
}

func (l *itemList) push(s *item) {
	if n := len(l.blocks); n > 0 && len(l.blocks[n-1]) < blockSize {
		l.blocks[n-1] = append(l.blocks[n-1], s)
		return
	}
	l.blocks = append(l.blocks, []*item{s})
}

// find answers where the item with that clock lies; the clock must be below next.
func (l *itemList) find(clock uint64) position {
	i := len(l.blocks) - 1
	if l.blocks[i][0].id.Clock > clock {
		i = sort.Search(i, func(i int) bool { return l.blocks[i][0].id.Clock > clock }) - 1
	}
	block := l.blocks[i]
	at := len(block) - 1
	if block[at].id.Clock > clock {
		at = sort.Search(at, func(i int) bool { return block[i].id.Clock > clock }) - 1
	}
	return position{i, at}
}

func (l *itemList) item(p position) *item { return l.blocks[p.block][p.at] }

func (l *itemList) insertAfter(p position, s *item) {
	block := slices.Insert(l.blocks[p.block], p.at+1, s)
	if len(block) <= blockSize {
		l.blocks[p.block] = block
		return
	}
	half := len(block) / 2
	upper := slices.Clone(block[half:])
	clear(block[half:])
	l.blocks[p.block] = block[:half]
	l.blocks = slices.Insert(l.blocks, p.block+1, upper)
}

// from walks over the items from the one that holds the clock on. The list must not change meanwhile.
func (l *itemList) from(clock uint64) func(yield func(*item) bool) {
	return func(yield func(*item) bool) {
		if clock >= l.next() {
			return
		}
		p := l.find(clock)
		for i, block := range l.blocks[p.block:] {
			if i == 0 {
				block = block[p.at:]
			}
			for _, s := range block {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// compact joins neighbours where one of them overlaps the span, through join.
func (l *itemList) compact(r span, join func(left, right *item) bool) {
	if len(l.blocks) == 0 || r.clock >= l.next() {
		return
	}
	start := l.find(r.clock)
	if start.at > 0 {
		start.at--
	} else if start.block > 0 {
		start.block--
		start.at = len(l.blocks[start.block]) - 1
	}
	left, emptied := l.item(start), false
	for i, at := start.block, start.at+1; i < len(l.blocks); i, at = i+1, 0 {
		block, kept := l.blocks[i], at
		for ; at < len(block) && block[at].id.Clock <= r.end; at++ {
			if join(left, block[at]) {
				continue
			}
			left = block[at]
			block[kept] = left
			kept++
		}
		done := at < len(block)
		if kept < at {
			rest := kept + copy(block[kept:], block[at:])
			clear(block[rest:])
			l.blocks[i] = block[:rest]
			emptied = emptied || rest == 0
		}
		if done {
			break
		}
	}
	if emptied {
		l.blocks = slices.DeleteFunc(l.blocks, func(b []*item) bool { return len(b) == 0 })
	}
}
