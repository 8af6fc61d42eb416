package boards

import (
	"context"
	"net/http"
	"slices"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
)

func (h handlers) registerHistory(a *api.API) {
	api.Register(a, api.Operation{
		ID: "listBoardHistory", Method: http.MethodGet, Path: "/boards/{id}/history", Tag: tag, Summary: "List when a board was changed, and by whom",
		Description: "Minutes in which somebody drew, the last one first. What is older than 90 days is kept by the hour.",
		Access:      api.Needs(authz.ListBoards), Faults: []fault.Code{fault.BoardNotFound},
	}, h.history)
	api.Register(a, api.Operation{
		ID: "readBoardState", Method: http.MethodGet, Path: "/boards/{id}/state", Tag: tag, Summary: "Read what is or was drawn on a board, as a Yjs update (version 1)",
		Access: api.Needs(authz.ReadBoards), Faults: []fault.Code{fault.BoardNotFound, fault.BoardStateNotFound},
	}, h.state)
	api.Register(a, api.Operation{
		ID: "restoreBoardState", Method: http.MethodPost, Path: "/boards/{id}/history/{seq}/restore", Tag: tag, Summary: "Show an earlier state of a board again",
		Description: "It is a change like any other: nothing is lost, and it can be undone by restoring what was before.",
		Access:      api.Needs(authz.CreateBoards), Faults: []fault.Code{fault.BoardNotFound, fault.BoardReadOnly, fault.BoardStateNotFound},
	}, h.restoreState)
	ok := a.Huma().OpenAPI().Paths["/boards/{id}/state"].Get.Responses["200"]
	ok.Content = map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
}

// BoardChange is a minute in which a board was changed.
type BoardChange struct {
	Seq     int64         `json:"seq" doc:"Names the state at its end"`
	Since   time.Time     `json:"since" doc:"Of the first change"`
	At      time.Time     `json:"at" doc:"Of the last change"`
	Authors []BoardAuthor `json:"authors"`
	Bytes   int64         `json:"bytes" doc:"Of the changes: how much was going on"`
}

// BoardHistory is a part of a board's history.
type BoardHistory struct {
	Items      []BoardChange `json:"items"`
	NextBefore int64         `json:"nextBefore,omitempty" doc:"Continues the list; absent at its end"`
}

type (
	historyInput struct {
		IDInput
		Before int64 `query:"before" minimum:"0" doc:"Only what is earlier than this seq"`
		Limit  int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}
	historyOutput struct {
		Body *BoardHistory
	}
	stateInput struct {
		IDInput
		Seq int64 `query:"seq" minimum:"0" doc:"A state of the history. Defaults to the newest"`
	}
	stateOutput struct {
		ContentType string `header:"Content-Type"`
		Body        []byte
	}
	restoreStateInput struct {
		IDInput
		Seq int64 `path:"seq" minimum:"1"`
	}
)

func (h handlers) history(ctx context.Context, in *historyInput) (*historyOutput, error) {
	history, err := h.History(ctx, authz.From(ctx), in.ID, in.Before, in.Limit)
	return &historyOutput{history}, err
}

func (h handlers) state(ctx context.Context, in *stateInput) (*stateOutput, error) {
	state, err := h.State(ctx, authz.From(ctx), in.ID, in.Seq)
	return &stateOutput{"application/octet-stream", state}, err
}

func (h handlers) restoreState(ctx context.Context, in *restoreStateInput) (*struct{}, error) {
	return nil, h.RestoreState(ctx, authz.From(ctx), in.ID, in.Seq)
}

const (
	changesAtOnce  = 1000 // read from the documents
	changesToGroup = 20   // times that, to fill one page
)

// History lists the minutes in which a board was changed, to those who may see it.
func (s *Service) History(ctx context.Context, p authz.Principal, id uuid.UUID, before int64, limit int) (*BoardHistory, error) {
	if _, err := s.standing(ctx, p, id); err != nil {
		return nil, err
	}
	var minutes []minute
	for range changesToGroup {
		list, err := s.documents.History(ctx, id, before, changesAtOnce)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if len(minutes) == limit && !minutes[limit-1].holds(c) {
				return s.showHistory(ctx, minutes, minutes[limit-1].first)
			}
			minutes, before = group(minutes, c), c.Seq
		}
		if len(list) < changesAtOnce {
			return s.showHistory(ctx, minutes, 0)
		}
	}
	return s.showHistory(ctx, minutes, before)
}

// minute is what changed within one.
type minute struct {
	Change
	since time.Time // of its earliest change
	first int64     // the earliest Seq in it
}

func (m minute) holds(c Change) bool {
	return m.At.Truncate(time.Minute).Equal(c.At.Truncate(time.Minute))
}

// group adds a change to the minute that it belongs to; the newest comes first.
func group(minutes []minute, c Change) []minute {
	n := len(minutes)
	if n == 0 || !minutes[n-1].holds(c) {
		c.Authors = slices.Clone(c.Authors)
		return append(minutes, minute{c, c.At, c.Seq})
	}
	last := &minutes[n-1]
	last.since, last.Bytes, last.first = c.At, last.Bytes+c.Bytes, c.Seq
	for _, author := range c.Authors {
		if !slices.Contains(last.Authors, author) {
			last.Authors = append(last.Authors, author)
		}
	}
	return minutes
}

func (s *Service) showHistory(ctx context.Context, minutes []minute, next int64) (*BoardHistory, error) {
	var ids []uuid.UUID
	for _, c := range minutes {
		for _, key := range c.Authors {
			if id, ok := userOf(key); ok && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	people, err := s.people.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	history := &BoardHistory{Items: make([]BoardChange, 0, len(minutes)), NextBefore: next}
	for _, c := range minutes {
		shown := BoardChange{Seq: c.Seq, Since: c.since, At: c.At, Authors: make([]BoardAuthor, 0, len(c.Authors)), Bytes: c.Bytes}
		for _, key := range c.Authors {
			shown.Authors = append(shown.Authors, authorRef(people, key))
		}
		history.Items = append(history.Items, shown)
	}
	return history, nil
}

// State is what is drawn on a board, or was after change seq, as a Yjs update.
func (s *Service) State(ctx context.Context, p authz.Principal, id uuid.UUID, seq int64) ([]byte, error) {
	if _, err := s.standing(ctx, p, id); err != nil {
		return nil, err
	}
	return s.stateAt(ctx, id, seq)
}

// RestoreState shows an earlier state again, in the name of the principal.
func (s *Service) RestoreState(ctx context.Context, p authz.Principal, id uuid.UUID, seq int64) error {
	if _, err := s.mayEdit(ctx, p, id); err != nil {
		return err
	}
	if err := s.documents.Restore(ctx, id, seq, p.Key()); err != nil {
		return err
	}
	s.Changed(id, p.Key())
	return nil
}
