package events

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"parley/internal/bus"

	"github.com/google/uuid"
)

const subject = "parley.events"

// envelope is what travels the bus.
type envelope struct {
	Kind           kind            `json:"kind"`
	To             []string        `json:"to,omitempty"` // keys of people
	ConversationID uuid.UUID       `json:"conversationId,omitzero"`
	Written        time.Time       `json:"written,omitzero"`
	Event          json.RawMessage `json:"event,omitempty"`
	UserID         uuid.UUID       `json:"userId,omitzero"`
	SessionID      uuid.UUID       `json:"sessionId,omitzero"`
}

type kind string

const (
	kindEvent   kind = "event"   // for people, whatever they follow
	kindMembers kind = "members" // for everyone in the company
	kindChange  kind = "change"  // for people, and for who follows the conversation
	kindRecheck kind = "recheck" // who follows the conversation may have lost the right to
	kindRevoke  kind = "revoke"  // a session, or all of a person, ended
)

// Publisher sends events to the streams of all nodes. Its methods do not fail: what cannot be sent is logged, and found
// by clients when they ask for what they missed.
type Publisher struct {
	bus *bus.Bus
	log *slog.Logger
}

// NewPublisher makes a publisher on the bus.
func NewPublisher(b *bus.Bus, log *slog.Logger) *Publisher { return &Publisher{bus: b, log: log} }

// Publish sends event, one JSON object with a type, to the streams of the people with these keys.
func (p *Publisher) Publish(ctx context.Context, to []string, event any) {
	p.send(ctx, envelope{Kind: kindEvent, To: to}, event)
}

// PublishToMembers sends event, one JSON object with a type, to the streams of everyone in the company.
func (p *Publisher) PublishToMembers(ctx context.Context, event any) {
	p.send(ctx, envelope{Kind: kindMembers}, event)
}

// PublishChange sends an event about a conversation to people and to every stream that follows the conversation. A
// stream that may see only what is later than written is told to ask instead.
func (p *Publisher) PublishChange(ctx context.Context, conversationID uuid.UUID, _ int64, written time.Time, to []string, event any) {
	p.send(ctx, envelope{Kind: kindChange, To: to, ConversationID: conversationID, Written: written}, event)
}

// Recheck makes the streams that follow the conversation ask again whether they may.
func (p *Publisher) Recheck(ctx context.Context, conversationID uuid.UUID) {
	p.send(ctx, envelope{Kind: kindRecheck, ConversationID: conversationID}, nil)
}

// Revoke ends the streams of a session, or all of a person when session is the nil UUID.
func (p *Publisher) Revoke(ctx context.Context, userID, sessionID uuid.UUID) {
	p.send(ctx, envelope{Kind: kindRevoke, UserID: userID, SessionID: sessionID}, nil)
}

func (p *Publisher) send(ctx context.Context, e envelope, event any) {
	data, err := encode(e, event)
	if err == nil {
		// What was committed is told even when the request that did it is gone.
		err = p.bus.Publish(context.WithoutCancel(ctx), subject, data)
	}
	if err != nil {
		p.log.Warn("event not published", "kind", e.Kind, "conversation", e.ConversationID, "error", err)
	}
}

// encode writes the envelope. One that does not fit the bus tells people to ask instead.
func encode(e envelope, event any) ([]byte, error) {
	if event == nil {
		return json.Marshal(e)
	}
	var err error
	if e.Event, err = json.Marshal(event); err != nil {
		return nil, err
	}
	data, err := json.Marshal(e)
	if err != nil || len(data) <= bus.MaxMessageBytes {
		return data, err
	}
	again := resync{Type: "resync"}
	if e.ConversationID != uuid.Nil {
		again.ConversationID = &e.ConversationID
	}
	return encode(e, again)
}
