package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"parley/internal/fault"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Params is the cost of one password hash (argon2id, RFC 9106).
type Params struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
}

// DefaultParams take more memory and passes than the OWASP minimum (19 MiB, 2)
// and about 75 ms of one core.
var DefaultParams = Params{MemoryKiB: 32 << 10, Passes: 3, Threads: 1}

const (
	saltBytes = 16
	hashBytes = 32

	maxMemoryKiB = 1 << 20 // of a stored hash that is believed
	maxPasses    = 64

	maxHashesAtOnce  = 4 // times Params.MemoryKiB bounds the memory of all log-ins
	maxHashesWaiting = 200

	minPasswordRunes = 10
	maxPasswordBytes = 1024
)

func (p Params) validate() error {
	if p.Passes < 1 || p.Passes > maxPasses || p.Threads < 1 || p.MemoryKiB < 8*uint32(p.Threads) || p.MemoryKiB > maxMemoryKiB {
		return fmt.Errorf("identity: argon2 parameters %+v are out of range", p)
	}
	return nil
}

// hasher hashes passwords, a few at once, the others waiting.
type hasher struct {
	params  Params
	slots   chan struct{} // a place for each hash being computed
	waiting atomic.Int64
	runs    atomic.Int64 // hashes computed
	dummy   string       // takes as long as any other, matches nothing
}

func newHasher(p Params) (*hasher, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	salt, key := make([]byte, saltBytes), make([]byte, hashBytes)
	rand.Read(salt) // never fails
	rand.Read(key)  // never fails
	return &hasher{
		params: p,
		slots:  make(chan struct{}, min(runtime.GOMAXPROCS(0), maxHashesAtOnce)),
		dummy:  encodeHash(p, salt, key),
	}, nil
}

// hash answers the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt) // never fails
	key, err := h.derive(ctx, h.params, password, salt, hashBytes)
	if err != nil {
		return "", err
	}
	return encodeHash(h.params, salt, key), nil
}

// verify says whether password is the one that was hashed, and whether the
// hash was made at another cost than today's.
func (h *hasher) verify(ctx context.Context, password, encoded string) (ok, outdated bool, err error) {
	p, salt, want, err := decodeHash(encoded)
	if err != nil {
		return false, false, err
	}
	key, err := h.derive(ctx, p, password, salt, len(want))
	if err != nil {
		return false, false, err
	}
	return subtle.ConstantTimeCompare(key, want) == 1, p != h.params, nil
}

// verifyDummy takes the time of verify.
func (h *hasher) verifyDummy(ctx context.Context, password string) error {
	_, _, err := h.verify(ctx, password, h.dummy)
	return err
}

func (h *hasher) derive(ctx context.Context, p Params, password string, salt []byte, size int) ([]byte, error) {
	if h.waiting.Add(1) > maxHashesWaiting {
		h.waiting.Add(-1)
		return nil, fault.Unavailable
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	h.runs.Add(1)
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, p.Passes, p.MemoryKiB, p.Threads, uint32(size)), nil // size is hashBytes or bounded by decodeHash
}

func encodeHash(p Params, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.MemoryKiB, p.Passes, p.Threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decodeHash(encoded string) (p Params, salt, key []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, fmt.Errorf("identity: stored password hash is no argon2id of version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.MemoryKiB, &p.Passes, &p.Threads); err != nil {
		return p, nil, nil, fmt.Errorf("identity: stored password hash: %w", err)
	}
	if err := p.validate(); err != nil {
		return p, nil, nil, err
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, nil, nil, fmt.Errorf("identity: stored password salt: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return p, nil, nil, fmt.Errorf("identity: stored password hash: %w", err)
	}
	if len(key) < 16 || len(key) > 64 {
		return p, nil, nil, fmt.Errorf("identity: stored password hash has %d bytes", len(key))
	}
	return p, salt, key, nil
}

// checkPassword refuses passwords that are short, or made of what anybody
// would try first: one character, a row of neighbours, the person's own names.
func checkPassword(password string, names ...string) error {
	weak := fault.WeakPassword.With(map[string]any{"min": minPasswordRunes})
	if utf8.RuneCountInString(password) < minPasswordRunes || len(password) > maxPasswordBytes || !utf8.ValidString(password) {
		return weak
	}
	folded := strings.ToLower(norm.NFKC.String(password))
	if predictable(folded) || common[strings.TrimRightFunc(folded, func(r rune) bool { return unicode.IsDigit(r) || unicode.IsPunct(r) })] {
		return weak
	}
	for _, n := range names {
		local, _, _ := strings.Cut(strings.ToLower(n), "@")
		rest := strings.ReplaceAll(folded, local, "")
		if utf8.RuneCountInString(local) >= 4 && rest != folded && (utf8.RuneCountInString(rest) < 4 || predictable(rest)) {
			return weak
		}
	}
	return nil
}

// predictable holds when nearly every character equals the one before it or is
// its neighbour: aaaaaaaaaa, 1234567890, abcdefghij.
func predictable(s string) bool {
	runes := []rune(s)
	surprises := 0
	for i := 1; i < len(runes); i++ {
		if d := runes[i] - runes[i-1]; d < -1 || d > 1 {
			surprises++
		}
	}
	return surprises < 3
}

// common are the beginnings of popular passwords, before digits and signs.
var common = func() map[string]bool {
	m := map[string]bool{"": true}
	for w := range strings.FieldsSeq("password passw0rd p@ssword p@ssw0rd qwerty qwertyuiop qwerty123 asdfghjkl zxcvbnm iloveyou welcome letmein admin administrator " +
		"changeme monkey dragon sunshine princess football baseball master superman batman trustno1 woaini woaini1314 parley company abc abcd") {
		m[w] = true
	}
	return m
}()
