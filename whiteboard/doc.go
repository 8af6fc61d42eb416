// Package whiteboard serves boards: Yjs documents that many people change at once over WebSockets, with the messages of
// y-protocols, so that the stock y-websocket client connects. PROTOCOL.md is its contract with clients.
//
// A board that somebody has open has one goroutine, its actor, which owns the document and decides everything; it does
// no I/O. Connections have a reader and a writer each and bounded queues; one that cannot keep up is closed and comes
// back with its state vector. What a board takes goes to the Log of the board, which commits it behind the actor; who may
// do what a Doorkeeper says. The package knows no users, no SQL and nothing else of the module.
//
// Start reading at Server, then board.go; frame.go and message.go hold the format.
package whiteboard
