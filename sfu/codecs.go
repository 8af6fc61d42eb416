package sfu

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
)

// formatParameter returns a parameter of an fmtp line.
func formatParameter(line, name string) string {
	for part := range strings.SplitSeq(line, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		if strings.EqualFold(k, name) {
			return strings.ToLower(v)
		}
	}
	return ""
}

// match tells how well a subscriber's codec fits a publisher's: 0 not at all, 1 decodable, 2 the same profile.
func match(published, offered webrtc.RTPCodecCapability) int {
	if !strings.EqualFold(published.MimeType, offered.MimeType) {
		return 0
	}
	switch codec.FromMime(published.MimeType) {
	case codec.H264:
		mode := func(c webrtc.RTPCodecCapability) string {
			if m := formatParameter(c.SDPFmtpLine, "packetization-mode"); m != "" {
				return m
			}
			return "0"
		}
		if mode(published) != mode(offered) {
			return 0
		}
		profile := func(c webrtc.RTPCodecCapability) string {
			p := formatParameter(c.SDPFmtpLine, "profile-level-id")
			return p[:min(4, len(p))]
		}
		if profile(published) != profile(offered) {
			return 1
		}
	case codec.VP9:
		profile := func(c webrtc.RTPCodecCapability) string {
			if p := formatParameter(c.SDPFmtpLine, "profile-id"); p != "" {
				return p
			}
			return "0"
		}
		if profile(published) != profile(offered) {
			return 0
		}
	}
	return 2
}

// best returns the codec that fits a publisher's best.
func best(published webrtc.RTPCodecCapability, offered []webrtc.RTPCodecParameters) (webrtc.RTPCodecParameters, bool) {
	var found webrtc.RTPCodecParameters
	quality := 0
	for _, c := range offered {
		if q := match(published, c.RTPCodecCapability); q > quality {
			found, quality = c, q
		}
	}
	return found, quality > 0
}

// retransmission returns the payload type of the RTX codec that repairs pt, 0 when there is none.
func retransmission(pt webrtc.PayloadType, offered []webrtc.RTPCodecParameters) (webrtc.RTPCodecParameters, bool) {
	want := strconv.Itoa(int(pt))
	for _, c := range offered {
		if strings.EqualFold(c.MimeType, webrtc.MimeTypeRTX) && formatParameter(c.SDPFmtpLine, "apt") == want {
			return c, true
		}
	}
	return webrtc.RTPCodecParameters{}, false
}

// sectionCodecs returns the codecs of a media section in its order, with their feedback, retransmission ones included.
func sectionCodecs(m *sdp.MediaDescription) []webrtc.RTPCodecParameters {
	names, formats := map[string]string{}, map[string]string{}
	feedback := map[string][]webrtc.RTCPFeedback{}
	for _, a := range m.Attributes {
		pt, rest, _ := strings.Cut(a.Value, " ")
		switch a.Key {
		case "rtpmap":
			names[pt] = rest
		case "fmtp":
			formats[pt] = rest
		case "rtcp-fb":
			kind, parameter, _ := strings.Cut(rest, " ")
			feedback[pt] = append(feedback[pt], webrtc.RTCPFeedback{Type: kind, Parameter: parameter})
		}
	}
	list := make([]webrtc.RTPCodecParameters, 0, len(m.MediaName.Formats))
	for _, pt := range m.MediaName.Formats {
		parts := strings.Split(names[pt], "/")
		number, err := strconv.ParseUint(pt, 10, 7)
		if err != nil || len(parts) < 2 {
			continue
		}
		rate, err := strconv.ParseUint(parts[1], 10, 32)
		if err != nil {
			continue
		}
		c := webrtc.RTPCodecParameters{PayloadType: webrtc.PayloadType(number), RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: m.MediaName.Media + "/" + parts[0], ClockRate: uint32(rate), SDPFmtpLine: formats[pt],
			RTCPFeedback: append(slices.Clone(feedback[pt]), feedback["*"]...),
		}}
		if len(parts) > 2 {
			if channels, err := strconv.ParseUint(parts[2], 10, 8); err == nil {
				c.Channels = uint16(channels)
			}
		}
		list = append(list, c)
	}
	return list
}

// withOurOpus returns a description in which no parameter of Opus is another than ours. Each side tells how it wants to
// receive (RFC 7587 section 7), so that they may differ; but Pion drops a codec that does when another of the section, such
// as RED, is the same.
func withOurOpus(text string) string {
	d := &sdp.SessionDescription{}
	if d.UnmarshalString(text) != nil {
		return text
	}
	changed := false
	for _, m := range d.MediaDescriptions {
		for _, c := range sectionCodecs(m) {
			if !strings.EqualFold(c.MimeType, webrtc.MimeTypeOpus) {
				continue
			}
			if format := ourOpus(c.SDPFmtpLine); format != c.SDPFmtpLine {
				setFormat(m, c.PayloadType, format)
				changed = true
			}
		}
	}
	if !changed {
		return text
	}
	b, err := d.Marshal()
	if err != nil {
		return text
	}
	return string(b)
}

// ourOpus takes out of format parameters those that contradict opusFormat.
func ourOpus(format string) string {
	parts := slices.DeleteFunc(strings.Split(format, ";"), func(part string) bool {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		ours := formatParameter(opusFormat, name)
		return ours != "" && ours != strings.ToLower(value)
	})
	return strings.Join(parts, ";")
}

// setFormat replaces the format parameters of a codec in a section; empty ones have no line.
func setFormat(m *sdp.MediaDescription, pt webrtc.PayloadType, format string) {
	prefix := strconv.Itoa(int(pt)) + " "
	is := func(a sdp.Attribute) bool { return a.Key == "fmtp" && strings.HasPrefix(a.Value, prefix) }
	if i := slices.IndexFunc(m.Attributes, is); i >= 0 && format != "" {
		m.Attributes[i].Value = prefix + format
	} else if i >= 0 {
		m.Attributes = slices.Delete(m.Attributes, i, i+1)
	}
}
