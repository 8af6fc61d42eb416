package chat

import (
	"context"
	"net/http"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

const (
	tag = "chat"
	// maxSendBytes holds the longest text with every character escaped in JSON.
	maxSendBytes = 128 << 10
)

// Register adds the operations of chat to a.
func Register(a *api.API, s *Service) {
	h := handlers{s}
	h.registerReading(a)
	h.registerWriting(a)
}

func (h handlers) registerReading(a *api.API) {
	faults := []fault.Code{fault.ConversationNotFound, fault.NotInMeeting}
	api.Register(a, api.Operation{
		ID: "readConversation", Method: http.MethodGet, Path: "/conversations/{id}", Tag: tag, Summary: "Read a conversation and how far one is in it",
		Access: api.Needs(authz.ReadChat), Faults: faults,
	}, h.conversation)
	api.Register(a, api.Operation{
		ID: "listMessages", Method: http.MethodGet, Path: "/conversations/{id}/messages", Tag: tag, Summary: "List messages by their place, the newest without one",
		Access: api.Needs(authz.ReadChat), Faults: faults,
	}, h.messages)
	api.Register(a, api.Operation{
		ID: "listChanges", Method: http.MethodGet, Path: "/conversations/{id}/changes", Tag: tag, Summary: "List what is new or changed since a change",
		Description: "Each message once, as it is now. Asking again after the changeSeq of the answer misses nothing and repeats nothing.",
		Access:      api.Needs(authz.ReadChat), Faults: faults,
	}, h.changes)
	api.Register(a, api.Operation{
		ID: "markRead", Method: http.MethodPut, Path: "/conversations/{id}/read", Tag: tag, Summary: "Note up to where one has read",
		Access: api.Needs(authz.ReadChat), Faults: faults,
	}, h.markRead)
}

func (h handlers) registerWriting(a *api.API) {
	faults := []fault.Code{fault.MessageNotFound, fault.NotInMeeting, fault.ChatClosed, fault.RateLimited}
	api.Register(a, api.Operation{
		ID: "sendMessage", Method: http.MethodPost, Path: "/conversations/{id}/messages", Tag: tag, Summary: "Send a message",
		Access: api.Needs(authz.WriteChat), Status: http.StatusCreated, MaxBody: maxSendBytes,
		Faults: append([]fault.Code{fault.ConversationNotFound, fault.MessageTooLarge}, faults...),
	}, h.send)
	api.Register(a, api.Operation{
		ID: "addReaction", Method: http.MethodPut, Path: "/messages/{id}/reactions/{emoji}", Tag: tag, Summary: "Put an emoji under a message",
		Access: api.Needs(authz.WriteChat), Faults: append([]fault.Code{fault.TooManyReactions}, faults...),
	}, h.addReaction)
	api.Register(a, api.Operation{
		ID: "removeReaction", Method: http.MethodDelete, Path: "/messages/{id}/reactions/{emoji}", Tag: tag, Summary: "Take one's emoji away from a message",
		Access: api.Needs(authz.WriteChat), Status: http.StatusOK, Faults: faults,
	}, h.removeReaction)
	api.Register(a, api.Operation{
		ID: "recallMessage", Method: http.MethodPost, Path: "/messages/{id}/recall", Tag: tag, Summary: "Erase a message for good",
		Description: "One's own within 24 hours; hosts any of their meeting. A tombstone stays in its place.",
		Access:      api.Needs(authz.WriteChat), Faults: []fault.Code{fault.MessageNotFound, fault.NotInMeeting, fault.RecallTooLate},
	}, h.recall)
}

type handlers struct{ *Service }

type (
	// IDInput and what is embedded below are exported for huma, which passes over what is not.
	IDInput struct {
		ID uuid.UUID `path:"id"`
	}
	messagesInput struct {
		IDInput
		Before int64 `query:"before" minimum:"0" doc:"Only messages with a smaller seq"`
		After  int64 `query:"after" minimum:"-1" default:"-1" doc:"Only messages with a larger seq; not together with before"`
		Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	changesInput struct {
		IDInput
		After int64 `query:"after" required:"true" minimum:"0" doc:"The changeSeq up to which everything is known"`
		Limit int   `query:"limit" minimum:"1" maximum:"500" default:"200"`
	}
	sendInput struct {
		IDInput
		Body MessageDraft
	}
	reactionInput struct {
		IDInput
		Emoji string `path:"emoji" maxLength:"64"`
	}
	readInput struct {
		IDInput
		Body ReadMark
	}
	messageOutput struct {
		Body *Message
	}
)

// MessageDraft is Draft; the names of schemas are global in the document.
type MessageDraft Draft

// ReadMark is up to where somebody has read.
type ReadMark struct {
	Seq int64 `json:"seq" minimum:"0"`
}

func (h handlers) conversation(ctx context.Context, in *IDInput) (*struct{ Body *Conversation }, error) {
	c, err := h.Conversation(ctx, authz.From(ctx), in.ID)
	return &struct{ Body *Conversation }{c}, err
}

func (h handlers) messages(ctx context.Context, in *messagesInput) (*struct{ Body *MessagePage }, error) {
	r := Range{Limit: in.Limit}
	if in.Before > 0 {
		r.Before = &in.Before
	}
	if in.After >= 0 {
		r.After = &in.After
	}
	page, err := h.Messages(ctx, authz.From(ctx), in.ID, r)
	return &struct{ Body *MessagePage }{page}, err
}

func (h handlers) changes(ctx context.Context, in *changesInput) (*struct{ Body *ChangePage }, error) {
	page, err := h.Changes(ctx, authz.From(ctx), in.ID, in.After, in.Limit)
	return &struct{ Body *ChangePage }{page}, err
}

func (h handlers) send(ctx context.Context, in *sendInput) (*messageOutput, error) {
	m, err := h.Send(ctx, authz.From(ctx), in.ID, Draft(in.Body))
	return &messageOutput{m}, err
}

func (h handlers) addReaction(ctx context.Context, in *reactionInput) (*messageOutput, error) {
	m, err := h.React(ctx, authz.From(ctx), in.ID, in.Emoji, true)
	return &messageOutput{m}, err
}

func (h handlers) removeReaction(ctx context.Context, in *reactionInput) (*messageOutput, error) {
	m, err := h.React(ctx, authz.From(ctx), in.ID, in.Emoji, false)
	return &messageOutput{m}, err
}

func (h handlers) recall(ctx context.Context, in *IDInput) (*messageOutput, error) {
	m, err := h.Recall(ctx, authz.From(ctx), in.ID)
	return &messageOutput{m}, err
}

func (h handlers) markRead(ctx context.Context, in *readInput) (*struct{ Body ReadMark }, error) {
	seq, err := h.MarkRead(ctx, authz.From(ctx), in.ID, in.Body.Seq)
	return &struct{ Body ReadMark }{ReadMark{seq}}, err
}
