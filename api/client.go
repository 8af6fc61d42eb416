package api

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// Client is where a request comes from.
type Client struct {
	Address   netip.Addr // of the browser, behind trusted proxies too; invalid when it cannot be known
	UserAgent string     // at most 512 bytes
}

const maxUserAgentBytes = 512

// ClientFrom is the client of a request that the API handles.
func ClientFrom(ctx context.Context) Client {
	return infoOf(ctx).client
}

// ClientAddress is the address a request comes from. X-Forwarded-For counts
// only as far as trusted proxies wrote it: from its end, the first address
// that is no trusted proxy.
func ClientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr := hostAddr(r.RemoteAddr)
	if !isTrusted(addr, trusted) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := hostAddr(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			return addr
		}
		addr = hop
		if !isTrusted(addr, trusted) {
			return addr
		}
	}
	return addr
}

// userAgent is what the header says, cut and without bytes that are no text.
func userAgent(r *http.Request) string {
	s := r.UserAgent()
	return strings.ToValidUTF8(s[:min(len(s), maxUserAgentBytes)], "")
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// hostAddr reads an address with or without a port.
func hostAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}
