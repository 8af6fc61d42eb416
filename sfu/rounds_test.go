package sfu

import (
	"testing"
	"testing/synctest"
	"time"
)

// Every peer has one turn in each interval, not all at the same time, and one at once when it asks; none once it left.
func TestEveryPeerHasItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		epoch := time.Now()
		r := newRounds(func() int64 { return int64(time.Since(epoch)) })
		go r.run()
		defer r.close()
		peers := make([]*guest, 25)
		for i := range peers {
			peers[i] = new(guest)
			r.enter(peers[i])
		}
		time.Sleep(10*feedbackInterval + turnTime/2)
		synctest.Wait()
		at := map[time.Duration]int{}
		for _, p := range peers {
			if n := len(p.turns); n != 10 {
				t.Fatalf("%d turns in ten intervals", n)
			}
			for i, now := range p.turns {
				at[now]++
				if i > 0 && now-p.turns[i-1] != feedbackInterval {
					t.Errorf("%v between two turns", now-p.turns[i-1])
				}
			}
		}
		for now, n := range at {
			if n > 3 {
				t.Errorf("%d turns at %v", n, now)
			}
		}
		before, others := len(peers[7].turns), len(peers[8].turns)
		r.ask(peers[7])
		synctest.Wait()
		if n := len(peers[7].turns) - before; n != 1 {
			t.Errorf("%d turns after it asked", n)
		}
		if n := len(peers[8].turns) - others; n != 0 {
			t.Errorf("another one had %d turns", n)
		}
		for _, p := range peers {
			r.leave(p)
			p.turns = nil
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for i, p := range peers {
			if len(p.turns) > 0 {
				t.Errorf("%d had a turn after it left", i)
			}
		}
	})
}

// guest remembers its turns.
type guest struct{ turns []time.Duration }

func (g *guest) feedback(now int64) { g.turns = append(g.turns, time.Duration(now)) }
