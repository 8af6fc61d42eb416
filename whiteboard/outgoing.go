package whiteboard

import (
	"time"

	"parley/whiteboard/ydoc"
)

// outgoing collects changes for one broadcast. After a broadcast the actor rests for a tick and leaves its mail alone: what
// comes meanwhile wakes nobody, and goes out together.
type outgoing struct {
	updates   [][]byte
	author    *member // of all updates; nil when there are several, or none is a member
	rest      *time.Timer
	isResting bool // until rest fires
}

func (o *outgoing) add(update []byte, author *member) {
	if len(o.updates) == 0 {
		o.author = author
	} else if o.author != author {
		o.author = nil
	}
	o.updates = append(o.updates, update)
}

// tick is how long the actor rests after a broadcast to so many.
func tick(receivers int) time.Duration {
	return min(time.Duration(receivers)*tickPerReceiver, maxTick)
}

// flush sends what was collected to all members but the one who made all of it. A frame is encoded once for all of them and
// written right here: a socket that does not take it at once makes nobody wait, as its connection's writer sends the rest.
func (b *board) flush() {
	o := &b.outgoing
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
	o.isResting = true
	o.rest.Reset(tick(len(b.members)))
	for m := range b.members {
		from, to := 0, len(frames)
		if m == updatesBy {
			from = updates
		}
		if m == awarenessBy {
			to = updates
		}
		if from < to {
			m.out.sendNow(frames[from:to:to])
		}
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
