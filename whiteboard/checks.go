package whiteboard

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// visit is a connection to a board as those see it who check whether it may stay.
type visit struct {
	member  *member
	request *http.Request // what opened it
	grant   Grant         // owned by runChecks; what the actor was told last
}

// visits are the connections of a board.
type visits struct {
	wake chan struct{} // holds a signal when all are to be checked

	// Guarded by mu.
	mu       sync.Mutex
	open     map[*visit]struct{}
	byPerson map[string]int
}

func newVisits() visits {
	return visits{wake: make(chan struct{}, 1), open: map[*visit]struct{}{}, byPerson: map[string]int{}}
}

// add counts a connection in, unless there are too many.
func (l *visits) add(v *visit) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := v.grant.Person.Key
	if len(l.open) >= maxConnectionsOfBoard || l.byPerson[key] >= maxConnectionsOfPerson {
		return false
	}
	l.open[v] = struct{}{}
	l.byPerson[key]++
	return true
}

func (l *visits) remove(v *visit, person string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, v)
	if l.byPerson[person]--; l.byPerson[person] == 0 {
		delete(l.byPerson, person)
	}
}

func (l *visits) list() []*visit {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]*visit, 0, len(l.open))
	for v := range l.open {
		list = append(list, v)
	}
	return list
}

// runChecks asks the Doorkeeper about everybody now and then, and when it is told to.
func (b *board) runChecks() {
	timer := time.NewTimer(recheckEvery)
	defer timer.Stop()
	for {
		select {
		case <-b.ended:
			return
		case <-timer.C:
		case <-b.visits.wake:
		}
		timer.Reset(time.Until(b.checkAll()))
	}
}

// checkAll answers when it should be called again: a grant may end before the usual time.
func (b *board) checkAll() (next time.Time) {
	next = time.Now().Add(recheckEvery)
	for _, v := range b.visits.list() {
		if err := b.check(v); err != nil {
			b.log.Warn("boards: access not checked", "error", err)
			break // nobody knows; the others would wait as long for the same
		}
		if until := v.grant.Until; !until.IsZero() && until.Before(next) {
			next = until
		}
	}
	return maxTime(next, time.Now().Add(time.Second))
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// check asks about one connection and ends or changes it. The error says that the Doorkeeper did not know.
func (b *board) check(v *visit) error {
	ctx, cancel := context.WithTimeout(b.ctx, admitTimeout)
	defer cancel()
	grant, err := b.server.cfg.Doorkeeper.Admit(ctx, v.request, b.id)
	switch {
	case err == nil && grant.Person.Key != v.grant.Person.Key:
		v.member.out.end(endUnauthenticated) // somebody else is signed in there
	case err == nil:
		old := v.grant
		v.grant = grant
		if old.Role != grant.Role || old.Person != grant.Person {
			b.post(mail{do: func() { b.change(v.member, grant) }})
		}
	case isRefusal(err):
		v.member.out.end(endFor(err))
	case !v.grant.Until.IsZero() && time.Now().After(v.grant.Until):
		v.member.out.end(endDenied)
		return nil
	case b.ctx.Err() != nil:
		return nil
	default:
		return err
	}
	return nil
}

func isRefusal(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrDenied) || errors.Is(err, ErrUnauthenticated)
}

// endFor is how a connection ends that cannot be opened, or not stay open.
func endFor(err error) ending {
	switch {
	case errors.Is(err, ErrNotFound):
		return endNotFound
	case errors.Is(err, ErrDenied):
		return endDenied
	case errors.Is(err, ErrUnauthenticated):
		return endUnauthenticated
	}
	return endUnavailable
}
