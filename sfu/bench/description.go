package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"
)

const (
	setupActive = "active"
	levelURI    = sdp.AudioLevelURI
	wideURI     = sdp.TransportCCURI
)

// section is a media section of a description, as far as it matters here.
type section struct {
	video bool
	mid   string
	pt    string // of VP8 or Opus
	rtx   string // of its retransmission, empty when there is none
	wide  int    // ids of header extensions, 0 when not negotiated
	level int
}

// description is what the server's offers and answers say.
type description struct {
	credentials
	fingerprint string
	setup       string
	candidate   netip.AddrPort
	sections    []section
}

func parseDescription(text string) (*description, error) {
	parsed := &sdp.SessionDescription{}
	if err := parsed.UnmarshalString(text); err != nil {
		return nil, fmt.Errorf("description: %w", err)
	}
	d := &description{}
	d.take(parsed.Attributes)
	for _, m := range parsed.MediaDescriptions {
		d.take(m.Attributes)
		s := section{video: m.MediaName.Media == "video"}
		s.take(m.Attributes)
		if s.pt == "" {
			return nil, fmt.Errorf("description: no VP8 or Opus in section %q", s.mid)
		}
		d.sections = append(d.sections, s)
	}
	if d.ufrag == "" || d.pwd == "" || d.fingerprint == "" || !d.candidate.IsValid() || len(d.sections) == 0 {
		return nil, errors.New("description: credentials, fingerprint, candidate or sections are missing")
	}
	return d, nil
}

func (d *description) take(attributes []sdp.Attribute) {
	for _, a := range attributes {
		switch a.Key {
		case "ice-ufrag":
			d.ufrag = a.Value
		case "ice-pwd":
			d.pwd = a.Value
		case "fingerprint":
			_, d.fingerprint, _ = strings.Cut(a.Value, " ")
		case "setup":
			d.setup = a.Value
		case "candidate":
			f := strings.Fields(a.Value)
			if d.candidate.IsValid() || len(f) < 6 || !strings.EqualFold(f[2], "udp") {
				continue
			}
			if c, err := netip.ParseAddrPort(f[4] + ":" + f[5]); err == nil && c.Addr().IsLoopback() {
				d.candidate = c
			}
		}
	}
}

func (s *section) take(attributes []sdp.Attribute) {
	repairs := map[string]string{} // what a retransmission's payload type repairs
	for _, a := range attributes {
		first, rest, _ := strings.Cut(a.Value, " ")
		switch a.Key {
		case "mid":
			s.mid = a.Value
		case "rtpmap":
			name, _, _ := strings.Cut(strings.ToLower(rest), "/")
			if s.pt == "" && (s.video && name == "vp8" || !s.video && name == "opus") {
				s.pt = first
			}
		case "fmtp":
			if apt, ok := strings.CutPrefix(rest, "apt="); ok {
				repairs[apt] = first
			}
		case "extmap":
			id, _, _ := strings.Cut(first, "/")
			n, _ := strconv.Atoi(id)
			switch rest {
			case wideURI:
				s.wide = n
			case levelURI:
				s.level = n
			}
		}
	}
	s.rtx = repairs[s.pt]
}

// writer writes a description of ours.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\r\n", args...) }

func (w *writer) session(sections []section, fingerprint string) {
	w.line("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0")
	w.line("a=fingerprint:sha-256 %s", fingerprint)
	mids := make([]string, 0, len(sections))
	for _, s := range sections {
		mids = append(mids, s.mid)
	}
	w.line("a=group:BUNDLE %s", strings.Join(mids, " "))
	w.line("a=msid-semantic: WMS *")
}

// section writes one section: direction is sendonly or recvonly, setup actpass or active.
func (w *writer) section(s section, c *connection, direction, setup string) {
	kind, codec := "audio", "opus/48000/2"
	if s.video {
		kind, codec = "video", "VP8/90000"
	}
	formats := s.pt
	if s.rtx != "" {
		formats += " " + s.rtx
	}
	w.line("m=%s 9 UDP/TLS/RTP/SAVPF %s\r\nc=IN IP4 0.0.0.0", kind, formats)
	w.line("a=mid:%s\r\na=%s\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=setup:%s", s.mid, direction, setup)
	w.line("a=ice-ufrag:%s\r\na=ice-pwd:%s", c.ice.local.ufrag, c.ice.local.pwd)
	w.line("a=rtpmap:%s %s\r\na=rtcp-fb:%s transport-cc", s.pt, codec, s.pt)
	if s.video {
		w.line("a=rtcp-fb:%s nack\r\na=rtcp-fb:%s nack pli\r\na=rtcp-fb:%s ccm fir", s.pt, s.pt, s.pt)
	} else {
		w.line("a=fmtp:%s minptime=10;useinbandfec=1", s.pt)
	}
	if s.rtx != "" {
		w.line("a=rtpmap:%s rtx/90000\r\na=fmtp:%s apt=%s", s.rtx, s.rtx, s.pt)
	}
	if s.wide != 0 {
		w.line("a=extmap:%d %s", s.wide, wideURI)
	}
	if s.level != 0 {
		w.line("a=extmap:%d %s", s.level, levelURI)
	}
	w.line("a=candidate:1 1 udp %d %s %d typ host\r\na=end-of-candidates", hostPriority, c.local.Addr(), c.local.Port())
}

// answerTo answers an offer of the server: everything is received.
func answerTo(offer *description, c *connection) (string, error) {
	own, err := ownCertificate()
	if err != nil {
		return "", err
	}
	var w writer
	w.session(offer.sections, own.fingerprint)
	for _, s := range offer.sections {
		w.section(s, c, "recvonly", setupActive)
	}
	return w.String(), nil
}

// offerOf offers a publisher's sound and picture.
func offerOf(p *publisher) (string, error) {
	own, err := ownCertificate()
	if err != nil {
		return "", err
	}
	var w writer
	w.session(publishedSections, own.fingerprint)
	for _, s := range publishedSections {
		w.section(s, p.conn, "sendonly", "actpass")
		ssrc := p.audio.ssrc
		if s.video {
			ssrc = p.video.ssrc
		}
		w.line("a=msid:- %s\r\na=ssrc:%d cname:%d\r\na=ssrc:%d msid:- %s", s.mid, ssrc, p.number, ssrc, s.mid)
	}
	return w.String(), nil
}
