package whip

import (
	"strings"

	"parley/signaling/wire"
)

// iceLinks are the Link headers that tell of STUN and TURN services (RFC 9725 section 4.6).
func iceLinks(servers []wire.ICEServer) []string {
	var links []string
	for _, s := range servers {
		for _, url := range s.URLs {
			link := "<" + url + `>; rel="ice-server"`
			if s.Username != "" {
				link += "; username=" + quoted(s.Username) + "; credential=" + quoted(s.Credential) + `; credential-type="password"`
			}
			links = append(links, link)
		}
	}
	return links
}

// quoted is a quoted-string (RFC 9110 section 5.6.4).
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// matches tells whether an If-Match header names an entity tag (RFC 9110 section 13.1.1).
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if strings.TrimSpace(part) == etag {
			return true
		}
	}
	return false
}
