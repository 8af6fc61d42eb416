package room

import (
	"slices"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// people are the participants that are no programs, in the order of joining.
func (s *State) people() []*member {
	return slices.DeleteFunc(slices.Clone(s.inside), func(m *member) bool { return m.person.program() })
}

// allowMore decides whether there is a place; devices is how many participants are the same person or came with the same
// token.
func (s *State) allowMore(e Entry, devices int) error {
	full := len(s.inside) >= s.settings.MaxParticipants
	switch {
	case e.Person.program():
		if err := s.allowProgram(e, devices); err != nil {
			return err
		}
		full = full && (e.Person.Kind != wire.KindIngest || devices == 0)
	case devices >= MaxDevices && s.away(e.Person.Key) == nil:
		return fault.MeetingFull
	}
	if full && !e.Person.MayHost {
		return fault.MeetingFull
	}
	return nil
}

// allowProgram decides what programs are asked beyond what everybody is: a meeting has people in it, and not too many
// programs. An ingest that replaces an earlier one takes no further place.
func (s *State) allowProgram(e Entry, devices int) error {
	people := s.people()
	replaces := e.Person.Kind == wire.KindIngest && devices > 0
	switch {
	case len(people) == 0:
		return fault.MeetingNotRunning
	case len(s.inside)-len(people) >= MaxPrograms && !replaces:
		return fault.LimitReached.With(map[string]any{"max": MaxPrograms})
	case e.Person.Kind == wire.KindViewer && devices >= MaxViewersPerToken:
		return fault.LimitReached.With(map[string]any{"max": MaxViewersPerToken})
	}
	if watched := s.members[e.Watches]; e.Watches != "" && (watched == nil || !watched.inside) {
		return fault.ParticipantNotFound
	}
	return nil
}

// silenced is a source of a program that a host muted. A program that comes back, by itself as a rule, stays muted.
type silenced struct {
	key    string // of the person
	source wire.Source
}

func (s *State) setSilenced(m *member, source wire.Source, muted bool) {
	of := silenced{m.person.Key, source}
	switch {
	case !m.person.program():
	case muted:
		s.silenced[of] = true
	default:
		delete(s.silenced, of)
	}
}

// replaceIngest ends the stream that a token sends already: a program that comes back has not always been able to end it.
func (s *State) replaceIngest(now time.Time, key string) {
	for _, m := range slices.Clone(s.inside) {
		if m.person.Key == key {
			s.emit(Close{To: m.id, Reason: wire.EndReplaced})
			s.gone(now, m, wire.LeftLeave)
		}
	}
}

// endViewersOf ends the viewers that showed only the participant who is gone.
func (s *State) endViewersOf(now time.Time, watched *member) {
	for _, m := range slices.Clone(s.inside) {
		if m.watches == watched.id {
			s.emit(Close{To: m.id, Reason: wire.EndLeft})
			s.gone(now, m, wire.LeftLeave)
		}
	}
}

// Section is a media section in which a viewer is shown one publication after another.
type Section struct {
	Kind   wire.Kind
	Codecs []string // that it takes
}

func (x Section) takes(p *publication) bool {
	return p.kind() == x.Kind && (p.codec == "" || slices.Contains(x.Codecs, p.codec))
}

// takesSecond tells whether a publication can be shown in a second encoding, which everybody but a program can make.
func (x Section) takesSecond(p *publication) bool {
	return p.kind() == x.Kind && x.Kind == wire.KindVideo && !p.owner.person.program() && slices.Contains(x.Codecs, secondCodec)
}

// secondCodec is the one that every browser encodes.
const secondCodec = "VP8"

// Watch tells what a viewer can be shown, and begins to show it.
func (s *State) Watch(id, conn string, sections []Section) ([]Effect, error) {
	m, err := s.actor(id, conn)
	if err != nil {
		return nil, err
	}
	if !m.inside || m.person.Kind != wire.KindViewer {
		return nil, fault.WrongState
	}
	m.sections = sections
	s.receiveViewers()
	return s.take(), nil
}
