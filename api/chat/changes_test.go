package chat

import (
	"math/rand/v2"
	"sync"
	"testing"

	"parley/internal/authz"
	"parley/internal/ratelimit"

	"github.com/google/uuid"
)

// TestChangesLoseAndRepeatNothing has writers send, resend, react and recall at once while readers ask for changes in
// small pages. Each reader must end with the conversation as it is, must have seen every message come, and must never
// be given the same change of a message twice.
func TestChangesLoseAndRepeatNothing(t *testing.T) {
	const writers, readers, steps = 6, 4, 60
	w := newWorld(t)
	w.writes = ratelimit.New(ratelimit.Rate{Burst: 1 << 20, Every: 1}, 100)
	var people []authz.Principal
	for i := range writers {
		people = append(people, w.member(string(rune('A'+i)), Standing{Read: true, Write: true, Moderate: true}))
	}
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for i, p := range people {
		writing.Go(func() { w.scribble(t, p, steps, rand.New(rand.NewPCG(uint64(i), 7))) })
	}
	copies := make([]map[uuid.UUID]Message, readers)
	for i := range readers {
		reading.Go(func() { copies[i] = w.follow(t, people[i], int(3+i*5), done) })
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if t.Failed() {
		return
	}

	page, err := w.Messages(t.Context(), people[0], w.conversation, Range{After: new(int64), Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range page.Items {
		if m.Seq != int64(i+1) {
			t.Fatalf("message %d has seq %d: the places have gaps", i, m.Seq)
		}
	}
	for i, have := range copies {
		if len(have) != len(page.Items) {
			t.Errorf("reader %d has %d messages of %d", i, len(have), len(page.Items))
		}
		for _, m := range page.Items {
			if h := have[m.ID]; h.ChangeSeq != m.ChangeSeq || h.Text != m.Text || h.Recalled != m.Recalled || len(h.Reactions) != len(m.Reactions) {
				t.Errorf("reader %d has %+v, is %+v", i, h, m)
				break
			}
		}
	}
	// Events told of every message; a client that got them in any order would hold the newest.
	newest := map[string]int64{}
	for _, e := range w.events.take() {
		newest[e.json] = e.changeSeq
	}
	if len(newest) == 0 {
		t.Error("no events")
	}
}

func (w *world) scribble(t *testing.T, p authz.Principal, steps int, r *rand.Rand) {
	var mine []uuid.UUID
	for range steps {
		var err error
		switch n := r.IntN(10); {
		case n < 6 || len(mine) == 0:
			d := Draft{ClientID: newID(), Text: "hello"}
			if len(mine) > 0 && n < 2 {
				d.ReplyTo = &mine[r.IntN(len(mine))]
			}
			var m, again *Message
			if m, err = w.Send(t.Context(), p, w.conversation, d); err == nil {
				mine = append(mine, m.ID)
				if again, err = w.Send(t.Context(), p, w.conversation, d); err == nil && again.ID != m.ID {
					t.Errorf("a resend made %s beside %s", again.ID, m.ID)
				}
			}
		case n < 9:
			_, err = w.React(t.Context(), p, mine[r.IntN(len(mine))], "👍", r.IntN(3) > 0)
		default:
			last := len(mine) - 1
			_, err = w.Recall(t.Context(), p, mine[last])
			mine = mine[:last]
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}

// follow asks for changes until the writers are done and nothing more comes.
func (w *world) follow(t *testing.T, p authz.Principal, limit int, done <-chan struct{}) map[uuid.UUID]Message {
	have, after, last := map[uuid.UUID]Message{}, int64(0), false
	for {
		page, err := w.Changes(t.Context(), p, w.conversation, after, limit)
		if err != nil {
			t.Error(err)
			return nil
		}
		for _, m := range page.Items {
			if m.ChangeSeq <= after {
				t.Errorf("change %d came again after %d", m.ChangeSeq, after)
			}
			if was, ok := have[m.ID]; ok && was.ChangeSeq >= m.ChangeSeq {
				t.Errorf("message %s came with change %d after %d", m.ID, m.ChangeSeq, was.ChangeSeq)
			}
			have[m.ID] = m
		}
		if page.ChangeSeq < after {
			t.Errorf("the number goes back from %d to %d", after, page.ChangeSeq)
		}
		after = page.ChangeSeq
		if last && len(page.Items) == 0 {
			return have
		}
		select {
		case <-done:
			last = true
		default:
		}
	}
}
