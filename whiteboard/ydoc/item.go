package ydoc

import (
	"encoding/json"
	"unicode/utf8"
)

// ID names one unit of content: the clock counts what a client has written.
type ID struct{ Client, Clock uint64 }

// noID stands for an absent origin. Clients stay below 2^53.
var noID = ID{Client: 1<<64 - 1}

// kind is what an item holds, numbered as in its info byte (yjs Item.js, contentRefs).
type kind uint8

const (
	kindGC      kind = 0 // only the clocks are known
	kindDeleted kind = 1
	kindJSON    kind = 2
	kindBinary  kind = 3
	kindString  kind = 4
	kindEmbed   kind = 5
	kindFormat  kind = 6
	kindType    kind = 7
	kindAny     kind = 8
	kindDoc     kind = 9
	kindSkip    kind = 10
)

const (
	infoOrigin      = 0x80
	infoRightOrigin = 0x40
	infoSub         = 0x20
	infoKind        = 0x1f
)

// maxRun bounds the bytes of an item that can be cut, so that a cut costs little wherever it falls.
const maxRun = 4 << 10

// ItemWeight is what an item counts in Doc.Size beyond its content: about what it takes on the wire and in memory.
const ItemWeight = 48

// parentRef is how an update names the parent of an item: a type at the root by name, or the item that holds the type.
type parentRef struct {
	root bool
	name string
	id   ID
}

// item is one struct of Yjs: an Item, or a GC when its kind says so. Content stays encoded: text as UTF-8, lists of values as
// the values one after the other, everything else as on the wire.
type item struct {
	id          ID
	length      uint64 // in clocks: UTF-16 units of text, elements of lists
	origin      ID
	rightOrigin ID
	content     []byte
	sub         string // the key in a map, when hasSub
	from        *parentRef

	// In a document.
	left, right *item
	parent      *Type
	typ         *Type  // of kindType
	visited     uint64 // Doc.visits when a search for the place of another item last came here

	kind    kind
	hasSub  bool
	deleted bool
}

func (s *item) end() uint64 { return s.id.Clock + s.length }
func (s *item) last() ID    { return ID{s.id.Client, s.id.Clock + s.length - 1} }

// weight is what the item counts in Doc.Size.
func (s *item) weight() int { return ItemWeight + len(s.content) + len(s.sub) + len(s.rootName()) }

// rootName answers the name of the type at the root when the item is written with it.
func (s *item) rootName() string {
	switch {
	case s.origin != noID || s.rightOrigin != noID:
		return ""
	case s.parent != nil:
		return s.parent.name
	case s.from != nil:
		return s.from.name
	}
	return ""
}

// countable tells whether the item is an element of its parent, which a format or a deletion is not.
func (s *item) countable() bool {
	return s.kind != kindGC && s.kind != kindDeleted && s.kind != kindFormat
}

// itemReader reads items. It makes one string of equal names, one reference of equal parents in a row, and allocates many
// items at once when they are to stay together.
type itemReader struct {
	reader
	names map[string]string
	from  *parentRef
	bulk  bool
	ahead int // items of this client that are still to come
	free  []item
}

// bulkItems is how many items are allocated at once at most. All of them stay in memory as long as one does.
const bulkItems = 256

func (r *itemReader) newItem() *item {
	if !r.bulk {
		return new(item)
	}
	if len(r.free) == 0 {
		r.free = make([]item, min(bulkItems, r.ahead))
	}
	r.ahead--
	s := &r.free[0]
	r.free = r.free[1:]
	return s
}

// item reads one struct with that id.
func (r *itemReader) item(id ID) *item {
	info := r.byte()
	s := r.newItem()
	s.id, s.kind, s.origin, s.rightOrigin = id, kind(info&infoKind), noID, noID
	if s.kind == kindGC || s.kind == kindSkip {
		s.length, s.deleted = r.uint(), true
	} else {
		r.place(s, info)
		r.content(s)
	}
	if s.length == 0 && s.kind != kindSkip {
		r.fail("empty struct")
	}
	if s.end() > maxSafeInteger {
		r.fail("clock is out of bounds")
	}
	return s
}

func (r *itemReader) place(s *item, info byte) {
	if info&infoOrigin != 0 {
		s.origin = r.id()
	}
	if info&infoRightOrigin != 0 {
		s.rightOrigin = r.id()
	}
	if info&(infoOrigin|infoRightOrigin) == 0 {
		s.from = r.parent()
		if info&infoSub != 0 {
			s.sub, s.hasSub = r.name(), true
		}
	}
	for _, id := range s.references() {
		if id.Client == s.id.Client && id.Clock >= s.id.Clock {
			r.fail("item refers to what its client had not written yet")
		}
	}
}

func (r *itemReader) parent() *parentRef {
	ref := parentRef{root: r.uint() == 1, id: noID}
	if ref.root {
		ref.name = r.name()
	} else {
		ref.id = r.id()
	}
	if r.from == nil || *r.from != ref {
		fresh := ref
		r.from = &fresh
	}
	return r.from
}

func (r *itemReader) name() string {
	b := r.text()
	if s, ok := r.names[string(b)]; ok {
		return s
	}
	if r.names == nil {
		r.names = map[string]string{}
	}
	s := string(b)
	r.names[s] = s
	return s
}

// references lists the ids that must be known before the item can take its place; absent ones are noID.
func (s *item) references() [3]ID {
	if s.from != nil {
		return [3]ID{s.origin, s.rightOrigin, s.from.id}
	}
	return [3]ID{s.origin, s.rightOrigin, noID}
}

func (r *reader) content(s *item) {
	start := r.pos
	s.length = 1
	switch s.kind {
	case kindDeleted:
		s.length, s.deleted = r.uint(), true
		return
	case kindString:
		s.content = r.text()
		s.length = utf16Length(s.content)
		return
	case kindAny:
		s.length = uint64(r.count(1))
		start = r.pos
		for range s.length {
			r.skipAny(0)
		}
	case kindJSON:
		s.length = uint64(r.count(1))
		start = r.pos
		for range s.length {
			r.json(true)
		}
	case kindBinary:
		r.blob()
	case kindEmbed:
		r.json(false)
	case kindFormat:
		r.text()
		r.json(false)
	case kindType:
		r.typeRef()
	case kindDoc:
		r.text()
		if r.pos < len(r.buf) && r.buf[r.pos] != anyObject {
			r.fail("options of a subdocument are not an object")
		}
		r.skipAny(0)
	default:
		r.fail("unknown content")
	}
	s.content = r.buf[start:r.pos:r.pos]
}

// json checks a JSON text, which every client will parse.
func (r *reader) json(undefined bool) {
	b := r.text()
	if r.err == nil && !json.Valid(b) && !(undefined && string(b) == "undefined") {
		r.fail("JSON does not parse")
	}
}

func (r *reader) typeRef() (Kind, []byte) {
	ref := Kind(r.uint())
	if ref > XMLText {
		r.fail("unknown shared type")
	}
	if ref == XMLElement || ref == XMLHook {
		return ref, r.text()
	}
	return ref, nil
}

// append writes the item from offset on (yjs Item.write).
func (s *item) append(b []byte, offset uint64) []byte {
	if s.kind == kindGC || s.kind == kindSkip {
		return appendUint(append(b, byte(s.kind)), s.length-offset)
	}
	origin := s.origin
	if offset > 0 {
		origin = ID{s.id.Client, s.id.Clock + offset - 1}
	}
	b = s.appendPlace(b, origin)
	switch s.kind {
	case kindDeleted:
		return appendUint(b, s.length-offset)
	case kindString:
		_, rest := s.cutContent(offset)
		return appendText(b, rest)
	case kindAny, kindJSON:
		_, rest := s.cutContent(offset)
		return append(appendUint(b, s.length-offset), rest...)
	}
	return append(b, s.content...)
}

func (s *item) appendPlace(b []byte, origin ID) []byte {
	info := byte(s.kind)
	if origin != noID {
		info |= infoOrigin
	}
	if s.rightOrigin != noID {
		info |= infoRightOrigin
	}
	if s.hasSub {
		info |= infoSub
	}
	b = append(b, info)
	if origin != noID {
		b = appendID(b, origin)
	}
	if s.rightOrigin != noID {
		b = appendID(b, s.rightOrigin)
	}
	if info&(infoOrigin|infoRightOrigin) != 0 {
		return b
	}
	if from := s.parentRef(); from.root {
		b = appendText(append(b, 1), from.name)
	} else {
		b = appendID(append(b, 0), from.id)
	}
	if s.hasSub {
		b = appendText(b, s.sub)
	}
	return b
}

func (s *item) parentRef() parentRef {
	switch {
	case s.parent == nil:
		return *s.from
	case s.parent.item == nil:
		return parentRef{root: true, name: s.parent.name}
	}
	return parentRef{id: s.parent.item.id}
}

// cut shortens the item to its first offset clocks and answers the rest. Neighbours in a document are not told.
func (s *item) cut(offset uint64) *item {
	rest := *s
	rest.id.Clock += offset
	rest.length -= offset
	if s.kind != kindGC && s.kind != kindSkip {
		rest.origin = ID{s.id.Client, s.id.Clock + offset - 1}
	}
	s.content, rest.content = s.cutContent(offset)
	s.length = offset
	return &rest
}

func (s *item) cutContent(offset uint64) (left, right []byte) {
	switch {
	case offset == 0:
		return nil, s.content
	case s.kind == kindString:
		return cutText(s.content, s.length, offset)
	case s.kind == kindAny || s.kind == kindJSON:
		at := s.elementAt(offset)
		return s.content[:at:at], s.content[at:]
	}
	return nil, nil
}

// elementAt answers where in the content the element with that number starts.
func (s *item) elementAt(n uint64) int {
	r := reader{buf: s.content}
	for range n {
		r.skipElement(s.kind)
	}
	return r.pos
}

func (r *reader) skipElement(k kind) {
	if k == kindAny {
		r.skipAny(0)
	} else {
		r.blob()
	}
}

// join appends next to the item when together they mean the same (yjs Item.mergeWith, without the document's part).
func (s *item) join(next *item) bool {
	if s.kind != next.kind || s.end() != next.id.Clock {
		return false
	}
	switch s.kind {
	case kindGC, kindSkip:
		s.length += next.length
		return true
	case kindDeleted, kindString, kindAny, kindJSON:
	default:
		return false
	}
	if next.origin != s.last() || next.rightOrigin != s.rightOrigin || s.deleted != next.deleted ||
		len(s.content)+len(next.content) > maxRun {
		return false
	}
	s.content = append(s.content, next.content...)
	s.length += next.length
	return true
}

// appendRuns appends the item in pieces of about maxRun bytes.
func appendRuns(list []*item, s *item) []*item {
	for len(s.content) > maxRun && s.length > 1 {
		units := s.unitsOfRun()
		if units == 0 || units >= s.length {
			break
		}
		rest := s.cut(units)
		list = append(list, s)
		s = rest
	}
	return append(list, s)
}

// unitsOfRun counts the units in the first maxRun bytes, up to the end of a character or element.
func (s *item) unitsOfRun() uint64 {
	r, units := reader{buf: s.content}, uint64(0)
	for r.pos < maxRun && r.err == nil {
		if s.kind != kindString {
			r.skipElement(s.kind)
			units++
			continue
		}
		char, size := utf8.DecodeRune(s.content[r.pos:])
		r.pos += size
		units += utf16Width(char)
	}
	return units
}

func utf16Width(char rune) uint64 {
	if char >= 0x10000 {
		return 2
	}
	return 1
}

func utf16Length(text []byte) uint64 {
	var n uint64
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			n++
			continue
		}
		char, size := utf8.DecodeRune(text[i:])
		i += size
		n += utf16Width(char)
	}
	return n
}

// cutText cuts at a UTF-16 offset. Both halves of a character that is cut in two become U+FFFD, as in Yjs.
func cutText(text []byte, length, offset uint64) (left, right []byte) {
	if uint64(len(text)) == length {
		return text[:offset:offset], text[offset:]
	}
	i := 0
	for n := uint64(0); n < offset; {
		char, size := utf8.DecodeRune(text[i:])
		n += utf16Width(char)
		if n > offset {
			const replacement = "\uFFFD"
			left = append(append(left, text[:i]...), replacement...)
			return left, append([]byte(replacement), text[i+size:]...)
		}
		i += size
	}
	return text[:i:i], text[i:]
}
