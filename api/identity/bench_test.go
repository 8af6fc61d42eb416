package identity

import (
	"testing"
)

func BenchmarkPasswordHash(b *testing.B) {
	h, err := newHasher(DefaultParams)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.hash(b.Context(), goodPassword); err != nil {
			b.Fatal(err)
		}
	}
}
