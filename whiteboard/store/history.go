package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"parley/whiteboard"
	"parley/whiteboard/store/storedb"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	defaultPage = 100
	maxPage     = 1000
)

// snapshot reads of one moment, whatever is written meanwhile.
func (s *Store) snapshot(ctx context.Context, read func(*storedb.Queries) error) error {
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error { return read(s.db.WithTx(tx)) })
}

// read answers the state of a board and the changes after it. A board without either is empty.
func (s *Store) read(ctx context.Context, board uuid.UUID) (head storedb.HeadRow, rows []logRow, err error) {
	err = s.snapshot(ctx, func(db *storedb.Queries) error {
		if head, err = db.Head(ctx, board); err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		rows, err = db.LogRows(ctx, storedb.LogRowsParams{Board: board, After: head.Seq})
		return err
	})
	return head, rows, err
}

// State implements whiteboard.Store.
func (s *Store) State(ctx context.Context, board uuid.UUID) ([]byte, error) {
	head, rows, err := s.read(ctx, board)
	if err == nil {
		var state []byte
		if state, err = s.join(board, head, rows); err == nil {
			return state, nil
		}
	}
	return nil, fmt.Errorf("state of board %s: %w", board, err)
}

// join makes one update of a state and changes.
func (s *Store) join(board uuid.UUID, head storedb.HeadRow, rows []logRow) ([]byte, error) {
	updates, err := s.updates(board, head, rows)
	if err != nil || len(updates) == 1 {
		return slices.Concat(updates...), err
	}
	doc, err := ydoc.Load(unbounded, updates...)
	if err != nil {
		return nil, err
	}
	return doc.Encode(), nil
}

// At implements whiteboard.Store. Of a change that was thinned out it answers what the minute or hour ended with that holds
// it.
func (s *Store) At(ctx context.Context, board uuid.UUID, seq int64) (state []byte, err error) {
	err = s.snapshot(ctx, func(db *storedb.Queries) error {
		state, err = s.stateAt(ctx, db, board, seq)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("board %s at %d: %w", board, seq, err)
	}
	return state, nil
}

func (s *Store) stateAt(ctx context.Context, db *storedb.Queries, board uuid.UUID, seq int64) ([]byte, error) {
	head, err := db.Head(ctx, board)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && seq < 1 {
		return nil, whiteboard.ErrNoState
	}
	if err != nil {
		return nil, err
	}
	if seq > head.Seq {
		rows, err := db.LogRows(ctx, storedb.LogRowsParams{Board: board, After: head.Seq})
		if err != nil {
			return nil, err
		}
		n := slices.IndexFunc(rows, func(r logRow) bool { return r.Seq == seq })
		if n < 0 {
			return nil, whiteboard.ErrNoState
		}
		return s.join(board, head, rows[:n+1])
	}
	held, err := db.HistoryHolding(ctx, storedb.HistoryHoldingParams{Board: board, Seq: seq})
	if err != nil {
		return nil, err
	}
	if held == 0 {
		return unpack(head.State)
	}
	rows, err := db.HistoryUntil(ctx, storedb.HistoryUntilParams{Board: board, Until: held})
	if err != nil {
		return nil, err
	}
	return joinHistory(rows)
}

func joinHistory(rows []storedb.HistoryUntilRow) ([]byte, error) {
	var h historyDoc
	for _, row := range rows {
		if err := h.read(row.Whole, row.Content); err != nil {
			return nil, fmt.Errorf("history at %d: %w", row.Seq, err)
		}
	}
	return h.doc.Encode(), nil
}

// History implements whiteboard.Store: each minute in which somebody drew is a change, whose number is that of its last one;
// the youngest one may still grow.
func (s *Store) History(ctx context.Context, board uuid.UUID, page whiteboard.HistoryPage) ([]whiteboard.Change, error) {
	page = withDefaults(page)
	var spans []span
	err := s.snapshot(ctx, func(db *storedb.Queries) (err error) {
		if spans, err = recent(ctx, db, board); err != nil {
			return err
		}
		spans = slices.DeleteFunc(spans, func(sp span) bool {
			return sp.seq >= page.Before || sp.at.Before(page.From) || !sp.at.Before(page.To)
		})
		slices.Reverse(spans)
		if len(spans) >= page.Limit {
			return nil
		}
		rows, err := db.HistoryPage(ctx, storedb.HistoryPageParams{
			Board: board, Before: page.Before, FromTime: page.From, ToTime: page.To, AtMost: int32(page.Limit - len(spans)),
		})
		for _, r := range rows {
			spans = append(spans, span{r.Seq, r.Since, r.At, r.Authors, r.Updates, r.Bytes})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("history of board %s: %w", board, err)
	}
	changes := make([]whiteboard.Change, 0, len(spans))
	for _, sp := range spans[:min(len(spans), page.Limit)] {
		changes = append(changes, whiteboard.Change{Seq: sp.seq, At: sp.at, Authors: sp.authors, Bytes: int(sp.bytes)})
	}
	return changes, nil
}

func withDefaults(p whiteboard.HistoryPage) whiteboard.HistoryPage {
	if p.Before <= 0 {
		p.Before = math.MaxInt64
	}
	if p.To.IsZero() {
		p.To = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if p.Limit <= 0 {
		p.Limit = defaultPage
	}
	p.Limit = min(p.Limit, maxPage)
	return p
}

// recent answers the minutes that are not in the history yet, oldest first.
func recent(ctx context.Context, db *storedb.Queries, board uuid.UUID) ([]span, error) {
	head, err := db.Head(ctx, board)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := db.LogSpans(ctx, storedb.LogSpansParams{Board: board, After: head.Seq})
	if err != nil {
		return nil, err
	}
	var spans []span
	open := headSpan(head)
	for _, row := range rows {
		if !open.holds(row.At) {
			spans = append(spans, open)
			open = span{}
		}
		open.add(spanOf(row.Seq, row.At, row.Author, row.Bytes))
	}
	if open.updates > 0 {
		spans = append(spans, open)
	}
	return spans, nil
}
