package meetings

import (
	"context"
	"net/http"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// StreamTokenList is the stream tokens of a meeting.
type StreamTokenList struct {
	Items []StreamToken `json:"items"`
}

// NewStreamToken is a stream token with its secret, which is shown once.
type NewStreamToken struct {
	StreamToken
	Secret string `json:"secret" doc:"What programs send as bearer token; it is not shown again"`
}

type (
	streamTokenInput struct {
		IDInput
		Body StreamTokenDraft
	}
	streamTokenPath struct {
		IDInput
		TokenID uuid.UUID `path:"tokenId"`
	}
)

func (h handlers) registerStreamTokens(a *api.API) {
	faults := []fault.Code{fault.MeetingNotFound, fault.Forbidden}
	api.Register(a, api.Operation{
		ID: "listStreamTokens", Method: http.MethodGet, Path: "/meetings/{id}/stream-tokens", Tag: tag, Summary: "List the stream tokens of a meeting that one hosts",
		Access: api.Needs(authz.CreateMeetings), Faults: faults,
	}, h.listStreamTokens)
	api.Register(a, api.Operation{
		ID: "createStreamToken", Method: http.MethodPost, Path: "/meetings/{id}/stream-tokens", Tag: tag,
		Summary:     "Make a token with which programs send a stream into a meeting that one hosts, or show it",
		Description: "Programs speak WHIP (RFC 9725) or WHEP with it, as OBS and GStreamer do. Everybody in the meeting sees them.",
		Access:      api.Needs(authz.CreateMeetings), Status: http.StatusCreated,
		Faults: append([]fault.Code{fault.NameInvalid, fault.MeetingEnded, fault.LimitReached}, faults...),
	}, h.createStreamToken)
	api.Register(a, api.Operation{
		ID: "revokeStreamToken", Method: http.MethodDelete, Path: "/meetings/{id}/stream-tokens/{tokenId}", Tag: tag,
		Summary: "Revoke a stream token, and end what programs do with it",
		Access:  api.Needs(authz.CreateMeetings), Faults: append([]fault.Code{fault.NotFound}, faults...),
	}, h.revokeStreamToken)
}

func (h handlers) listStreamTokens(ctx context.Context, in *IDInput) (*struct{ Body StreamTokenList }, error) {
	list, err := h.StreamTokens(ctx, authz.From(ctx), in.ID)
	return &struct{ Body StreamTokenList }{StreamTokenList{list}}, err
}

func (h handlers) createStreamToken(ctx context.Context, in *streamTokenInput) (*struct{ Body NewStreamToken }, error) {
	t, secret, err := h.MakeStreamToken(ctx, authz.From(ctx), in.ID, in.Body)
	return &struct{ Body NewStreamToken }{NewStreamToken{t, secret}}, err
}

func (h handlers) revokeStreamToken(ctx context.Context, in *streamTokenPath) (*struct{}, error) {
	return nil, h.RevokeStreamToken(ctx, authz.From(ctx), in.ID, in.TokenID)
}
