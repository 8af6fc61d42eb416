package ydoc

import (
	"encoding/binary"
	"math"
)

// Types of lib0's "any" encoding (lib0 encoding.js, writeAny).
const (
	anyBytes     = 116
	anyArray     = 117
	anyObject    = 118
	anyString    = 119
	anyTrue      = 120
	anyFalse     = 121
	anyBigInt    = 122
	anyFloat64   = 123
	anyFloat32   = 124
	anyInteger   = 125
	anyNull      = 126
	anyUndefined = 127
)

// maxValueDepth bounds arrays and objects inside each other in one value.
const maxValueDepth = 64

// skipAny checks an "any" value and passes over it.
func (r *reader) skipAny(depth int) {
	if depth > maxValueDepth {
		r.fail("value is nested too deeply")
		return
	}
	switch r.byte() {
	case anyUndefined, anyNull, anyFalse, anyTrue:
	case anyInteger:
		r.int()
	case anyFloat32:
		r.take(4)
	case anyFloat64, anyBigInt:
		r.take(8)
	case anyString:
		r.text()
	case anyBytes:
		r.blob()
	case anyObject:
		for range r.count(2) {
			r.text()
			r.skipAny(depth + 1)
		}
	case anyArray:
		for range r.count(1) {
			r.skipAny(depth + 1)
		}
	default:
		r.fail("unknown type of value")
	}
}

// any reads a value: nil (null, undefined, NaN and the infinities, as JSON.stringify has them), bool, float64, int64
// (BigInt), string, []byte, []any or map[string]any.
func (r *reader) any() any {
	switch r.byte() {
	case anyInteger:
		return float64(r.int())
	case anyFloat32:
		if b := r.take(4); b != nil {
			return finite(float64(math.Float32frombits(binary.BigEndian.Uint32(b))))
		}
	case anyFloat64:
		if b := r.take(8); b != nil {
			return finite(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
	case anyBigInt:
		if b := r.take(8); b != nil {
			return int64(binary.BigEndian.Uint64(b))
		}
	case anyFalse:
		return false
	case anyTrue:
		return true
	case anyString:
		return string(r.blob())
	case anyBytes:
		return append([]byte{}, r.blob()...)
	case anyObject:
		return r.object()
	case anyArray:
		n := r.count(1)
		list := make([]any, 0, n)
		for range n {
			list = append(list, r.any())
		}
		return list
	}
	return nil
}

func (r *reader) object() map[string]any {
	n := r.count(2)
	m := make(map[string]any, n)
	for range n {
		key := string(r.blob())
		m[key] = r.any()
	}
	return m
}

func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}
