package sfu

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of a peer.
const (
	// maxPending bounds the mailbox; a client that fills it faster than it is emptied is closed.
	maxPending = 1024
	// gatherChanges is how long the first change of the subscriptions waits for others to be offered with it.
	gatherChanges = 2 * time.Millisecond
)

// Peer is one participant's pair of peer connections, or only one of them (NewPublishPeer, NewWatchPeer).
type Peer struct {
	// Static after construction.
	id      string
	sfu     *SFU
	handler PeerHandler
	log     *slog.Logger
	pub     *publisher  // nil of a peer that only watches
	sub     *subscriber // nil of a peer that only publishes
	wake    chan struct{}
	rounds  *rounds
	stop    chan struct{} // closed by Close
	done    chan struct{} // closed when everything ended
	wg      sync.WaitGroup

	asked  atomic.Bool // for a turn at once
	turnMu sync.Mutex  // has the one who does what is due by time
	left   bool        // the rounds; guarded by turnMu

	// Guarded by mu.
	mu      sync.Mutex
	mailbox []func()
	closing bool
}

func newPeer(s *SFU, id string, h PeerHandler, targets ...Target) (*Peer, error) {
	p := &Peer{
		id: id, sfu: s, handler: h, log: s.log.With("peer", id), rounds: s.nextRounds(),
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if err := p.connect(targets); err != nil {
		for _, c := range p.connections() {
			_ = c.pc.GracefulClose()
		}
		return nil, err
	}
	p.rounds.enter(p)
	go p.run()
	return p, nil
}

func (p *Peer) connect(targets []Target) (err error) {
	for _, target := range targets {
		if target == TargetPublish {
			p.pub, err = newPublisher(p)
		} else {
			p.sub, err = newSubscriber(p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// connections returns those that the peer has.
func (p *Peer) connections() []*connection {
	var list []*connection
	if p.pub != nil && p.pub.conn != nil {
		list = append(list, p.pub.conn)
	}
	if p.sub != nil && p.sub.conn != nil {
		list = append(list, p.sub.conn)
	}
	return list
}

// oneWay tells whether the peer was made with one connection.
func (p *Peer) oneWay() bool { return p.pub == nil || p.sub == nil }

// ID returns the id that NewPeer was given.
func (p *Peer) ID() string { return p.id }

// post puts work for the peer's goroutine into its mailbox; false when the peer is closed.
func (p *Peer) post(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return false
	}
	if len(p.mailbox) >= maxPending {
		p.closing = true
		p.log.Warn("peer overflow", "pending", len(p.mailbox))
		close(p.stop)
		return false
	}
	p.mailbox = append(p.mailbox, f)
	signal(p.wake)
	return true
}

// signal makes a note in a channel of one without waiting.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run owns the negotiation and calls the handler. What changes together is negotiated together.
func (p *Peer) run() {
	defer close(p.done)
	due := time.NewTimer(gatherChanges)
	due.Stop()
	defer due.Stop()
	waiting := false
	for {
		select {
		case <-p.stop:
			p.end()
			return
		case <-p.wake:
			p.work()
		case <-due.C:
			waiting = false
			p.sub.negotiate()
		}
		if !waiting && p.sub != nil && p.sub.due() {
			waiting = true
			due.Reset(gatherChanges)
		}
	}
}

// work empties the mailbox.
func (p *Peer) work() {
	for {
		p.mu.Lock()
		list := p.mailbox
		p.mailbox = nil
		p.mu.Unlock()
		if len(list) == 0 {
			return
		}
		for _, f := range list {
			f()
		}
	}
}

// end closes the connections and waits for what they started.
func (p *Peer) end() {
	p.rounds.leave(p)
	p.turnMu.Lock()
	p.left = true
	p.turnMu.Unlock()
	if p.sub != nil {
		p.sub.close()
	}
	if p.pub != nil {
		p.pub.close()
	}
	p.wg.Wait()
	p.sfu.forget(p)
	for _, c := range p.connections() {
		p.handler.OnState(c.target, StateClosed)
	}
}

// call runs f on the peer's goroutine and waits for it.
func (p *Peer) call(ctx context.Context, f func() error) error {
	result := make(chan error, 1)
	if !p.post(func() { result <- f() }) {
		return ErrClosed
	}
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-p.done:
		select {
		case err := <-result:
			return err
		default:
			return ErrClosed
		}
	}
}

// Publish takes the client's offer and the complete list of its live tracks, and returns the answer and the tracks in the
// order of the list. A track that was published before and is missing in the list has ended.
func (p *Peer) Publish(ctx context.Context, offerSDP string, tracks []PublishTrack) (answerSDP string, published []*Track, err error) {
	if p.pub == nil {
		return "", nil, ErrOneWay
	}
	type result struct {
		answer string
		tracks []*Track
	}
	var r result
	err = p.call(ctx, func() error {
		answer, list, err := p.pub.publish(offerSDP, tracks)
		r = result{answer, list}
		return err
	})
	if err != nil {
		return "", nil, err
	}
	return r.answer, r.tracks, nil
}

// AnswerSubscribe takes the client's answer to the offer of that number. It waits until the answer is applied.
func (p *Peer) AnswerSubscribe(sdp string, number int) error {
	if p.sub == nil {
		return ErrOneWay
	}
	return p.call(context.Background(), func() error { return p.sub.answer(sdp, number) })
}

// AddCandidate takes a trickled candidate of the client. Candidates that come before the description they belong to are
// kept; those that name a host only its own network can resolve (mDNS) are left to the client's own checks.
func (p *Peer) AddCandidate(target Target, c Candidate) error {
	for _, conn := range p.connections() {
		if conn.target == target {
			return p.call(context.Background(), func() error { return conn.addCandidate(c) })
		}
	}
	return ErrOneWay
}

// RestartSubscribe makes a new offer with an ICE restart. It replaces an offer that is not answered yet.
func (p *Peer) RestartSubscribe() { p.toSubscriber((*subscriber).restart) }

// Subscribe asks for a track; the offer that carries it follows through OnSubscribeOffer.
func (p *Peer) Subscribe(t *Track) { p.toSubscriber(func(s *subscriber) { s.subscribe(t) }) }

// Unsubscribe gives a track up.
func (p *Peer) Unsubscribe(t *Track) { p.toSubscriber(func(s *subscriber) { s.unsubscribe(t) }) }

// toSubscriber posts work for a peer that has a subscribe connection.
func (p *Peer) toSubscriber(f func(s *subscriber)) {
	if p.sub != nil {
		p.post(func() { f(p.sub) })
	}
}

// SetView tells which videos are shown and how large; what is not named is not sent. It replaces the view before it.
// Until the first call every subscribed video counts as a small tile.
func (p *Peer) SetView(tiles []ViewTile) {
	if p.sub == nil {
		return
	}
	p.sub.setView(tiles)
	p.nudge()
}

// Close ends both connections and everything published, and waits for every goroutine of the peer. It is idempotent. It
// must not be called from a PeerHandler.
func (p *Peer) Close() error {
	p.giveUp()
	<-p.done
	return nil
}

// giveUp begins the end of the peer without waiting for it.
func (p *Peer) giveUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closing {
		p.closing = true
		close(p.stop)
	}
}

// nudge lets what is due by time be looked at now.
func (p *Peer) nudge() {
	if !p.asked.Swap(true) {
		p.rounds.ask(p)
	}
}

// feedback does what is due by time: reports, transport feedback, keyframe requests, allocation.
func (p *Peer) feedback(now int64) {
	p.asked.Store(false)
	p.turnMu.Lock()
	defer p.turnMu.Unlock()
	if p.left {
		return
	}
	if p.pub != nil {
		p.pub.feedback(now)
	}
	if p.sub != nil {
		p.sub.feedback(now)
	}
}
