package ydoc

import (
	"encoding/binary"
	"unicode/utf8"
)

// maxSafeInteger is the largest number that lib0 writes (Number.MAX_SAFE_INTEGER).
const maxSafeInteger = 1<<53 - 1

// reader reads lib0's encoding. The first error stays; all reads after it answer zero values.
type reader struct {
	buf []byte
	pos int
	err error
}

func (r *reader) fail(reason string) {
	if r.err == nil {
		r.err = &MalformedError{Offset: r.pos, Reason: reason}
		r.pos = len(r.buf)
	}
}

func (r *reader) byte() byte {
	if r.pos >= len(r.buf) {
		r.fail("ends early")
		return 0
	}
	b := r.buf[r.pos]
	r.pos++
	return b
}

// uint reads a varUint.
func (r *reader) uint() uint64 {
	if r.pos < len(r.buf) && r.buf[r.pos] < 0x80 {
		r.pos++
		return uint64(r.buf[r.pos-1])
	}
	n, size := binary.Uvarint(r.buf[r.pos:])
	if size <= 0 || n > maxSafeInteger {
		r.fail("number ends early or is too large")
		return 0
	}
	r.pos += size
	return n
}

// int reads a varInt: sign and six bits first, then seven bits a byte.
func (r *reader) int() int64 {
	b := r.byte()
	n, negative := uint64(b&0x3f), b&0x40 != 0
	for shift := 6; b >= 0x80; shift += 7 {
		b = r.byte()
		if shift > 53 {
			r.fail("number is too large")
			return 0
		}
		n |= uint64(b&0x7f) << shift
	}
	if n > maxSafeInteger {
		r.fail("number is too large")
		return 0
	}
	if negative {
		return -int64(n)
	}
	return int64(n)
}

// take reads n bytes, which stay part of the input.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.buf)-r.pos) {
		r.fail("ends early")
		return nil
	}
	b := r.buf[r.pos : r.pos+int(n) : r.pos+int(n)]
	r.pos += int(n)
	return b
}

// blob reads a varUint8Array.
func (r *reader) blob() []byte { return r.take(r.uint()) }

// text reads a varString. lib0 refuses invalid UTF-8 as well.
func (r *reader) text() []byte {
	b := r.blob()
	if !utf8.Valid(b) {
		r.fail("text is not UTF-8")
		return nil
	}
	return b
}

// count reads a number of things that take at least size bytes each, so that no number leads to more memory than was sent.
func (r *reader) count(size int) int {
	n := r.uint()
	if n > uint64((len(r.buf)-r.pos)/size) {
		r.fail("more things announced than bytes are left")
		return 0
	}
	return int(n)
}

func (r *reader) id() ID { return ID{Client: r.uint(), Clock: r.uint()} }

func (r *reader) end() {
	if r.err == nil && r.pos != len(r.buf) {
		r.fail("bytes are left over")
	}
}

func appendUint(b []byte, n uint64) []byte { return binary.AppendUvarint(b, n) }

func appendText[T string | []byte](b []byte, s T) []byte {
	return append(appendUint(b, uint64(len(s))), s...)
}

func appendID(b []byte, id ID) []byte { return appendUint(appendUint(b, id.Client), id.Clock) }
