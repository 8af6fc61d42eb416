package whiteboard

import (
	"time"

	"parley/whiteboard/ydoc"
)

// outgoing collects changes for one broadcast.
type outgoing struct {
	updates [][]byte
	author  *member // of all updates; nil when there are several, or none is a member
	last    time.Time
	timer   *time.Timer
	isSet   bool // the timer runs

	to []receiver // the broadcaster's while it is at work
}

func (o *outgoing) add(update []byte, author *member) {
	if len(o.updates) == 0 {
		o.author = author
	} else if o.author != author {
		o.author = nil
	}
	o.updates = append(o.updates, update)
}

// tick is how long changes are collected after a broadcast to so many.
func tick(receivers int) time.Duration {
	return min(time.Duration(receivers)*tickPerReceiver, maxTick)
}

// schedule broadcasts at once when the last broadcast is done and a tick ago, otherwise then.
func (b *board) schedule() {
	o := &b.outgoing
	if o.isSet || len(o.updates) == 0 && len(b.awareness.changed) == 0 {
		return
	}
	if wait := tick(len(b.members)) - time.Since(o.last); wait > 0 {
		o.isSet = true
		o.timer.Reset(wait)
		return
	}
	b.flush()
}

// flush sends what was collected to all members but the one who made all of it. A frame is encoded once for all of them.
func (b *board) flush() {
	o := &b.outgoing
	if !b.caster.isFree() {
		return
	}
	var frames []byte
	if len(o.updates) > 0 {
		frames = appendUpdates(o.updates)
		b.cache.note(frames[:len(frames):len(frames)])
	}
	updates, updatesBy := len(frames), o.author
	var awarenessBy *member
	if len(b.awareness.changed) > 0 {
		var update []byte
		update, awarenessBy = b.awareness.takeChanged()
		frames = appendAwareness(frames, update)
	}
	clear(o.updates)
	o.updates, o.author = o.updates[:0], nil
	if len(frames) == 0 {
		return
	}
	o.last = time.Now()
	o.to = o.to[:0]
	for m := range b.members {
		from, to := 0, len(frames)
		if m == updatesBy {
			from = updates
		}
		if m == awarenessBy {
			to = updates
		}
		if from < to {
			o.to = append(o.to, receiver{m.out, from, to})
		}
	}
	if len(o.to) > 0 {
		b.caster.give(broadcast{frames, o.to})
	}
}

// appendUpdates makes one message of all updates, which costs clients less than many.
func appendUpdates(updates [][]byte) []byte {
	if len(updates) == 1 {
		return appendSync(nil, messageUpdate, updates[0])
	}
	merged, err := ydoc.Merge(updates...)
	if err != nil {
		panic(err) // the document wrote them
	}
	return appendSync(nil, messageUpdate, merged)
}
