package identity

import (
	"context"
	"encoding/json"
	"log/slog"

	"parley/api"
	"parley/api/identity/identitydb"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// event is a row of account_events: who signed in, who changed whose rights.
type event struct {
	kind    string
	userID  uuid.UUID // whom it is about; uuid.Nil for nobody
	actorID uuid.UUID // who did it; uuid.Nil for nobody signed in
	from    api.Client
	detail  map[string]any
}

// record writes an event within the transaction of what it tells about.
func record(ctx context.Context, db *identitydb.Queries, e event) error {
	if e.detail == nil {
		e.detail = map[string]any{}
	}
	detail, err := json.Marshal(e.detail)
	if err != nil {
		return err
	}
	return db.AddEvent(ctx, identitydb.AddEventParams{
		ID: newID(), Kind: e.kind, UserID: orNil(e.userID), ActorID: orNil(e.actorID), Address: addressOf(e.from), Detail: detail,
	})
}

// note is record for what has happened already: failing only warns.
func (s *Service) note(ctx context.Context, db *identitydb.Queries, e event) {
	if err := record(ctx, db, e); err != nil {
		s.log.Warn("account event not recorded", slog.String("kind", e.kind), slog.Any("error", err))
	}
}

// Record keeps what was done with the rights of accounts in other domains, within the transaction of what it tells about.
func Record(ctx context.Context, tx pgx.Tx, kind string, userID, actorID uuid.UUID, from api.Client, detail map[string]any) error {
	return record(ctx, identitydb.New(tx), event{kind: kind, userID: userID, actorID: actorID, from: from, detail: detail})
}

func orNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
