package sfu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

// parsedOffer is a publish offer as it is given to Pion, and what its answer must say.
type parsedOffer struct {
	text  string
	kinds map[string]Kind     // by mid
	rids  map[string][]string // by mid, in the order of the offer
	// formats are the payload types of each section in the order that its sender prefers, which Pion keeps of one section
	// only.
	formats map[string][]string
	// inactive sections are shown to Pion as active: it would otherwise end their receiver for good, while a client may
	// take the section up again with the same SSRC. The answer says what the offer said.
	inactive map[string]bool
	// rejected sections are answered as such (RFC 8829 section 5.3.1).
	rejected map[string]bool
}

func parseOffer(text string) (*parsedOffer, error) {
	d := &sdp.SessionDescription{}
	if err := d.UnmarshalString(text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	o := &parsedOffer{
		kinds: map[string]Kind{}, rids: map[string][]string{}, formats: map[string][]string{}, inactive: map[string]bool{}, rejected: map[string]bool{},
	}
	for _, m := range d.MediaDescriptions {
		mid, ok := m.Attribute(sdp.AttrKeyMID)
		if !ok {
			return nil, fmt.Errorf("%w: a section without mid", ErrBadSDP)
		}
		o.section(m, mid)
	}
	b, err := d.Marshal()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	o.text = string(b)
	return o, nil
}

func (o *parsedOffer) section(m *sdp.MediaDescription, mid string) {
	if m.MediaName.Port.Value == 0 {
		if _, bundled := m.Attribute("bundle-only"); !bundled {
			o.rejected[mid] = true
			return
		}
	}
	switch m.MediaName.Media {
	case "audio":
		o.kinds[mid] = KindAudio
	case "video":
		o.kinds[mid] = KindVideo
	default:
		return
	}
	o.formats[mid] = m.MediaName.Formats
	for i, a := range m.Attributes {
		switch a.Key {
		case sdp.AttrKeyInactive:
			o.inactive[mid] = true
			m.Attributes[i].Key = sdp.AttrKeySendOnly
		case "rid":
			if f := strings.Fields(a.Value); len(f) >= 2 && f[1] == "send" {
				o.rids[mid] = append(o.rids[mid], f[0])
			}
		}
	}
}

// order brings the codecs of an answer into the order of the offer, of which the first one is sent.
func (o *parsedOffer) order(answer *sdp.SessionDescription) {
	for _, m := range answer.MediaDescriptions {
		mid, _ := m.Attribute(sdp.AttrKeyMID)
		slices.SortStableFunc(m.MediaName.Formats, func(a, b string) int {
			return slices.Index(o.formats[mid], a) - slices.Index(o.formats[mid], b)
		})
	}
}

// finish makes the answer say what Pion could not know. Sections in music carry shared sound.
func (o *parsedOffer) finish(answer *sdp.SessionDescription, music map[string]bool) (string, error) {
	for _, m := range answer.MediaDescriptions {
		mid, _ := m.Attribute(sdp.AttrKeyMID)
		if o.rejected[mid] {
			m.MediaName.Port.Value = 0
		}
		for i, a := range m.Attributes {
			switch {
			case o.inactive[mid] && (a.Key == sdp.AttrKeyRecvOnly || a.Key == sdp.AttrKeySendRecv):
				m.Attributes[i].Key = sdp.AttrKeyInactive
			case a.Key == "fmtp" && m.MediaName.Media == "audio":
				m.Attributes[i].Value = opusAnswer(a.Value, music[mid])
			}
		}
		if m.MediaName.Media == "video" {
			startFast(m)
		}
	}
	b, err := answer.Marshal()
	if err != nil {
		return "", fmt.Errorf("sfu: own answer: %w", err)
	}
	return string(b), nil
}

// opusAnswer adds to an fmtp value what the sender's encoder should do: FEC, and silence left out for speech or stereo for
// music (RFC 7587 section 7).
func opusAnswer(value string, music bool) string {
	pt, line, ok := strings.Cut(value, " ")
	if !ok || !strings.Contains(line, "minptime") && !strings.Contains(line, "useinbandfec") {
		return value
	}
	want := []string{"useinbandfec=1", "usedtx=1"}
	if music {
		want = []string{"useinbandfec=1", "stereo=1", "maxaveragebitrate=128000"}
	}
	for _, w := range want {
		name, _, _ := strings.Cut(w, "=")
		if formatParameter(line, name) == "" {
			line += ";" + w
		}
	}
	return pt + " " + line
}

// startBitrate is where Chromium's bandwidth estimation begins, in kbit/s, instead of 300: a camera is in full size within
// the first second. It is the same for every section, because a change would begin the estimation anew.
const startBitrate = "x-google-start-bitrate=1000"

func startFast(m *sdp.MediaDescription) {
	formatted := map[string]bool{}
	for i, a := range m.Attributes {
		if a.Key != "fmtp" {
			continue
		}
		pt, line, _ := strings.Cut(a.Value, " ")
		formatted[pt] = true
		if formatParameter(line, "apt") == "" {
			m.Attributes[i].Value = a.Value + ";" + startBitrate
		}
	}
	for _, c := range sectionCodecs(m) {
		if pt := strconv.Itoa(int(c.PayloadType)); !formatted[pt] {
			m.Attributes = append(m.Attributes, sdp.NewAttribute("fmtp", pt+" "+startBitrate))
		}
	}
}
