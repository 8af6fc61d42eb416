// Package packet holds an RTP packet that was parsed once and the ring cache that owns its bytes.
//
// A Packet carries its own buffer. The goroutine of an incoming stream reads into the ring's spare packet, parses it and
// puts it in: from then on the ring owns it, and the packet that falls out becomes the next spare. That goroutine alone
// puts, and may use the packet it put until its next Put without a lock; whoever it hands the packet to reads it until he
// unpins it. Everybody else copies out under the ring's lock by extended sequence number, which tells a wanted packet from
// a later one in the same slot.
//
// Start reading at Packet.Parse and Ring.
package packet
