package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"parley/whiteboard"
	"parley/whiteboard/store/storedb"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

// A log is compacted when it holds so many changes, or so many bytes of them.
const (
	foldEvery = 500
	foldBytes = 8 << 20
	// foldRest is how many times as long as a compaction took its board is left alone: a board with hundreds of thousands
	// of values that were written over takes a third of a second.
	foldRest = 20
)

// releaseTimeout bounds giving back a lease when there is no time left.
const releaseTimeout = 2 * time.Second

// logRow is a change in the log.
type logRow = storedb.LogRowsRow

// boardLog is a whiteboard.Log.
type boardLog struct {
	// static after begin
	store   *Store
	board   uuid.UUID
	epoch   int64
	changed chan struct{}
	settled chan struct{} // nothing waits any more; capacity one
	folding chan struct{} // held while the log is compacted; capacity one
	gone    chan struct{} // closed at the end of Close

	closing  sync.Once
	closeErr error // written inside closing

	mu       sync.Mutex
	waiting  []logRow  // guarded by mu; appended and not committed, oldest first
	bytes    int       // guarded by mu; of waiting
	last     int64     // guarded by mu; sequence number of the newest change
	saved    int64     // guarded by mu; of the newest committed one
	log      volume    // guarded by mu; committed and not compacted
	err      error     // guarded by mu; why committing fails
	queued   bool      // guarded by mu; is in Store.dirty
	overlong bool      // guarded by mu; is in Store.overlong
	foldAt   volume    // guarded by mu; what makes the log overlong
	restTill time.Time // guarded by mu; before that it is not compacted again
	closed   bool      // guarded by mu
	retry    backoff   // guarded by mu
}

// volume counts changes.
type volume struct{ rows, bytes int }

func (v volume) plus(rows, bytes int) volume { return volume{v.rows + rows, v.bytes + bytes} }

func newBoardLog(s *Store, board uuid.UUID) *boardLog {
	return &boardLog{
		store: s, board: board,
		changed: make(chan struct{}, 1), settled: make(chan struct{}, 1), folding: make(chan struct{}, 1),
		gone: make(chan struct{}), foldAt: volume{foldEvery, foldBytes},
	}
}

// begin takes the lease.
func (l *boardLog) begin(ctx context.Context) error {
	epoch, err := l.store.takeLease(ctx, l.board)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.epoch = epoch
	l.mu.Unlock()
	newest, err := l.store.db.LastSeq(ctx, l.board)
	if err != nil {
		l.release(ctx)
		return fmt.Errorf("newest change: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.saved, l.log = newest.Seq, newest.Seq, volume{int(newest.Rows), int(newest.Bytes)}
	return nil
}

// Load implements whiteboard.Log. Changes that do not decode are left out, and stay in the log.
func (l *boardLog) Load(ctx context.Context) ([][]byte, error) {
	head, rows, err := l.store.read(ctx, l.board)
	if err != nil {
		return nil, fmt.Errorf("load board %s: %w", l.board, err)
	}
	updates, err := l.store.updates(l.board, head, rows)
	if err != nil {
		return nil, fmt.Errorf("load board %s: %w", l.board, err)
	}
	return updates, nil
}

// updates answers the state and the changes after it that can be read.
func (s *Store) updates(board uuid.UUID, head storedb.HeadRow, rows []logRow) ([][]byte, error) {
	state, err := unpack(head.State)
	if err != nil {
		return nil, err
	}
	updates := make([][]byte, 1, 1+len(rows))
	updates[0] = state
	for _, row := range rows {
		if _, err := ydoc.UpdateStateVector(row.Update); err != nil {
			s.log.Error("change of a board cannot be read", "board", board, "seq", row.Seq, "error", err)
			continue
		}
		updates = append(updates, row.Update)
	}
	return updates, nil
}

// Append implements whiteboard.Log.
func (l *boardLog) Append(e whiteboard.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || errors.Is(l.err, whiteboard.ErrLost) || len(e.Update) == 0 {
		return
	}
	l.last++
	l.waiting = append(l.waiting, logRow{Seq: l.last, Update: e.Update, Author: validText(e.Author), At: e.At})
	l.bytes += len(e.Update)
	l.store.metrics.waiting.Add(float64(len(e.Update)))
	l.queueLocked()
}

// validText drops what PostgreSQL refuses in a text.
func validText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// queueLocked puts the log among those to be committed.
func (l *boardLog) queueLocked() {
	if l.queued || len(l.waiting) == 0 {
		return
	}
	l.queued = true
	l.store.mu.Lock()
	l.store.dirty = append(l.store.dirty, l)
	l.store.mu.Unlock()
	signal(l.store.commits)
}

// Status implements whiteboard.Log.
func (l *boardLog) Status() whiteboard.LogStatus {
	l.mu.Lock()
	defer l.mu.Unlock()
	return whiteboard.LogStatus{Bytes: l.bytes, Entries: len(l.waiting), Err: l.err}
}

// Changed implements whiteboard.Log.
func (l *boardLog) Changed() <-chan struct{} { return l.changed }

// part is what of a log goes into one commit.
type part struct {
	log  *boardLog
	rows []logRow
}

// take answers the oldest changes that wait, within the bounds but at least one when some is asked for.
func (l *boardLog) take(maxRows, maxBytes int) (rows []logRow, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for n, row := range l.waiting {
		if n == maxRows || n > 0 && bytes+len(row.Update) > maxBytes {
			return l.waiting[:n:n], bytes
		}
		bytes += len(row.Update)
	}
	return l.waiting[:len(l.waiting):len(l.waiting)], bytes
}

// committed drops changes that are in the database now.
func (l *boardLog) committed(rows int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if rows > len(l.waiting) {
		// Close or a loss dropped them meanwhile.
		return
	}
	l.saved = l.waiting[rows-1].Seq
	l.log = l.log.plus(rows, l.dropLocked(rows))
	l.retry.reset()
	l.setLocked(nil)
	l.queueFoldLocked()
}

// queueFoldLocked has the log compacted after its rest if it is too long.
func (l *boardLog) queueFoldLocked() {
	if l.overlong || l.closed || !l.isOverlongLocked() {
		return
	}
	l.overlong = true
	l.store.queueFold(l, l.restTill)
}

func (l *boardLog) isOverlongLocked() bool {
	return l.log.rows >= l.foldAt.rows || l.log.bytes >= l.foldAt.bytes
}

// failed keeps the changes for another try.
func (l *boardLog) failed(err error, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) > 0 {
		l.retry.fail(now)
		l.setLocked(err)
	}
}

// lose ends the log: another node writes to the board, or it is deleted.
func (l *boardLog) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(l.err, whiteboard.ErrLost) || l.closed && len(l.waiting) == 0 {
		return
	}
	l.store.metrics.lost.Inc()
	l.store.log.Warn("lease of a board lost", "board", l.board, "dropped", len(l.waiting))
	l.dropLocked(len(l.waiting))
	l.setLocked(whiteboard.ErrLost)
}

// dropLocked answers the bytes that no longer wait.
func (l *boardLog) dropLocked(rows int) (bytes int) {
	for i := range l.waiting[:rows] {
		bytes += len(l.waiting[i].Update)
	}
	// The committer may still hold these rows: they are left to the collector, not cleared.
	l.waiting = l.waiting[rows:]
	if len(l.waiting) == 0 {
		l.waiting = nil
		signal(l.settled)
	}
	l.bytes -= bytes
	l.store.metrics.waiting.Sub(float64(bytes))
	return bytes
}

func (l *boardLog) setLocked(err error) {
	if errors.Is(l.err, whiteboard.ErrLost) || (l.err == nil) == (err == nil) && !errors.Is(err, whiteboard.ErrLost) {
		return
	}
	l.err = err
	signal(l.changed)
}

// Close implements whiteboard.Log.
func (l *boardLog) Close(ctx context.Context) error {
	l.closing.Do(func() {
		l.closeErr = l.close(ctx)
		l.store.forget(l)
	})
	return l.closeErr
}

func (l *boardLog) close(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	err := l.settle(ctx)
	if errors.Is(l.Status().Err, whiteboard.ErrLost) {
		return fmt.Errorf("close board %s: %w", l.board, whiteboard.ErrLost)
	}
	if err == nil {
		if foldErr := l.compact(ctx); foldErr != nil && ctx.Err() == nil {
			l.store.log.Warn("board not compacted at its end", "board", l.board, "error", foldErr)
		}
	}
	l.release(ctx)
	return err
}

// settle waits until everything is committed. When ctx ends first it drops the rest.
func (l *boardLog) settle(ctx context.Context) error {
	signal(l.store.hurry)
	for {
		if l.Status().Entries == 0 {
			return nil
		}
		select {
		case <-l.settled:
		case <-ctx.Done():
			l.mu.Lock()
			defer l.mu.Unlock()
			n := len(l.waiting)
			if n == 0 {
				return nil
			}
			cause := errors.Join(context.Cause(ctx), l.err)
			l.dropLocked(n)
			return fmt.Errorf("close board %s: %d changes are not saved: %w", l.board, n, cause)
		}
	}
}

// release gives the lease back; when that fails it ends by itself.
func (l *boardLog) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	if err := l.store.db.ReleaseLease(ctx, storedb.ReleaseLeaseParams{Board: l.board, Epoch: l.epoch}); err != nil {
		l.store.log.Warn("lease of a board not released", "board", l.board, "error", err)
	}
}
