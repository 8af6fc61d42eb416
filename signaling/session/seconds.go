package session

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"parley/sfu"
	"parley/signaling/wire"
)

const (
	// secondSuffix makes the id of a second encoding from that of its publication, whose ids never end so.
	secondSuffix = "~2"
	// secondTime is how long a publisher may take to send a second encoding before those who wait are told.
	secondTime = 5 * time.Second
)

// second is what is known of the second encoding of a publication, which is sent for those who cannot decode the first.
type second struct {
	needs map[string][]string // the codecs that participants take who need it
	asked []string            // what the publisher was asked for, empty for nothing
	track *sfu.Track          // nil until it is published
}

// publicationOf returns the publication that a track belongs to, and whether it is a second encoding of it.
func publicationOf(trackID string) (id string, isSecond bool) {
	return strings.CutSuffix(trackID, secondSuffix)
}

// trackFor returns the track of a publication that a participant can decode, as far as known.
func (m *Media) trackFor(participantID, publicationID string) *sfu.Track {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.seconds[publicationID]; s != nil && s.track != nil && s.needs[participantID] != nil {
		return s.track
	}
	return m.tracks[publicationID].track
}

// secondOf returns the second encoding of a publication, nil when there is none.
func (m *Media) secondOf(publicationID string) *sfu.Track {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.seconds[publicationID]; s != nil {
		return s.track
	}
	return nil
}

// needSecond notes that a participant cannot decode a publication, but these codecs. False when nothing can be done.
func (m *Media) needSecond(participantID, publicationID string, takes []string) bool {
	m.mu.Lock()
	p, known := m.tracks[publicationID]
	publisher, viewer := m.links[p.owner], m.links[participantID]
	if !known || publisher == nil || viewer == nil || publisher.kind != wire.KindPerson || len(takes) == 0 || m.closed {
		m.mu.Unlock()
		return false
	}
	s := m.seconds[publicationID]
	if s == nil {
		s = &second{needs: map[string][]string{}}
		m.seconds[publicationID] = s
	}
	s.needs[participantID] = takes
	ask := m.askLocked(publicationID, s)
	if s.track != nil {
		signal(viewer.wake)
	} else {
		m.work.Go(func() { m.awaitSecond(participantID, publicationID) })
	}
	m.mu.Unlock()
	ask()
	return true
}

// awaitSecond tells a participant who waits for a second encoding in vain.
func (m *Media) awaitSecond(participantID, publicationID string) {
	timer := time.NewTimer(secondTime)
	defer timer.Stop()
	select {
	case <-m.stop:
		return
	case <-timer.C:
	}
	m.mu.Lock()
	s, l := m.seconds[publicationID], m.links[participantID]
	waits := s != nil && s.track == nil && s.needs[participantID] != nil
	m.mu.Unlock()
	if waits && l != nil {
		l.tellUndecodable(publicationID, true)
	}
}

// askLocked returns what tells the publisher of what is needed now, when that changed; it is called without the lock.
func (m *Media) askLocked(publicationID string, s *second) (ask func()) {
	wanted, l := s.codecs(), m.links[m.tracks[publicationID].owner]
	if slices.Equal(wanted, s.asked) || l == nil {
		return func() {}
	}
	s.asked = wanted
	return func() { l.tell(&wire.SecondEncoding{PublicationID: publicationID, Codecs: wanted}) }
}

// askAgain tells a publisher who comes back what it was asked for.
func (m *Media) askAgain(owner string) {
	m.mu.Lock()
	l := m.links[owner]
	asked := map[string][]string{}
	for id, s := range m.seconds {
		if m.tracks[id].owner == owner {
			asked[id] = s.asked
		}
	}
	m.mu.Unlock()
	for id, codecs := range asked {
		l.tell(&wire.SecondEncoding{PublicationID: id, Codecs: codecs})
	}
}

// codecs lists what those who need it take: what suits most of them first, then what is the cheapest to encode.
func (s *second) codecs() []string {
	suits := map[string]int{}
	for _, takes := range s.needs {
		for _, c := range takes {
			suits[c]++
		}
	}
	list := []string{}
	for _, c := range []string{"VP8", "H264", "VP9", "AV1"} {
		if suits[c] > 0 {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(suits[b], suits[a]) })
	return list
}

// releaseSeconds notes that a participant needs no second encodings but those of these publications.
func (m *Media) releaseSeconds(participantID string, kept map[string]bool) {
	var asks []func()
	m.mu.Lock()
	for id, s := range m.seconds {
		if kept[id] || s.needs[participantID] == nil {
			continue
		}
		delete(s.needs, participantID)
		asks = append(asks, m.askLocked(id, s))
		if len(s.needs) == 0 && s.track == nil {
			delete(m.seconds, id)
		}
	}
	m.mu.Unlock()
	for _, ask := range asks {
		ask()
	}
}

// setSeconds takes which of a participant's publications have second encodings, and wakes those who need them.
func (m *Media) setSeconds(owner string, tracks map[string]*sfu.Track) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, p := range m.tracks {
		s := m.seconds[id]
		if p.owner != owner || s == nil && tracks[id] == nil || s != nil && s.track == tracks[id] {
			continue
		}
		if s == nil {
			s = &second{needs: map[string][]string{}}
			m.seconds[id] = s
		}
		s.track = tracks[id]
		if len(s.needs) == 0 && s.track == nil {
			delete(m.seconds, id)
		}
		for participant := range s.needs {
			if l := m.links[participant]; l != nil {
				signal(l.wake)
			}
		}
	}
}

// tell gives a message to whoever has the seat now.
func (l *link) tell(message wire.ServerMessage) {
	l.mu.Lock()
	seat := l.seat
	if l.closed {
		seat = nil
	}
	l.mu.Unlock()
	if seat != nil {
		seat.Send(wire.Encode(message, 0))
	}
}

// tellUndecodable tells the client that it cannot decode a publication, or that it can after all.
func (l *link) tellUndecodable(publicationID string, undecodable bool) {
	l.tell(&wire.StreamState{PublicationID: publicationID, Paused: undecodable, Reason: "codec"})
}
