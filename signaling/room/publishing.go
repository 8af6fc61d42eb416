package room

import (
	"slices"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

type publication struct {
	id        string
	owner     *member
	mid       string
	source    wire.Source
	muted     bool
	hint      wire.ContentHint
	shareID   string
	codec     string
	live      bool // false: reserved while the media layer negotiates
	unmutedAt time.Time
}

func (p *publication) isShare() bool {
	return p.source == wire.SourceScreen || p.source == wire.SourceScreenAudio
}

func (p *publication) kind() wire.Kind { return kindOf(p.source) }

func kindOf(source wire.Source) wire.Kind {
	if source == wire.SourceMicrophone || source == wire.SourceScreenAudio {
		return wire.KindAudio
	}
	return wire.KindVideo
}

func (p *publication) wire() wire.Publication {
	return wire.Publication{
		ID: p.id, ParticipantID: p.owner.id, Source: p.source, Kind: p.kind(), Muted: p.muted, Codec: p.codec,
		Hint: p.hint, ShareID: p.shareID,
	}
}

func (s *State) livePublications() []wire.Publication {
	list := []wire.Publication{}
	for _, m := range s.inside {
		for _, p := range m.publications {
			if p.live {
				list = append(list, p.wire())
			}
		}
	}
	return list
}

// Plan is what may be published of what was asked for.
type Plan struct {
	Tracks  []PlannedTrack
	Refused []wire.RefusedTrack
}

// PlannedTrack is a media section that carries a publication.
type PlannedTrack struct {
	MID           string
	PublicationID string
	Source        wire.Source
	Kind          wire.Kind
	Muted         bool
	Hint          wire.ContentHint
	Second        bool // a second encoding of a publication
}

// PlanPublish decides which of the tracks a participant may publish and reserves places for them until CommitPublish.
// newID makes ids for new publications. A plan replaces the one before it.
func (s *State) PlanPublish(id, conn string, tracks []wire.PublishTrack, newID func() string) (Plan, error) {
	m, err := s.actor(id, conn)
	if err != nil {
		return Plan{}, err
	}
	if !m.inside {
		return Plan{}, fault.WrongState
	}
	s.dropReserved(m)
	var plan Plan
	for _, t := range tracks {
		if t.SecondOf != "" {
			continue
		}
		p := m.published(t)
		if p == nil {
			if err := s.allowPublish(m, t, tracks, plan); err != nil {
				plan.Refused = append(plan.Refused, wire.RefusedTrack{MID: t.MID, Code: string(fault.From(err).Code)})
				continue
			}
			p = &publication{
				id: newID(), owner: m, mid: t.MID, source: t.Source, hint: t.Hint, shareID: t.ShareID,
			}
			p.muted = t.Muted || s.silenced[silenced{m.person.Key, t.Source}]
			m.publications = append(m.publications, p)
			s.publications[p.id] = p
		}
		plan.Tracks = append(plan.Tracks, PlannedTrack{
			MID: t.MID, PublicationID: p.id, Source: p.source, Kind: p.kind(), Muted: p.muted, Hint: t.Hint,
		})
	}
	plan.addSeconds(tracks)
	return plan, nil
}

// addSeconds takes the second encodings of what is published.
func (plan *Plan) addSeconds(tracks []wire.PublishTrack) {
	for _, t := range tracks {
		if t.SecondOf == "" {
			continue
		}
		first := slices.IndexFunc(plan.Tracks, func(p PlannedTrack) bool { return p.MID == t.SecondOf })
		if first < 0 {
			plan.Refused = append(plan.Refused, wire.RefusedTrack{MID: t.MID, Code: string(fault.NotAllowed)})
			continue
		}
		second := plan.Tracks[first]
		second.MID, second.Second = t.MID, true
		plan.Tracks = append(plan.Tracks, second)
	}
}

// Published is the plan that keeps what a participant publishes as it is.
func (s *State) Published(id, conn string) (Plan, error) {
	m, err := s.actor(id, conn)
	if err != nil {
		return Plan{}, err
	}
	var plan Plan
	for _, p := range m.publications {
		if p.live {
			plan.Tracks = append(plan.Tracks, PlannedTrack{
				MID: p.mid, PublicationID: p.id, Source: p.source, Kind: p.kind(), Muted: p.muted, Hint: p.hint,
			})
		}
	}
	return plan, nil
}

// published finds the live publication that a track continues.
func (m *member) published(t wire.PublishTrack) *publication {
	for _, p := range m.publications {
		if p.live && p.mid == t.MID && p.source == t.Source && p.shareID == t.ShareID {
			return p
		}
	}
	return nil
}

// allowPublish decides about one new track; asked is everything the participant wants to publish.
func (s *State) allowPublish(m *member, t wire.PublishTrack, asked []wire.PublishTrack, plan Plan) error {
	allowed := permissions(m.role, s.settings)
	switch t.Source {
	case wire.SourceMicrophone:
		return allowIf(allowed.PublishMicrophone)
	case wire.SourceCamera:
		return allowIf(allowed.PublishCamera)
	case wire.SourceScreenAudio:
		if !hasScreen(asked, t.ShareID, plan) {
			return fault.NotAllowed
		}
		return allowIf(allowed.Share)
	}
	if !allowed.Share {
		return fault.NotAllowed
	}
	if s.shares(m, asked, false) >= MaxShares || s.shares(m, asked, true) >= MaxSharesPerPerson {
		return fault.ShareLimit
	}
	return nil
}

func allowIf(allowed bool) error {
	if !allowed {
		return fault.NotAllowed
	}
	return nil
}

func hasScreen(asked []wire.PublishTrack, shareID string, plan Plan) bool {
	return slices.ContainsFunc(asked, func(t wire.PublishTrack) bool {
		refused := slices.ContainsFunc(plan.Refused, func(r wire.RefusedTrack) bool { return r.MID == t.MID })
		return t.Source == wire.SourceScreen && t.ShareID == shareID && !refused
	})
}

// shares counts the screens that will go on, reserved ones included; own ones that were not asked for again end now.
func (s *State) shares(m *member, asked []wire.PublishTrack, ownOnly bool) (count int) {
	for _, other := range s.inside {
		if ownOnly && other != m {
			continue
		}
		for _, p := range other.publications {
			if p.source != wire.SourceScreen || other == m && p.live && !continues(p, asked) {
				continue
			}
			count++
		}
	}
	return count
}

func continues(p *publication, asked []wire.PublishTrack) bool {
	return slices.ContainsFunc(asked, func(t wire.PublishTrack) bool {
		return t.MID == p.mid && t.Source == p.source && t.ShareID == p.shareID
	})
}

// Negotiated is what the media layer made of a plan.
type Negotiated struct {
	Plan     Plan
	SDP      string
	Codecs   map[string]string // by publication
	Conn     string            // connection that asked; another one gets no answer
	AnswerTo int64             // request that published answers
}

// CommitPublish makes the plan's publications live and ends those that are not in it.
func (s *State) CommitPublish(now time.Time, id string, n Negotiated) ([]Effect, error) {
	m := s.members[id]
	if m == nil || s.ended {
		return nil, fault.NotInMeeting
	}
	planned := map[string]PlannedTrack{}
	answer := &wire.Published{SDP: n.SDP, Refused: n.Plan.Refused}
	for _, t := range n.Plan.Tracks {
		if !t.Second {
			planned[t.PublicationID] = t
		}
		answer.Publications = append(answer.Publications, wire.PublishedTrack{MID: t.MID, PublicationID: t.PublicationID})
	}
	if m.connected && m.conn == n.Conn {
		s.emit(Send{To: []string{m.id}, Message: answer, AnswerTo: n.AnswerTo})
	}
	for _, p := range slices.Clone(m.publications) {
		track, ok := planned[p.id]
		delete(planned, p.id)
		switch {
		case !ok:
			s.unpublish(m, p)
		case p.live:
			s.setHint(p, track.Hint)
		default:
			s.publish(now, p, n.Codecs[p.id])
		}
	}
	for id := range planned { // stopped by a host in the meantime
		s.emit(Unpublish{PublicationID: id})
	}
	s.receive()
	return s.take(), nil
}

// AbortPublish gives up the places that a plan reserved.
func (s *State) AbortPublish(id string) {
	if m := s.members[id]; m != nil {
		s.dropReserved(m)
	}
}

func (s *State) dropReserved(m *member) {
	m.publications = slices.DeleteFunc(m.publications, func(p *publication) bool {
		if !p.live {
			delete(s.publications, p.id)
		}
		return !p.live
	})
}

func (s *State) publish(now time.Time, p *publication, codec string) {
	p.live, p.codec = true, codec
	if !p.muted {
		p.unmutedAt = now
	}
	s.sendAll(&wire.PublicationAdded{Publication: p.wire()})
}

func (s *State) unpublish(m *member, gone ...*publication) {
	for _, p := range slices.Clone(gone) {
		m.publications = without(m.publications, p)
		delete(s.publications, p.id)
		if !p.live {
			continue
		}
		s.emit(Unpublish{PublicationID: p.id})
		s.sendAll(&wire.PublicationRemoved{PublicationID: p.id})
	}
}

func (s *State) setMuted(now time.Time, p *publication, muted bool) {
	if p.muted == muted {
		return
	}
	p.muted = muted
	if !muted {
		p.unmutedAt = now
	}
	s.emit(Gate{PublicationID: p.id, Muted: muted})
	s.sendAll(&wire.PublicationUpdated{Publication: p.wire()})
	if p.kind() == wire.KindAudio {
		s.receive()
	} else {
		s.receiveViewers()
	}
}

func (s *State) setHint(p *publication, hint wire.ContentHint) {
	if p.hint == hint {
		return
	}
	p.hint = hint
	s.emit(Hint{PublicationID: p.id, Hint: hint})
	s.sendAll(&wire.PublicationUpdated{Publication: p.wire()})
}

// SetCodec corrects the codec of a publication once its first packet came.
func (s *State) SetCodec(publicationID, codec string) []Effect {
	p := s.publications[publicationID]
	if p == nil || !p.live || p.codec == codec {
		return nil
	}
	p.codec = codec
	s.sendAll(&wire.PublicationUpdated{Publication: p.wire()})
	s.receiveViewers()
	return s.take()
}
