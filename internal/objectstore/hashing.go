package objectstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// hashingReader measures what passes, and ends when its context does.
type hashingReader struct {
	ctx    context.Context
	source io.Reader
	hash   hash.Hash
	size   int64
}

func newHashingReader(ctx context.Context, source io.Reader) *hashingReader {
	return &hashingReader{ctx: ctx, source: source, hash: sha256.New()}
}

func (r *hashingReader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	n, err := r.source.Read(p)
	r.hash.Write(p[:n])
	r.size += int64(n)
	return n, err
}

func (r *hashingReader) sum() string { return hex.EncodeToString(r.hash.Sum(nil)) }

// verify compares what passed with what the content promised.
func (r *hashingReader) verify(size int64, sum string) error {
	if size != Unknown && r.size != size {
		return fmt.Errorf("%w: %d bytes instead of %d", ErrChecksum, r.size, size)
	}
	if have := r.sum(); sum != "" && have != sum {
		return fmt.Errorf("%w: SHA-256 %s instead of %s", ErrChecksum, have, sum)
	}
	return nil
}
