package sfu

import "time"

// Stats returns how the peer does.
func (p *Peer) Stats() PeerStats {
	now := p.sfu.now()
	s := PeerStats{Publish: p.pub.conn.stats(), Subscribe: p.sub.conn.stats()}
	p.pub.mu.Lock()
	tracks := make([]*Track, 0, len(p.pub.tracks))
	for _, t := range p.pub.tracks {
		tracks = append(tracks, t)
	}
	p.pub.mu.Unlock()
	for _, t := range tracks {
		up := UpStats{TrackID: t.id, Kind: t.kind, Codec: t.Codec(), Muted: t.Muted()}
		for _, l := range *t.current.Load() {
			up.Layers = append(up.Layers, l.stats())
		}
		s.Up = append(s.Up, up)
	}
	for _, d := range p.sub.list() {
		s.Down = append(s.Down, d.stats())
	}
	s.UplinkLoss = float64(p.pub.lossMilli.Load()) / 1000
	s.UplinkBitsPerSecond = int(p.pub.rate.at(now))
	s.DownlinkBitsPerSecond = int(p.sub.rate.at(now))
	p.sub.wideMu.Lock()
	s.EstimateBitsPerSecond, s.DownlinkLoss = p.sub.estimator.Estimate(), p.sub.estimator.Loss()
	p.sub.wideMu.Unlock()
	p.sub.mu.Lock()
	s.RoundTrip = max(p.sub.rtt, time.Duration(p.pub.roundTrip.Load()))
	p.sub.mu.Unlock()
	return s
}
