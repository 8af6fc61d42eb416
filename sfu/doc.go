// Package sfu is the media plane: it takes the tracks that peers publish and forwards them to the peers that subscribe.
// It knows tracks and peers, never users, meetings, JSON, HTTP or SQL.
//
// A Peer holds two peer connections: publish, on which the client always offers, and subscribe, on which the server
// always offers, so that offers never meet. One goroutine per peer owns both negotiations and calls the PeerHandler. For
// clients that speak HTTP a peer may have one connection alone, on which they offer (answer.go): one that publishes, or one
// that watches and whose sections show one track after another.
//
// The life of a packet: the goroutine of an incoming RTP stream (layer.run) reads it into a spare packet, parses it once,
// puts it into the ring cache of its layer (package packet) and hands it to every down-track in the layer's copy-on-write
// list. A down-track decides whether it forwards (package rewrite maps the numbers), writes its own header and shares the
// payload. Retransmissions are answered from the same ring, recorders (Sink) read from it. Which layer a subscriber gets
// is decided a few times a second as a value by package layers. What clients report (RTCP) comes from the same sockets
// (control.go, package feedback).
//
// Start reading at SFU, then Peer, Track, layer and downTrack.
package sfu
