package whiteboard

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// acquire answers the board, loaded, for one more user. A board that is being put away is waited for and loaded again.
func (s *Server) acquire(ctx context.Context, id uuid.UUID) (*board, error) {
	for {
		b, wait, err := s.reserve(id)
		if err != nil {
			return nil, err
		}
		if wait {
			select {
			case <-b.gone:
				continue
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		}
		select {
		case <-b.ready:
			err = b.err
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		if err != nil {
			s.release(b)
			return nil, err
		}
		return b, nil
	}
}

// reserve finds or makes the board and counts one user more, unless the board must be waited for.
func (s *Server) reserve(id uuid.UUID) (b *board, wait bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return nil, false, ErrUnavailable
	}
	b = s.boards[id]
	if b != nil && b.retired {
		return b, true, nil
	}
	if b == nil {
		b = newBoard(s, id)
		s.boards[id] = b
		s.work.Go(b.run)
	}
	b.users++
	return b, false, nil
}

// release counts a user less; the last one wakes the board.
func (s *Server) release(b *board) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.users--; b.users == 0 {
		signal(b.idle)
	}
}

// retireIdle makes a board take no more users when it has none.
func (s *Server) retireIdle(b *board) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.retired = b.retired || b.users == 0
	return b.retired
}

// retire makes a board take no more users.
func (s *Server) retire(b *board) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.retired = true
}

// forget ends a board whose log is closed.
func (s *Server) forget(b *board) {
	s.mu.Lock()
	delete(s.boards, b.id)
	s.mu.Unlock()
	close(b.gone)
}

// loaded answers the board if it is open here and not being put away.
func (s *Server) loaded(id uuid.UUID) *board {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.boards[id]; b != nil && !b.retired {
		return b
	}
	return nil
}

func (s *Server) countBoards() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(len(s.boards))
}

// endForLoad is how a connection ends whose board could not be loaded.
func (s *Server) endForLoad(id uuid.UUID, err error) ending {
	var elsewhere *ElsewhereError
	switch {
	case errors.As(err, &elsewhere):
		return endMoved
	case isRefusal(err):
		return endFor(err)
	case !errors.Is(err, ErrUnavailable):
		s.log.Error("board not loaded", "board", id, "error", err)
	}
	return endUnavailable
}
