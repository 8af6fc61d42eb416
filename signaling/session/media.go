package session

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"parley/sfu"
	"parley/signaling/room"
	"parley/signaling/wire"
)

// Media is the media of one room: the links of its participants, and what they publish. It implements room.Media;
// those methods only take notes.
type Media struct {
	// Static after Attach.
	sfu      *sfu.SFU
	log      *slog.Logger
	room     *room.Room
	speakers *sfu.Speakers
	stop     chan struct{} // closed by Close
	moved    chan struct{} // holds one signal: a connection of a link was lost or is back
	work     sync.WaitGroup

	// Guarded by mu.
	mu      sync.Mutex
	links   map[string]*link // by participant
	tracks  map[string]published
	seconds map[string]*second // by publication
	closed  bool
}

// published is a track, whose it is and what it shows or sounds.
type published struct {
	track  *sfu.Track
	owner  string
	source wire.Source
}

// speaks tells whether it takes part in finding out who speaks.
func (p published) speaks() bool { return p.source == wire.SourceMicrophone }

// NewMedia makes the media of a room, which must be attached before anybody enters it.
func NewMedia(s *sfu.SFU, log *slog.Logger) *Media {
	return &Media{
		sfu: s, log: log, stop: make(chan struct{}), moved: make(chan struct{}, 1), links: map[string]*link{}, tracks: map[string]published{}, seconds: map[string]*second{},
	}
}

// Attach binds the media to their room and starts looking at who speaks and how the connections are. The history keeps
// what is measured; it may be nil.
func (m *Media) Attach(r *room.Room, h History) {
	m.room = r
	m.speakers = m.sfu.NewSpeakers(m.onSpeakers)
	m.work.Go(func() { m.runQuality(&watch{media: m, history: h}) })
}

// Wait returns when everything has ended, after Close.
func (m *Media) Wait() { m.work.Wait() }

// Open begins the media of a participant.
func (m *Media) Open(id string, kind wire.ParticipantKind, seat room.Seat) {
	l := newLink(m, id, kind, seat)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.links[id] = l
	m.work.Go(l.run)
}

// Restart hands a participant's media to another connection.
func (m *Media) Restart(id string, seat room.Seat, renew bool) {
	if l := m.link(id); l != nil {
		l.change(func() {
			l.seat = seat
			l.restart = !renew
			if renew {
				l.renewLocked()
			}
		})
		m.askAgain(id)
	}
}

// Receive says what a participant gets.
func (m *Media) Receive(id string, publications []string, view []wire.Tile) {
	if l := m.link(id); l != nil {
		l.change(func() { l.wanted, l.view = publications, view })
	}
}

// SetMuted closes or opens the gate of a publication.
func (m *Media) SetMuted(publicationID string, muted bool) {
	for _, t := range []*sfu.Track{m.track(publicationID), m.secondOf(publicationID)} {
		if t != nil {
			t.SetMuted(muted)
		}
	}
}

// SetHint passes a content hint on.
func (m *Media) SetHint(publicationID string, hint wire.ContentHint) {
	for _, t := range []*sfu.Track{m.track(publicationID), m.secondOf(publicationID)} {
		if t != nil {
			t.SetHint(sfu.Hint(hint))
		}
	}
}

// Unpublish forgets a publication. Its gate closes, for the browser may go on sending.
func (m *Media) Unpublish(publicationID string) {
	m.mu.Lock()
	p, ok := m.tracks[publicationID]
	s := m.seconds[publicationID]
	delete(m.tracks, publicationID)
	delete(m.seconds, publicationID)
	m.mu.Unlock()
	if s != nil && s.track != nil {
		s.track.SetMuted(true)
	}
	if !ok {
		return
	}
	p.track.SetMuted(true)
	if p.speaks() {
		m.speakers.Remove(p.track)
	}
}

// CloseParticipant ends the media of a participant.
func (m *Media) CloseParticipant(id string) {
	m.mu.Lock()
	l := m.links[id]
	delete(m.links, id)
	m.mu.Unlock()
	if l != nil {
		l.change(l.closeLocked)
		m.releaseSeconds(id, nil)
	}
}

// Close ends what is left. It does not wait; Wait does.
func (m *Media) Close() {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return
	}
	m.closed = true
	links := m.links
	m.links = map[string]*link{}
	m.mu.Unlock()
	for _, l := range links {
		l.change(l.closeLocked)
	}
	close(m.stop)
}

func (m *Media) link(id string) *link {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.links[id]
}

func (m *Media) track(publicationID string) *sfu.Track {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tracks[publicationID].track
}

// add makes a track known before the room lets anybody receive it.
func (m *Media) add(t *sfu.Track, owner string, source wire.Source) {
	p := published{track: t, owner: owner, source: source}
	m.mu.Lock()
	_, known := m.tracks[t.ID()]
	if m.closed || known {
		m.mu.Unlock()
		return
	}
	m.tracks[t.ID()] = p
	m.mu.Unlock()
	if p.speaks() {
		m.speakers.Add(t)
	}
}

// drop has the room take out a participant whose media broke. The callers must not wait for the room: they are links,
// which it may be about to close, and are waited for.
func (m *Media) drop(id string) {
	m.work.Go(func() { m.room.Drop(id) })
}

func (m *Media) onSpeakers(levels []sfu.SpeakerLevel) {
	list := make([]room.Level, len(levels))
	for i, l := range levels {
		list[i] = room.Level{PublicationID: l.TrackID, Level: l.Level}
	}
	m.room.SetSpeakers(list)
}

// runQuality follows how the connections are until Close, and ends the detection of speakers with it.
func (m *Media) runQuality(w *watch) {
	defer m.speakers.Close()
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-m.stop:
			w.flush(time.Now())
			return
		case <-m.moved:
			m.tellLost()
		case <-ticker.C:
			w.tick(time.Now())
		}
	}
}

func (m *Media) tellLost() {
	for _, l := range m.allLinks() {
		if lost, changed := l.nextLost(); changed {
			m.room.SetLost(l.id, lost)
		}
	}
}

func (m *Media) allLinks() []*link {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.links))
}

// publications returns what is published now, by id.
func (m *Media) publications() map[string]published {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.tracks)
}

// ownerOf returns whose a publication is, empty for one that is not there.
func (m *Media) ownerOf(publicationID string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tracks[publicationID].owner
}
