// Package codec reads what a forwarder must know of a media payload, without decoding it: keyframes, frame starts, temporal
// and spatial layers, picture ids and the picture's size of VP8 (RFC 7741), VP9 (RFC 9628), AV1 (the AV1 RTP specification)
// and H264 (RFC 6184). It is pure: functions of bytes.
//
// Start reading at Parse.
package codec
