// Package store keeps boards in PostgreSQL; it is a whiteboard.Store.
//
// A board is a state (board_documents) and the changes that came after it (board_log). Open boards hand their changes to
// one goroutine, which commits those of all boards together, at most 100 ms behind. Every 500 changes, when a board is
// closed, and in a sweep for boards whose node died, the changes are folded into the state. What falls out on the way is
// history: the state at the end of each minute in which somebody drew (board_history), after 90 days of each hour.
// Nothing is deleted before what replaces it was read again and compared, and not in another transaction.
//
// One node at a time writes to a board. It holds a lease that the database's clock ends; whoever takes it counts its epoch
// up, and all that is written names the epoch, so that a node that lost a lease without noticing it changes nothing.
//
// Start reading at Store.Open, then commit.go; fold.go is how changes become a state and history.
package store
