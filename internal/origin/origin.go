// Package origin tells requests of this server's own pages from those of other sites.
package origin

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Check knows where browsers find this server.
type Check struct{ public *url.URL }

// New takes the public address of this server, which may be empty.
func New(publicURL string) (*Check, error) {
	public, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("origin: public address: %w", err)
	}
	return &Check{public}, nil
}

// Same holds for requests of pages of this server, which have the host that was called or the public one, and of
// programs, which send no Origin (RFC 6455 section 10.2). Pages of the public host must have its scheme too: what came
// over plain HTTP may be anybody's.
func (c *Check) Same(r *http.Request) bool {
	text := r.Header.Get("Origin")
	if text == "" {
		return true
	}
	page, err := url.Parse(text)
	if err != nil || page.Host == "" {
		return false
	}
	if strings.EqualFold(page.Host, c.public.Host) {
		return page.Scheme == c.public.Scheme
	}
	return strings.EqualFold(page.Host, r.Host)
}
