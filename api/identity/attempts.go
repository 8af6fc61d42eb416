package identity

import (
	"crypto/sha256"
	"math"
	"net/netip"
	"time"

	"parley/internal/fault"
	"parley/internal/ratelimit"
)

// How often a password may be tried. A person who forgot theirs meets the
// first, an attack on one account from everywhere the second, a search through
// many accounts from one place the third. The third is asked first, so that
// made-up names cost the attacker before they cost memory.
var (
	rateOfAccountAndAddress = ratelimit.Rate{Burst: 6, Every: 20 * time.Second}
	rateOfAccount           = ratelimit.Rate{Burst: 40, Every: 15 * time.Second}
	rateOfAddress           = ratelimit.Rate{Burst: 60, Every: 3 * time.Second}
	rateOfGuests            = ratelimit.Rate{Burst: 60, Every: 5 * time.Second}
)

const maxAttemptKeys = 50_000 // about 10 MB in each limiter

type attempts struct {
	pairs, accounts, addresses, guests *ratelimit.Limiter
}

func newAttempts() *attempts {
	return &attempts{
		pairs:     ratelimit.New(rateOfAccountAndAddress, maxAttemptKeys),
		accounts:  ratelimit.New(rateOfAccount, maxAttemptKeys),
		addresses: ratelimit.New(rateOfAddress, maxAttemptKeys),
		guests:    ratelimit.New(rateOfGuests, maxAttemptKeys),
	}
}

// attempt is one try of a password; it counts as wrong until it is right.
type attempt struct {
	of                     *attempts
	pair, account, address string
}

// begin counts a try for account, from address.
func (a *attempts) begin(account string, address netip.Addr) (attempt, error) {
	where := network(address)
	t := attempt{of: a, pair: digest(account, where), account: digest(account), address: where}
	if ok, wait := a.addresses.Take(t.address); !ok {
		return t, tooOften(wait)
	}
	if ok, wait := a.pairs.Take(t.pair); !ok {
		return t, tooOften(wait)
	}
	if ok, wait := a.accounts.Take(t.account); !ok {
		return t, tooOften(wait)
	}
	return t, nil
}

// right takes the try back: the password was right.
func (t attempt) right() {
	t.of.addresses.GiveBack(t.address)
	t.of.accounts.GiveBack(t.account)
	t.of.pairs.Forget(t.pair)
}

func tooOften(wait time.Duration) error {
	return fault.RateLimited.With(map[string]any{"retryAfterSeconds": int(math.Ceil(wait.Seconds()))})
}

// network is what an address is counted as: an IPv6 customer has a whole /64.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// digest makes keys of bounded size.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return string(h.Sum(nil)[:16])
}
