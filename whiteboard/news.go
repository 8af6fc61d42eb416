package whiteboard

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Changed says that people changed a board.
type Changed struct {
	Board   uuid.UUID
	Authors []string // Person.Key of all who did, since it was told last; without the empty one
	At      time.Time
}

// news collects who changed a board until somebody is told.
type news struct {
	board uuid.UUID
	wake  chan struct{} // holds one signal
	done  chan struct{} // closed when the board is saved

	// Guarded by mu.
	mu      sync.Mutex
	authors map[string]struct{}
	at      time.Time // zero when nothing changed
}

func newNews(board uuid.UUID) news {
	return news{board: board, wake: make(chan struct{}, 1), done: make(chan struct{}), authors: map[string]struct{}{}}
}

// note wakes runNews for the first change only; it finds out about more by itself.
func (n *news) note(author string, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.at.IsZero() {
		signal(n.wake)
	}
	if author != "" {
		n.authors[author] = struct{}{}
	}
	n.at = at
}

func (n *news) latest() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.at
}

func (n *news) take() (c Changed, any bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c = Changed{Board: n.board, Authors: slices.Sorted(maps.Keys(n.authors)), At: n.at}
	any = !n.at.IsZero()
	clear(n.authors)
	n.at = time.Time{}
	return c, any
}

// runNews tells of changes when they pause, now and then while they do not, and at the end.
func (b *board) runNews() {
	n := &b.news
	for {
		select {
		case <-n.wake:
		case <-n.done:
			b.tellNews()
			return
		}
		n.settle()
		b.tellNews()
	}
}

// settle waits for a pause.
func (n *news) settle() {
	end := time.Now().Add(changedAtLeast)
	timer := time.NewTimer(changedQuiet)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-n.done:
			return
		}
		now := time.Now()
		quiet := n.latest().Add(changedQuiet)
		if !now.Before(quiet) || !now.Before(end) {
			return
		}
		timer.Reset(min(quiet.Sub(now), end.Sub(now)))
	}
}

func (b *board) tellNews() {
	if c, any := b.news.take(); any && b.server.cfg.OnChanged != nil {
		b.server.cfg.OnChanged(c)
	}
}
