// Package ydoc is a Yjs document in Go: the update format version 1 and the merge rules of Yjs, for a server that holds
// documents of clients who use Yjs themselves.
//
// One goroutine owns a Doc; nothing here is locked, started or global. Apply takes the updates of clients in any order, any
// number of times, and answers what is new, to be sent to the others. Updates that come before what they build on wait
// inside the document. The content of what is deleted is freed at once. Merge, Diff and UpdateStateVector work on updates
// without a document.
//
// Bytes from clients are never trusted: whatever does not decode is a *MalformedError, whatever is too much a *LimitError,
// and neither harms the document.
//
// The words are those of Yjs: an item is a run of content with an id of client and clock, left and right neighbours at the
// time of writing (origin and right origin) and a parent type. Specifications: yjs INTERNALS.md for the algorithm (YATA),
// yjs src/utils/UpdateEncoder.js and src/structs for the format, lib0 encoding.js for numbers, strings and "any" values.
//
// Start reading at Doc.Apply, then integrate.go; codec.go and update.go hold the format.
package ydoc
