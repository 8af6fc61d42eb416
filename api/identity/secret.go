package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// tokenPrefix marks the bearer tokens of programs, so that scanners find
// leaked ones.
const tokenPrefix = "pat_"

const secretBytes = 32

// newSecret is 256 random bits in 43 characters that are safe in URLs and
// cookies, and the hash under which it is stored.
func newSecret(prefix string) (secret string, hash []byte) {
	var b [secretBytes]byte
	rand.Read(b[:]) // never fails
	secret = prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return secret, hashSecret(secret)
}

// hashSecret needs no salt and no stretching: a secret is random.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// looksLikeSecret spares the database what cannot be one of its secrets.
func looksLikeSecret(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	return ok && len(rest) == base64.RawURLEncoding.EncodedLen(secretBytes)
}
