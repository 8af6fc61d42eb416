package events

import (
	"encoding/json"
	"errors"

	"github.com/google/uuid"
)

// Client to server: an object with "type" and, for subscribe and unsubscribe, a conversation.
type request struct {
	Type           string    `json:"type"`
	ConversationID uuid.UUID `json:"conversationId"`
}

const (
	typeSubscribe   = "subscribe"
	typeUnsubscribe = "unsubscribe"
	typePing        = "ping"
)

var (
	errNotJSON     = errors.New("not a JSON object")
	errUnknownType = errors.New("unknown type")
	errNoID        = errors.New("conversationId is missing")
)

// parseRequest reads what a client sent. Fields that are not known are passed over, so that newer clients can be
// served.
func parseRequest(data []byte) (request, error) {
	var r request
	if err := json.Unmarshal(data, &r); err != nil {
		return request{}, errors.Join(errNotJSON, err)
	}
	switch r.Type {
	case typePing:
		return r, nil
	case typeSubscribe, typeUnsubscribe:
		if r.ConversationID == uuid.Nil {
			return request{}, errNoID
		}
		return r, nil
	default:
		return request{}, errUnknownType
	}
}

// Server to client, besides the events of the domains.
type (
	ready struct {
		Type        string `json:"type"`
		PingSeconds int    `json:"pingSeconds"`
	}
	pong struct {
		Type string `json:"type"`
	}
	subscribed struct {
		Type           string    `json:"type"`
		ConversationID uuid.UUID `json:"conversationId"`
	}
	unsubscribed struct {
		Type           string    `json:"type"`
		ConversationID uuid.UUID `json:"conversationId"`
		Code           string    `json:"code,omitempty"`
	}
	resync struct {
		Type           string     `json:"type"`
		ConversationID *uuid.UUID `json:"conversationId,omitempty"`
	}
	failure struct {
		Type           string     `json:"type"`
		Code           string     `json:"code"`
		Message        string     `json:"message"`
		ConversationID *uuid.UUID `json:"conversationId,omitempty"`
	}
	closing struct {
		Type      string      `json:"type"`
		Reason    closeReason `json:"reason"`
		Reconnect bool        `json:"reconnect"`
	}
)

// closeReason says why the server ends a stream.
type closeReason string

const (
	reasonShutdown        closeReason = "shutdown"        // the server stops; connect again, perhaps to another node
	reasonOverflow        closeReason = "overflow"        // the client did not read fast enough
	reasonUnauthenticated closeReason = "unauthenticated" // signed out, session revoked or expired
	reasonNotInMeeting    closeReason = "notInMeeting"    // the guest is out of the meeting
	reasonTooMany         closeReason = "tooManyStreams"  // of this person, or of this node
	reasonProtocol        closeReason = "protocol"        // too many messages, or messages that cannot be read
)

// reconnect tells whether connecting again by itself is welcome.
func (r closeReason) reconnect() bool { return r == reasonShutdown || r == reasonOverflow }

// status is the WebSocket close code (RFC 6455, 7.4) beside the reason.
func (r closeReason) status() int {
	switch r {
	case reasonShutdown:
		return 1001 // going away
	case reasonOverflow, reasonTooMany:
		return 1013 // try again later
	default:
		return 1008 // policy violation
	}
}
