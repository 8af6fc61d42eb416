package store

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"parley/whiteboard"
	"parley/whiteboard/store/storedb"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	maxCommitRows  = 5000
	maxCommitBytes = 4 << 20
	commitTimeout  = 5 * time.Second
	firstBackoff   = 50 * time.Millisecond
	maxBackoff     = 2 * time.Second
)

// backoff says when to try again.
type backoff struct {
	pause time.Duration
	until time.Time
}

func (b *backoff) fail(now time.Time) {
	b.pause = min(max(2*b.pause, firstBackoff), maxBackoff)
	b.until = now.Add(b.pause)
}

func (b *backoff) reset() { *b = backoff{} }

// runCommits owns committing: of all boards, in their order, in few transactions.
func (s *Store) runCommits(ctx context.Context) {
	timer := time.NewTimer(math.MaxInt64)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.commits:
			// Others may come meanwhile.
			timer.Reset(s.delay)
			select {
			case <-ctx.Done():
				return
			case <-s.hurry:
			case <-timer.C:
			}
		case <-s.hurry:
		case <-timer.C:
		}
		timer.Reset(s.commitAll(ctx))
	}
}

// commitAll commits what waits and answers when to try those again that failed.
func (s *Store) commitAll(ctx context.Context) time.Duration {
	for {
		parts := s.gather(time.Now())
		if len(parts) == 0 {
			return s.untilRetry(time.Now())
		}
		s.commit(ctx, parts)
		if ctx.Err() != nil {
			return math.MaxInt64
		}
	}
}

// gather takes from the dirty logs what goes into one transaction. What has to pause, or finds no room, stays dirty.
func (s *Store) gather(now time.Time) []part {
	s.mu.Lock()
	dirty := s.dirty
	s.dirty = nil
	s.mu.Unlock()
	var parts []part
	var left []*boardLog
	rows, bytes := 0, 0
	for _, l := range dirty {
		if rows >= maxCommitRows || bytes >= maxCommitBytes || !l.due(now) {
			left = append(left, l)
			continue
		}
		taken, size := l.take(maxCommitRows-rows, maxCommitBytes-bytes)
		if len(taken) == 0 {
			l.unqueue()
			continue
		}
		rows, bytes = rows+len(taken), bytes+size
		parts = append(parts, part{l, taken})
	}
	s.mu.Lock()
	s.dirty = append(left, s.dirty...)
	s.mu.Unlock()
	return parts
}

// untilRetry answers when the first of the dirty logs is due.
func (s *Store) untilRetry(now time.Time) time.Duration {
	s.mu.Lock()
	dirty := slices.Clone(s.dirty)
	s.mu.Unlock()
	pause := time.Duration(math.MaxInt64)
	for _, l := range dirty {
		pause = min(pause, max(l.dueIn(now), time.Millisecond))
	}
	return pause
}

func (s *Store) commit(ctx context.Context, parts []part) {
	began := time.Now()
	held, err := s.write(ctx, parts)
	if err != nil && len(parts) > 1 && ofOneBoard(err) {
		for i := range parts {
			s.commit(ctx, parts[i:i+1])
		}
		return
	}
	s.metrics.committed(began, err)
	holding := make(map[uuid.UUID]bool, len(held))
	for _, board := range held {
		holding[board] = true
	}
	for _, p := range parts {
		switch {
		case err != nil:
			p.log.failed(err, time.Now())
		case holding[p.log.board]:
			p.log.committed(len(p.rows))
		default:
			p.log.lose()
		}
		p.log.unqueue()
	}
}

// write answers the boards whose changes are in the database now; of the others the lease is lost.
func (s *Store) write(ctx context.Context, parts []part) ([]uuid.UUID, error) {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	var p storedb.AppendChangesParams
	for i, part := range parts {
		p.Boards, p.Epochs = append(p.Boards, part.log.board), append(p.Epochs, part.log.epoch)
		for _, row := range part.rows {
			p.Places, p.Seqs = append(p.Places, int32(i+1)), append(p.Seqs, row.Seq)
			p.Updates, p.Authors, p.Ats = append(p.Updates, row.Update), append(p.Authors, row.Author), append(p.Ats, row.At)
		}
	}
	return s.db.AppendChanges(ctx, p)
}

// ofOneBoard tells whether the database refused data: then the others are committed without it.
func ofOneBoard(err error) bool {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || len(refused.Code) < 2 {
		return false
	}
	switch refused.Code[:2] {
	case "22", "23", "54":
		return true
	}
	return false
}

func (l *boardLog) due(now time.Time) bool { return l.dueIn(now) <= 0 }

func (l *boardLog) dueIn(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.retry.until.Sub(now)
}

// unqueue takes the log out of the queue, unless it has more to commit.
func (l *boardLog) unqueue() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queued = false
	l.queueLocked()
}

// holding answers the epoch of a log that has begun and is not lost.
func (l *boardLog) holding() (int64, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epoch, l.epoch != 0 && !errors.Is(l.err, whiteboard.ErrLost)
}
