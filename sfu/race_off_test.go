//go:build !race

package sfu

const slack = 1
