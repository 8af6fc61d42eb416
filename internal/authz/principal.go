package authz

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"parley/internal/fault"
)

// Kind is how somebody has shown who they are.
type Kind int

const (
	Anonymous Kind = iota // nobody signed in
	User                  // a person of the company, by session cookie
	Token                 // a program that acts for a person, by bearer token
	Guest                 // somebody in one meeting by name only, by guest cookie
)

// Role is what a person of the company is in it.
type Role string

const (
	Member Role = "member"
	Admin  Role = "admin"
	Owner  Role = "owner"
)

// Roles lists the roles from the least to the most powerful.
var Roles = []Role{Member, Admin, Owner}

// AtLeast holds when r may do all that other may. The zero Role is below
// every other.
func (r Role) AtLeast(other Role) bool {
	return slices.Index(Roles, r) >= slices.Index(Roles, other)
}

// Principal is who makes a request. The zero value is an anonymous visitor.
type Principal struct {
	Kind Kind

	// Of a User or a Token.
	UserID    uuid.UUID
	SessionID uuid.UUID // User only
	TokenID   uuid.UUID // Token only
	Role      Role
	Scopes    []Scope // Token only

	// Of a Guest: the only meeting this person may enter.
	GuestID   uuid.UUID
	MeetingID uuid.UUID

	Name   string
	Locale string // zh-CN or en
}

// SignedIn holds for a person of the company, in person or through a program.
func (p Principal) SignedIn() bool { return p.Kind == User || p.Kind == Token }

// Key identifies the person behind p across requests: user:<id> or
// guest:<id>, empty for an anonymous visitor.
func (p Principal) Key() string {
	switch p.Kind {
	case User, Token:
		return "user:" + p.UserID.String()
	case Guest:
		return "guest:" + p.GuestID.String()
	default:
		return ""
	}
}

// HasScope holds when a token carries s; a write scope includes its read
// scope. It holds for everything but tokens.
func (p Principal) HasScope(s Scope) bool {
	if p.Kind != Token {
		return true
	}
	return slices.ContainsFunc(p.Scopes, func(have Scope) bool { return have.includes(s) })
}

// Require answers nil when p may do a, [fault.Unauthenticated] when p should
// sign in first, else [fault.Forbidden].
func (p Principal) Require(a Action) error {
	switch {
	case Can(p, a):
		return nil
	case p.Kind == Anonymous:
		return fault.Unauthenticated
	default:
		return fault.Forbidden
	}
}

type contextKey struct{}

// With puts p into ctx.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From is the principal of ctx, anonymous when there is none.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(contextKey{}).(Principal)
	return p
}
