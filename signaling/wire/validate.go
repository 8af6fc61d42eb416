package wire

import (
	"math"
	"slices"

	"parley/internal/fault"
)

// invalid is the fault of a message whose field is outside its limits.
func invalid(field, why string) error {
	return fault.BadMessage.With(map[string]any{"field": field, "why": why})
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Validate brings the name into its one form. It leaves a hello of another version alone: its sender must be told that,
// whatever else it sent.
func (m *Hello) Validate() error {
	if m.Version != Version {
		return nil
	}
	if m.Name != "" {
		if err := cleanName(&m.Name); err != nil {
			return err
		}
	}
	return first(
		text("client", m.Client, MaxClientBytes),
		optional("locale", m.Locale, localeShape),
		optional("resume", m.Resume, tokenShape),
	)
}

func (m *Publish) Validate() error {
	if len(m.Tracks) > MaxTracks {
		return invalid("tracks", "has too many entries")
	}
	mids := make(map[string]bool, len(m.Tracks))
	sources := make(map[Source]int, len(m.Tracks))
	for i := range m.Tracks {
		track := &m.Tracks[i]
		if err := track.validate(); err != nil {
			return err
		}
		if mids[track.MID] {
			return invalid("tracks.mid", "appears twice")
		}
		mids[track.MID] = true
		if track.SecondOf == "" {
			sources[track.Source]++
		}
	}
	if err := m.validateSeconds(); err != nil {
		return err
	}
	if sources[SourceMicrophone] > 1 || sources[SourceCamera] > 1 {
		return invalid("tracks.source", "has more than one microphone or camera")
	}
	return sdp(m.SDP)
}

// validateSeconds looks whether second encodings name the tracks that they are of, each of which has one at most.
func (m *Publish) validateSeconds() error {
	seconds := map[string]bool{}
	for _, t := range m.Tracks {
		if t.SecondOf == "" {
			continue
		}
		first := slices.IndexFunc(m.Tracks, func(o PublishTrack) bool { return o.MID == t.SecondOf && o.SecondOf == "" })
		if first < 0 || seconds[t.SecondOf] {
			return invalid("tracks.secondOf", "names no track, or one that has a second encoding")
		}
		if o := m.Tracks[first]; o.Source != t.Source || o.ShareID != t.ShareID || t.Source != SourceCamera && t.Source != SourceScreen {
			return invalid("tracks.secondOf", "names a track of another source, or no video")
		}
		seconds[t.SecondOf] = true
	}
	return nil
}

func (t *PublishTrack) validate() error {
	if t.Source == SourceScreenAudio && t.ShareID == "" {
		return invalid("tracks.shareId", "is missing")
	}
	return first(
		shaped("tracks.mid", t.MID, midShape),
		source("tracks.source", t.Source),
		hint("tracks.hint", t.Hint, ""),
		optional("tracks.shareId", t.ShareID, idShape),
		optional("tracks.secondOf", t.SecondOf, midShape),
	)
}

func (m *SubscribeAnswer) Validate() error {
	return first(sdp(m.SDP), within("offer", float64(m.Offer), 1, math.MaxInt32))
}

func (m *Candidate) Validate() error {
	if m.SDPMLineIndex != nil {
		if err := within("sdpMLineIndex", float64(*m.SDPMLineIndex), 0, math.MaxUint16); err != nil {
			return err
		}
	}
	return first(
		oneOf("target", m.Target, TargetPublish, TargetSubscribe),
		optional("candidate", m.Candidate, candidateShape),
		optional("sdpMid", m.SDPMid, midShape),
		optional("usernameFragment", m.UsernameFragment, ufragShape),
	)
}

func (m *RestartICE) Validate() error { return nil }

func (m *View) Validate() error {
	if len(m.Tiles) > MaxTiles {
		return invalid("tiles", "has too many entries")
	}
	for _, tile := range m.Tiles {
		err := first(
			id("tiles.publicationId", tile.PublicationID),
			within("tiles.width", float64(tile.Width), 0, MaxPixels),
			within("tiles.height", float64(tile.Height), 0, MaxPixels),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *SetMuted) Validate() error { return id("publicationId", m.PublicationID) }

func (m *SetHint) Validate() error {
	return first(id("publicationId", m.PublicationID), hint("hint", m.Hint))
}

func (m *RaiseHand) Validate() error { return nil }

func (m *SendReaction) Validate() error {
	if !isEmoji(m.Emoji) {
		return invalid("emoji", "is not one emoji")
	}
	return nil
}

// Validate brings the name into its one form.
func (m *Rename) Validate() error { return cleanName(&m.Name) }

func (m *Leave) Validate() error { return nil }
func (m *Ping) Validate() error  { return nil }

func (m *Admit) Validate() error {
	if m.All {
		return nil
	}
	return people(m.ParticipantIDs)
}

func (m *Refuse) Validate() error { return people(m.ParticipantIDs) }

func (m *MuteParticipant) Validate() error {
	return first(id("participantId", m.ParticipantID), source("source", m.Source))
}

func (m *MuteAll) Validate() error { return nil }

func (m *AskUnmute) Validate() error {
	return first(
		id("participantId", m.ParticipantID),
		oneOf("source", m.Source, SourceMicrophone, SourceCamera),
	)
}

func (m *Remove) Validate() error     { return id("participantId", m.ParticipantID) }
func (m *LowerHands) Validate() error { return optional("participantId", m.ParticipantID, idShape) }

func (m *SetRole) Validate() error {
	return first(
		id("participantId", m.ParticipantID),
		oneOf("role", m.Role, RoleCoHost, RoleParticipant),
	)
}

func (m *TransferHost) Validate() error { return id("participantId", m.ParticipantID) }
func (m *Spotlight) Validate() error    { return optional("participantId", m.ParticipantID, idShape) }

func (m *PresentBoard) Validate() error { return optional("boardId", m.BoardID, idShape) }

func (m *UpdateSettings) Validate() error {
	share, draw := ShareEveryone, DrawEveryone
	if m.WhoMayShare != nil {
		share = *m.WhoMayShare
	}
	if m.WhoMayDraw != nil {
		draw = *m.WhoMayDraw
	}
	return first(
		oneOf("whoMayShare", share, ShareEveryone, ShareHosts),
		oneOf("whoMayDraw", draw, DrawEveryone, DrawHosts),
	)
}

func (m *End) Validate() error { return nil }

func (m *ReportStats) Validate() error {
	if len(m.Sent) > MaxTracks {
		return invalid("sent", "has too many entries")
	}
	if len(m.Received) > MaxReceived {
		return invalid("received", "has too many entries")
	}
	for _, s := range m.Sent {
		err := first(
			id("sent.publicationId", s.PublicationID),
			within("sent.framesPerSecond", float64(s.FramesPerSecond), 0, MaxFramesPerSecond),
			duration("sent.cpuLimitedMs", s.CPULimitedMs),
			duration("sent.bandwidthLimitedMs", s.BandwidthLimitedMs),
		)
		if err != nil {
			return err
		}
	}
	for _, r := range m.Received {
		err := first(
			id("received.publicationId", r.PublicationID),
			within("received.lost", float64(r.Lost), 0, MaxLost),
			duration("received.jitterMs", r.JitterMs),
			duration("received.freezeMs", r.FreezeMs),
		)
		if err != nil {
			return err
		}
	}
	return first(
		duration("intervalMs", m.IntervalMs),
		within("roundTripMs", m.RoundTripMs, 0, MaxDurationMs),
		within("downlinkLoss", m.DownlinkLoss, 0, 1),
		duration("freezeMs", m.FreezeMs),
		duration("cpuLimitedMs", m.CPULimitedMs),
		duration("bandwidthLimitedMs", m.BandwidthLimitedMs),
		within("availableBitsPerSecond", float64(m.AvailableBitsPerSecond), 0, math.MaxInt32),
	)
}

// duration is of something that a client measured between two reports.
func duration(field string, ms int) error { return within(field, float64(ms), 0, MaxDurationMs) }
