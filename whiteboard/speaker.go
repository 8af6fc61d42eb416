package whiteboard

import (
	"bytes"
	"time"
)

// speaker hands what a client says to the actor of a board. It belongs to the goroutine that reads from the client.
type speaker struct {
	board   *board
	member  *member
	changes tokens // messages of the document
	echoes  tokens // awareness messages about others only
}

// take hands on the payload of a frame. The answer is why the connection must end.
func (s *speaker) take(frame []byte) (why ending, ok bool) {
	m, err := decodeMessage(frame)
	if err != nil {
		return endMalformed, false
	}
	if m.kind == messageAwareness {
		return s.takeAwareness(m)
	}
	if len(frame) > maxFrameBytes && s.member.asked.Load() == 0 {
		return endTooLarge, false
	}
	if !s.changes.take(time.Now(), messagesPerSecond, messagesBurst) {
		return endTooMany, false
	}
	m.body = bytes.Clone(m.body)
	return endUnavailable, s.board.post(mail{from: s.member, message: m})
}

// takeAwareness hands on what the client says of itself. The stock client also sends back what it hears of others.
func (s *speaker) takeAwareness(m message) (why ending, ok bool) {
	bound, own := s.member.bound.Load(), s.member.client.Load()
	list, err := decodePresences(m.body, func(client uint64) bool { return !bound || client == own })
	if err != nil {
		return endMalformed, false
	}
	if len(list) == 0 {
		return endTooMany, s.echoes.take(time.Now(), echoesPerSecond, echoesBurst)
	}
	for i := range list {
		list[i].state = bytes.Clone(list[i].state)
	}
	return endUnavailable, s.board.post(mail{from: s.member, message: message{kind: messageAwareness}, presences: list})
}
