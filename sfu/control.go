package sfu

import (
	"errors"
	"fmt"

	"github.com/pion/rtcp"

	"parley/sfu/feedback"
	"parley/sfu/seal"
)

// maxCompound bounds a compound packet that is sent, in bytes; more leaves as several.
const maxCompound = 1200

// ReceiveRTP implements transport.Receiver.
func (c *connection) ReceiveRTP(raw []byte, at int64) (taken bool) {
	return c.taps.media != nil && c.taps.media(raw, at)
}

// ReceiveRTCP implements transport.Receiver: it opens what the client reports. What comes before the keys are had goes Pion's
// way.
func (c *connection) ReceiveRTCP(raw []byte) (taken bool) {
	opener := c.opener.Load()
	if opener == nil {
		return false
	}
	compound, err := opener.OpenControl(raw)
	switch {
	case err == nil:
		feedback.Each(compound, c.taps.rtcp)
	case errors.Is(err, seal.ErrForged):
		c.peer.sfu.metrics.dropForged.Inc()
	default:
		return errors.Is(err, seal.ErrRepeated) || errors.Is(err, seal.ErrSenders)
	}
	return true
}

// sendControl sends RTCP packets: sealed by us where media is, by Pion elsewhere. Before that is decided, and while there is
// no way to the client, nothing is sent. Nobody else may send RTCP on the connection.
func (c *connection) sendControl(list []rtcp.Packet) {
	if !c.ready.Load() {
		return
	}
	for len(list) > 0 {
		n, size := 1, list[0].MarshalSize()
		for ; n < len(list) && size+list[n].MarshalSize() <= maxCompound; n++ {
			size += list[n].MarshalSize()
		}
		if err := c.sendCompound(list[:n]); err != nil {
			c.peer.log.Debug("reports not sent", "target", c.target, "error", err)
		}
		list = list[n:]
	}
}

func (c *connection) sendCompound(list []rtcp.Packet) error {
	session := c.session.Load()
	if session == nil {
		return c.pc.WriteRTCP(list)
	}
	r := c.route.Load()
	if r == nil {
		return nil
	}
	plain, err := rtcp.Marshal(list)
	if err != nil {
		return fmt.Errorf("marshal: %w", err)
	}
	sealed, ok := session.SealControl(make([]byte, len(plain)+seal.ControlOverhead), plain)
	if !ok || !r.report(sealed) {
		return errors.New("no room")
	}
	return nil
}
