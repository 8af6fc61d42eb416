package boards

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// Events tells people's clients what happened.
type Events interface {
	// Publish sends event to the people with these keys.
	Publish(ctx context.Context, to []string, event any)
	// PublishToMembers sends event to everyone in the company.
	PublishToMembers(ctx context.Context, event any)
}

// BoardEvent says that a board is new, another one, or gone for its receiver, who asks again for what is shown of it.
type BoardEvent struct {
	Type    string    `json:"type"` // board
	BoardID uuid.UUID `json:"boardId"`
}

// readers are those who may see a board.
type readers struct {
	everyone bool
	people   map[uuid.UUID]bool
}

func (r readers) and(others readers) readers {
	all := readers{everyone: r.everyone || others.everyone, people: map[uuid.UUID]bool{}}
	maps.Copy(all.people, r.people)
	maps.Copy(all.people, others.people)
	return all
}

// readers answers who may see a board. Nobody waits for events, so who cannot be found is not told.
func (s *Service) readers(ctx context.Context, board uuid.UUID) readers {
	r, err := s.findReaders(ctx, board)
	if err != nil {
		s.log.Warn("readers of a board not found", slog.Any("board", board), slog.Any("error", err))
	}
	return r
}

func (s *Service) findReaders(ctx context.Context, board uuid.UUID) (readers, error) {
	r := readers{people: map[uuid.UUID]bool{}}
	access, err := s.db.Access(ctx, board)
	if err != nil {
		return r, err
	}
	var groups []uuid.UUID
	for _, a := range access {
		switch Kind(a.Kind) {
		case ToEveryone:
			r.everyone = true
			return r, nil
		case ToGroup:
			groups = append(groups, a.SubjectID)
		}
	}
	ids, err := s.db.Readers(ctx, board)
	if err != nil {
		return r, err
	}
	members, err := s.groups.MemberIDs(ctx, groups)
	if err != nil {
		return r, err
	}
	for _, id := range slices.Concat(ids, members) {
		r.people[id] = true
	}
	return r, nil
}

// tell says to those who may see a board, and to those who could before, that something happened to it.
func (s *Service) tell(ctx context.Context, board uuid.UUID, before ...readers) {
	ctx = context.WithoutCancel(ctx)
	to := s.readers(ctx, board)
	for _, r := range before {
		to = to.and(r)
	}
	s.publish(ctx, board, to)
}

func (s *Service) publish(ctx context.Context, board uuid.UUID, to readers) {
	event := BoardEvent{Type: "board", BoardID: board}
	if to.everyone {
		s.events.PublishToMembers(ctx, event)
		return
	}
	keys := make([]string, 0, len(to.people))
	for id := range to.people {
		keys = append(keys, "user:"+id.String())
	}
	slices.Sort(keys)
	s.events.Publish(ctx, keys, event)
}

// noEvents is an installation without clients that listen.
type noEvents struct{}

func (noEvents) Publish(context.Context, []string, any) {}

func (noEvents) PublishToMembers(context.Context, any) {}
