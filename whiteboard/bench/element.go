package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
)

// Types of lib0's "any" encoding (lib0 encoding.js, writeAny).
const (
	anyArray   = 117
	anyObject  = 118
	anyString  = 119
	anyTrue    = 120
	anyFalse   = 121
	anyBigInt  = 122
	anyFloat64 = 123
	anyFloat32 = 124
	anyInteger = 125
	anyNull    = 126
)

// element is a rectangle as Excalidraw keeps it, with what a drag changes.
type element struct {
	id      string
	index   string // fractional, says what lies above what
	version int
	x, y    float64
	at      int64 // when it was written, in nanoseconds of the clock that all clients share
}

// elementID answers the id of an element that stays the same for the same name and looks as random as the editor's.
func elementID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:21]
}

// random answers a number of 31 bits for a version of the element, as the editor has for seeds.
func (e element) random(version int) int {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", e.id, version))
	return int(binary.BigEndian.Uint32(sum[:]) >> 1)
}

// colours are the editor's for backgrounds.
var colours = []string{"#ffc9c9", "#b2f2bb", "#a5d8ff", "#ffec99", "transparent"}

// field is an entry of an object: nil, bool, int, float64, string, []any or []field.
type field struct {
	key   string
	value any
}

// fields lists what the editor writes, in its order. The time of writing is where the editor has its own, in milliseconds.
func (e element) fields() []field {
	seed := e.random(0)
	return []field{
		{"id", e.id}, {"type", "rectangle"}, {"x", e.x}, {"y", e.y}, {"width", 100 + float64(seed%1000)/7}, {"height", 92.8125}, {"angle", 0},
		{"strokeColor", "#1e1e1e"}, {"backgroundColor", colours[seed%len(colours)]}, {"fillStyle", "solid"}, {"strokeWidth", 2},
		{"strokeStyle", "solid"}, {"roughness", 1}, {"opacity", 100}, {"groupIds", []any{}}, {"frameId", nil},
		{"index", e.index}, {"roundness", []field{{"type", 3}}}, {"seed", seed}, {"version", e.version},
		{"versionNonce", e.random(e.version)}, {"isDeleted", false}, {"boundElements", []any{}},
		{stampKey, float64(e.at)}, {"link", nil}, {"locked", false},
	}
}

// stampKey is the field that holds when the element was written.
const stampKey = "updated"

// object is the element as JSON has it.
func (e element) object() map[string]any { return objectOf(e.fields()) }

func objectOf(fields []field) map[string]any {
	m := make(map[string]any, len(fields))
	for _, f := range fields {
		if inner, ok := f.value.([]field); ok {
			m[f.key] = objectOf(inner)
		} else {
			m[f.key] = f.value
		}
	}
	return m
}

func appendUint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

func appendText(b []byte, s string) []byte { return append(appendUint(b, uint64(len(s))), s...) }

func appendBlob(b, blob []byte) []byte { return append(appendUint(b, uint64(len(blob))), blob...) }

// appendAny writes a value as lib0 does.
func appendAny(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, anyNull)
	case bool:
		if v {
			return append(b, anyTrue)
		}
		return append(b, anyFalse)
	case int:
		return appendInt(append(b, anyInteger), v)
	case float64:
		if float64(float32(v)) == v {
			return binary.BigEndian.AppendUint32(append(b, anyFloat32), math.Float32bits(float32(v)))
		}
		return binary.BigEndian.AppendUint64(append(b, anyFloat64), math.Float64bits(v))
	case string:
		return appendText(append(b, anyString), v)
	case []any:
		b = appendUint(append(b, anyArray), uint64(len(v)))
		for _, e := range v {
			b = appendAny(b, e)
		}
		return b
	case []field:
		b = appendUint(append(b, anyObject), uint64(len(v)))
		for _, f := range v {
			b = appendAny(appendText(b, f.key), f.value)
		}
		return b
	}
	panic("a value that elements do not have")
}

// appendInt writes a varInt that is not negative: the first byte has six bits and room for the sign.
func appendInt(b []byte, n int) []byte {
	if n < 0x40 {
		return append(b, byte(n))
	}
	return appendUint(append(b, 0x80|byte(n&0x3f)), uint64(n>>6))
}
