package whiteboard

import (
	"slices"
	"sync"
)

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
	wake   chan struct{} // static; holds one signal
	direct *writer       // static after the start; nil when nobody but the one who takes can write

	// Guarded by mu.
	mu          sync.Mutex
	frames      [][]byte
	bytes       int  // of frames without answers
	answerBytes int  // of answers
	isWriting   bool // whoever set it is the only one who may write
	isCut       bool // the first frame is the rest of one that was begun
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

// sendNow is send for who may spend the time of a system call: it writes the frame if nothing is in its way and queues what
// the socket does not take.
func (o *outbox) sendNow(frame []byte) {
	o.mu.Lock()
	if o.direct == nil || o.isWriting || len(o.frames) > 0 || o.ending != nil {
		o.mu.Unlock()
		o.send(frame)
		return
	}
	o.isWriting = true
	o.mu.Unlock()
	n, err := o.direct.try(frame)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.isWriting = false
	if err != nil {
		o.frames = nil
		if o.ending == nil {
			o.ending = &endBroken
		}
	} else if n < len(frame) {
		o.bytes += len(frame) - n
		o.isCut = n > 0
		o.frames = slices.Insert(o.frames, 0, frame[n:])
	}
	if len(o.frames) > 0 || o.ending != nil {
		signal(o.wake)
	}
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
		kept := 0
		if o.isCut {
			kept = 1
		}
		clear(o.frames[kept:])
		o.frames = o.frames[:kept]
	}
	o.ending = &e
	signal(o.wake)
}

// take hands over what is queued, reusing the list that was handed over before, and why the connection ends after it. Until
// release the caller is the only one who may write. While another one writes, ok is false, and a signal follows.
func (o *outbox) take(used [][]byte) (frames [][]byte, end *ending, ok bool) {
	clear(used)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.isWriting {
		return used[:0], nil, false
	}
	o.isWriting, o.isCut = true, false
	frames, o.frames = o.frames, used[:0]
	o.bytes, o.answerBytes = 0, 0
	return frames, o.ending, true
}

// release says that what was taken is written.
func (o *outbox) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.isWriting = false
	if len(o.frames) > 0 || o.ending != nil {
		signal(o.wake)
	}
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
