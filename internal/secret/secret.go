// Package secret makes the random strings that open something to whoever has them: sessions, links, tokens. Only their
// hashes are stored.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

const randomBytes = 32

// New returns a prefix and 256 random bits, in 43 characters that are safe in URLs and cookies, and the hash under which
// they are stored. A prefix marks secrets, so that scanners find leaked ones.
func New(prefix string) (text string, hash []byte) {
	var b [randomBytes]byte
	rand.Read(b[:]) // never fails
	text = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return text, Hash(text)
}

// Hash returns the SHA-256 of a secret. It needs no salt and no stretching: a secret is random.
func Hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// Plausible tells whether New may have made the text with that prefix. It spares the database what cannot be a secret.
func Plausible(text, prefix string) bool {
	rest, ok := strings.CutPrefix(text, prefix)
	return ok && len(rest) == base64.RawURLEncoding.EncodedLen(randomBytes)
}
