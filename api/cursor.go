package api

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"parley/internal/fault"

	"github.com/google/uuid"
)

// Cursor is the place after the last item of a page, in a list that is sorted by a time and an id.
type Cursor struct {
	At *time.Time // of the last item; nil: from the beginning
	ID uuid.UUID
}

// String is what ParseCursor reads: the microseconds of At and ID in base64, empty for the beginning.
func (c Cursor) String() string {
	if c.At == nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(c.At.UnixMicro())), c.ID[:]...))
}

// ParseCursor reads the query parameter "cursor"; empty is the beginning. The error is a fault.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(raw) != 24 {
		return Cursor{}, fault.Invalid("query.cursor", "not a cursor of this list")
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC()
	if at.Year() < 1970 || at.Year() > 9999 {
		return Cursor{}, fault.Invalid("query.cursor", "not a cursor of this list")
	}
	return Cursor{At: &at, ID: uuid.UUID(raw[8:])}, nil
}
