package sfu

import "time"

// SinkPacket is a packet as a Sink gets it. The slices are only valid during the call.
type SinkPacket struct {
	Sequence  uint64 // extended, continuous over layer switches; a hole is a lost packet
	Timestamp uint32 // RTP, continuous over layer switches
	Marker    bool
	Keyframe  bool
	Start     bool
	Arrival   time.Time
	Payload   []byte
}

// Sink takes a track's packets for a recorder. The calls come from one goroutine of the sink's own; when it is too slow,
// packets are left out (video to the next keyframe) and counted.
type Sink interface {
	// OnPacket gets the next packet, in the order of sequence numbers as far as packets came within the reordering window.
	OnPacket(p SinkPacket)
	// OnReport gets the publisher's clock: the packet with this RTP timestamp was captured at this time (sender report).
	OnReport(ntp time.Time, rtp uint32)
	// OnEnd is the last call.
	OnEnd()
}
