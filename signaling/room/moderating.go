package room

import (
	"slices"
	"time"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// admitAsked lets in those named who still wait; it is an error only when none of them does.
func (s *State) admitAsked(now time.Time, c *wire.Admit) error {
	admitted := 0
	for _, m := range slices.Clone(s.waiting) {
		if m.inside || !c.All && !slices.Contains(c.ParticipantIDs, m.id) {
			continue
		}
		if len(s.inside) >= s.settings.MaxParticipants {
			return s.lobbyChanged(admitted, fault.MeetingFull)
		}
		if s.removed[m.person.Key] {
			delete(s.removed, m.person.Key)
			s.emit(AccessChanged{Access: s.access()})
		}
		s.admit(now, m)
		admitted++
	}
	if admitted == 0 && !c.All {
		return fault.ParticipantNotFound
	}
	return s.lobbyChanged(admitted, nil)
}

func (s *State) lobbyChanged(count int, err error) error {
	if count > 0 {
		s.sendLobby()
	}
	return err
}

func (s *State) admit(now time.Time, m *member) {
	s.waiting = without(s.waiting, m)
	delete(s.knocks, m.person.Key)
	s.letIn(now, m)
}

func (s *State) refuse(now time.Time, ids []string) error {
	refused := 0
	for _, m := range slices.Clone(s.waiting) {
		if !slices.Contains(ids, m.id) {
			continue
		}
		k := s.knocks[m.person.Key]
		if k == nil {
			k = &knock{}
			s.knocks[m.person.Key] = k
		}
		k.next = now.Add(min(firstKnockPause<<min(k.refusals, 8), longestKnockPause))
		k.refusals++
		s.dismiss(m, wire.EndRefused)
		refused++
	}
	if refused == 0 {
		return fault.ParticipantNotFound
	}
	return s.lobbyChanged(refused, nil)
}

func (s *State) muteParticipant(now time.Time, by, target *member, source wire.Source) error {
	found := s.silence(now, by, target, source)
	if !found {
		return fault.PublicationNotFound
	}
	return nil
}

// askUnmute asks a person to unmute. An ingest cannot be asked: it is unmuted at once.
func (s *State) askUnmute(now time.Time, by, target *member, source wire.Source) error {
	if !target.person.program() {
		s.sendTo(target, &wire.AskedToUnmute{ByID: by.id, Source: source})
		return nil
	}
	at := slices.IndexFunc(target.publications, func(p *publication) bool { return p.live && p.source == source })
	if at < 0 {
		return fault.PublicationNotFound
	}
	s.setSilenced(target, source, false)
	s.setMuted(now, target.publications[at], false)
	return nil
}

// silence mutes a microphone or camera, or ends shares, and tells whose they are.
func (s *State) silence(now time.Time, by, target *member, source wire.Source) (found bool) {
	if source == wire.SourceScreen {
		return s.stopShares(by, target)
	}
	for _, p := range slices.Clone(target.publications) {
		if p.source != source || !p.live {
			continue
		}
		found = true
		s.setSilenced(target, source, true)
		if !p.muted {
			s.setMuted(now, p, true)
			s.sendTo(target, &wire.Muted{ByID: by.id, Source: source})
		}
	}
	return found
}

func (s *State) stopShares(by, target *member) bool {
	var shares []*publication
	for _, p := range target.publications {
		if p.isShare() {
			shares = append(shares, p)
		}
	}
	if len(shares) == 0 {
		return false
	}
	s.unpublish(target, shares...)
	s.sendTo(target, &wire.Muted{ByID: by.id, Source: wire.SourceScreen})
	s.receive()
	return true
}

func (s *State) muteAll(now time.Time, by *member) {
	for _, m := range s.inside {
		if rank(m.role) == 0 {
			s.silence(now, by, m, wire.SourceMicrophone)
		}
	}
}

// remove takes out every device of the person.
func (s *State) remove(now time.Time, by, target *member) {
	key := target.person.Key
	if key != by.person.Key {
		s.removed[key] = true
		delete(s.coHosts, key)
		s.emit(AccessChanged{Access: s.access()})
	}
	for _, m := range slices.Clone(s.inside) {
		if m.person.Key == key && rank(m.role) < rank(by.role) {
			s.emit(Close{To: m.id, Reason: wire.EndRemoved})
			s.gone(now, m, wire.LeftRemoved)
		}
	}
}

// assignRole makes or unmakes a co-host, on every device of the person and for when the person comes back.
func (s *State) assignRole(by, target *member, role wire.Role) {
	key := target.person.Key
	s.setCoHost(key, role == wire.RoleCoHost)
	for _, m := range s.inside {
		if m.person.Key != key || m.role == wire.RoleHost {
			continue
		}
		if role == wire.RoleParticipant && m.person.Guest {
			s.setRole(by, m, wire.RoleGuest)
		} else {
			s.setRole(by, m, role)
		}
	}
}

func (s *State) transferHost(from, to *member) {
	s.host = to
	s.setCoHost(from.person.Key, true)
	s.setRole(from, to, wire.RoleHost)
	s.setRole(from, from, wire.RoleCoHost)
}

// setCoHost notes whether a person is a co-host when coming back.
func (s *State) setCoHost(key string, is bool) {
	if s.coHosts[key] == is {
		return
	}
	if is {
		s.coHosts[key] = true
	} else {
		delete(s.coHosts, key)
	}
	s.emit(AccessChanged{Access: s.access()})
}

// setRole changes a role and everything that follows from it.
func (s *State) setRole(by, m *member, role wire.Role) {
	if m.role == role {
		return
	}
	before := permissions(m.role, s.settings)
	m.role = role
	s.updated(m)
	s.drawers = true
	s.permissionsChanged(by, m, before)
}

// permissionsChanged tells a participant what it may do now, and ends what it may no longer do.
func (s *State) permissionsChanged(by, m *member, before wire.Permissions) {
	after := permissions(m.role, s.settings)
	if before == after {
		return
	}
	s.sendTo(m, &wire.PermissionsUpdated{Permissions: after})
	if before.Admit != after.Admit && len(s.waiting) > 0 {
		update := &wire.LobbyUpdated{}
		if after.Admit {
			update.Waiting = s.Waiting()
		}
		s.sendTo(m, update)
	}
	if before.Share && !after.Share {
		s.stopShares(by, m)
	}
}

func (s *State) updateSettings(now time.Time, by *member, c *wire.UpdateSettings) {
	settings, locked := s.settings, s.locked
	assign(&settings.Lobby, c.Lobby)
	assign(&settings.GuestsAllowed, c.GuestsAllowed)
	assign(&settings.WhoMayShare, c.WhoMayShare)
	assign(&settings.WhoMayDraw, c.WhoMayDraw)
	assign(&settings.ChatAllowed, c.ChatAllowed)
	assign(&locked, c.Locked)
	s.changeSettings(now, by, settings, locked)
}

func assign[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// Change takes settings and a title that were changed outside the room.
func (s *State) Change(now time.Time, title string, settings Settings) []Effect {
	settings = settings.withDefaults()
	if s.ended || s.host == nil {
		s.meeting.Title, s.settings = title, settings
		return s.take()
	}
	renamed := s.meeting.Title != title
	s.meeting.Title = title
	if settings == s.settings && renamed {
		s.sendAll(&wire.MeetingUpdated{Meeting: s.wireMeeting()})
	}
	s.changeSettings(now, s.host, settings, s.locked)
	return s.take()
}

func (s *State) changeSettings(now time.Time, by *member, settings Settings, locked bool) {
	if settings == s.settings && locked == s.locked {
		return
	}
	before, wasLocked := s.settings, s.locked
	s.settings, s.locked = settings, locked
	s.drawers = true
	s.sendAll(&wire.MeetingUpdated{Meeting: s.wireMeeting()})
	for _, m := range slices.Clone(s.inside) {
		s.permissionsChanged(by, m, permissions(m.role, before))
	}
	if before != settings {
		s.emit(Changed{Settings: settings})
	}
	if wasLocked != locked || before.ChatAllowed != settings.ChatAllowed {
		s.emit(AccessChanged{Access: s.access()})
	}
	if before.Lobby && !settings.Lobby {
		s.letInStranded(now)
	}
}
