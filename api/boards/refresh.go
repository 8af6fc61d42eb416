package boards

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parley/api/boards/boardsdb"
	"parley/internal/search"
	"parley/whiteboard/scene"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

const (
	maxTextBytes   = 64 << 10 // of what is written on a board, for search
	refreshTimeout = time.Minute
)

// Changed says that somebody has drawn on a board. It returns at once; thumbnail, text and count follow.
func (s *Service) Changed(board uuid.UUID, author string) {
	s.refresher.changed(board, author, s.time())
}

// refresher reads boards that have changed, one after the other. A board that changes again before its turn is read once.
type refresher struct {
	service *Service
	wake    chan struct{} // capacity 1
	closing chan struct{} // closed when nothing is to be added any more
	cancel  context.CancelFunc
	done    chan struct{}
	once    sync.Once

	mu      sync.Mutex
	waiting map[uuid.UUID]change // guarded by mu
	order   []uuid.UUID          // guarded by mu
}

// change is who last changed a board, when; nobody when it is only to be read again.
type change struct {
	author string
	at     time.Time
}

func startRefresher(s *Service) *refresher {
	ctx, cancel := context.WithCancel(context.Background())
	r := &refresher{
		service: s, wake: make(chan struct{}, 1), closing: make(chan struct{}), cancel: cancel, done: make(chan struct{}),
		waiting: map[uuid.UUID]change{},
	}
	go r.run(ctx)
	return r
}

// close reads what waits and ends; when ctx ends first, what is left stays as it was.
func (r *refresher) close(ctx context.Context) error {
	r.once.Do(func() { close(r.closing) })
	defer r.cancel()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		r.cancel()
		<-r.done
		return context.Cause(ctx)
	}
}

func (r *refresher) enqueue(board uuid.UUID) { r.changed(board, "", time.Time{}) }

func (r *refresher) changed(board uuid.UUID, author string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, waits := r.waiting[board]
	if !waits {
		r.order = append(r.order, board)
	}
	if author == "" {
		author, at = before.author, before.at
	}
	r.waiting[board] = change{author, at}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *refresher) next() (uuid.UUID, change, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.order) == 0 {
		return uuid.Nil, change{}, false
	}
	board := r.order[0]
	r.order = r.order[1:]
	c := r.waiting[board]
	delete(r.waiting, board)
	return board, c, true
}

func (r *refresher) run(ctx context.Context) {
	defer close(r.done)
	for {
		select {
		case <-r.closing:
			r.readAll(ctx)
			return
		case <-r.wake:
			r.readAll(ctx)
		}
	}
}

func (r *refresher) readAll(ctx context.Context) {
	for ctx.Err() == nil {
		board, c, ok := r.next()
		if !ok {
			return
		}
		if err := r.service.refresh(ctx, board, c); err != nil && ctx.Err() == nil {
			r.service.log.Warn("board not drawn", slog.Any("board", board), slog.Any("error", err))
		}
	}
}

func (s *Service) refresh(ctx context.Context, board uuid.UUID, c change) error {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	if c.author != "" {
		if err := s.db.Touch(ctx, boardsdb.TouchParams{ID: board, Now: c.at, UpdatedBy: c.author}); err != nil {
			return err
		}
	}
	state, err := s.documents.State(ctx, board)
	if err != nil {
		return err
	}
	if err := s.read(ctx, board, state); err != nil || c.author == "" {
		return err
	}
	s.tell(ctx, board)
	return nil
}

// read keeps what lists show of a document.
func (s *Service) read(ctx context.Context, board uuid.UUID, state []byte) error {
	doc, err := ydoc.Load(ydoc.Limits{}, state)
	if err != nil {
		return fmt.Errorf("board %s: %w", board, err)
	}
	drawn := scene.Read(doc)
	svg, version := []byte(nil), ""
	if len(drawn.Elements) > 0 {
		svg = drawn.Thumbnail(s.smallPictures(ctx, board, drawn.Files()))
		sum := sha256.Sum256(svg)
		version = hex.EncodeToString(sum[:8])
	}
	text := drawn.Text(maxTextBytes)
	return s.transact(ctx, func(q *boardsdb.Queries) error {
		n, err := q.SaveContent(ctx, boardsdb.SaveContentParams{
			ID: board, ElementCount: int32(len(drawn.Elements)), ThumbnailVersion: version,
		})
		if err != nil || n == 0 {
			return err
		}
		if err := q.IndexText(ctx, boardsdb.IndexTextParams{BoardID: board, Text: text, Words: search.Text(text)}); err != nil {
			return err
		}
		if err := q.MarkFiles(ctx, boardsdb.MarkFilesParams{BoardID: board, OnBoard: orEmpty(drawn.Files()), Now: s.time()}); err != nil || version == "" {
			return err
		}
		return q.SaveThumbnail(ctx, boardsdb.SaveThumbnailParams{BoardID: board, Version: version, Svg: svg})
	})
}
