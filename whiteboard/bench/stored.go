package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// quietFor is how long what is stored must stay as it is before it counts as the end.
	quietFor = 6 * time.Second
	// settleTimeout bounds the wait for that. What is there then, counts.
	settleTimeout = 40 * time.Second
)

// stored is what a server keeps of a board.
type stored struct {
	bytes int64
	what  string
}

// settled waits until what a server keeps of a board stays the same, after everybody has left.
func (h *hall) settled(ctx context.Context, t target) (stored, error) {
	last, since := stored{bytes: -1}, time.Now()
	for deadline := time.Now().Add(settleTimeout); ; {
		s, err := h.stored(ctx, t)
		if err != nil {
			return s, err
		}
		if s != last {
			last, since = s, time.Now()
		}
		if now := time.Now(); now.Sub(since) > quietFor || now.After(deadline) {
			return s, nil
		}
		select {
		case <-ctx.Done():
			return s, context.Cause(ctx)
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (h *hall) stored(ctx context.Context, t target) (stored, error) {
	if t.Server != serverParley {
		bytes, err := folderSize(t.Folder)
		return stored{bytes, "the folder of its " + map[string]string{serverYWebsocket: "LevelDB", serverHocuspocus: "SQLite"}[t.Server]}, err
	}
	conn, err := pgx.Connect(ctx, t.DatabaseURL)
	if err != nil {
		return stored{}, err
	}
	defer conn.Close(ctx)
	var state, log, history int64
	err = conn.QueryRow(ctx, `select
		coalesce((select sum(pg_column_size(d.*)) from board_documents d where d.board = $1), 0),
		coalesce((select sum(pg_column_size(l.*)) from board_log l where l.board = $1), 0),
		coalesce((select sum(pg_column_size(h.*)) from board_history h where h.board = $1), 0)`, t.Board).Scan(&state, &log, &history)
	return stored{state + log + history, fmt.Sprintf("rows of state %s, log %s, history %s kB", kilobytes(state), kilobytes(log), kilobytes(history))}, err
}
