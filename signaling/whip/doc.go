// Package whip lets programs take part in meetings over HTTP: WHIP (RFC 9725) for those that send a stream, such as OBS and
// GStreamer, and WHEP (draft-ietf-wish-whep) for those that show a meeting elsewhere. PROTOCOL.md is its contract.
//
// A Server answers the requests (server.go, start.go, change.go). Each program has a session, which is the seat of a
// participant in a room: the room decides what it may do and what it is shown, package session negotiates its media.
// Reading offers and fragments (offer.go, fragment.go) are functions of values.
package whip
