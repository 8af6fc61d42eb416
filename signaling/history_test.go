package signaling_test

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/internal/quality"
	"parley/signaling/wire"

	"github.com/google/uuid"
)

// history implements session.History.
type history struct {
	mu     sync.Mutex
	blocks map[uuid.UUID]quality.Block // guarded by mu
}

func (h *history) Keep(_ string, b quality.Block) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.blocks[b.ID] = b
}

func (h *history) all() []quality.Block {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.blocks))
}

func (s *stand) waitForHistory(what string, found func(quality.Block) bool) quality.Block {
	s.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		for _, b := range s.history.all() {
			if found(b) {
				return b
			}
		}
	}
	s.t.Fatalf("the history never has %s", what)
	panic("unreachable")
}

func TestTheHistoryIsKeptWhileTheMeetingRunsAndWhenItEnds(t *testing.T) {
	s := newStand(t, open())
	a, b := s.browser("a", "olga"), s.browser("b", "mei")
	a.join()
	b.join()
	microphone := a.publish(wire.SourceMicrophone, false)
	b.hears(microphone)
	b.do(&wire.ReportStats{IntervalMs: 2000, Received: []wire.ReceivedReport{{PublicationID: microphone, Lost: 7}}})
	during := s.waitForHistory("what was sent and received", func(block quality.Block) bool {
		sent, received, err := quality.DecodeTracks(block.Tracks)
		return err == nil && has(sent, a.id, microphone, func(x quality.Sent) bool { return x.Packets > 0 }) &&
			has(received, b.id, microphone, func(x quality.Received) bool { return x.Packets > 0 }) &&
			has(received, b.id, microphone, func(x quality.Received) bool { return x.Lost == 7 })
	})
	people, err := quality.DecodePeople(during.People)
	if err != nil || len(people) != 2 {
		t.Errorf("history of %d people: %v", len(people), err)
	}
	s.stop()
	if after := s.waitForHistory("the block of before", func(x quality.Block) bool { return x.ID == during.ID }); after.EndedAt.Before(during.EndedAt) {
		t.Errorf("the end took away: %v before %v", after.EndedAt, during.EndedAt)
	}
}

func has[R any](logs []quality.TrackLog[R], participant, publication string, is func(R) bool) bool {
	return slices.ContainsFunc(logs, func(l quality.TrackLog[R]) bool {
		return l.ParticipantID == participant && l.PublicationID == publication &&
			slices.ContainsFunc(l.Seconds, func(s quality.Timed[R]) bool { return is(s.Row) })
	})
}
