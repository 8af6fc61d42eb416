package whiteboard

import "time"

// efforts is what people cost the actor of a board, over all their connections: steps among changes at the same place, which
// a few bytes can make millions of, and items of states that are written for them. Whoever is beyond his share is turned away
// until it has come back, so that nobody holds up the others.
type efforts map[string]*tokens

// add notes what was done already, which may be more than the share.
func (e efforts) add(person string, steps int, now time.Time) {
	if steps <= 0 {
		return
	}
	spent := e[person]
	if spent == nil {
		spent = &tokens{at: now}
		e[person] = spent
	}
	spent.refill(now, stepsPerSecond)
	spent.used += float64(steps)
}

// isSpent tells whether a person is beyond the share.
func (e efforts) isSpent(person string, now time.Time) bool {
	spent := e[person]
	if spent == nil {
		return false
	}
	spent.refill(now, stepsPerSecond)
	return spent.used >= stepsBurst
}

// forget drops those whose share is whole again.
func (e efforts) forget(now time.Time) {
	for person, spent := range e {
		if spent.refill(now, stepsPerSecond); spent.used == 0 {
			delete(e, person)
		}
	}
}
