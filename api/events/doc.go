// Package events is the stream of events to every connected client: a WebSocket each, fed by the bus.
//
// [Publisher] is what other domains send through; an event travels the bus once and is encoded once. [Hub] owns the
// connections of this node: who they are, which conversations they follow, and whom an event concerns. Delivery is at
// most once: every event that matters has a number in its conversation, and a client that sees a gap, or is told that
// something may be missing, asks the REST API. So a queue may be bounded and a slow client may be closed.
//
// PROTOCOL.md is the contract with clients; its examples are test vectors. Start reading at hub.go.
package events
