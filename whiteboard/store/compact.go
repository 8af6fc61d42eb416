package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"parley/whiteboard"
	"parley/whiteboard/store/storedb"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// foldTimeout bounds one compaction, so that others get their turn.
const foldTimeout = time.Minute

var errGap = errors.New("a change is missing in the log")

// compact folds what is committed into the state. It is no error when there is nothing to gain.
func (l *boardLog) compact(ctx context.Context) error {
	select {
	case l.folding <- struct{}{}:
		defer func() { <-l.folding }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	l.mu.Lock()
	rows, saved, lost := l.log.rows, l.saved, errors.Is(l.err, whiteboard.ErrLost)
	l.mu.Unlock()
	if lost {
		return whiteboard.ErrLost
	}
	if rows == 0 {
		return nil
	}
	began := time.Now()
	taken, err := l.store.fold(ctx, l.board, l.epoch, saved)
	l.store.metrics.folded(began, err)
	if err != nil {
		return fmt.Errorf("compact board %s: %w", l.board, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.restTill = now.Add(foldRest * now.Sub(began))
	l.log = l.log.plus(-taken.rows, -taken.bytes)
	return nil
}

// fold answers what it took out of the log: changes up to until. Later ones may be there already, but whoever committed them
// does not know it yet and will try again.
func (s *Store) fold(ctx context.Context, board uuid.UUID, epoch, until int64) (taken volume, err error) {
	head, rows, err := s.read(ctx, board)
	if err != nil {
		return taken, err
	}
	if n := slices.IndexFunc(rows, func(r logRow) bool { return r.Seq > until }); n >= 0 {
		rows = rows[:n]
	}
	if len(rows) == 0 {
		return taken, nil
	}
	for i, row := range rows {
		if row.Seq != head.Seq+int64(i)+1 {
			return volume{}, fmt.Errorf("%w: %d comes after %d", errGap, row.Seq, head.Seq+int64(i))
		}
		taken = taken.plus(1, len(row.Update))
	}
	f, err := fold(head, rows, func() ([]storedb.HistoryUntilRow, error) {
		return s.db.HistoryUntil(ctx, storedb.HistoryUntilParams{Board: board, Until: head.Seq})
	})
	if err != nil {
		return volume{}, err
	}
	return taken, s.replace(ctx, board, epoch, head.Seq, int64(taken.rows), f)
}

// replace puts what was folded in the place of the state it was made of and of that many changes, or does nothing.
func (s *Store) replace(ctx context.Context, board uuid.UUID, epoch, was, changes int64, f *folded) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		db := s.db.WithTx(tx)
		if _, err := db.LockLease(ctx, storedb.LockLeaseParams{Board: board, Epoch: epoch}); errors.Is(err, pgx.ErrNoRows) {
			return whiteboard.ErrLost
		} else if err != nil {
			return err
		}
		n, err := db.ReplaceHead(ctx, storedb.ReplaceHeadParams{
			Board: board, Was: was, Seq: f.seq, State: f.state, Since: f.since, At: f.at, Authors: f.authors,
			Updates: f.updates, Bytes: f.bytes, HistoryVector: f.historyVector,
		})
		if err != nil {
			return err
		}
		if n != 1 {
			return errors.New("the state changed meanwhile")
		}
		for _, m := range f.moments {
			if err := db.InsertHistory(ctx, storedb.InsertHistoryParams{
				Board: board, Seq: m.seq, Since: m.since, At: m.at, Authors: m.authors, Updates: m.updates, Bytes: m.bytes,
				Whole: m.whole, Content: m.content,
			}); err != nil {
				return err
			}
		}
		deleted, err := db.DeleteLog(ctx, storedb.DeleteLogParams{Board: board, Until: f.seq, Was: was})
		if err != nil {
			return err
		}
		if deleted != changes {
			return fmt.Errorf("the log had %d changes, not %d", deleted, changes)
		}
		return nil
	})
}

// overlongLog is a log to be compacted, not before due.
type overlongLog struct {
	log *boardLog
	due time.Time
}

// queueFold has the log compacted once it is due.
func (s *Store) queueFold(l *boardLog, due time.Time) {
	s.mu.Lock()
	s.overlong = append(s.overlong, overlongLog{l, due})
	s.mu.Unlock()
	signal(s.folds)
}

// nextFold takes out the log that is due first, or answers how long it is until then: zero when none waits.
func (s *Store) nextFold(now time.Time) (*boardLog, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.overlong) == 0 {
		return nil, 0
	}
	first := 0
	for i, o := range s.overlong {
		if o.due.Before(s.overlong[first].due) {
			first = i
		}
	}
	o := s.overlong[first]
	if wait := o.due.Sub(now); wait > 0 {
		return nil, wait
	}
	s.overlong = slices.Delete(s.overlong, first, first+1)
	return o.log, 0
}

// runFolds compacts logs that grew long, one after the other, so that it takes no more than one core.
func (s *Store) runFolds(ctx context.Context) {
	for ctx.Err() == nil {
		l, wait := s.nextFold(time.Now())
		if l != nil {
			s.foldOne(ctx, l)
			continue
		}
		var due <-chan time.Time
		if wait > 0 {
			due = time.After(wait)
		}
		select {
		case <-ctx.Done():
		case <-s.folds:
		case <-due:
		}
	}
}

func (s *Store) foldOne(ctx context.Context, l *boardLog) {
	ctx, cancel := context.WithTimeout(ctx, foldTimeout)
	defer cancel()
	err := l.compact(ctx)
	if err != nil && !errors.Is(err, whiteboard.ErrLost) && ctx.Err() == nil {
		s.log.Error("board not compacted, its log is kept", "board", l.board, "error", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.overlong, l.foldAt = false, volume{foldEvery, foldBytes}
	if err != nil {
		l.foldAt = l.log.plus(foldEvery, foldBytes)
	}
	l.queueFoldLocked()
}
