package api

import (
	"encoding/base64"
	"errors"
	"math"
	"testing"
	"time"

	"parley/internal/fault"

	"github.com/google/uuid"
)

func TestCursor(t *testing.T) {
	at := time.Date(2026, 2, 28, 23, 59, 59, 123_456_000, time.UTC)
	want := Cursor{At: &at, ID: uuid.New()}
	got, err := ParseCursor(want.String())
	if err != nil || got.ID != want.ID || got.At == nil || !got.At.Equal(at) {
		t.Errorf("read as %v, %v", got, err)
	}
	if begin, err := ParseCursor(Cursor{}.String()); err != nil || begin != (Cursor{}) {
		t.Errorf("the beginning is read as %v, %v", begin, err)
	}
}

func TestBadCursors(t *testing.T) {
	early, late := time.UnixMicro(-1), time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	far := time.UnixMicro(math.MaxInt64)
	for name, s := range map[string]string{
		"no base64":   "!",
		"short":       base64.RawURLEncoding.EncodeToString(make([]byte, 23)),
		"long":        base64.RawURLEncoding.EncodeToString(make([]byte, 25)),
		"before 1970": Cursor{At: &early}.String(),
		"after 9999":  Cursor{At: &late}.String(),
		"far off":     Cursor{At: &far}.String(),
	} {
		if c, err := ParseCursor(s); !errors.Is(err, fault.Validation) {
			t.Errorf("%s is read as %v, %v", name, c, err)
		}
	}
}
