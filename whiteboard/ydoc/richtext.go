package ydoc

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Op is a piece of formatted text: characters, or one embedded value, with the formats that hold for it (Quill's delta).
type Op struct {
	Insert     any            `json:"insert"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// maxFormats bounds the formats that hold at one place when text is read: each piece carries all of them.
const maxFormats = 64

// Delta answers the text with its formats (yjs YText.toDelta), at most 64 at one place. Neighbours with the same formats are
// one piece.
func (t *Type) Delta() []Op {
	return t.delta(func(s *item) any { return s.lastValue() })
}

func (t *Type) delta(embedded func(*item) any) []Op {
	var ops []Op
	var text []byte
	var textFormats map[string]any
	formats := map[string]any{}
	flush := func() {
		if len(text) > 0 {
			ops = append(ops, Op{string(text), textFormats})
			text = text[:0]
		}
	}
	for s := range t.visible() {
		switch s.kind {
		case kindFormat:
			s.applyFormat(formats)
		case kindString:
			if len(text) == 0 || !reflect.DeepEqual(textFormats, formats) {
				flush()
				textFormats = maps.Clone(formats)
			}
			text = append(text, s.content...)
		case kindEmbed, kindType:
			flush()
			ops = append(ops, Op{embedded(s), maps.Clone(formats)})
		}
	}
	flush()
	return ops
}

// applyFormat begins or ends a format.
func (s *item) applyFormat(formats map[string]any) {
	key, value := s.format()
	if value == nil {
		delete(formats, key)
	} else if _, holds := formats[key]; holds || len(formats) < maxFormats {
		formats[key] = value
	}
}

// format reads the name and the value of a format; nil ends it.
func (s *item) format() (key string, value any) {
	r := reader{buf: s.content}
	key = string(r.blob())
	return key, parseJSON(r.blob())
}

// XML answers the content of a type as that kind: XMLElement, XMLFragment or XMLText (yjs toString). Nothing in it is
// escaped, as in Yjs: it is not for browsers.
func (t *Type) XML(kind Kind) string {
	var b strings.Builder
	t.xml(&b, kind)
	return b.String()
}

func (t *Type) xml(b *strings.Builder, kind Kind) {
	switch kind {
	case XMLText:
		t.xmlText(b)
	case Text:
		b.WriteString(t.Text())
	case XMLElement:
		tag := strings.ToLower(t.tag)
		b.WriteString("<" + tag)
		for key, value := range t.Entries() {
			b.WriteString(" " + key + `="` + jsString(value) + `"`)
		}
		b.WriteString(">")
		t.xmlChildren(b)
		b.WriteString("</" + tag + ">")
	case XMLFragment:
		t.xmlChildren(b)
	case Array, Map, XMLHook:
		b.WriteString("[object Object]")
	}
}

func (t *Type) xmlChildren(b *strings.Builder) {
	for s := range t.visible() {
		if s.kind == kindType {
			s.typ.xml(b, s.typ.kind)
			continue
		}
		for _, value := range s.values(nil) {
			b.WriteString(jsString(value))
		}
	}
}

// xmlText writes each piece inside elements named like its formats (yjs YXmlText.toString).
func (t *Type) xmlText(b *strings.Builder) {
	ops := t.delta(func(s *item) any {
		if s.kind == kindType {
			return s.typ.XML(s.typ.kind)
		}
		return s.lastValue()
	})
	for _, op := range ops {
		names := slices.Sorted(maps.Keys(op.Attributes))
		for _, name := range names {
			b.WriteString("<" + name)
			if attributes, ok := op.Attributes[name].(map[string]any); ok {
				for _, key := range slices.Sorted(maps.Keys(attributes)) {
					b.WriteString(" " + key + `="` + jsString(attributes[key]) + `"`)
				}
			}
			b.WriteString(">")
		}
		b.WriteString(jsString(op.Insert))
		for _, name := range slices.Backward(names) {
			b.WriteString("</" + name + ">")
		}
	}
}

// jsString writes a value as String(value) of JavaScript does for what stands in attributes.
func jsString(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return "[object Object]"
}
