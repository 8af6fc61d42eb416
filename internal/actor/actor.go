package actor

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// ErrClosed is what Do answers when the actor has ended, or ends before it ran the function.
var ErrClosed = errors.New("actor closed")

// Panic is a panic caught at the root of the actor's goroutine.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// Actor runs functions one after another on a goroutine of its own.
type Actor struct {
	mailbox chan func()   // static
	closing chan struct{} // static; closed by Close or by a panic
	done    chan struct{} // static; closed by the goroutine when it has ended
	onPanic func(*Panic)  // static
	close   sync.Once
}

// New starts an actor whose mailbox holds capacity functions. A panic in one of them ends the actor: what waits in
// the mailbox is dropped and onPanic, which may be nil, is called as the goroutine's last act; the state that the
// function left half changed is never touched again. onPanic must not call Close, which waits for it.
func New(capacity int, onPanic func(*Panic)) *Actor {
	a := &Actor{
		mailbox: make(chan func(), capacity),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
		onPanic: onPanic,
	}
	go a.run()
	return a
}

// Post leaves fn in the mailbox and answers at once: false when the mailbox is full or the actor is closed. What to
// do about a full mailbox is the caller's rule; the caller counts it. Posted functions that Close overtakes are
// dropped.
func (a *Actor) Post(fn func()) bool {
	select {
	case <-a.closing:
		return false
	default:
	}
	select {
	case a.mailbox <- fn:
		return true
	default:
		return false
	}
}

// Do runs fn on the actor and waits for its end; with a full mailbox it waits for room. When ctx ends first, Do
// answers its cause and fn is skipped if it has not begun. Do must not be called from the actor's own goroutine.
func (a *Actor) Do(ctx context.Context, fn func()) error {
	ran := make(chan struct{})
	task := func() {
		if ctx.Err() != nil {
			return
		}
		fn()
		close(ran)
	}
	select {
	case <-a.closing:
		return ErrClosed
	default:
	}
	select {
	case a.mailbox <- task:
	case <-a.closing:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-ran:
		return nil
	case <-a.done:
		select {
		case <-ran:
			return nil
		default:
			return ErrClosed
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Queued returns how many functions wait in the mailbox.
func (a *Actor) Queued() int { return len(a.mailbox) }

// Close lets the running function finish, drops the rest and waits for the goroutine. It may be called any number of
// times from anywhere but the actor's own goroutine; there, use Stop.
func (a *Actor) Close() {
	a.Stop()
	<-a.done
}

// Stop begins to close and does not wait, so a function that runs on the actor can end it.
func (a *Actor) Stop() {
	a.close.Do(func() { close(a.closing) })
}

// Done is closed when the actor's goroutine has ended.
func (a *Actor) Done() <-chan struct{} { return a.done }

func (a *Actor) run() {
	defer close(a.done)
	defer func() {
		if v := recover(); v != nil {
			a.Stop()
			if a.onPanic != nil {
				a.onPanic(&Panic{Value: v, Stack: debug.Stack()})
			}
		}
	}()
	for {
		select {
		case <-a.closing:
			return
		default:
		}
		select {
		case fn := <-a.mailbox:
			fn()
		case <-a.closing:
			return
		}
	}
}
