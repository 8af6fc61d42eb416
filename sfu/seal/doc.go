// Package seal turns RTP and RTCP packets into SRTP and SRTCP packets with AES-GCM (RFC 7714), RTP straight into the buffer
// it leaves from.
//
// The keys are those that DTLS-SRTP agreed on (RFC 5764); a KeyTap collects them during the handshake. With a block
// cipher in Galois/Counter mode, one number used twice with the same key gives the key away, so a Stream numbers its
// packets itself, writes SSRC and sequence number into the header it seals, and refuses an index it has sealed before.
// There is one Stream for each SSRC of a Session and one Session for each DTLS connection, and nobody else may encrypt
// RTP with these keys. RTCP packets have keys of their own and one counter for all of a Session; nobody else may encrypt RTCP
// with those.
//
// Start reading at KeyTap.Session and Stream.Seal.
package seal
