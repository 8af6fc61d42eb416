package whiteboard

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// gate watches who has a board open through this node, whichever node holds the board: it asks the Doorkeeper again now
// and then, and when it is told to.
type gate struct {
	// Static after construction.
	server *Server
	board  uuid.UUID
	wake   chan struct{} // holds a signal when all are to be checked
	ctx    context.Context
	cancel context.CancelFunc

	// Guarded by Server.mu.
	visits   map[*visit]struct{}
	byPerson map[string]int
}

// visit is a connection as the gate sees it.
type visit struct {
	request *http.Request // what opened it; static
	person  string        // static
	out     *outbox       // static

	// Guarded by mu.
	mu      sync.Mutex
	grant   Grant
	deliver func(Grant)
}

// follow tells what holds now, and each change from now on.
func (v *visit) follow(deliver func(Grant)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.deliver = deliver
	deliver(v.grant)
}

// attach says who is told of changes from now on, and answers the grant that holds now.
func (v *visit) attach(deliver func(Grant)) Grant {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.deliver = deliver
	return v.grant
}

// admit takes a new grant and tells of it when it is another one.
func (v *visit) admit(g Grant) {
	v.mu.Lock()
	defer v.mu.Unlock()
	old := v.grant
	v.grant = g
	if v.deliver != nil && (old.Role != g.Role || old.Person != g.Person) {
		v.deliver(g)
	}
}

func (v *visit) until() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.grant.Until
}

// enter counts a connection in, unless there are too many.
func (s *Server) enter(id uuid.UUID, v *visit) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gates[id]
	if g == nil {
		g = &gate{server: s, board: id, wake: make(chan struct{}, 1), visits: map[*visit]struct{}{}, byPerson: map[string]int{}}
		g.ctx, g.cancel = context.WithCancel(s.ctx)
		s.gates[id] = g
		s.work.Go(g.run)
	}
	if len(g.visits) >= maxConnectionsOfBoard || g.byPerson[v.person] >= maxConnectionsOfPerson {
		return false
	}
	g.visits[v] = struct{}{}
	g.byPerson[v.person]++
	return true
}

// exit counts a connection out; the last one ends the gate.
func (s *Server) exit(id uuid.UUID, v *visit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gates[id]
	delete(g.visits, v)
	if g.byPerson[v.person]--; g.byPerson[v.person] == 0 {
		delete(g.byPerson, v.person)
	}
	if len(g.visits) == 0 {
		delete(s.gates, id)
		g.cancel()
	}
}

func (g *gate) list() []*visit {
	g.server.mu.Lock()
	defer g.server.mu.Unlock()
	list := make([]*visit, 0, len(g.visits))
	for v := range g.visits {
		list = append(list, v)
	}
	return list
}

func (g *gate) run() {
	timer := time.NewTimer(recheckEvery)
	defer timer.Stop()
	for {
		select {
		case <-g.ctx.Done():
			return
		case <-timer.C:
		case <-g.wake:
		}
		timer.Reset(time.Until(g.checkAll()))
	}
}

// checkAll answers when it should be called again: a grant may end before the usual time.
func (g *gate) checkAll() (next time.Time) {
	now := time.Now()
	next = now.Add(recheckEvery)
	for _, v := range g.list() {
		if err := g.check(v); err != nil {
			g.server.log.Warn("access to a board not checked", "board", g.board, "error", err)
			break // nobody knows; the others would wait as long for the same
		}
		if until := v.until(); !until.IsZero() && until.Before(next) {
			next = until
		}
	}
	if soonest := now.Add(time.Second); next.Before(soonest) {
		return soonest
	}
	return next
}

// check asks about one connection and ends or changes it. The error says that the Doorkeeper did not know.
func (g *gate) check(v *visit) error {
	ctx, cancel := context.WithTimeout(g.ctx, admitTimeout)
	defer cancel()
	grant, err := g.server.admit(ctx, v.request, g.board)
	switch {
	case err == nil && grant.Person.Key != v.person:
		v.out.end(endUnauthenticated) // somebody else is signed in there
	case err == nil:
		v.admit(grant)
	case errors.Is(err, ErrHidden):
		v.out.end(endDenied)
	case isRefusal(err):
		v.out.end(endFor(err))
	case !v.until().IsZero() && time.Now().After(v.until()):
		v.out.end(endDenied)
	case g.ctx.Err() == nil:
		return err
	}
	return nil
}

// admit asks the Doorkeeper; a role that is none is no access.
func (s *Server) admit(ctx context.Context, r *http.Request, id uuid.UUID) (Grant, error) {
	grant, err := s.cfg.Doorkeeper.Admit(ctx, r, id)
	if err == nil && !grant.Role.Valid() {
		return Grant{}, ErrDenied
	}
	return grant, err
}

func isRefusal(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrHidden) || errors.Is(err, ErrDenied) || errors.Is(err, ErrUnauthenticated)
}

// endFor is how a connection ends that cannot be opened, or not stay open.
func endFor(err error) ending {
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrHidden):
		return endNotFound
	case errors.Is(err, ErrDenied):
		return endDenied
	case errors.Is(err, ErrUnauthenticated):
		return endUnauthenticated
	}
	return endUnavailable
}
