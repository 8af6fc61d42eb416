package whiteboard

import (
	"errors"
	"time"

	"parley/whiteboard/ydoc"
)

// elementsRoot is the map of the document whose entries are counted.
const elementsRoot = "elements"

// minEntryBytes is the least that an update takes for one more element.
const minEntryBytes = 5

// emptyUpdate holds nothing; clients without news answer it to a step 1.
var emptyUpdate = []byte{0, 0}

// stateCache keeps the encoded document for those who join one after the other, with what was broadcast since.
type stateCache struct {
	state  []byte // a frame; nil when there is none
	recent [][]byte
	bytes  int // of recent
}

// note adds a broadcast, or gives up when the state would be mostly history.
func (c *stateCache) note(frame []byte) {
	if c.state == nil {
		return
	}
	c.recent = append(c.recent, frame)
	if c.bytes += len(frame); c.bytes > maxRecentBytes {
		*c = stateCache{}
	}
}

// onStep1 answers what the client lacks.
func (b *board) onStep1(m *member, vector []byte) {
	if !m.states.take(time.Now(), statesPerSecond, statesBurst) {
		m.out.end(endTooMany)
		return
	}
	sv, err := ydoc.DecodeStateVector(vector)
	if err != nil {
		m.out.end(endMalformed)
		return
	}
	if b.isSpent(m) {
		return
	}
	if len(sv) > 0 {
		b.efforts.add(m.grant.Person.Key, b.doc.Size()/ydoc.ItemWeight, time.Now())
		m.out.answer(appendSync(nil, messageStep2, b.doc.Diff(sv)))
		return
	}
	if b.cache.state == nil {
		b.efforts.add(m.grant.Person.Key, b.doc.Size()/ydoc.ItemWeight, time.Now())
		b.cache = stateCache{state: appendSync(nil, messageStep2, b.doc.Encode())}
	}
	m.out.answer(b.cache.state)
	for _, frame := range b.cache.recent {
		m.out.answer(frame)
	}
}

// onUpdate applies what a client changed, unless it may not or there is no room for it.
func (b *board) onUpdate(m *member, msg message) {
	if code, max := b.refusal(m, msg); code != "" {
		b.refuse(m, code, max)
		return
	}
	if m.isBehind && msg.kind == messageUpdate {
		m.mustAsk = true
		b.askLater(m)
		return
	}
	if b.isSpent(m) {
		return
	}
	waited := b.doc.Pending()
	applied, err := b.doc.Apply(msg.body)
	b.efforts.add(m.grant.Person.Key, applied.Work, time.Now())
	if applied.Update != nil {
		b.publish(applied.Update, m, m.grant.Person.Key)
	}
	if err != nil {
		b.onApplyError(m, err)
		return
	}
	if m.isBehind {
		m.isBehind = false
		m.tell(event{Type: eventAccepted})
	}
	// A step 2 was all that the client has: what waits nevertheless is not its, or cannot be helped.
	if msg.kind == messageUpdate && applied.Pending && (!waited || applied.Update == nil) {
		m.mustAsk = true
		b.askLater(m)
	}
}

// isSpent ends the connection of a person who has cost the board too much.
func (b *board) isSpent(m *member) bool {
	if !b.efforts.isSpent(m.grant.Person.Key, time.Now()) {
		return false
	}
	b.server.metrics.refused.WithLabelValues("tooMuchWork").Inc()
	m.out.end(endTooMany)
	return true
}

// refusal says why an update is not even tried, "" when it is. Only the counting of elements looks into it.
func (b *board) refusal(m *member, msg message) (code string, max int) {
	switch {
	case string(msg.body) == string(emptyUpdate):
		return "", 0
	case !m.mayWrite():
		return codeReadOnly, 0
	case b.saving.isFull:
		return codeNotSaved, 0
	case msg.kind == messageUpdate && len(msg.body) > maxUpdateBytes:
		return codeUpdateTooLarge, maxUpdateBytes
	case m.isBehind && msg.kind == messageUpdate:
		return "", 0
	case !b.hasRoom(msg.body):
		return codeTooManyElements, maxElements
	}
	return "", 0
}

// hasRoom tells whether the board stays within maxElements, or at least does not grow. It reads the update only when
// there might be too many.
func (b *board) hasRoom(update []byte) bool {
	if atMost := b.elements + len(update)/minEntryBytes; atMost <= maxElements {
		b.elements = atMost
		return true
	}
	b.elements = b.doc.Root(elementsRoot).Len()
	if atMost := b.elements + len(update)/minEntryBytes; atMost <= maxElements {
		b.elements = atMost
		return true
	}
	after, err := b.doc.EntriesAfter(update, elementsRoot)
	if err != nil {
		return true // Apply says so
	}
	if after > max(maxElements, b.elements) {
		return false
	}
	b.elements = after
	return true
}

// onApplyError tells a client what became of an update that was not applied, or only in part.
func (b *board) onApplyError(m *member, err error) {
	var limit *ydoc.LimitError
	switch {
	case errors.As(err, &limit) && limit.Limit == "state":
		b.refuse(m, codeBoardFull, maxStateBytes)
	case errors.As(err, &limit):
		b.server.metrics.refused.WithLabelValues(limit.Limit).Inc()
		m.out.end(endTooLarge)
	default:
		b.server.metrics.refused.WithLabelValues("malformed").Inc()
		m.out.end(endMalformed)
	}
}

// refuse tells a client that its change is not taken. The client still has it, and what it changes later builds on it: the
// server asks for all of it together.
func (b *board) refuse(m *member, code string, max int) {
	b.server.metrics.refused.WithLabelValues(code).Inc()
	m.isBehind = true
	now := time.Now()
	if m.refusedFor == code && now.Sub(m.refusedAt) < refusalEvery {
		return
	}
	m.refusedFor, m.refusedAt = code, now
	if m.events {
		m.tell(event{Type: eventRefused, Code: code, Max: max})
	} else {
		m.out.send(deniedFrame(code))
	}
}

// ask sends a step 1: the client answers what the server lacks.
func (b *board) ask(m *member) {
	m.mustAsk, m.askedAt = false, time.Now()
	m.asked.Add(1)
	m.out.send(appendSync(nil, messageStep1, b.doc.StateVector().Encode()))
}

// askLater asks unless the client was asked a moment ago; doChores tries again.
func (b *board) askLater(m *member) {
	if time.Since(m.askedAt) >= askAgainAfter {
		b.ask(m)
	}
}

// publish keeps a change and sends it to the others. author is nil when it is no member's.
func (b *board) publish(update []byte, author *member, key string) {
	now := time.Now()
	b.journal.Append(Entry{Update: update, Author: key, At: now})
	b.checkUnsaved()
	b.outgoing.add(update, author)
	b.news.note(key, now)
	b.server.metrics.updates.Inc()
	b.server.metrics.updateBytes.Add(float64(len(update)))
}
