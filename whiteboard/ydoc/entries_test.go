package ydoc

import "testing"

// TestEntriesAfter compares with what the map holds once the update is applied, over random scenarios. A set that loses
// against another one at the same time may be counted though it shows nothing.
func TestEntriesAfter(t *testing.T) {
	o := newOracle(t)
	exact, all := 0, 0
	for seed := range 200 {
		var s scenario
		o.ask(t, map[string]any{"scenario": seed}, &s)
		d := New(Limits{})
		for _, u := range s.Updates {
			waited := d.Pending()
			got, err := d.EntriesAfter(u, "map")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Apply(u); err != nil {
				t.Fatal(err)
			}
			if waited || d.Pending() {
				continue
			}
			want := d.Root("map").Len()
			if got < want {
				t.Errorf("scenario %d: counts %d, has %d", seed, got, want)
			}
			all++
			if got == want {
				exact++
			}
		}
	}
	if all < 1000 || exact < all*85/100 {
		t.Errorf("%d of %d counts are exact", exact, all)
	}
	if _, err := New(Limits{}).EntriesAfter([]byte{1}, "map"); err == nil {
		t.Error("half an update is counted")
	}
}
