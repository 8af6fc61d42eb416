// Package quality says how good a participant's connection is and why, and keeps one row a second of what was measured.
//
// A [Judge] turns the numbers of a second ([Sample]) into a [Verdict], in signaling; nobody else decides. A [Log] keeps
// verdicts and numbers in columns and encodes them as a [Block] of at most [BlockLength]; [Spans] makes the blocks of a
// meeting into the few lines that people read. Everything is a function of values; nothing here knows a network or a
// database.
package quality
