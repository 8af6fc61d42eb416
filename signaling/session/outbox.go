package session

import (
	"sync"

	"parley/signaling/wire"
)

// Bounds of an outbox. Nothing of signaling may be lost, so a client that does not read fast enough is closed; it
// comes back and gets the whole state.
const (
	maxOutboxFrames = 2048
	maxOutboxBytes  = 8 << 20
)

// outbox is the queue of frames to one browser. It implements room.Seat.
type outbox struct {
	wake chan struct{} // static; holds one signal

	// Guarded by mu.
	mu      sync.Mutex
	frames  [][]byte
	bytes   int
	closing *wire.Closing // set once; nothing is queued after it
}

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

// Send queues a frame; when there is no room for it the queue gives way to the announcement of the end.
func (o *outbox) Send(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing != nil {
		return
	}
	if len(o.frames) >= maxOutboxFrames || o.bytes+len(frame) > maxOutboxBytes {
		o.frames, o.bytes = nil, 0
		o.endLocked(wire.Closing{Reason: wire.EndOverflow, Reconnect: true})
		return
	}
	o.frames = append(o.frames, frame)
	o.bytes += len(frame)
	o.signal()
}

// Close announces the end after what is queued.
func (o *outbox) Close(reason wire.EndReason, reconnect bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing == nil {
		o.endLocked(wire.Closing{Reason: reason, Reconnect: reconnect})
	}
}

// end stops the queue after what is in it, without an announcement.
func (o *outbox) end(reason wire.EndReason) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing == nil {
		o.closing = &wire.Closing{Reason: reason}
		o.signal()
	}
}

// endsFor tells whether the end was announced with that reason.
func (o *outbox) endsFor(reason wire.EndReason) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing != nil && o.closing.Reason == reason
}

// over tells whether the end was announced.
func (o *outbox) over() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing != nil
}

func (o *outbox) endLocked(closing wire.Closing) {
	o.closing = &closing
	o.frames = append(o.frames, wire.Encode(&closing, 0))
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// queued returns how many frames wait.
func (o *outbox) queued() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.frames)
}

// take hands over what is queued, and why the connection ends after it, if it does.
func (o *outbox) take() (frames [][]byte, closing *wire.Closing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames, o.frames, o.bytes = o.frames, nil, 0
	return frames, o.closing
}

func (o *outbox) message(message wire.ServerMessage, answerTo int64) {
	o.Send(wire.Encode(message, answerTo))
}
