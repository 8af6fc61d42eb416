package sfu

import "time"

// Stats returns how the peer does.
func (p *Peer) Stats() PeerStats {
	now := p.sfu.now()
	var s PeerStats
	if p.pub != nil {
		p.pub.stats(&s, now)
	}
	if p.sub != nil {
		p.sub.stats(&s, now)
	}
	return s
}

func (b *publisher) stats(s *PeerStats, now int64) {
	s.Publish = b.conn.stats()
	b.mu.Lock()
	tracks := make([]*Track, 0, len(b.tracks))
	for _, t := range b.tracks {
		tracks = append(tracks, t)
	}
	b.mu.Unlock()
	for _, t := range tracks {
		up := UpStats{TrackID: t.id, Kind: t.kind, Codec: t.Codec(), Muted: t.Muted()}
		for _, l := range *t.current.Load() {
			up.Layers = append(up.Layers, l.stats()...)
		}
		s.Up = append(s.Up, up)
	}
	s.UplinkLoss = float64(b.lossMilli.Load()) / 1000
	s.UplinkBitsPerSecond = int(b.rate.at(now))
	s.RoundTrip = time.Duration(b.roundTrip.Load())
}

func (s *subscriber) stats(to *PeerStats, now int64) {
	to.Subscribe = s.conn.stats()
	for _, d := range s.list() {
		to.Down = append(to.Down, d.stats())
	}
	to.DownlinkBitsPerSecond = int(s.rate.at(now))
	s.wideMu.Lock()
	to.EstimateBitsPerSecond, to.DownlinkLoss = s.estimator.Estimate(), s.estimator.Loss()
	s.wideMu.Unlock()
	s.mu.Lock()
	to.RoundTrip = max(s.rtt, to.RoundTrip)
	s.mu.Unlock()
}
