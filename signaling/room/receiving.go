package room

import (
	"cmp"
	"slices"

	"parley/signaling/wire"
)

// view keeps what a participant shows. Videos that go out of view stay subscribed, paused, as long as there is room,
// so that paging back and forth needs no negotiation.
func (s *State) view(m *member, tiles []wire.Tile) {
	m.tiles = tiles
	shown := make([]string, 0, len(tiles)+len(m.videos))
	for _, tile := range tiles {
		if p := s.publications[tile.PublicationID]; p != nil && p.live && p.kind() == wire.KindVideo {
			shown = append(shown, tile.PublicationID)
		}
	}
	m.videos = unique(append(shown, m.videos...))
	s.receiveFor(m, s.rankedAudios())
}

// receive brings what everybody receives up to date.
func (s *State) receive() {
	audios := s.rankedAudios()
	for _, m := range s.inside {
		s.receiveFor(m, audios)
	}
	s.receiveViewers()
}

func (s *State) receiveFor(m *member, audios []*publication) {
	if m.person.program() {
		return
	}
	m.videos = slices.DeleteFunc(m.videos, func(id string) bool {
		p := s.publications[id]
		return p == nil || !p.live || p.owner == m
	})
	m.videos = m.videos[:min(len(m.videos), MaxVideos)]
	wanted := make([]string, 0, len(audios)+len(m.videos))
	for _, p := range audios {
		if p.owner != m && len(wanted) < MaxAudios {
			wanted = append(wanted, p.id)
		}
	}
	wanted = append(wanted, m.videos...)
	slices.Sort(wanted)
	next := Receive{ParticipantID: m.id, Publications: wanted, View: s.shownTiles(m)}
	if m.receiving.ParticipantID != m.id || !next.equal(m.receiving) {
		m.receiving = next
		s.emit(next)
	}
	s.tellConnection(m)
}

func (r Receive) equal(other Receive) bool {
	return slices.Equal(r.Publications, other.Publications) && slices.Equal(r.View, other.View)
}

// rankedAudios lists the live audios: who is heard before who is muted, then the latest to unmute.
func (s *State) rankedAudios() []*publication {
	var audios []*publication
	for _, m := range s.inside {
		for _, p := range m.publications {
			if p.live && p.kind() == wire.KindAudio {
				audios = append(audios, p)
			}
		}
	}
	slices.SortStableFunc(audios, func(a, b *publication) int {
		return cmp.Or(falseFirst(a.muted, b.muted), b.unmutedAt.Compare(a.unmutedAt))
	})
	return audios
}

// shownTiles are the tiles of what is received, each publication once, in its largest size.
func (s *State) shownTiles(m *member) []wire.Tile {
	index := map[string]int{}
	var tiles []wire.Tile
	for _, tile := range m.tiles {
		if !slices.Contains(m.videos, tile.PublicationID) {
			continue
		}
		i, twice := index[tile.PublicationID]
		if !twice {
			index[tile.PublicationID] = len(tiles)
			tiles = append(tiles, tile)
			continue
		}
		if tile.Width*tile.Height > tiles[i].Width*tiles[i].Height {
			tiles[i].Width, tiles[i].Height = tile.Width, tile.Height
		}
		tiles[i].Pinned = tiles[i].Pinned || tile.Pinned
	}
	return tiles
}

func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	return slices.DeleteFunc(ids, func(id string) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
}
