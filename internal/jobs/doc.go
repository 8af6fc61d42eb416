// Package jobs does work in the background, kept in PostgreSQL by River, so that it survives a restart and any node
// may do it.
//
// Start reading at Queue: a domain says what it can do with Handle and Every before Start, and what it wants done with
// Enqueue, in the transaction that makes the work necessary. A job runs at least once, so it must be harmless to
// repeat; one that fails is tried again with growing pauses.
package jobs
