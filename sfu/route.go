package sfu

import (
	"net/netip"

	"github.com/pion/webrtc/v4"

	"parley/sfu/transport"
)

// route is the way of a connection's media: a UDP socket and the address behind it, or an ICE-TCP stream.
type route struct {
	conn   *transport.Conn
	remote netip.AddrPort
	to     *transport.Destination
	stream *transport.Stream
}

// onPair follows the pair of candidates that ICE selected. Who encrypts does not change with it.
func (c *connection) onPair(pair *webrtc.ICECandidatePair) {
	if pair == nil || c.peer.sfu.ports == nil {
		return
	}
	r := routeOf(c.peer.sfu.ports, pair)
	if r == nil {
		c.peer.log.Warn("no way out for the selected candidates", "target", c.target, "pair", pair.String())
	}
	before := c.route.Load()
	c.take(r)
	if sub := c.peer.sub; before != nil && sub != nil && sub.conn == c {
		sub.rerouted()
	}
}

// take makes a route the connection's, nil for none.
func (c *connection) take(r *route) {
	c.routeMu.Lock()
	defer c.routeMu.Unlock()
	before := c.route.Swap(r)
	if before != nil && before.conn != nil {
		before.conn.Release(before.remote, c)
	}
	if r != nil && r.conn != nil && !c.ended {
		r.conn.Claim(r.remote, c)
	}
}

// leave gives the route up for good.
func (c *connection) leave() {
	c.routeMu.Lock()
	c.ended = true
	c.routeMu.Unlock()
	c.take(nil)
}

// takeOver begins to seal what is sent on the connection and to open what comes, if its keys can be had: from then on Pion
// has the first packets and retransmissions of what comes, and all of it over TCP. It is called once, before the first packet.
func (c *connection) takeOver() {
	if c.peer.sfu.ports == nil {
		return
	}
	session, opener, ok := c.keys.Session()
	if !ok || c.peer.sfu.cfg.ThroughPion {
		c.peer.sfu.metrics.throughPion.Inc()
		c.peer.log.Debug("encrypted by Pion", "target", c.target)
		return
	}
	if c.route.Load() == nil {
		pair, err := c.ice().GetSelectedCandidatePair()
		if err == nil {
			c.onPair(pair)
		}
	}
	c.peer.sfu.metrics.direct.Inc()
	c.session.Store(session)
	c.opener.Store(opener)
}

// report sends a sealed RTCP packet at once; false when there is no room.
func (r *route) report(sealed []byte) bool {
	if r.stream != nil {
		return r.stream.SendReport(sealed)
	}
	return r.conn.Send(sealed, r.to)
}

func (c *connection) ice() *webrtc.ICETransport { return c.pc.SCTP().Transport().ICETransport() }

func routeOf(p *transport.Ports, pair *webrtc.ICECandidatePair) *route {
	local, err := netip.ParseAddr(pair.Local.Address)
	if err != nil {
		return nil
	}
	address, err := netip.ParseAddr(pair.Remote.Address)
	if err != nil {
		return nil
	}
	remote := netip.AddrPortFrom(address.Unmap(), pair.Remote.Port)
	if pair.Local.Protocol == webrtc.ICEProtocolTCP {
		if s := p.Stream(remote); s != nil {
			return &route{stream: s}
		}
		return nil
	}
	conn := p.Socket(local)
	if conn == nil {
		return nil
	}
	return &route{conn: conn, remote: remote, to: transport.NewDestination(remote)}
}
