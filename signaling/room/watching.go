package room

import (
	"cmp"
	"slices"
	"time"

	"parley/signaling/wire"
)

// Rules of whom viewers are shown.
const (
	// takesFloor is how long somebody must be the loudest to be shown instead of who had the floor.
	takesFloor = time.Second
	// keepsFloor is how long who has the floor keeps it in any case.
	keepsFloor = 2 * time.Second
)

// floor is who speaks, without the interjections of the others.
type floor struct {
	holder   string    // participant, empty before anybody spoke
	since    time.Time // when the holder took it
	rival    string    // is the loudest now
	rivalAt  time.Time // since when
	speaking []string  // everybody who speaks now, the loudest first
}

// giveFloor follows who speaks.
func (s *State) giveFloor(now time.Time, speakers []wire.Speaker) {
	f := &s.floor
	f.speaking = f.speaking[:0]
	for _, one := range speakers {
		f.speaking = append(f.speaking, one.ParticipantID)
	}
	if len(f.speaking) == 0 {
		f.rival = ""
		return
	}
	loudest := f.speaking[0]
	if f.rival != loudest {
		f.rival, f.rivalAt = loudest, now
	}
	insists := now.Sub(f.rivalAt) >= takesFloor
	if s.members[f.holder] == nil || loudest != f.holder && insists && now.Sub(f.since) >= keepsFloor {
		f.holder, f.since = loudest, now
	}
	if m := s.members[loudest]; m != nil && (loudest == f.holder || insists) {
		m.spokeAt = now
	}
}

// receiveViewers brings what viewers are shown up to date.
func (s *State) receiveViewers() {
	for _, m := range s.inside {
		if m.sections == nil {
			continue
		}
		next := Receive{ParticipantID: m.id, Publications: make([]string, len(m.sections))}
		s.assign(next.Publications, m, wire.KindAudio)
		s.assign(next.Publications, m, wire.KindVideo)
		next.View = s.viewOf(m, next.Publications)
		if m.receiving.ParticipantID != m.id || !next.equal(m.receiving) {
			m.receiving = next
			s.emit(next)
			s.tellConnection(m)
		}
	}
}

// assign fills a viewer's sections of a kind with the first publications of the ranking that it can decode, and those that
// are left with the first that it can decode in a second encoding. A section keeps what it shows as long as that is among
// them.
func (s *State) assign(next []string, viewer *member, kind wire.Kind) {
	s.assignWhere(next, viewer, kind, Section.takes)
	s.assignWhere(next, viewer, kind, Section.takesSecond)
}

func (s *State) assignWhere(next []string, viewer *member, kind wire.Kind, takes func(Section, *publication) bool) {
	var free []int
	for i, x := range viewer.sections {
		if x.Kind == kind && next[i] == "" {
			free = append(free, i)
		}
	}
	var chosen []*publication
	for _, p := range s.ranked(viewer, kind, len(free)) {
		fits := func(i int) bool { return takes(viewer.sections[i], p) }
		if len(chosen) < len(free) && !slices.Contains(next, p.id) && slices.ContainsFunc(free, fits) {
			chosen = append(chosen, p)
		}
	}
	place := func(fits func(i int, p *publication) bool) {
		chosen = slices.DeleteFunc(chosen, func(p *publication) bool {
			at := slices.IndexFunc(free, func(i int) bool { return takes(viewer.sections[i], p) && fits(i, p) })
			if at < 0 {
				return false
			}
			next[free[at]] = p.id
			free = slices.Delete(free, at, at+1)
			return true
		})
	}
	shown := viewer.receiving.Publications
	place(func(i int, p *publication) bool { return i < len(shown) && shown[i] == p.id })
	place(func(int, *publication) bool { return true })
}

// ranked lists what a viewer may be shown of a kind, what matters most first. places is how many fit.
func (s *State) ranked(viewer *member, kind wire.Kind, places int) []*publication {
	var list []*publication
	for _, m := range s.inside {
		for _, p := range m.publications {
			if p.live && !p.muted && p.kind() == kind && (viewer.watches == "" || viewer.watches == m.id) {
				list = append(list, p)
			}
		}
	}
	rank := s.rankVideo
	switch {
	case viewer.watches != "":
		rank = rankOwn
	case kind == wire.KindAudio:
		rank = func(p *publication) int { return s.rankAudio(p, places) }
	}
	slices.SortStableFunc(list, func(a, b *publication) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), b.owner.spokeAt.Compare(a.owner.spokeAt))
	})
	return list
}

// rankOwn orders what one person sends: camera and microphone before shares.
func rankOwn(p *publication) int {
	if p.isShare() {
		return 1
	}
	return 0
}

// rankVideo orders shares, who is shown to everybody, who has the floor, who spoke, streams, others.
func (s *State) rankVideo(p *publication) int {
	switch {
	case p.isShare():
		return 0
	case p.owner.id == s.spotlight:
		return 1
	case p.owner.id == s.floor.holder:
		return 2
	case !p.owner.spokeAt.IsZero():
		return 3
	case p.owner.person.program():
		return 4
	default:
		return 5
	}
}

// rankAudio orders shares, who speaks, streams, others. Where only one sound fits, speech comes first.
func (s *State) rankAudio(p *publication, places int) int {
	speaks := slices.Contains(s.floor.speaking, p.owner.id) && !p.isShare()
	switch {
	case p.isShare() && places > 1, speaks && places == 1:
		return 0
	case p.isShare(), speaks:
		return 1
	case p.owner.person.program():
		return 2
	default:
		return 3
	}
}

// viewOf assumes that a viewer fills a screen with its videos; a share needs all of it.
func (s *State) viewOf(viewer *member, publications []string) []wire.Tile {
	videos := 0
	for _, x := range viewer.sections {
		if x.Kind == wire.KindVideo {
			videos++
		}
	}
	width, height := 640, 360
	switch {
	case videos <= 1:
		width, height = 1920, 1080
	case videos <= 4:
		width, height = 960, 540
	}
	var tiles []wire.Tile
	for _, id := range publications {
		p := s.publications[id]
		if p == nil || p.kind() != wire.KindVideo {
			continue
		}
		tile := wire.Tile{PublicationID: id, Width: width, Height: height}
		if p.isShare() {
			tile.Width, tile.Height = 1920, 1080
		}
		tiles = append(tiles, tile)
	}
	return tiles
}
