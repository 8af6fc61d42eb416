// Package room is a meeting as one actor: who is in it, in which role, who waits in the lobby, who publishes what, and
// who may do what.
//
// State holds the rules. It is a plain value without goroutines, clocks or I/O: a method takes the time and what
// happened, and answers with the effects that must follow. rules.go is the one place that decides who may do what.
//
// Room gives a State its goroutine and carries the effects out: frames go into the bounded outboxes of the seats, media
// changes go to the Media interface, and the Observer hears what is worth keeping. None of them may block.
//
// Start reading at rules.go, then entering.go.
package room
