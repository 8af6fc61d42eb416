//go:build race

package sfu

// slack stretches what tests wait for: the race detector slows everything several times, and other packages are tested
// at once.
const slack = 10
