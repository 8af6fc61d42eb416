package whiteboard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

// board is a board that is open on this node. One goroutine, run, owns the document and the members.
type board struct {
	// Static after construction.
	id     uuid.UUID
	server *Server
	log    *slog.Logger
	mail   chan mail
	idle   chan struct{} // holds a signal when nobody uses the board any more
	stop   chan ending   // holds the first reason to end
	ready  chan struct{} // closed when the board is loaded, or err is set
	ended  chan struct{} // closed when no more mail is read
	gone   chan struct{} // closed when the board is saved and forgotten
	news   news

	err error // why the board could not be loaded; static after ready

	// Guarded by Server.mu.
	users   int
	retired bool // takes no more users

	// Owned by run.
	doc       *ydoc.Doc
	journal   Log
	members   map[*member]struct{}
	awareness awareness
	outgoing  outgoing
	cache     stateCache
	efforts   efforts
	elements  int // at least as many as there are
	saving    saving
	end       *ending
}

// mail is what reaches the actor: a message of a member, or a function.
type mail struct {
	from      *member
	message   message
	presences []presence // of an awareness message
	do        func()
}

func newBoard(s *Server, id uuid.UUID) *board {
	return &board{
		id: id, server: s, log: s.log.With("board", id), mail: make(chan mail, mailboxMessages), idle: make(chan struct{}, 1),
		stop: make(chan ending, 1), ready: make(chan struct{}), ended: make(chan struct{}), gone: make(chan struct{}),
		news: newNews(id), members: map[*member]struct{}{}, awareness: newAwareness(), efforts: efforts{},
	}
}

// run loads the board, is its actor, and puts it away.
func (b *board) run() {
	defer b.server.forget(b)
	if b.err = b.load(); b.err != nil {
		b.server.retire(b)
		close(b.ended)
		close(b.ready)
		return
	}
	close(b.ready)
	told := make(chan struct{})
	go func() { defer close(told); b.runNews() }()
	b.act()
	b.unload()
	close(b.news.done)
	<-told
}

func (b *board) load() error {
	ctx, cancel := context.WithTimeout(b.server.ctx, loadTimeout)
	defer cancel()
	journal, err := b.server.cfg.Store.Open(ctx, b.id)
	if err != nil {
		return err
	}
	began := time.Now()
	updates, err := journal.Load(ctx)
	if err == nil {
		b.doc, err = ydoc.Load(ydoc.Limits{Update: maxStateBytes, State: maxStateBytes}, updates...)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("load board %s: %w", b.id, err), journal.Close(ctx))
	}
	b.journal, b.elements = journal, b.doc.Root(elementsRoot).Len()
	b.log.Debug("board loaded", "updates", len(updates), "elements", b.elements, "took", time.Since(began))
	return nil
}

// act reads mail until the board ends. A panic ends the board and nothing else.
func (b *board) act() {
	b.outgoing.rest = time.NewTimer(time.Hour)
	linger := time.NewTimer(time.Hour)
	linger.Stop()
	chores := time.NewTicker(unsavedEvery)
	defer func() {
		if v := recover(); v != nil {
			b.log.Error("board ended by a panic", "panic", v, "stack", string(debug.Stack()))
			b.server.metrics.panics.Inc()
			b.end = &endUnavailable
		}
		b.outgoing.rest.Stop()
		linger.Stop()
		chores.Stop()
		b.server.retire(b)
		for m := range b.members {
			m.out.end(*b.end)
		}
		close(b.ended)
	}()
	for b.end == nil {
		incoming := b.mail
		if b.outgoing.isResting {
			incoming = nil
		}
		select {
		case m := <-incoming:
			b.open(m)
			b.openAll()
		case <-b.outgoing.rest.C:
			b.outgoing.isResting = false
			b.openAll()
		case <-b.journal.Changed():
			b.checkSaving()
		case <-chores.C:
			b.doChores()
		case <-b.idle:
			linger.Reset(b.server.cfg.Linger)
		case <-linger.C:
			if b.journal.Status().Err != nil {
				linger.Reset(b.server.cfg.Linger) // what waits for the database is nowhere else
			} else if b.server.retireIdle(b) {
				b.end = &endUnavailable
			}
		case why := <-b.stop:
			b.end = &why
		}
	}
}

// unload commits what waits and gives the board back.
func (b *board) unload() {
	ctx, cancel := context.WithTimeout(b.server.ctx, unloadTimeout)
	defer cancel()
	if err := b.journal.Close(ctx); err != nil && !errors.Is(err, ErrLost) {
		b.log.Error("board not saved to the end", "error", err)
	}
	b.server.unsaved.Add(-int64(b.saving.counted))
}

// post leaves mail and waits while the mailbox is full. It answers false when the board has ended.
func (b *board) post(m mail) bool {
	select {
	case <-b.ended:
		return false
	default:
	}
	select {
	case b.mail <- m:
		return true
	case <-b.ended:
		return false
	}
}

// do runs fn on the actor and waits for it.
func (b *board) do(ctx context.Context, fn func()) error {
	ran := make(chan struct{})
	if !b.post(mail{do: func() { fn(); close(ran) }}) {
		return ErrUnavailable
	}
	select {
	case <-ran:
		return nil
	case <-b.ended:
		select {
		case <-ran:
			return nil
		default:
			return ErrUnavailable
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close asks the board to end; only the first reason counts.
func (b *board) close(why ending) {
	select {
	case b.stop <- why:
	default:
	}
}

// openAll opens what waits in the mailbox, and broadcasts what came of it.
func (b *board) openAll() {
	for range len(b.mail) {
		b.open(<-b.mail)
	}
	b.flush()
}

func (b *board) open(m mail) {
	switch {
	case m.do != nil:
		m.do()
	case m.from.isShutOut():
	case m.message.kind == messageStep1:
		b.onStep1(m.from, m.message.body)
	case m.message.kind == messageStep2:
		m.from.answered()
		b.onUpdate(m.from, m.message)
	case m.message.kind == messageUpdate:
		b.onUpdate(m.from, m.message)
	case m.message.kind == messageAwareness:
		b.onAwareness(m.from, m.presences)
	case m.message.kind == messageQuery:
		b.sendAwareness(m.from)
	}
}

// join adds a member. It is told what it may do, asked for what it has, and shown who else is there.
func (b *board) join(m *member) {
	b.members[m] = struct{}{}
	may := b.mayWrite(m)
	m.tell(event{Type: eventReady, Role: m.grant.Role, CanWrite: &may, Limits: &eventLimits{
		Elements: maxElements, UpdateBytes: maxUpdateBytes, StateBytes: maxStateBytes, AwarenessBytes: maxAwarenessBytes,
		MessagesPerSecond: messagesPerSecond,
	}})
	if b.saving.isTrouble || b.saving.isFull {
		m.tell(event{Type: eventTrouble, Code: codeNotSaved, CanWrite: &may})
	}
	if m.mayWrite() {
		b.ask(m)
	}
	if len(b.awareness.states) > 0 {
		b.sendAwareness(m)
	}
}

func (b *board) leave(m *member) {
	delete(b.members, m)
	b.awareness.leave(m, time.Now())
}

// change gives a member another role or name.
func (b *board) change(m *member, g Grant) {
	if _, here := b.members[m]; !here {
		return
	}
	old := m.grant
	m.grant = g
	if old.Role == g.Role && old.Person == g.Person {
		return
	}
	b.awareness.restamp(m)
	if old.Role == g.Role {
		return
	}
	may := b.mayWrite(m)
	m.tell(event{Type: eventRole, Role: g.Role, CanWrite: &may})
	if m.mayWrite() && !old.Role.MayWrite() {
		b.ask(m)
	}
}

// mayWrite tells whether the board takes changes of the member now.
func (b *board) mayWrite(m *member) bool { return m.mayWrite() && !b.saving.isFull }

func (b *board) onAwareness(m *member, list []presence) {
	now := time.Now()
	if !m.own.take(now, messagesPerSecond, messagesBurst) {
		b.server.metrics.refused.WithLabelValues("tooManyMessages").Inc()
		m.out.end(endTooMany)
		return
	}
	for _, p := range list {
		b.awareness.take(m, p, now)
	}
}

func (b *board) sendAwareness(m *member) {
	if all := b.awareness.all(); all != nil {
		m.out.send(appendAwareness(nil, all))
	}
}

// doChores asks those again who were asked too recently, and looks how saving goes.
func (b *board) doChores() {
	b.efforts.forget(time.Now())
	if b.saving.isFull || b.saving.isTrouble {
		b.checkSaving()
	}
	for m := range b.members {
		if m.mustAsk {
			b.askLater(m)
		}
	}
}
