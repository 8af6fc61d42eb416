package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Kinds of structs and bits of their info byte (yjs structs).
const (
	kindGC      = 0
	kindDeleted = 1
	kindAny     = 8
	kindSkip    = 10

	infoOrigin      = 0x80
	infoRightOrigin = 0x40
	infoSub         = 0x20
	infoKind        = 0x1f
)

// elementsRoot is the name of the map that holds the elements.
const elementsRoot = "elements"

// author writes elements in the name of a Yjs client, as the editor's binding does: each is one value of the map.
type author struct {
	client uint64
	clock  uint64
	newest map[string]placed // by element
}

// placed is the newest value of an element and its clock.
type placed struct {
	element element
	clock   uint64
}

func newAuthor(client uint64) *author { return &author{client: client, newest: map[string]placed{}} }

// set answers the update of one transaction that sets these elements, all of them either new or this author's.
func (a *author) set(b []byte, elements ...element) []byte {
	b = appendUint(appendUint(b, 1), uint64(len(elements)))
	b = appendUint(appendUint(b, a.client), a.clock)
	var replaced []uint64
	for _, e := range elements {
		if before, ok := a.newest[e.id]; ok {
			b = append(b, kindAny|infoSub|infoOrigin)
			b = appendUint(appendUint(b, a.client), before.clock)
			replaced = append(replaced, before.clock)
		} else {
			b = append(b, kindAny|infoSub, 1)
			b = appendText(appendText(b, elementsRoot), e.id)
		}
		b = appendAny(appendUint(b, 1), e.fields())
		a.newest[e.id] = placed{e, a.clock}
		a.clock++
	}
	if len(replaced) == 0 {
		return appendUint(b, 0)
	}
	b = appendUint(appendUint(appendUint(b, 1), a.client), uint64(len(replaced)))
	for _, clock := range replaced {
		b = appendUint(appendUint(b, clock), 1)
	}
	return b
}

// visitor is told what an update holds.
type visitor interface {
	// structs tells that the update has these clocks of a client.
	structs(client, from, to uint64)
	// stamp tells when the element that has this clock was written; a value that was replaced since is not there any more.
	stamp(client, clock uint64, at int64)
}

var errUpdate = errors.New("not an update of elements")

// walk reads an update in which all content is values (ContentAny), up to its deletions.
func walk(b []byte, v visitor) error {
	r := &walker{buf: b}
	for range r.uint() {
		count := r.uint()
		client, clock := r.uint(), r.uint()
		for range count {
			if r.failed {
				return fmt.Errorf("%w: at byte %d of %d", errUpdate, r.pos, len(b))
			}
			end, at := r.item(clock)
			if end > clock {
				v.structs(client, clock, end)
			}
			if at >= 0 {
				v.stamp(client, clock, at)
			}
			clock = max(end, clock+r.skipped)
		}
	}
	if r.failed {
		return fmt.Errorf("%w: at byte %d of %d", errUpdate, r.pos, len(b))
	}
	return nil
}

type walker struct {
	buf     []byte
	pos     int
	failed  bool
	skipped uint64 // length of the last struct when it was a Skip
}

func (r *walker) fail() {
	r.failed = true
	r.pos = len(r.buf)
}

func (r *walker) byte() byte {
	if r.pos >= len(r.buf) {
		r.fail()
		return 0
	}
	r.pos++
	return r.buf[r.pos-1]
}

func (r *walker) uint() uint64 {
	if r.pos < len(r.buf) && r.buf[r.pos] < 0x80 {
		r.pos++
		return uint64(r.buf[r.pos-1])
	}
	n, size := binary.Uvarint(r.buf[r.pos:])
	if size <= 0 {
		r.fail()
		return 0
	}
	r.pos += size
	return n
}

func (r *walker) take(n uint64) []byte {
	if n > uint64(len(r.buf)-r.pos) {
		r.fail()
		return nil
	}
	r.pos += int(n)
	return r.buf[r.pos-int(n) : r.pos]
}

// item passes over a struct and answers the clock behind it and the stamp of its element, -1 when it has none.
func (r *walker) item(clock uint64) (end uint64, at int64) {
	info := r.byte()
	r.skipped = 0
	switch info & infoKind {
	case kindGC:
		return clock + r.uint(), -1
	case kindSkip:
		r.skipped = r.uint()
		return clock, -1
	}
	if info&infoOrigin != 0 {
		r.uint()
		r.uint()
	}
	if info&infoRightOrigin != 0 {
		r.uint()
		r.uint()
	}
	if info&(infoOrigin|infoRightOrigin) == 0 {
		r.parent(info)
	}
	switch info & infoKind {
	case kindDeleted:
		return clock + r.uint(), -1
	case kindAny:
		count := r.uint()
		at = -1
		for range count {
			at = r.element()
			if r.failed {
				break
			}
		}
		return clock + count, at
	}
	r.fail()
	return clock, -1
}

func (r *walker) parent(info byte) {
	if r.uint() == 1 {
		r.take(r.uint())
	} else {
		r.uint()
		r.uint()
	}
	if info&infoSub != 0 {
		r.take(r.uint())
	}
}

// element passes over a value and answers its stamp, -1 when it has none.
func (r *walker) element() int64 {
	at := int64(-1)
	if r.pos >= len(r.buf) || r.buf[r.pos] != anyObject {
		r.skip()
		return at
	}
	r.pos++
	for range r.uint() {
		key := r.take(r.uint())
		if string(key) == stampKey {
			at = r.stamp()
		} else {
			r.skip()
		}
		if r.failed {
			return -1
		}
	}
	return at
}

// stamp reads a number, however the server wrote it. Small integers are no stamps.
func (r *walker) stamp() int64 {
	start := r.pos
	switch r.byte() {
	case anyFloat64:
		if b := r.take(8); b != nil {
			return int64(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
	case anyFloat32:
		if b := r.take(4); b != nil {
			return int64(math.Float32frombits(binary.BigEndian.Uint32(b)))
		}
	default:
		r.pos = start
		r.skip()
	}
	return -1
}

// skip passes over a value.
func (r *walker) skip() {
	switch r.byte() {
	case anyNull, anyTrue, anyFalse:
	case anyInteger:
		for r.byte() >= 0x80 {
		}
	case anyFloat32:
		r.take(4)
	case anyFloat64, anyBigInt:
		r.take(8)
	case anyString:
		r.take(r.uint())
	case anyObject:
		for range r.uint() {
			r.take(r.uint())
			if r.skip(); r.failed {
				return
			}
		}
	case anyArray:
		for range r.uint() {
			if r.skip(); r.failed {
				return
			}
		}
	default:
		r.fail()
	}
}
