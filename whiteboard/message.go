package whiteboard

import (
	"encoding/binary"
	"encoding/json"
	"errors"
)

// errMalformed says that bytes are no message of the protocol.
var errMalformed = errors.New("whiteboard: malformed message")

// messageKind is what a message is, by its one or two numbers at the front (y-protocols PROTOCOL.md, y-websocket).
type messageKind uint8

const (
	messageStep1 messageKind = iota // of the document: a state vector
	messageStep2                    // an answer to a step 1: an update
	messageUpdate
	messageAwareness
	messageQuery // for the awareness of all
)

const (
	typeSync      = 0
	typeAwareness = 1
	typeAuth      = 2
	typeQuery     = 3
	typeEvent     = 100
)

// message is what a client says.
type message struct {
	kind messageKind
	body []byte // state vector, update or awareness update; part of the frame
}

// decodeMessage reads the payload of a frame. What is in the body is not looked at. The error is errMalformed.
func decodeMessage(frame []byte) (message, error) {
	r := reader{buf: frame}
	m := message{kind: messageQuery}
	switch kind := r.uint(); kind {
	case typeSync:
		step := r.uint()
		if step > 2 {
			return message{}, errMalformed
		}
		m = message{messageKind(step), r.bytes()}
	case typeAwareness:
		m = message{messageAwareness, r.bytes()}
	case typeQuery:
	default:
		return message{}, errMalformed
	}
	if r.bad || len(r.buf) > 0 {
		return message{}, errMalformed
	}
	return m, nil
}

// isAnswer tells from the first bytes of a frame whether it is a step 2, the one message that may be large.
func isAnswer(start []byte) bool {
	return len(start) >= 2 && start[0] == typeSync && start[1] == byte(messageStep2)
}

// appendSync appends a frame with a message of the document.
func appendSync(b []byte, kind messageKind, body []byte) []byte {
	length := binary.AppendUvarint([]byte{typeSync, byte(kind)}, uint64(len(body)))
	return appendFrame(b, opBinary, length, body)
}

// appendAwareness appends a frame with an awareness update.
func appendAwareness(b, update []byte) []byte {
	length := binary.AppendUvarint([]byte{typeAwareness}, uint64(len(update)))
	return appendFrame(b, opBinary, length, update)
}

// deniedFrame tells a stock client that it may not write (y-protocols auth.js).
func deniedFrame(reason string) []byte {
	length := binary.AppendUvarint([]byte{typeAuth, 0}, uint64(len(reason)))
	return appendFrame(nil, opBinary, length, []byte(reason))
}

// event is what the server tells clients that asked for events.
type event struct {
	Type     string       `json:"type"`
	Code     string       `json:"code,omitempty"`
	Role     Role         `json:"role,omitempty"`
	CanWrite *bool        `json:"canWrite,omitempty"`
	Max      int          `json:"max,omitempty"`
	Limits   *eventLimits `json:"limits,omitempty"`
}

type eventLimits struct {
	Elements          int `json:"elements"`
	UpdateBytes       int `json:"updateBytes"`
	StateBytes        int `json:"stateBytes"`
	AwarenessBytes    int `json:"awarenessBytes"`
	MessagesPerSecond int `json:"messagesPerSecond"`
}

// The types of events and the codes of refusals.
const (
	eventReady    = "ready"
	eventRole     = "role"
	eventRefused  = "refused"
	eventAccepted = "accepted"
	eventTrouble  = "trouble"
	eventHealed   = "healed"

	codeReadOnly        = "readOnly"
	codeTooManyElements = "tooManyElements"
	codeBoardFull       = "boardFull"
	codeUpdateTooLarge  = "updateTooLarge"
	codeNotSaved        = "notSaved"
)

func eventFrame(e event) []byte {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings, numbers and booleans
	}
	length := binary.AppendUvarint([]byte{typeEvent}, uint64(len(text)))
	return appendFrame(nil, opBinary, length, text)
}

// reader reads lib0's encoding. After a mistake all reads answer nothing.
type reader struct {
	buf []byte
	bad bool
}

func (r *reader) fail() {
	r.bad, r.buf = true, nil
}

// uint reads a varUint of at most 53 bits.
func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.buf)
	if size <= 0 || n >= 1<<53 {
		r.fail()
		return 0
	}
	r.buf = r.buf[size:]
	return n
}

// bytes reads a varUint8Array or varString, which stays part of the input.
func (r *reader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.buf)) {
		r.fail()
		return nil
	}
	b := r.buf[:n:n]
	r.buf = r.buf[n:]
	return b
}
