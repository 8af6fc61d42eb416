package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"parley/api/boards"
	"parley/api/identity"
	"parley/internal/bus"
	"parley/internal/fault"
	"parley/whiteboard"
	"parley/whiteboard/store"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// openBoards makes the boards that people find and share, and the store of what is drawn on them.
func (a *app) openBoards(s *storage, d *domains) error {
	node, err := nodeName(a.cfg.DataDir)
	if err != nil {
		return err
	}
	kept, err := store.New(store.Config{Pool: s.pool, Node: node, Log: a.log.With("component", "boards"), Metrics: a.metrics})
	if err != nil {
		return err
	}
	a.started("store of boards", kept.Close)
	d.documents = &boardDocuments{store: kept, bus: s.bus}
	d.boards = boards.New(boards.Config{
		Pool: s.pool, People: boardPeople{d.people}, Objects: s.store, Documents: d.documents,
		Rooms: d.rooms, Meetings: boardMeetings{d.meetings}, Events: d.publisher, Audit: boardAudit{}, Log: a.log.With("component", "boards"),
	})
	a.started("boards", d.boards.Close)
	return nil
}

// boardPeople is identity as boards see it.
type boardPeople struct{ identity *identity.Service }

// People implements boards.People.
func (p boardPeople) People(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]boards.Person, error) {
	cards, err := p.identity.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	people := make(map[uuid.UUID]boards.Person, len(cards))
	for id, c := range cards {
		people[id] = boards.Person{ID: c.ID, Name: c.Name, AvatarURL: c.AvatarURL}
	}
	return people, nil
}

// boardAudit is identity as boards see it, for what is done with the rights of accounts.
type boardAudit struct{}

// HandedOver implements boards.Audit.
func (boardAudit) HandedOver(ctx context.Context, tx pgx.Tx, h boards.HandOver) error {
	return identity.Record(ctx, tx, "boardsHandedOver", h.From, h.By, h.Client, map[string]any{"to": h.To, "boards": h.Boards})
}

// boardDocuments is package whiteboard as boards see it. The server of open boards comes last, because it asks boards who may
// enter; until then no board is open.
type boardDocuments struct {
	store  *store.Store
	bus    *bus.Bus
	server atomic.Pointer[whiteboard.Server]
}

var _ boards.Documents = (*boardDocuments)(nil)

// documentFault turns an error of package whiteboard into a fault.
func documentFault(err error) error {
	_, elsewhere := errors.AsType[*whiteboard.ElsewhereError](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, whiteboard.ErrNoState):
		return fault.BoardStateNotFound.Wrap(err)
	case errors.Is(err, whiteboard.ErrExists):
		return fault.Conflict.Wrap(err)
	case errors.Is(err, whiteboard.ErrUnavailable), errors.Is(err, whiteboard.ErrLost), elsewhere:
		return fault.Unavailable.Wrap(err)
	}
	return err
}

// Create implements boards.Documents.
func (b *boardDocuments) Create(ctx context.Context, board uuid.UUID, state []byte, author string) error {
	return documentFault(b.store.Create(ctx, board, whiteboard.Entry{Update: state, Author: author, At: time.Now()}))
}

// State implements boards.Documents.
func (b *boardDocuments) State(ctx context.Context, board uuid.UUID) ([]byte, error) {
	state := b.store.State
	if server := b.server.Load(); server != nil {
		state = server.State
	}
	update, err := state(ctx, board)
	return update, documentFault(err)
}

// At implements boards.Documents.
func (b *boardDocuments) At(ctx context.Context, board uuid.UUID, seq int64) ([]byte, error) {
	state, err := b.store.At(ctx, board, seq)
	return state, documentFault(err)
}

// History implements boards.Documents.
func (b *boardDocuments) History(ctx context.Context, board uuid.UUID, before int64, limit int) ([]boards.Change, error) {
	list, err := b.store.History(ctx, board, whiteboard.HistoryPage{Before: before, Limit: limit})
	if err != nil {
		return nil, documentFault(err)
	}
	changes := make([]boards.Change, len(list))
	for i, c := range list {
		changes[i] = boards.Change{Seq: c.Seq, At: c.At, Authors: c.Authors, Bytes: int64(c.Bytes)}
	}
	return changes, nil
}

// Restore implements boards.Documents.
func (b *boardDocuments) Restore(ctx context.Context, board uuid.UUID, seq int64, author string) error {
	server := b.server.Load()
	if server == nil {
		return fault.Unavailable
	}
	return documentFault(server.Restore(ctx, board, seq, author))
}

// Delete implements boards.Documents.
func (b *boardDocuments) Delete(ctx context.Context, board uuid.UUID) error {
	b.Close(board)
	return documentFault(b.store.Delete(ctx, board))
}

// Recheck implements boards.Documents.
func (b *boardDocuments) Recheck(board uuid.UUID) {
	b.everywhere(boardAccess, board)
}

// Close implements boards.Documents.
func (b *boardDocuments) Close(board uuid.UUID) {
	b.everywhere(boardClosed, board)
}
