package ydoc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Edit writes to the document in the name of a client, as one change. Its methods keep the first error and do nothing after
// it.
type Edit struct {
	w   *writer
	err error
}

// Edit makes a change of the server's own: all that change does becomes one update in the name of client, a number below
// 2^53 that nobody else writes under. Applied.Update is nil when nothing differs. The limits for updates from outside do
// not hold. An error of a value leaves what was set before it in the document and in Applied.
func (d *Doc) Edit(client uint64, change func(*Edit)) (Applied, error) {
	if client > maxSafeInteger || len(d.pending[client]) > 0 {
		return Applied{}, ErrClientInUse
	}
	set := d.limits
	d.limits = set.unbounded()
	e := &Edit{w: &writer{transaction: d.begin(), client: client}}
	change(e)
	e.w.finish()
	d.limits = set
	if e.err == nil {
		e.err = e.w.err
	}
	return Applied{Update: e.w.encode(), Pending: d.Pending()}, e.err
}

// Set makes value the entry of a key in the map with that name at the root: nil, bool, float64, int, string, []byte, []any or
// map[string]any of such values. What is there already is not written again.
func (e *Edit) Set(root, key string, value any) {
	content, err := appendAny(nil, value, 0)
	if e.err != nil || err != nil {
		e.fail(err)
		return
	}
	parent := e.w.root(root)
	old := parent.entries[key]
	if old != nil && !old.deleted && old.kind == kindAny && old.length == 1 && bytes.Equal(old.content, content) {
		return
	}
	e.w.insert(&item{kind: kindAny, length: 1, content: content, parent: parent, sub: key, hasSub: true, left: old})
}

// Delete removes the entry of a key in the map with that name at the root; one that is not there is fine.
func (e *Edit) Delete(root, key string) {
	if parent := e.w.roots[root]; e.err == nil && parent != nil && parent.entries[key] != nil {
		e.w.delete(parent.entries[key])
	}
}

func (e *Edit) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// maxInteger bounds what lib0 writes as an integer.
const maxInteger = 1<<31 - 1

// appendAny writes a value (lib0 encoding.js, writeAny), keys of objects in the order of the alphabet.
func appendAny(b []byte, value any, depth int) ([]byte, error) {
	if depth > maxValueDepth {
		return nil, fmt.Errorf("ydoc: value is nested too deeply")
	}
	switch v := value.(type) {
	case nil:
		return append(b, anyNull), nil
	case bool:
		if v {
			return append(b, anyTrue), nil
		}
		return append(b, anyFalse), nil
	case int:
		return appendNumber(b, float64(v)), nil
	case float64:
		return appendNumber(b, v), nil
	case string:
		return appendText(append(b, anyString), strings.ToValidUTF8(v, "\ufffd")), nil
	case []byte:
		return appendText(append(b, anyBytes), v), nil
	case []any:
		return appendArray(b, v, depth)
	case map[string]any:
		return appendObject(b, v, depth)
	}
	return nil, fmt.Errorf("ydoc: a value cannot be a %T", value)
}

func appendNumber(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(b, anyNull)
	case f == math.Trunc(f) && math.Abs(f) <= maxInteger:
		return appendInt(append(b, anyInteger), int64(f))
	case float64(float32(f)) == f:
		return binary.BigEndian.AppendUint32(append(b, anyFloat32), math.Float32bits(float32(f)))
	}
	return binary.BigEndian.AppendUint64(append(b, anyFloat64), math.Float64bits(f))
}

// appendInt writes a varInt: sign and six bits first, then seven bits a byte.
func appendInt(b []byte, n int64) []byte {
	first, rest := byte(0), uint64(n)
	if n < 0 {
		first, rest = 0x40, uint64(-n)
	}
	first |= byte(rest & 0x3f)
	if rest >>= 6; rest == 0 {
		return append(b, first)
	}
	return appendUint(append(b, first|0x80), rest)
}

func appendArray(b []byte, list []any, depth int) (_ []byte, err error) {
	b = appendUint(append(b, anyArray), uint64(len(list)))
	for _, v := range list {
		if b, err = appendAny(b, v, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendObject(b []byte, object map[string]any, depth int) (_ []byte, err error) {
	b = appendUint(append(b, anyObject), uint64(len(object)))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if b, err = appendAny(appendText(b, strings.ToValidUTF8(key, "\ufffd")), object[key], depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}
