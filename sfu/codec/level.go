package codec

import "math"

// Loudness turns an audio level (RFC 6464: 0 is the loudest, 127 is silence, in -dBov) into 0..1, linear in decibels
// between -60 and -10 dBov, where speech lives.
func Loudness(level uint8) float64 {
	return math.Max(0, math.Min(1, (60-float64(level))/50))
}
