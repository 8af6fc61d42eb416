package session

import (
	"slices"
	"time"

	"parley/internal/quality"
	"parley/sfu"
	"parley/signaling/wire"
)

// History keeps what was measured of meetings. Keep must not block. A block replaces what was kept under its id before.
type History interface {
	Keep(meetingID string, block quality.Block)
}

const (
	watchInterval = time.Second
	// keepInterval is how often a block that is still open is kept: what a crash loses.
	keepInterval = 5 * time.Second
	// reportLifetime is how long a client's report counts.
	reportLifetime = 6 * time.Second
	// someLoss on the way to somebody may stop pictures.
	someLoss = 0.01
)

// watch looks once a second at how everybody in a room is connected, judges them together, tells the room what changed,
// and keeps the numbers. It is owned by the media's quality loop.
type watch struct {
	media   *Media
	history History // nil keeps nothing
	log     *quality.Log
	lastAt  time.Time // zero before the first second
	keptAt  time.Time
}

// tick measures one second.
func (w *watch) tick(now time.Time) {
	late := time.Duration(0)
	if !w.lastAt.IsZero() {
		late = max(0, now.Sub(w.lastAt)-watchInterval)
	}
	w.lastAt = now
	var all []*reading
	for _, l := range w.media.allLinks() {
		if r := l.read(now); r != nil {
			all = append(all, r)
		}
	}
	room := look(all, w.media.publications())
	weighed := make([]quality.Verdict, len(all))
	for i, r := range all {
		weighed[i] = r.link.judge.Weigh(r.sample(late, room))
	}
	widespread := quality.Widespread(weighed)
	for i, r := range all {
		if widespread {
			weighed[i] = weighed[i].AtServer()
		}
		told := r.link.judge.Settle(weighed[i])
		if told != r.link.told && w.media.room.SetQuality(wireQuality(r.link.id, told)) {
			r.link.told = told
		}
	}
	w.keep(now, all, room)
}

func wireQuality(id string, v quality.Verdict) wire.Quality {
	return wire.Quality{
		ParticipantID: id, Level: wire.QualityLevel(v.Level.String()), Side: v.Reason.Side().String(), Reason: v.Reason.String(),
	}
}

// keep notes the second and hands on what is due.
func (w *watch) keep(now time.Time, all []*reading, room overview) {
	if w.history == nil {
		return
	}
	if w.log != nil && w.log.Full(now) {
		w.flush(now)
		w.log = nil
	}
	if w.log == nil {
		if len(all) == 0 {
			return
		}
		w.log, w.keptAt = quality.NewLog(now), now
	}
	w.log.Tick(now)
	for _, r := range all {
		r.note(w.log, room)
	}
	if now.Sub(w.keptAt) >= keepInterval {
		w.flush(now)
	}
}

func (w *watch) flush(now time.Time) {
	if w.log != nil && !w.log.Empty() {
		w.history.Keep(w.media.room.MeetingID(), w.log.Block())
		w.keptAt = now
	}
}

// overview is what one participant's numbers say about others.
type overview struct {
	publications map[string]published
	layers       map[string][]string // the layers of publications, smallest first
	troubled     map[string]bool     // participants who were not well a second ago
	frozen       map[string]int      // by participant: how many others reported that its pictures stood still
}

func look(all []*reading, publications map[string]published) overview {
	o := overview{publications, map[string][]string{}, map[string]bool{}, map[string]int{}}
	for _, r := range all {
		o.troubled[r.link.id] = r.link.judge.Troubled()
		for _, up := range r.stats.Up {
			for _, layer := range up.Layers {
				o.layers[up.TrackID] = append(o.layers[up.TrackID], layer.RID)
			}
		}
		for owner := range r.frozenOwners(publications) {
			o.frozen[owner]++
		}
	}
	return o
}

// reading is what is known of one link in one second.
type reading struct {
	link        *link
	stats       sfu.PeerStats
	before      counters
	interrupted bool
	report      *wire.ReportStats // nil when there is none that still counts
	fresh       bool              // it came in this second
	uplinkLoss  float64
	// downlinkLoss is what was lost between the server and the client.
	downlinkLoss float64
}

// read takes the numbers of the last second; nil while there is no peer.
func (l *link) read(now time.Time) *reading {
	l.mu.Lock()
	peer, lost := l.peer, l.lost
	r := &reading{link: l, report: l.report, fresh: l.report != nil && l.reportedAt.After(l.readAt)}
	if now.Sub(l.reportedAt) > reportLifetime {
		r.report, r.fresh = nil, false
	}
	l.mu.Unlock()
	l.readAt = now
	if peer == nil {
		return nil
	}
	r.stats = peer.Stats()
	r.stats.Up = slices.DeleteFunc(r.stats.Up, func(up sfu.UpStats) bool {
		_, isSecond := publicationOf(up.TrackID)
		return isSecond
	})
	for i := range r.stats.Down {
		r.stats.Down[i].TrackID, _ = publicationOf(r.stats.Down[i].TrackID)
	}
	r.interrupted = lost.Publish && len(r.stats.Up) > 0 || lost.Subscribe && len(r.stats.Down) > 0
	r.before, l.counters = l.counters, countersOf(r.stats)
	r.uplinkLoss = l.losses.add(r.before.lostSince(l.counters))
	return r
}

// frozenOwners are those whose pictures the client saw stand still since its last report.
func (r *reading) frozenOwners(publications map[string]published) map[string]bool {
	owners := map[string]bool{}
	if r.fresh {
		for _, x := range r.report.Received {
			if p, known := publications[x.PublicationID]; known && x.FreezeMs > 0 {
				owners[p.owner] = true
			}
		}
	}
	return owners
}

// sample is the reading as the judge wants it.
func (r *reading) sample(late time.Duration, room overview) quality.Sample {
	r.downlinkLoss = r.stats.DownlinkLoss
	troubled := r.hearsTroubled(room)
	if r.report != nil && !troubled {
		r.downlinkLoss = max(r.downlinkLoss, r.report.DownlinkLoss)
	}
	s := quality.Sample{
		Interrupted: r.interrupted, Late: late, RoundTrip: r.stats.RoundTrip,
		UplinkLoss: r.uplinkLoss, DownlinkLoss: r.downlinkLoss, SendersTroubled: troubled, UplinkBitsPerSecond: r.stats.UplinkBitsPerSecond,
	}
	for _, d := range r.stats.Down {
		if d.Kind != sfu.KindVideo {
			continue
		}
		switch quality.PauseOf(d.PausedReason) {
		case quality.Flows:
			s.ShownVideos++
		case quality.PausedBandwidth:
			s.ShownVideos++
			s.PausedVideos++
		}
	}
	if r.report != nil {
		r.addReport(&s, room)
	}
	return s
}

// addReport adds what only the client sees.
func (r *reading) addReport(s *quality.Sample, room overview) {
	s.RoundTrip = max(s.RoundTrip, milliseconds(r.report.RoundTripMs))
	s.UplinkBitsPerSecond = max(s.UplinkBitsPerSecond, r.report.AvailableBitsPerSecond)
	interval := float64(max(r.report.IntervalMs, 1000))
	s.CPULimited = min(1, float64(r.report.CPULimitedMs)/interval)
	s.UplinkLimited = min(1, float64(r.report.BandwidthLimitedMs)/interval)
	s.Frozen = min(1, float64(r.ownFreeze(room))/interval)
}

// hearsTroubled tells whether somebody it receives is not well: what that sender's uplink lost is missing here, too, and a
// client cannot tell where.
func (r *reading) hearsTroubled(room overview) bool {
	return slices.ContainsFunc(r.stats.Down, func(d sfu.DownStats) bool { return room.troubled[room.publications[d.TrackID].owner] })
}

// ownFreeze returns for how many milliseconds a picture stood still that has its cause on this side. One whose sender is
// not well has it there; where nothing was lost on the way and the pictures of others move, its sender sent nothing.
func (r *reading) ownFreeze(room overview) (longest int) {
	frozen := map[string]bool{}
	for _, x := range r.report.Received {
		p, known := room.publications[x.PublicationID]
		if !known || x.FreezeMs == 0 || room.troubled[p.owner] {
			continue
		}
		frozen[p.owner] = true
		longest = max(longest, x.FreezeMs)
	}
	if r.stats.DownlinkLoss >= someLoss || len(frozen) > 1 {
		return longest
	}
	return 0
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
