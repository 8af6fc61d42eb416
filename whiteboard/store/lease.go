package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/whiteboard"
	"parley/whiteboard/store/storedb"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// leaseTries is how often a lease is asked for that was free when the database was asked who has it.
const leaseTries = 5

func interval(d time.Duration) pgtype.Interval {
	return pgtype.Interval{Microseconds: d.Microseconds(), Valid: true}
}

// takeLease answers the epoch under which this node may write to the board.
func (s *Store) takeLease(ctx context.Context, board uuid.UUID) (int64, error) {
	for range leaseTries {
		if err := s.db.EmptyDocument(ctx, board); err != nil {
			return 0, fmt.Errorf("take lease: %w", err)
		}
		epoch, err := s.db.TakeLease(ctx, storedb.TakeLeaseParams{Board: board, Node: s.node, Ttl: interval(s.lease)})
		if err == nil {
			return epoch, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return 0, fmt.Errorf("take lease: %w", err)
		}
		lease, err := s.db.Lease(ctx, board)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return 0, fmt.Errorf("take lease: %w", err)
		}
		if err == nil && lease.Held {
			return 0, &whiteboard.ElsewhereError{Node: lease.Node}
		}
	}
	return 0, errors.New("take lease: others are faster")
}

// runRenewals keeps the leases of all open boards.
func (s *Store) runRenewals(ctx context.Context) {
	tick := time.NewTicker(s.lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.renew(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("leases of boards not renewed", "error", err)
			}
		}
	}
}

// renew does not end a log because the database did not answer in time: as long as nobody took the lease, the log may
// write on.
func (s *Store) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.lease/3)
	defer cancel()
	asked := storedb.RenewLeasesParams{Ttl: interval(s.lease)}
	logs := map[uuid.UUID]*boardLog{}
	for _, l := range s.logs() {
		if epoch, ok := l.holding(); ok {
			logs[l.board] = l
			asked.Boards, asked.Epochs = append(asked.Boards, l.board), append(asked.Epochs, epoch)
		}
	}
	if len(logs) == 0 {
		return nil
	}
	renewed, err := s.db.RenewLeases(ctx, asked)
	if err != nil {
		return err
	}
	for _, board := range renewed {
		delete(logs, board)
	}
	for _, l := range logs {
		l.lose()
	}
	return nil
}
