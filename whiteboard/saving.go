package whiteboard

import "errors"

// saving is what the actor knows of the log.
type saving struct {
	isTrouble bool // members were told that nothing is saved
	isFull    bool // too much waits: the board is read-only
	counted   int  // bytes of this board in Server.unsaved
}

// checkUnsaved counts what waits for the database, and makes the board read-only when that is too much.
func (b *board) checkUnsaved() LogStatus {
	status := b.journal.Status()
	total := b.server.unsaved.Add(int64(status.Bytes - b.saving.counted))
	b.saving.counted = status.Bytes
	if !b.saving.isFull && (status.Bytes > maxUnsavedBytes || total > maxUnsavedTotal && status.Err != nil) {
		b.log.Warn("too much of the board waits for the database: it is read-only", "bytes", status.Bytes, "error", status.Err)
		b.saving.isFull, b.saving.isTrouble = true, true
		b.tellSaving(eventTrouble, codeNotSaved)
	}
	return status
}

// checkSaving tells members when nothing can be saved, and when it can again. Without the lease the board ends here.
func (b *board) checkSaving() {
	status := b.checkUnsaved()
	s := &b.saving
	if errors.Is(status.Err, ErrLost) {
		b.log.Warn("lease of the board lost", "error", status.Err)
		b.end = &endMoved
		return
	}
	hasRoom := status.Bytes <= maxUnsavedBytes/2 && b.server.unsaved.Load() <= maxUnsavedTotal/2
	freed := s.isFull && (hasRoom || status.Bytes == 0)
	if freed {
		s.isFull = false
	}
	switch {
	case status.Err != nil && !s.isTrouble:
		b.log.Warn("board is not saved", "error", status.Err)
		s.isTrouble = true
		b.tellSaving(eventTrouble, codeNotSaved)
	case status.Err == nil && s.isTrouble && !s.isFull:
		b.log.Info("board is saved again")
		s.isTrouble = false
		b.tellSaving(eventHealed, "")
	case freed:
		b.tellSaving(eventTrouble, codeNotSaved)
	}
	if freed {
		for m := range b.members {
			if m.isBehind && m.mayWrite() {
				b.ask(m)
			}
		}
	}
}

func (b *board) tellSaving(kind, code string) {
	b.server.metrics.trouble.WithLabelValues(kind).Inc()
	for m := range b.members {
		may := b.mayWrite(m)
		m.tell(event{Type: kind, Code: code, CanWrite: &may})
	}
}
