package session

import "time"

// Limits of what one browser may send.
const (
	messagesPerSecond = 50
	messagesBurst     = 200
	// offersPerSecond limits publish and restartIce, which cost most.
	offersPerSecond = 2
	offersBurst     = 20
	// reportsPerSecond limits reportStats.
	reportsPerSecond = 1
	reportsBurst     = 5
	// maxIgnored is how many messages over the limit are answered with an error before the connection is closed.
	maxIgnored = 20
)

// tokens is a token bucket; the zero value is full.
type tokens struct {
	used float64
	at   time.Time
}

func (b *tokens) take(now time.Time, perSecond, burst float64) bool {
	b.used = max(0, b.used-now.Sub(b.at).Seconds()*perSecond)
	b.at = now
	if b.used+1 > burst {
		return false
	}
	b.used++
	return true
}
