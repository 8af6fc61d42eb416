package store

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// maxState bounds what a row may unpack to. A board of 16 MiB with all that waits in it stays far below.
const maxState = 256 << 20

// States are repetitive, the same property names in every element. zstd packs a board of 5,000 elements better than zlib and
// in a fraction of its time; what it needs to unpack does not grow with the level.
var (
	packer   = must(zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithLowerEncoderMem(true)))
	unpacker = must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxState)))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func pack(state []byte) []byte { return packer.EncodeAll(state, nil) }

// unpack answers the state of a row. A board that was never written to has none.
func unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return emptyState, nil
	}
	state, err := unpacker.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack state: %w", err)
	}
	return state, nil
}

// emptyState is a Yjs update without items and deletions.
var emptyState = []byte{0, 0}
