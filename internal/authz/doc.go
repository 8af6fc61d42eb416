// Package authz says who is asking and what that person may do.
//
// The API resolves each request to a [Principal] once and puts it into the
// context; domains read it with [From] and ask [Can]. The permission table is
// in actions.go and is a pure value: rules that depend on a row (my own
// meeting, my own message) belong to the queries of the domain that owns the
// row.
package authz
