package transport

import (
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
)

// Receiver takes media and reports right from the socket.
type Receiver interface {
	// ReceiveRTP takes an SRTP packet that arrived at a time in nanoseconds since the Arrivals' epoch, or leaves it to Pion. It
	// is called by the goroutine that reads the socket and must not keep b.
	ReceiveRTP(b []byte, at int64) (taken bool)
	// ReceiveRTCP does the same with an SRTCP packet, which it may change unless it leaves it to Pion.
	ReceiveRTCP(b []byte) (taken bool)
	// GatherRTP takes an SRTP packet that Pion writes to the address, to be sent with others, or lets it leave at once. It
	// must not keep b.
	GatherRTP(b []byte) (taken bool)
}

// claims say who takes the media and the reports of a remote address.
type claims struct {
	mu    sync.Mutex
	byKey atomic.Pointer[map[netip.AddrPort]Receiver] // copied on write, under mu
}

func (c *claims) of(remote netip.AddrPort) Receiver {
	m := c.byKey.Load()
	if m == nil {
		return nil
	}
	return (*m)[remote]
}

func (c *claims) change(f func(m map[netip.AddrPort]Receiver)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := map[netip.AddrPort]Receiver{}
	if m := c.byKey.Load(); m != nil {
		maps.Copy(next, *m)
	}
	f(next)
	c.byKey.Store(&next)
}

// Claim makes r take the media and the reports that come from a remote address. Where the system gives no batches Pion keeps it.
func (c *Conn) Claim(remote netip.AddrPort, r Receiver) {
	c.claims.change(func(m map[netip.AddrPort]Receiver) { m[remote] = r })
}

// Release ends a claim, if it is r's.
func (c *Conn) Release(remote netip.AddrPort, r Receiver) {
	c.claims.change(func(m map[netip.AddrPort]Receiver) {
		if m[remote] == r {
			delete(m, remote)
		}
	})
}

// isMedia tells RTP from RTCP, STUN and DTLS on one port (RFC 7983, RFC 5761).
func isMedia(b []byte) bool { return isSecured(b) && !isReport(b) }

// isSecured tells RTP and RTCP from STUN and DTLS.
func isSecured(b []byte) bool { return len(b) >= 12 && b[0]>>6 == 2 }

// isReport tells RTCP from RTP.
func isReport(b []byte) bool { return b[1] >= 192 && b[1] <= 223 }
