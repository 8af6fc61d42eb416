package sfu

import (
	"fmt"
	"slices"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
)

// watchOffer is an offer of sections that receive, as it is given to Pion.
type watchOffer struct {
	text     string
	sections []offeredSection
	formats  map[string][]string // of every section, by mid
	rejected map[string]bool     // answered as such (RFC 8829 section 5.3.1)
}

type offeredSection struct {
	mid  string
	kind Kind
}

// parseWatch reads an offer. What only sends is answered as inactive, what does both as receiving.
func parseWatch(text string) (*watchOffer, error) {
	d := &sdp.SessionDescription{}
	if err := d.UnmarshalString(text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	o := &watchOffer{formats: map[string][]string{}, rejected: map[string]bool{}}
	for _, m := range d.MediaDescriptions {
		mid, ok := m.Attribute(sdp.AttrKeyMID)
		if _, twice := o.formats[mid]; !ok || twice {
			return nil, fmt.Errorf("%w: a section without a mid of its own", ErrBadSDP)
		}
		o.formats[mid] = m.MediaName.Formats
		o.section(m, mid)
	}
	switch {
	case len(o.sections) == 0:
		return nil, fmt.Errorf("%w: no section receives", ErrBadSDP)
	case len(o.sections) > maxWatchSections:
		return nil, fmt.Errorf("%w: %d, at most %d", ErrTooManyTracks, len(o.sections), maxWatchSections)
	}
	b, err := d.Marshal()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	o.text = string(b)
	return o, nil
}

func (o *watchOffer) section(m *sdp.MediaDescription, mid string) {
	kind := Kind(m.MediaName.Media)
	if kind != KindAudio && kind != KindVideo {
		return
	}
	_, bundled := m.Attribute("bundle-only")
	o.rejected[mid] = m.MediaName.Port.Value == 0 && !bundled
	receives := !o.rejected[mid] && takesMedia(m)
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a sdp.Attribute) bool {
		return slices.Contains([]string{sdp.AttrKeySendRecv, sdp.AttrKeySendOnly, sdp.AttrKeyRecvOnly, sdp.AttrKeyInactive}, a.Key)
	})
	if receives {
		m.WithPropertyAttribute(sdp.AttrKeyRecvOnly)
		o.sections = append(o.sections, offeredSection{mid, kind})
	} else {
		m.WithPropertyAttribute(sdp.AttrKeyInactive)
	}
}

// takesMedia tells whether a section receives; without a direction it does (RFC 8866 section 6.7).
func takesMedia(m *sdp.MediaDescription) bool {
	_, sends := m.Attribute(sdp.AttrKeySendOnly)
	_, rests := m.Attribute(sdp.AttrKeyInactive)
	return !sends && !rests
}

// repeats tells whether the offer has the sections of an earlier one.
func (o *watchOffer) repeats(sections []*section) bool {
	return slices.EqualFunc(o.sections, sections, func(a offeredSection, b *section) bool {
		return a.mid == b.mid && a.kind == b.kind
	})
}

// narrow takes out of each section of Pion's answer what only another section of the offer takes.
func (o *watchOffer) narrow(answer string) (string, error) {
	d := &sdp.SessionDescription{}
	if err := d.UnmarshalString(answer); err != nil {
		return "", fmt.Errorf("sfu: own answer: %w", err)
	}
	for _, m := range d.MediaDescriptions {
		mid, _ := m.Attribute(sdp.AttrKeyMID)
		if m.MediaName.Media == "application" {
			continue
		}
		if o.rejected[mid] {
			m.MediaName.Port.Value = 0
		}
		m.MediaName.Formats = slices.DeleteFunc(m.MediaName.Formats, func(f string) bool {
			return !slices.Contains(o.formats[mid], f)
		})
		receives := slices.ContainsFunc(o.sections, func(s offeredSection) bool { return s.mid == mid })
		if receives && len(codecNames(sectionCodecs(m))) == 0 {
			return "", fmt.Errorf("%w: section %q takes none of our codecs", ErrBadSDP, mid)
		}
	}
	b, err := d.Marshal()
	if err != nil {
		return "", fmt.Errorf("sfu: own answer: %w", err)
	}
	return string(b), nil
}

// codecNames lists the codecs that are forwarded, each once.
func codecNames(list []webrtc.RTPCodecParameters) []string {
	var names []string
	for _, c := range list {
		k := codec.FromMime(c.MimeType)
		if k != codec.Unknown && !slices.Contains(names, string(k)) {
			names = append(names, string(k))
		}
	}
	return names
}
