// Package rewrite maps the numbers of forwarded packets, so that a receiver sees one continuous stream whatever the
// forwarder does behind it: layer switches, pauses, packets left out.
//
// A Rewriter keeps a short history of spans: stretches of one source that are mapped by the same offsets. A packet that is
// lost on the way in leaves its place open, so that the receiver asks for it and a late or repeated one fits in; a packet
// that is left out on purpose closes the ranks. The history also maps a number that the receiver asks for back to its
// source. The package is pure: values in, values out; the owner brings the lock.
//
// Start reading at Rewriter.
package rewrite
