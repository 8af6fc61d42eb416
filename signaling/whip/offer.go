package whip

import (
	"fmt"
	"strings"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// offered is a media section of an offer.
type offered struct {
	mid   string
	kind  wire.Kind
	sends bool
}

// readOffer lists the sections of sound and picture. It reads no more of an offer than it needs; the media layer reads the
// rest. fault.BadRequest means that it is no session description.
func readOffer(text string) ([]offered, error) {
	if !strings.HasPrefix(text, "v=0") {
		return nil, fault.BadRequest.Wrap(fmt.Errorf("not a session description"))
	}
	var list []offered
	session := "sendrecv"
	section := func() *offered { return &list[len(list)-1] }
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if media, ok := strings.CutPrefix(line, "m="); ok {
			kind, rest, _ := strings.Cut(media, " ")
			list = append(list, offered{kind: wire.Kind(kind), sends: session != "recvonly" && session != "inactive"})
			if port, _, _ := strings.Cut(rest, " "); port == "0" && !strings.Contains(text, "a=bundle-only") {
				section().kind = ""
			}
			continue
		}
		attribute, ok := strings.CutPrefix(line, "a=")
		if !ok {
			continue
		}
		name, value, _ := strings.Cut(attribute, ":")
		switch name {
		case "mid":
			if len(list) > 0 {
				section().mid = value
			}
		case "sendrecv", "sendonly", "recvonly", "inactive":
			if len(list) == 0 {
				session = name
			} else {
				section().sends = name == "sendrecv" || name == "sendonly"
			}
		}
	}
	return list, nil
}

// shareID binds the picture and the sound of an ingest that shares.
const shareID = "stream"

// tracksOf makes the publications of an ingest's offer: one picture and one sound at most, as a camera and a microphone or
// as a share. An offer is taken whole or refused (RFC 9725 section 4.4.3).
func tracksOf(sections []offered, source wire.Source) ([]wire.PublishTrack, error) {
	var tracks []wire.PublishTrack
	seen := map[wire.Kind]bool{}
	for _, s := range sections {
		if !s.sends || s.kind != wire.KindAudio && s.kind != wire.KindVideo {
			continue
		}
		if seen[s.kind] {
			return nil, fault.SDPInvalid.Wrap(fmt.Errorf("more than one %s section", s.kind))
		}
		seen[s.kind] = true
		track := wire.PublishTrack{MID: s.mid, Source: wire.SourceMicrophone}
		switch {
		case source == wire.SourceScreen && s.kind == wire.KindAudio:
			track.Source, track.ShareID = wire.SourceScreenAudio, shareID
		case source == wire.SourceScreen:
			track.Source, track.ShareID, track.Hint = wire.SourceScreen, shareID, wire.HintMotion
		case s.kind == wire.KindVideo:
			track.Source = wire.SourceCamera
		}
		tracks = append(tracks, track)
	}
	if len(tracks) == 0 || source == wire.SourceScreen && !seen[wire.KindVideo] {
		return nil, fault.SDPInvalid.Wrap(fmt.Errorf("no section sends a picture or sound"))
	}
	return tracks, nil
}

// sourceOf reads the parameter that says whether an ingest is a camera or a share.
func sourceOf(parameter string) (wire.Source, error) {
	switch wire.Source(parameter) {
	case "", wire.SourceCamera:
		return wire.SourceCamera, nil
	case wire.SourceScreen:
		return wire.SourceScreen, nil
	}
	return "", fault.Invalid("query.source", "must be camera or screen")
}
