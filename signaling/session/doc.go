// Package session is the edge between one browser and its room: a WebSocket that speaks the protocol of PROTOCOL.md, and
// the peer of the media plane that belongs to it.
//
// A Session (session.go) lives as long as a WebSocket: its goroutine reads, checks and carries out one message after
// another; a second one writes what the bounded outbox holds. A participant may outlive it by half a minute, so the
// media (media.go for a room, link.go for a participant) are kept by the room and handed to the next session.
package session
