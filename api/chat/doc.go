// Package chat keeps conversations: messages, replies, reactions, recall and what each person has read.
//
// A conversation belongs to a subject of another domain, so far to a meeting, which says through [Subject] who may
// read, write and moderate. Each message has a place (seq) that never changes; each change of the conversation has a
// number (changeSeq), and a message carries that of its last change. Both are given out under the lock of the
// conversation's row, so that whoever has asked for everything up to a number misses nothing by asking for what
// follows it. Events tell of changes after they are committed; they may be lost or come in another order, and the
// numbers show it. Start reading at service.go, then send.go.
package chat
