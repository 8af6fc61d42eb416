package quality

import (
	"encoding/binary"
	"errors"
)

// errCorrupt is returned for bytes that no Log wrote.
var errCorrupt = errors.New("quality: corrupt block")

// column is a sequence of whole numbers, written as differences: a zigzag varint for one that is not zero, and for a run
// of zeros the byte 0 and the length of the run. What stays the same costs nothing, what jumps a byte or two a second.
type column struct {
	bytes []byte
	last  int64
	zeros uint64 // not written yet
}

func (c *column) add(v int64) {
	d := v - c.last
	c.last = v
	if d == 0 {
		c.zeros++
		return
	}
	c.bytes = binary.AppendVarint(c.runEnd(), d)
	c.zeros = 0
}

// runEnd returns the bytes with the run of zeros at their end.
func (c *column) runEnd() []byte {
	if c.zeros == 0 {
		return c.bytes
	}
	return binary.AppendUvarint(append(c.bytes, 0), c.zeros)
}

// appendTo writes the column with its length in front.
func (c *column) appendTo(b []byte) []byte {
	written := column{bytes: c.bytes, zeros: c.zeros}
	all := written.runEnd()
	b = binary.AppendUvarint(b, uint64(len(all)))
	return append(b, all...)
}

// decodeColumn reads exactly rows numbers.
func decodeColumn(b []byte, rows int) ([]int64, error) {
	values := make([]int64, 0, rows)
	var last int64
	for len(b) > 0 {
		if b[0] == 0 {
			run, n := binary.Uvarint(b[1:])
			if n <= 0 || run > uint64(rows-len(values)) {
				return nil, errCorrupt
			}
			for range run {
				values = append(values, last)
			}
			b = b[1+n:]
			continue
		}
		d, n := binary.Varint(b)
		if n <= 0 || len(values) == rows {
			return nil, errCorrupt
		}
		last += d
		values = append(values, last)
		b = b[n:]
	}
	if len(values) != rows {
		return nil, errCorrupt
	}
	return values, nil
}
