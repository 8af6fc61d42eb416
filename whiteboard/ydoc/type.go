package ydoc

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"unicode/utf8"
)

// Kind is what a shared type is, numbered as in updates (yjs ContentType.js).
type Kind uint8

// The shared types of Yjs.
const (
	Array Kind = iota
	Map
	Text
	XMLElement
	XMLFragment
	XMLHook
	XMLText
)

// Subdocument is a document inside the document: only its id is here.
type Subdocument struct {
	GUID string `json:"guid"`
}

// Type is a shared type: a list of content (Array, Text, XMLFragment, XMLElement, XMLText) and entries with keys (Map, the
// attributes of XMLElement and XMLText). A type is read under the rules of its document: by its owner, and not after the
// next change when it may have been deleted.
//
// Values are nil, bool, float64, string, []any, map[string]any, int64 (BigInt), []byte and Subdocument; shared types inside
// are values of their kind as MarshalJSON of Yjs has them: lists, maps, plain text, XML as text.
type Type struct {
	item    *item // nil at the root
	name    string
	depth   int
	kind    Kind
	tag     string // node name of an XMLElement, hook name of an XMLHook
	start   *item
	entries map[string]*item // by key the newest item, which may be deleted
}

func newType(s *item) *Type {
	r := reader{buf: s.content}
	ref, tag := r.typeRef()
	return &Type{item: s, kind: ref, tag: string(tag), depth: s.parent.depth + 1}
}

func (t *Type) setEntry(s *item) {
	if t.entries == nil {
		t.entries = map[string]*item{}
	}
	t.entries[s.sub] = s
}

// Roots lists the names of the types at the root that ever held something.
func (d *Doc) Roots() []string { return slices.Sorted(maps.Keys(d.roots)) }

// Root answers the type with that name at the root. What kind it is, those who use it know; one that nobody wrote to is empty.
func (d *Doc) Root(name string) *Type {
	if root := d.roots[name]; root != nil {
		return root
	}
	return &Type{name: name}
}

// visible walks over the items of the list that are not deleted, formats included.
func (t *Type) visible() iter.Seq[*item] {
	return func(yield func(*item) bool) {
		for s := t.start; s != nil; s = s.right {
			if !s.deleted && !yield(s) {
				return
			}
		}
	}
}

// Entries walks over keys, in the order of the alphabet, and values (yjs YMap).
func (t *Type) Entries() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for _, key := range slices.Sorted(maps.Keys(t.entries)) {
			if s := t.entries[key]; !s.deleted && !yield(key, s.lastValue()) {
				return
			}
		}
	}
}

// Entry answers the value of a key.
func (t *Type) Entry(key string) (value any, ok bool) {
	if s := t.entries[key]; s != nil && !s.deleted {
		return s.lastValue(), true
	}
	return nil, false
}

// EntryType answers the shared type that is the value of a key, or nil.
func (t *Type) EntryType(key string) *Type {
	if s := t.entries[key]; s != nil && !s.deleted {
		return s.typ
	}
	return nil
}

// Len counts the entries.
func (t *Type) Len() int {
	n := 0
	for _, s := range t.entries {
		if !s.deleted {
			n++
		}
	}
	return n
}

// Map answers the entries (yjs YMap.toJSON).
func (t *Type) Map() map[string]any { return maps.Collect(t.Entries()) }

// Array answers the list (yjs YArray.toJSON).
func (t *Type) Array() []any {
	values := []any{}
	for s := range t.visible() {
		values = s.values(values)
	}
	return values
}

// Text answers the characters of the list, without formats and embeds (yjs YText.toString).
func (t *Type) Text() string {
	var text []byte
	for s := range t.visible() {
		if s.kind == kindString {
			text = append(text, s.content...)
		}
	}
	return string(text)
}

// JSON answers the content of a type as that kind, as toJSON of Yjs does.
func (t *Type) JSON(kind Kind) any {
	switch kind {
	case Map, XMLHook:
		return t.Map()
	case Text:
		return t.Text()
	case XMLElement, XMLFragment, XMLText:
		return t.XML(kind)
	}
	return t.Array()
}

// lastValue is the value of an item that stands for a key.
func (s *item) lastValue() any {
	if values := s.values(nil); len(values) > 0 {
		return values[len(values)-1]
	}
	return nil
}

// values appends the elements of the item.
func (s *item) values(list []any) []any {
	r := reader{buf: s.content}
	switch s.kind {
	case kindAny:
		for range s.length {
			list = append(list, r.any())
		}
	case kindJSON:
		for range s.length {
			list = append(list, parseJSON(r.blob()))
		}
	case kindString:
		for text := s.content; len(text) > 0; {
			_, size := utf8.DecodeRune(text)
			list = append(list, string(text[:size]))
			text = text[size:]
		}
	case kindBinary:
		list = append(list, slices.Clone(r.blob()))
	case kindEmbed:
		list = append(list, parseJSON(r.blob()))
	case kindType:
		list = append(list, s.typ.JSON(s.typ.kind))
	case kindDoc:
		list = append(list, Subdocument{GUID: string(r.blob())})
	}
	return list
}

// parseJSON reads a text that was checked on its way in; "undefined" is nil.
func parseJSON(b []byte) any {
	var v any
	if json.Unmarshal(b, &v) != nil {
		return nil
	}
	return v
}
