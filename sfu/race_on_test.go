//go:build race

package sfu

// slack stretches what tests wait for: the race detector slows everything several times.
const slack = 4
