package whiteboard

import "sync"

// ending says why a connection is closed.
type ending struct {
	code   int
	reason string
}

// The close codes of PROTOCOL.md. The stock client comes back by itself after 45xx and never after 44xx.
var (
	endMalformed       = ending{4400, "malformed"}
	endUnauthenticated = ending{4401, "unauthenticated"}
	endDenied          = ending{4403, "accessLost"}
	endNotFound        = ending{4404, "boardNotFound"}
	endTooLarge        = ending{4413, "tooLarge"}
	endUnavailable     = ending{4503, "unavailable"}
	endMoved           = ending{4503, "moved"} // another node has the board
	endShutdown        = ending{4503, "shutdown"}
	endSlow            = ending{4508, "slow"}
	endTooMany         = ending{4529, "tooManyMessages"}
	endCrowded         = ending{4529, "tooManyConnections"}
	endLeft            = ending{1000, "left"} // the client closed
	endBroken          = ending{1006, "broken"}
)

// outbox is the queue of frames to one connection. Nothing in it is ever dropped: when there is no room for more, the
// connection ends, and the client comes back with its state vector.
type outbox struct {
	wake chan struct{} // static; holds one signal

	// Guarded by mu.
	mu          sync.Mutex
	frames      [][]byte
	bytes       int // of frames without answers
	answerBytes int // of answers
	ending      *ending
}

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

// send queues a frame, which must not be changed afterwards.
func (o *outbox) send(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending != nil {
		return
	}
	if len(o.frames) >= maxQueueFrames || o.bytes+len(frame) > maxQueueBytes {
		o.endLocked(endSlow)
		return
	}
	o.bytes += len(frame)
	o.queueLocked(frame)
}

// answer queues a frame with state that the client asked for.
func (o *outbox) answer(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending != nil {
		return
	}
	if o.answerBytes > 0 && o.answerBytes+len(frame) > maxAnswerBytes {
		o.endLocked(endSlow)
		return
	}
	o.answerBytes += len(frame)
	o.queueLocked(frame)
}

func (o *outbox) queueLocked(frame []byte) {
	o.frames = append(o.frames, frame)
	signal(o.wake)
}

// end announces the end after what is queued; only the first one counts. A client that is too slow gets nothing more.
func (o *outbox) end(e ending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ending == nil {
		o.endLocked(e)
	}
}

func (o *outbox) endLocked(e ending) {
	if e == endSlow {
		o.frames = nil
	}
	o.ending = &e
	signal(o.wake)
}

// take hands over what is queued, reusing the list that was handed over before, and why the connection ends after it.
func (o *outbox) take(used [][]byte) (frames [][]byte, end *ending) {
	clear(used)
	o.mu.Lock()
	defer o.mu.Unlock()
	frames, o.frames = o.frames, used[:0]
	o.bytes, o.answerBytes = 0, 0
	return frames, o.ending
}

// over answers why the connection ends, nil while it does not.
func (o *outbox) over() *ending {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ending
}

// signal makes a note in a channel of one without waiting.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
