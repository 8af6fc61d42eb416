package sfu

import (
	"net/netip"

	"github.com/pion/webrtc/v4"

	"parley/sfu/transport"
)

// route is where what we sealed leaves a connection: a UDP socket towards an address, or an ICE-TCP stream.
type route struct {
	conn   *transport.Conn
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
	c.route.Store(r)
}

// takeOver begins to seal what is sent on the connection, if its keys can be had: from then on Pion encrypts only RTCP.
// It is called once, before the first packet.
func (c *connection) takeOver() {
	if c.peer.sfu.ports == nil {
		return
	}
	session, ok := c.keys.Session()
	if !ok {
		c.peer.log.Debug("encrypted by Pion", "target", c.target)
		return
	}
	if c.route.Load() == nil {
		pair, err := c.ice().GetSelectedCandidatePair()
		if err == nil {
			c.onPair(pair)
		}
	}
	c.session.Store(session)
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
	return &route{conn: conn, to: transport.NewDestination(remote)}
}
