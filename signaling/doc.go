// Package signaling is the control plane of meetings: it lets browsers into rooms and carries the protocol of
// PROTOCOL.md.
//
//   - wire: the messages
//   - room: a meeting as one actor, and the rules of who may do what
//   - session: one browser, its WebSocket and its media
//
// This package joins them: Server upgrades connections, asks the Directory who may come to which door, keeps the rooms
// of this process (rooms.go), and signs what lets people back in after a restart (ticket.go).
package signaling
