package ydoc

import (
	"encoding/base64"
	"errors"
	"math"
	"reflect"
	"testing"
)

// TestEdit lets yjs read what was written here.
func TestEdit(t *testing.T) {
	o := newOracle(t)
	d := New(Limits{})
	values := map[string]any{
		"null": nil, "true": true, "false": false, "int": 7, "negative": -70.0, "large": float64(1 << 31), "huge": 1e300,
		"third": 1.0 / 3, "half": 0.5, "zero": 0.0, "text": "白板 🎉 ", "empty": "", "bytes": []byte{1, 2}, "nan": math.NaN(),
		"list": []any{1.0, "two", []any{}}, "object": map[string]any{"b": 63.0, "a": map[string]any{}, "c": -64.0, "d": 8191.5},
	}
	var updates []string
	for range 2 {
		applied, err := d.Edit(7, func(e *Edit) {
			for key, value := range values {
				e.Set("map", key, value)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		updates = append(updates, base64.StdEncoding.EncodeToString(applied.Update))
	}
	if updates[1] != "" {
		t.Error("what is there already was written again")
	}
	applied, err := d.Edit(8, func(e *Edit) {
		e.Set("map", "text", "new")
		e.Set("map", "text", "newer")
		e.Delete("map", "list")
		e.Delete("map", "never")
		e.Delete("nothing", "never")
	})
	if err != nil {
		t.Fatal(err)
	}
	var want reading
	o.ask(t, map[string]any{"sync": [][]string{{updates[0], base64.StdEncoding.EncodeToString(applied.Update)}}}, &want)
	if got := read(d); !reflect.DeepEqual(got, want) {
		t.Error(firstDifference(got.String(), want.String()))
	}
	if d.Root("map").Len() != len(values)-1 {
		t.Errorf("%d entries", d.Root("map").Len())
	}
	other := New(Limits{})
	for _, u := range [][]byte{d.Encode(), applied.Update} {
		if _, err := other.Apply(u); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(other); !reflect.DeepEqual(got, want) {
		t.Error(firstDifference(got.String(), want.String()))
	}
}

func TestEditRefuses(t *testing.T) {
	d := New(Limits{})
	applied, err := d.Edit(1, func(e *Edit) {
		e.Set("map", "a", 1)
		e.Set("map", "b", struct{}{})
		e.Set("map", "c", 3)
		e.Delete("map", "a")
	})
	if err == nil || d.Root("map").Len() != 1 || applied.Update == nil {
		t.Errorf("%v, %d entries", err, d.Root("map").Len())
	}
	if _, err := d.Edit(1<<53, func(*Edit) {}); !errors.Is(err, ErrClientInUse) {
		t.Error(err)
	}
	var deep any = 1
	for range 100 {
		deep = []any{deep}
	}
	if _, err := d.Edit(1, func(e *Edit) { e.Set("map", "deep", deep) }); err == nil {
		t.Error("a value of any depth was written")
	}
	if applied, err := d.Edit(1, func(*Edit) {}); err != nil || applied.Update != nil {
		t.Error(applied, err)
	}
}
