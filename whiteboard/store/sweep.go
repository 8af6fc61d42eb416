package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/whiteboard/store/storedb"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	// minutesKept is how long history has each minute; after that it has each hour.
	minutesKept = 90 * 24 * time.Hour
	// sweepAtMost bounds the boards of one sweep; the next one takes the rest.
	sweepAtMost = 200
)

// Sweep compacts boards that their writers left behind, and thins history that is older than 90 days. It is harmless to
// repeat and to run on many nodes; a job calls it every few minutes.
func (s *Store) Sweep(ctx context.Context) error {
	return errors.Join(s.sweepLogs(ctx), s.sweepHistory(ctx, time.Now().Add(-minutesKept)))
}

func (s *Store) sweepLogs(ctx context.Context) error {
	boards, err := s.db.BoardsToCompact(ctx, storedb.BoardsToCompactParams{Node: s.node, AtMost: sweepAtMost})
	if err != nil {
		return fmt.Errorf("sweep boards: %w", err)
	}
	var errs []error
	for _, board := range boards {
		errs = append(errs, s.sweepLog(ctx, board))
	}
	return errors.Join(errs...)
}

func (s *Store) sweepLog(ctx context.Context, board uuid.UUID) error {
	l, err := s.claim(ctx, board, false)
	if isOpen(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sweep board %s: %w", board, err)
	}
	return errors.Join(l.compact(ctx), l.Close(ctx))
}

func (s *Store) sweepHistory(ctx context.Context, older time.Time) error {
	older = older.Truncate(time.Hour)
	boards, err := s.db.BoardsToThin(ctx, storedb.BoardsToThinParams{Older: older, AtMost: sweepAtMost})
	if err != nil {
		return fmt.Errorf("sweep history: %w", err)
	}
	var errs []error
	for _, board := range boards {
		if err := s.thinHistory(ctx, board, older); err != nil {
			errs = append(errs, fmt.Errorf("thin history of board %s: %w", board, err))
		}
	}
	return errors.Join(errs...)
}

// thinHistory keeps the last row of each hour. The state's row is locked meanwhile, so that no compaction and no other
// node's sweep changes the history.
func (s *Store) thinHistory(ctx context.Context, board uuid.UUID, older time.Time) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		db := s.db.WithTx(tx)
		if _, err := db.LockDocument(ctx, board); errors.Is(err, pgx.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		rows, err := db.HistoryToThin(ctx, storedb.HistoryToThinParams{Board: board, Older: older})
		if err != nil {
			return err
		}
		kept, dropped, err := thin(rows)
		if err != nil {
			return err
		}
		for _, m := range kept {
			if err := db.ThinHistory(ctx, storedb.ThinHistoryParams{
				Board: board, Seq: m.seq, Since: m.since, Authors: m.authors, Updates: m.updates, Bytes: m.bytes,
				Whole: m.whole, Content: m.content,
			}); err != nil {
				return err
			}
		}
		return db.DeleteHistory(ctx, storedb.DeleteHistoryParams{Board: board, Seqs: dropped})
	})
}

// thin answers rows to be changed and the numbers of those to be dropped, so that of each hour one row is left. The rows
// that follow still find the state that they were made after: the last row is always kept.
func thin(rows []storedb.HistoryToThinRow) (kept []moment, dropped []int64, err error) {
	var was, is historyDoc
	var open span
	for i, row := range rows {
		if err := was.read(row.Whole, row.Content); err != nil {
			return nil, nil, fmt.Errorf("history at %d: %w", row.Seq, err)
		}
		open.add(span{row.Seq, row.Since, row.At, row.Authors, row.Updates, row.Bytes})
		if i+1 < len(rows) && rows[i+1].At.Truncate(time.Hour).Equal(row.At.Truncate(time.Hour)) {
			dropped = append(dropped, row.Seq)
			continue
		}
		m, err := is.add(open, was.doc)
		if err != nil {
			return nil, nil, err
		}
		kept = append(kept, m)
		open = span{}
	}
	return kept, dropped, nil
}
