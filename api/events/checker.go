package events

import (
	"context"
	"errors"
	"sync"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

const checkWait = 5 * time.Second // for one answer

// checker asks again whether streams may go on: all of them from time to time, and those that follow a conversation
// when somebody may have lost the right to it. One goroutine does it, away from delivery.
type checker struct {
	hub    *Hub               // static
	cancel context.CancelFunc // static
	done   chan struct{}      // static; closed by run
	wake   chan struct{}      // static; holds one token

	mu     sync.Mutex
	wanted map[uuid.UUID]bool // conversations to be checked, the nil UUID for all streams; guarded by mu
}

func newChecker(h *Hub) *checker {
	ctx, cancel := context.WithCancel(context.Background())
	c := &checker{hub: h, cancel: cancel, done: make(chan struct{}), wake: make(chan struct{}, 1), wanted: map[uuid.UUID]bool{}}
	go c.run(ctx)
	return c
}

func (c *checker) close() {
	c.cancel()
	<-c.done
}

// ask has the streams that follow a conversation checked soon, all streams for the nil UUID.
func (c *checker) ask(conversation uuid.UUID) {
	c.mu.Lock()
	c.wanted[conversation] = true
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checker) run(ctx context.Context) {
	defer close(c.done)
	tick := time.NewTicker(c.hub.cfg.CheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.checkAll(ctx)
		case <-c.wake:
			c.mu.Lock()
			wanted := c.wanted
			c.wanted = map[uuid.UUID]bool{}
			c.mu.Unlock()
			if wanted[uuid.Nil] {
				c.checkAll(ctx)
				continue
			}
			for id := range wanted {
				c.checkConversation(ctx, id)
			}
		}
	}
}

func (c *checker) checkAll(ctx context.Context) {
	for _, s := range c.hub.list() {
		if ctx.Err() != nil {
			return
		}
		if c.checkWho(ctx, s) {
			for _, id := range c.hub.topicsOf(s) {
				c.checkTopic(ctx, s, id)
			}
		}
	}
}

func (c *checker) checkConversation(ctx context.Context, id uuid.UUID) {
	for _, s := range c.hub.followers(id) {
		if ctx.Err() != nil {
			return
		}
		c.checkTopic(ctx, s, id)
	}
}

// checkWho ends a stream whose credential does not say the same person any more. When nobody can tell, the stream goes
// on.
func (c *checker) checkWho(ctx context.Context, s *stream) bool {
	ctx, cancel := context.WithTimeout(ctx, checkWait)
	defer cancel()
	p, err := c.hub.cfg.Authenticate(s.request.WithContext(ctx))
	if err != nil && !errors.Is(err, fault.Unauthenticated) {
		return true
	}
	if err != nil || p.Key() != s.who.Key() || p.SessionID != s.who.SessionID || !authz.Can(p, authz.ReadChat) {
		s.end(reasonUnauthenticated)
		return false
	}
	return true
}

// checkTopic stops a stream from following what it may not follow any more. A guest has nothing else to follow.
func (c *checker) checkTopic(ctx context.Context, s *stream, id uuid.UUID) {
	ctx, cancel := context.WithTimeout(ctx, checkWait)
	defer cancel()
	since, err := c.hub.cfg.Follow(ctx, s.who, id)
	if err == nil {
		c.hub.refollow(s, id, since)
		return
	}
	f := fault.From(err)
	if f.Status >= 500 {
		return
	}
	if c.hub.unfollow(s, id) {
		s.push(frameOf(unsubscribed{"unsubscribed", id, string(f.Code)}))
	}
	if s.who.Kind == authz.Guest {
		s.end(reasonNotInMeeting)
	}
}

func (h *Hub) list() []*stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*stream, 0, len(h.streams))
	for s := range h.streams {
		list = append(list, s)
	}
	return list
}

func (h *Hub) followers(id uuid.UUID) []*stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*stream, 0, len(h.byTopic[id]))
	for s := range h.byTopic[id] {
		list = append(list, s)
	}
	return list
}

func (h *Hub) topicsOf(s *stream) []uuid.UUID {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]uuid.UUID, 0, len(s.topics))
	for id := range s.topics {
		list = append(list, id)
	}
	return list
}
