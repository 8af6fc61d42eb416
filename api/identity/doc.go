// Package identity knows who people are: accounts, passwords, sessions,
// tokens of programs, invitations, guests of a meeting, and the first set-up
// of the company.
//
// PostgreSQL owns all state. A [Service] adds to it only what may be lost: the
// set-up token of an empty database, the counts of log-in attempts, and a
// cache of resolved credentials. A cached credential is believed for
// cacheTTL; what this process revokes leaves its cache at once, what another
// node revokes is noticed within cacheTTL.
//
// Secrets (session cookies, tokens, links) are 256 random bits and only their
// SHA-256 is stored. Passwords are hashed by [Params]. Signing in takes one
// password hash whoever asks, so that an unknown account, a disabled one and a
// wrong password answer alike.
//
// Start reading at Service, then signin.go and authenticate.go; the HTTP
// operations are in the files handlers*.go.
package identity
