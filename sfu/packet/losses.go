package packet

import "time"

// Limits of asking for lost packets.
const (
	// A longer gap is not repaired packet by packet: that would be a storm, and a keyframe is sooner there.
	maxMissing = 128
	// maxTries is that of libwebrtc. A sender that is short of bandwidth takes its time to answer, far more than a round
	// trip; a keyframe in place of the packet would make it shorter.
	maxTries = 10
	// pictureAge and soundAge are when a packet would come too late for who plays it.
	pictureAge = 700 * time.Millisecond
	soundAge   = 250 * time.Millisecond
	// reorderWindow is how many later packets must have come before a missing one counts as lost.
	reorderWindow = 2
	// minRetry bounds how soon a packet is asked for again; the round trip does otherwise.
	minRetry = 20 * time.Millisecond
	// Every packet that comes allows for a part of a question, up to so many at once: on a link that is full, answers to all
	// of them would be what fills it.
	questionShare = 0.25
	maxQuestions  = 32
)

type missing struct {
	extended uint64
	tries    int
	since    int64 // when it was first looked at
	next     int64
}

// Losses keeps which packets of a stream are missing and when to ask for them (RFC 4585 NACK). It is owned by the
// stream's goroutine.
type Losses struct {
	maxAge    time.Duration
	questions float64 // that may be asked

	list    []missing
	highest uint64
	started bool
	due     []uint16
	gaveUp  uint64 // the newest that was given up, 0 for none
}

// NewLosses returns an empty Losses of a stream of sound or of pictures.
func NewLosses(sound bool) Losses {
	if sound {
		return Losses{maxAge: soundAge, questions: maxQuestions}
	}
	return Losses{maxAge: pictureAge, questions: maxQuestions}
}

// Received takes note of a packet and reports whether it was missing.
func (l *Losses) Received(extended uint64) (recovered bool) {
	l.questions = min(l.questions+questionShare, maxQuestions)
	if !l.started {
		l.started, l.highest = true, extended
		return false
	}
	if extended <= l.highest {
		for i := range l.list {
			if l.list[i].extended == extended {
				tries := l.list[i].tries
				l.list = append(l.list[:i], l.list[i+1:]...)
				return tries > 0
			}
		}
		return false
	}
	if gap := extended - l.highest - 1; gap > maxMissing {
		l.list, l.gaveUp = l.list[:0], extended-1
	} else {
		for v := l.highest + 1; v < extended; v++ {
			l.list = append(l.list, missing{extended: v})
		}
		if over := len(l.list) - maxMissing; over > 0 {
			l.gaveUp = l.list[over-1].extended
			l.list = append(l.list[:0], l.list[over:]...)
		}
	}
	l.highest = extended
	return false
}

// GaveUp tells whether something that came after a keyframe was given up since the last call: what refers to it cannot be
// decoded. The keyframe is told by the extended number of its first packet.
func (l *Losses) GaveUp(keyframe uint64) bool {
	v := l.gaveUp > keyframe
	l.gaveUp = 0
	return v
}

// Due returns the sequence numbers to ask for now, each less and less often. The slice is valid until the next call.
func (l *Losses) Due(now int64, roundTrip time.Duration) []uint16 {
	l.due = l.due[:0]
	keep := l.list[:0]
	retry := int64(max(roundTrip+roundTrip/4, minRetry))
	for _, m := range l.list {
		if m.since == 0 {
			m.since = now
		}
		if now-m.since > int64(l.maxAge) || m.tries == maxTries && now >= m.next {
			l.gaveUp = max(l.gaveUp, m.extended)
			continue
		}
		if l.highest-m.extended >= reorderWindow && now >= m.next && l.questions >= 1 && roundTrip < l.maxAge {
			l.questions--
			m.tries++
			m.next = now + retry*int64(max(1, m.tries-1))
			l.due = append(l.due, uint16(m.extended))
		}
		keep = append(keep, m)
	}
	l.list = keep
	return l.due
}

// Pending returns how many packets are missing.
func (l *Losses) Pending() int { return len(l.list) }
