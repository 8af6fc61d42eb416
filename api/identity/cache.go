package identity

import (
	"sync"
	"time"

	"parley/internal/authz"

	"github.com/google/uuid"
)

const (
	// cacheTTL is how long a resolved credential is believed without asking
	// the database, and so the longest that a revocation by another node goes
	// unnoticed.
	cacheTTL = 5 * time.Second

	maxCached = 20_000
)

// credentialCache remembers who presented a credential lately.
type credentialCache struct {
	mu      sync.Mutex
	entries map[string]cached // by hash of the secret; guarded by mu
	epoch   uint64            // counts revocations; guarded by mu
}

type cached struct {
	who     authz.Principal
	expires time.Time
}

func newCredentialCache() *credentialCache {
	return &credentialCache{entries: make(map[string]cached)}
}

// get answers who presented the secret of hash; when it does not know, it
// answers an epoch to hand to put.
func (c *credentialCache) get(hash []byte) (who authz.Principal, ok bool, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[string(hash)]
	if ok && time.Now().Before(e.expires) {
		return e.who, true, c.epoch
	}
	return authz.Principal{}, false, c.epoch
}

// put remembers who, unless something was revoked since epoch: then what the
// database said may be old. At most until validUntil.
func (c *credentialCache) put(hash []byte, who authz.Principal, validUntil time.Time, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch != c.epoch {
		return
	}
	now := time.Now()
	if len(c.entries) >= maxCached {
		c.sweepLocked(now)
	}
	expires := now.Add(cacheTTL)
	if validUntil.Before(expires) {
		expires = validUntil
	}
	c.entries[string(hash)] = cached{who: who, expires: expires}
}

// sweepLocked makes room: the expired go, or all when none has.
func (c *credentialCache) sweepLocked(now time.Time) {
	for k, e := range c.entries {
		if now.After(e.expires) {
			delete(c.entries, k)
		}
	}
	if len(c.entries) >= maxCached {
		clear(c.entries)
	}
}

// dropUser forgets all credentials of a person.
func (c *credentialCache) dropUser(id uuid.UUID) {
	c.drop(func(p authz.Principal) bool { return p.SignedIn() && p.UserID == id })
}

// drop forgets the credentials that match holds for.
func (c *credentialCache) drop(match func(authz.Principal) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for k, e := range c.entries {
		if match(e.who) {
			delete(c.entries, k)
		}
	}
}
