package session

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"parley/internal/fault"
	"parley/internal/quality"
	"parley/sfu"
	"parley/signaling/room"
	"parley/signaling/wire"
)

// link is the media of one participant: a peer, and what it should receive. The room only notes what it wants; the
// link's goroutine brings the peer there, so that the room never waits for media.
type link struct {
	// Static after construction.
	id    string
	kind  wire.ParticipantKind
	media *Media
	log   *slog.Logger
	wake  chan struct{} // holds one signal

	// Guarded by mu.
	mu         sync.Mutex
	seat       room.Seat // nil while nobody listens
	generation int       // of the peer that is wanted; each renewal is another one
	restart    bool      // the subscribe connection needs a new offer
	wanted     []string  // publications
	view       []wire.Tile
	report     *wire.ReportStats
	reportedAt time.Time
	reports    tokens
	lost       room.Lost // of the peer in use
	closed     bool
	peer       *sfu.Peer     // nil until made
	made       chan struct{} // closed when peer is made for this generation, or when the link is closed

	// Owned by run.
	subscribed map[string]*sfu.Track
	inSections []*sfu.Track // what a viewer's sections show
	shown      []sfu.ViewTile

	// Owned by the media's quality loop.
	lostTold room.Lost
	judge    quality.Judge
	told     quality.Verdict // to the room
	readAt   time.Time
	counters counters
	losses   lossWindow
}

func newLink(m *Media, id string, kind wire.ParticipantKind, seat room.Seat) *link {
	return &link{
		id: id, kind: kind, media: m, log: m.log.With("participant", id), wake: make(chan struct{}, 1), seat: seat,
		made: make(chan struct{}), subscribed: map[string]*sfu.Track{},
	}
}

// change notes something under the lock and wakes the goroutine.
func (l *link) change(note func()) {
	l.mu.Lock()
	note()
	l.mu.Unlock()
	signal(l.wake)
}

// signal makes a note in a channel of one without waiting.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (l *link) renewLocked() {
	l.generation++
	l.wanted, l.view, l.lost = nil, nil, room.Lost{}
	signal(l.media.moved)
	if l.peer != nil {
		l.peer, l.made = nil, make(chan struct{})
	}
}

// run makes the peer, follows what is wanted of it, and closes it.
func (l *link) run() {
	var peer *sfu.Peer
	generation := -1
	defer func() {
		if peer != nil {
			_ = peer.Close()
		}
	}()
	for {
		l.mu.Lock()
		wanted, closed := l.generation, l.closed
		l.mu.Unlock()
		if closed {
			return
		}
		if wanted != generation {
			if peer != nil {
				_ = peer.Close()
			}
			if peer = l.open(wanted); peer == nil {
				return
			}
			generation = wanted
		}
		l.reconcile(peer, generation)
		<-l.wake
	}
}

// open makes the peer of a generation. Without one the participant cannot stay.
func (l *link) open(generation int) *sfu.Peer {
	clear(l.subscribed)
	l.shown, l.inSections = nil, nil
	make := l.media.sfu.NewPeer
	switch l.kind {
	case wire.KindIngest:
		make = l.media.sfu.NewPublishPeer
	case wire.KindViewer:
		make = l.media.sfu.NewWatchPeer
	}
	peer, err := make(l.id, newPeerEvents(l, generation))
	if err != nil {
		l.log.Error("peer not made", "error", err)
		l.change(l.closeLocked)
		l.media.drop(l.id)
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if generation == l.generation && !l.closed {
		l.peer = peer
		close(l.made)
	}
	return peer
}

func (l *link) closeLocked() {
	if l.closed {
		return
	}
	l.closed = true
	if l.peer == nil {
		close(l.made)
	}
}

// reconcile tells the peer what changed since it was told last.
func (l *link) reconcile(peer *sfu.Peer, generation int) {
	l.mu.Lock()
	if l.generation != generation || l.closed {
		l.mu.Unlock()
		return
	}
	wanted, view, restart := l.wanted, l.view, l.restart
	l.restart = false
	l.mu.Unlock()

	keep := make(map[string]bool, len(wanted))
	for _, id := range wanted {
		keep[id] = true
	}
	l.media.releaseSeconds(l.id, keep)
	if l.kind == wire.KindViewer {
		l.showSections(peer, wanted)
		l.show(peer, view)
		return
	}
	for id, track := range l.subscribed {
		if !keep[id] || l.media.trackFor(l.id, id) != track {
			peer.Unsubscribe(track)
			delete(l.subscribed, id)
		}
	}
	for _, id := range wanted {
		if l.subscribed[id] != nil {
			continue
		}
		if track := l.media.trackFor(l.id, id); track != nil {
			peer.Subscribe(track)
			l.subscribed[id] = track
		}
	}
	l.show(peer, view)
	if restart {
		peer.RestartSubscribe()
	}
}

func (l *link) show(peer *sfu.Peer, view []wire.Tile) {
	tiles := make([]sfu.ViewTile, len(view))
	for i, t := range view {
		tiles[i] = sfu.ViewTile{TrackID: t.PublicationID, Width: t.Width, Height: t.Height, Pinned: t.Pinned}
		if track := l.media.trackFor(l.id, t.PublicationID); track != nil {
			tiles[i].TrackID = track.ID()
		}
	}
	if l.shown != nil && slices.Equal(l.shown, tiles) {
		return
	}
	l.shown = tiles
	peer.SetView(tiles)
}

// current waits for the peer.
func (l *link) current(ctx context.Context) (*sfu.Peer, error) {
	l.mu.Lock()
	made := l.made
	l.mu.Unlock()
	select {
	case <-made:
	case <-ctx.Done():
		return nil, fault.Unavailable.Wrap(context.Cause(ctx))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.peer == nil {
		return nil, fault.Unavailable
	}
	return l.peer, nil
}

// send gives a message to whoever has the seat now.
func (l *link) send(generation int, message wire.ServerMessage) {
	if seat := l.listener(generation); seat != nil {
		seat.Send(wire.Encode(message, 0))
	}
}

func (l *link) listener(generation int) room.Seat {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.generation != generation || l.closed {
		return nil
	}
	return l.seat
}

// speaks tells whether the peer of that generation is the one in use.
func (l *link) speaks(generation int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.generation == generation && !l.closed
}

// publish negotiates what the room planned and returns the answer and the codecs by publication.
func (l *link) publish(ctx context.Context, sdp string, plan room.Plan) (string, map[string]string, error) {
	peer, err := l.current(ctx)
	if err != nil {
		return "", nil, err
	}
	tracks := make([]sfu.PublishTrack, len(plan.Tracks))
	for i, t := range plan.Tracks {
		tracks[i] = sfu.PublishTrack{
			MID: t.MID, TrackID: t.PublicationID, Kind: sfu.Kind(t.Kind), ScreenShare: t.Source == wire.SourceScreen,
			Hint: sfu.Hint(t.Hint), Muted: t.Muted,
		}
		if t.Second {
			tracks[i].TrackID += secondSuffix
		}
	}
	answer, published, err := peer.Publish(ctx, sdp, tracks)
	if err != nil {
		return "", nil, mediaFault(err)
	}
	codecs := make(map[string]string, len(published))
	seconds := map[string]*sfu.Track{}
	for i, track := range published {
		if plan.Tracks[i].Second {
			seconds[plan.Tracks[i].PublicationID] = track
			continue
		}
		l.media.add(track, l.id, plan.Tracks[i].Source)
		codecs[track.ID()] = string(track.Codec())
	}
	l.media.setSeconds(l.id, seconds)
	return answer, codecs, nil
}

func (l *link) answer(ctx context.Context, m *wire.SubscribeAnswer) error {
	peer, err := l.current(ctx)
	if err != nil {
		return err
	}
	return mediaFault(peer.AnswerSubscribe(m.SDP, m.Offer))
}

func (l *link) candidate(ctx context.Context, m *wire.Candidate) error {
	peer, err := l.current(ctx)
	if err != nil {
		return err
	}
	return mediaFault(peer.AddCandidate(sfu.Target(m.Target), sfu.Candidate{
		Candidate: m.Candidate, SDPMid: m.SDPMid, SDPMLineIndex: m.SDPMLineIndex, UsernameFragment: m.UsernameFragment,
	}))
}

// setLost notes that a connection of the peer of that generation is lost or back.
func (l *link) setLost(generation int, target sfu.Target, lost bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.generation != generation {
		return
	}
	if target == sfu.TargetPublish {
		l.lost.Publish = lost
	} else {
		l.lost.Subscribe = lost
	}
	signal(l.media.moved)
}

// nextLost returns what is lost, when that changed since it was told.
func (l *link) nextLost() (room.Lost, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed := l.lost != l.lostTold
	l.lostTold = l.lost
	return l.lost, changed
}

// noteReport takes what the client measured. Nobody reports of what others send, or of what it does not receive: such
// entries are left out, for they may be of something that has just ended.
func (l *link) noteReport(now time.Time, m *wire.ReportStats) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.reports.take(now, reportsPerSecond, reportsBurst) {
		return fault.RateLimited.With(map[string]any{"retryAfterSeconds": 1})
	}
	m.Sent = slices.DeleteFunc(m.Sent, func(s wire.SentReport) bool { return l.media.ownerOf(s.PublicationID) != l.id })
	m.Received = slices.DeleteFunc(m.Received, func(r wire.ReceivedReport) bool { return !slices.Contains(l.wanted, r.PublicationID) })
	l.report, l.reportedAt = m, now
	return nil
}

func mediaFault(err error) error {
	switch {
	case err == nil || errors.Is(err, sfu.ErrStaleAnswer): // the answer to the latest offer is on its way
		return nil
	case errors.Is(err, sfu.ErrBadSDP), errors.Is(err, sfu.ErrTooManyTracks):
		return fault.SDPInvalid.Wrap(err)
	case errors.Is(err, sfu.ErrBadCandidate):
		return fault.BadMessage.Wrap(err)
	case errors.Is(err, sfu.ErrClosed), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fault.Unavailable.Wrap(err)
	default:
		return fault.Internal.Wrap(err)
	}
}

// peerEvents is the sfu.PeerHandler of one peer of a link. An earlier peer of the link has no voice any more.
type peerEvents struct {
	// Static after construction.
	link       *link
	generation int

	// Owned by the peer's goroutine.
	reached map[sfu.Target]bool // was connected once
}

func newPeerEvents(l *link, generation int) *peerEvents {
	return &peerEvents{link: l, generation: generation, reached: map[sfu.Target]bool{}}
}

func (e *peerEvents) OnCandidate(target sfu.Target, c sfu.Candidate) {
	e.link.send(e.generation, &wire.Candidate{
		Target: wire.Target(target), Candidate: c.Candidate, SDPMid: c.SDPMid, SDPMLineIndex: c.SDPMLineIndex,
		UsernameFragment: c.UsernameFragment,
	})
}

func (e *peerEvents) OnSubscribeOffer(offer sfu.Offer) {
	tracks := make([]wire.SubscribedTrack, len(offer.Tracks))
	for i, t := range offer.Tracks {
		id, isSecond := publicationOf(t.TrackID)
		tracks[i] = wire.SubscribedTrack{MID: t.MID, PublicationID: id}
		if isSecond {
			e.link.tellUndecodable(id, false)
		}
	}
	e.link.send(e.generation, &wire.SubscribeOffer{SDP: offer.SDP, Offer: offer.Number, Tracks: tracks})
}

func (e *peerEvents) OnTrack(t *sfu.Track) {
	if id, isSecond := publicationOf(t.ID()); !isSecond {
		e.link.media.room.SetCodec(id, string(t.Codec()))
	}
}

func (e *peerEvents) OnTrackEnded(*sfu.Track) {}

// OnState notices connections that are lost or back, and a peer that closed by itself: the browser has to begin anew.
func (e *peerEvents) OnState(target sfu.Target, s sfu.State) {
	e.link.log.Debug("media connection changed", "target", string(target), "state", string(s))
	switch {
	case !e.link.speaks(e.generation):
	case s == sfu.StateClosed, s == sfu.StateFailed && e.link.kind != wire.KindPerson: // a program begins anew
		e.link.media.drop(e.link.id)
	case s == sfu.StateConnected:
		e.reached[target] = true
		e.link.setLost(e.generation, target, false)
	case s == sfu.StateDisconnected, s == sfu.StateFailed:
		e.link.setLost(e.generation, target, e.reached[target])
	}
}

func (e *peerEvents) OnPaused(trackID string, paused bool) {
	id, _ := publicationOf(trackID)
	e.link.send(e.generation, &wire.StreamState{PublicationID: id, Paused: paused, Reason: "bandwidth"})
}

func (e *peerEvents) OnUnwanted(trackID string, rids []string, spatials int) {
	id, isSecond := publicationOf(trackID)
	e.link.send(e.generation, &wire.UnwantedLayers{PublicationID: id, RIDs: rids, SpatialLayers: spatials, Second: isSecond})
}

// OnUnsupported asks the publisher for a second encoding, and tells the client when there can be none.
func (e *peerEvents) OnUnsupported(trackID, codecName string, takes []string) {
	e.link.log.Info("subscriber refused a track", "publication", trackID, "codec", codecName, "takes", takes)
	id, isSecond := publicationOf(trackID)
	if e.link.speaks(e.generation) && (isSecond || !e.link.media.needSecond(e.link.id, id, takes)) {
		e.link.tellUndecodable(id, true)
	}
}

var _ interface {
	sfu.PeerHandler
	sfu.UnsupportedHandler
	sfu.WantedHandler
} = (*peerEvents)(nil)
