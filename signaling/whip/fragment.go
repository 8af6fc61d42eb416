package whip

import (
	"errors"
	"strings"

	"parley/internal/fault"
	"parley/signaling/wire"
)

// Media types of requests and answers.
const (
	typeSDP      = "application/sdp"
	typeFragment = "application/trickle-ice-sdpfrag"
)

const maxFragmentCandidates = 64

// fragment is a piece of a session description that is about ICE alone (RFC 8840).
type fragment struct {
	ufrag, password string
	candidates      []wire.Candidate
}

var errFragment = errors.New("not an SDP fragment")

func readFragment(text string) (fragment, error) {
	var f fragment
	mid := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' {
			return fragment{}, fault.BadRequest.Wrap(errFragment)
		}
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "a="), ":")
		switch {
		case strings.HasPrefix(line, "m="):
			mid = ""
		case !strings.HasPrefix(line, "a="):
		case name == "mid":
			mid = value
		case name == "ice-ufrag" && f.ufrag == "":
			f.ufrag = value
		case name == "ice-pwd" && f.password == "":
			f.password = value
		case name == "candidate":
			if len(f.candidates) == maxFragmentCandidates || len(line) > wire.MaxCandidateBytes || len(mid) > wire.MaxIDBytes {
				return fragment{}, fault.BadRequest.Wrap(errFragment)
			}
			f.candidates = append(f.candidates, wire.Candidate{Candidate: "candidate:" + value, SDPMid: mid})
		}
	}
	if (f.ufrag == "") != (f.password == "") || len(f.ufrag) > wire.MaxUfragBytes || len(f.password) > wire.MaxUfragBytes {
		return fragment{}, fault.BadRequest.Wrap(errFragment)
	}
	return f, nil
}

// ufragOf returns the first ICE user name of a description.
func ufragOf(sdp string) string {
	_, rest, _ := strings.Cut(sdp, "a=ice-ufrag:")
	found, _, _ := strings.Cut(rest, "\n")
	return strings.TrimRight(found, "\r")
}

// restarted is an offer with the fragment's credentials and candidates instead of its own.
func (f fragment) restarted(offer string) string {
	var out strings.Builder
	for line := range strings.Lines(offer) {
		switch {
		case strings.HasPrefix(line, "a=ice-ufrag:"):
			line = "a=ice-ufrag:" + f.ufrag + "\r\n"
		case strings.HasPrefix(line, "a=ice-pwd:"):
			line = "a=ice-pwd:" + f.password + "\r\n"
		case strings.HasPrefix(line, "a=candidate:"), strings.HasPrefix(line, "a=end-of-candidates"):
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}

// fragmentOf is what a description says of ICE: in its first media section, for all are bundled.
func fragmentOf(sdp string) string {
	var head, body strings.Builder
	sections := 0
	for line := range strings.Lines(sdp) {
		line = strings.TrimRight(line, "\r\n")
		to := &body
		switch {
		case strings.HasPrefix(line, "m="):
			sections++
		case hasAnyPrefix(line, "a=ice-options:", "a=group:", "a=ice-lite"):
			to = &head
		case hasAnyPrefix(line, "a=mid:", "a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "a=end-of-candidates"):
		default:
			continue
		}
		if to == &head || sections == 1 {
			to.WriteString(line + "\r\n")
		}
	}
	return head.String() + body.String()
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
