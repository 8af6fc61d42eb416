// Package transport owns the media ports under Pion: one UDP port and one TCP port (ICE-TCP, RFC 6544) for all peers.
//
// A UDP port on an unspecified address becomes one socket for each address of the machine, so that an answer always leaves
// from the address that was asked; sockets have large buffers and, on Linux, are read in batches (recvmmsg).
//
// Start reading at Open.
package transport
