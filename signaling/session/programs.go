package session

import (
	"context"
	"slices"

	"parley/internal/fault"
	"parley/sfu"
	"parley/signaling/room"
	"parley/signaling/wire"
)

// The following are for programs, which take part without a Session: package whip speaks for them.

// Publish negotiates what the room planned for an ingest, and returns the answer and the codecs by publication.
func (m *Media) Publish(ctx context.Context, participantID, sdp string, plan room.Plan) (string, map[string]string, error) {
	l := m.link(participantID)
	if l == nil {
		return "", nil, fault.NotInMeeting
	}
	return l.publish(ctx, sdp, plan)
}

// Watch negotiates a viewer's offer, and returns the answer and what can be shown in the sections that receive.
func (m *Media) Watch(ctx context.Context, participantID, sdp string) (string, []room.Section, error) {
	l := m.link(participantID)
	if l == nil {
		return "", nil, fault.NotInMeeting
	}
	peer, err := l.current(ctx)
	if err != nil {
		return "", nil, err
	}
	answer, list, err := peer.Watch(ctx, sdp)
	if err != nil {
		return "", nil, mediaFault(err)
	}
	sections := make([]room.Section, len(list))
	for i, s := range list {
		sections[i] = room.Section{Kind: wire.Kind(s.Kind), Codecs: s.Codecs}
	}
	return answer, sections, nil
}

// Candidate takes a candidate of a program.
func (m *Media) Candidate(ctx context.Context, participantID string, c *wire.Candidate) error {
	l := m.link(participantID)
	if l == nil {
		return fault.NotInMeeting
	}
	return l.candidate(ctx, c)
}

// showSections gives a viewer's sections the tracks of publications, none for those that are empty or gone.
func (l *link) showSections(peer *sfu.Peer, publications []string) {
	tracks := make([]*sfu.Track, len(publications))
	for i, id := range publications {
		if id != "" {
			tracks[i] = l.media.trackFor(l.id, id)
		}
	}
	if !slices.Equal(tracks, l.inSections) {
		l.inSections = tracks
		peer.Show(tracks)
	}
}
