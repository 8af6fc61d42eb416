// Package fault gives every error that leaves the server one stable code.
//
// A domain returns a [Code], which is an error itself, or a [Fault], which
// carries parameters and the cause. HTTP handlers and WebSocket sessions call
// [From] once, at the edge, and write what it answers; the web client
// translates the code. Read codes.go for the table.
package fault
