// Package actor is the one owner goroutine that architecture.md asks for: a room, a board, a negotiation. All state
// of the owner is touched only by functions that run on that goroutine, one after another, from a bounded mailbox.
//
// Start reading at Actor. What the functions touch belongs to the goroutine; the package owns only the mailbox.
package actor
