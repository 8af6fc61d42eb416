package sfu

import (
	"sync"
	"time"

	"parley/sfu/rewrite"
)

// sinkQueue is how many packets a sink may be behind.
const sinkQueue = 1024

// SinkPacket is a packet as a Sink gets it. The payload is only valid during the call.
type SinkPacket struct {
	Sequence  uint64 // extended, continuous over layer switches; a hole is a lost packet
	Timestamp uint32 // RTP, continuous over layer switches
	Marker    bool
	Keyframe  bool
	Start     bool
	Width     int // of the picture, where the packet tells
	Height    int
	Arrival   time.Time
	Payload   []byte
}

// Sink takes a track's packets, for example for a recorder. The calls come from one goroutine of the sink's own.
type Sink interface {
	// OnPacket gets the next packet, in the order in which they came: a late or repeated one has a smaller Sequence.
	OnPacket(p SinkPacket)
	// OnReport gets the publisher's clock: what has this RTP timestamp was captured at this time (sender report).
	OnReport(ntp time.Time, rtp uint32)
	// OnEnd is the last call.
	OnEnd()
}

// sinkItem is a packet's place in the cache and how it is numbered, or a report.
type sinkItem struct {
	layer    *layer
	extended uint64
	out      rewrite.Out
	report   bool
	ntp      int64
	rtp      uint32
}

// sinkFeed hands a track's best layer to a Sink. It keeps places in the shared cache, not bytes; the bytes are copied out
// when the sink takes them. When it is too slow, video is left out to the next keyframe and sound loses the oldest.
type sinkFeed struct {
	// Static after construction.
	track *Track
	sink  Sink
	wake  chan struct{}
	stop  chan struct{}
	once  sync.Once

	// Guarded by mu.
	mu      sync.Mutex
	fwd     *forwarder
	queue   []sinkItem
	dropped uint64
}

// AddSink hands copies of everything the track carries, in its best layer, to s until remove is called or the track ends.
// remove waits until the sink got its last call; it must not be called from the sink.
func (t *Track) AddSink(s Sink) (remove func()) {
	f := &sinkFeed{
		track: t, sink: s, wake: make(chan struct{}, 1), stop: make(chan struct{}), fwd: newForwarder(t.kind),
	}
	done := make(chan struct{})
	if !t.attach(f, func() {
		t.publisher.peer.wg.Go(func() {
			defer close(done)
			f.run()
		})
	}) {
		s.OnEnd()
		return func() {}
	}
	f.onLayers(t)
	return func() {
		f.end()
		<-done
	}
}

func (f *sinkFeed) end() { f.once.Do(func() { close(f.stop) }) }

// run gives the queue to the sink. It looks at the layers now and then, because the best one may have stopped flowing.
func (f *sinkFeed) run() {
	defer f.sink.OnEnd()
	defer f.track.detach(f)
	t := time.NewTicker(time.Second)
	defer t.Stop()
	p := new(inPacket)
	for {
		select {
		case <-f.stop:
			return
		case <-t.C:
			f.onLayers(f.track)
		case <-f.wake:
		}
		f.mu.Lock()
		work := f.queue
		f.queue = nil
		f.mu.Unlock()
		for i := range work {
			select {
			case <-f.stop:
				return
			default:
				f.give(&work[i], p)
			}
		}
	}
}

func (f *sinkFeed) give(i *sinkItem, p *inPacket) {
	if i.report {
		f.sink.OnReport(time.Unix(0, i.ntp-ntpEpoch), i.rtp)
		return
	}
	if !i.layer.ring.Copy(i.extended, p) {
		i.layer.metrics.dropSinkLate.Inc()
		return
	}
	s := f.track.publisher.peer.sfu
	f.sink.OnPacket(SinkPacket{
		Sequence: i.out.Extended, Timestamp: i.out.Timestamp, Marker: p.Marker,
		Keyframe: p.Frame.Keyframe, Start: p.Frame.Start, Width: int(p.Frame.Width), Height: int(p.Frame.Height),
		Arrival: s.epoch.Add(time.Duration(p.Arrival)), Payload: p.Payload,
	})
}

// ntpEpoch is 1970 in nanoseconds since 1900.
const ntpEpoch = 2208988800 * int64(time.Second)

// onPacket takes a packet, on the goroutine of its layer; it does not wait.
func (f *sinkFeed) onPacket(l *layer, p *inPacket) {
	f.mu.Lock()
	out, ok := f.fwd.pass(l, p, p.Arrival)
	if ok {
		f.pushLocked(sinkItem{layer: l, extended: p.Extended, out: out})
	}
	waiting := f.fwd.waiting()
	f.mu.Unlock()
	if waiting {
		l.requestKeyframe()
	}
	signal(f.wake)
}

func (f *sinkFeed) pushLocked(i sinkItem) {
	if len(f.queue) < sinkQueue {
		f.queue = append(f.queue, i)
		return
	}
	f.dropped++
	f.track.publisher.peer.sfu.metrics.dropSinkFull.Inc()
	if f.fwd.video {
		f.fwd.resync = true
		return
	}
	f.queue = append(f.queue[:0], f.queue[1:]...)
	f.queue = append(f.queue, i)
}

// onReport implements consumer.
func (f *sinkFeed) onReport(l *layer) {
	c := l.clock.Load()
	f.mu.Lock()
	defer f.mu.Unlock()
	if c == nil || l != f.fwd.current {
		return
	}
	f.pushLocked(sinkItem{report: true, ntp: ntpNanoseconds(c.ntp), rtp: c.rtp + f.fwd.rw.TimestampShift()})
	signal(f.wake)
}

// onLayers implements consumer: the largest layer that flows is taken.
func (f *sinkFeed) onLayers(t *Track) {
	alive := *t.current.Load()
	var best *layer
	now := t.publisher.peer.sfu.now()
	for _, l := range alive {
		if best == nil || l.available(now) || len(alive) == 1 {
			best = l
		}
	}
	f.mu.Lock()
	if best != f.fwd.target {
		f.fwd.aim(best)
	}
	current, waiting := f.fwd.current, f.fwd.waiting()
	f.mu.Unlock()
	switch {
	case best == nil:
		t.join(f)
	case current == nil || current == best:
		t.join(f, best)
	default:
		t.join(f, best, current)
	}
	if waiting {
		best.requestKeyframe()
		t.newUse.Store(true)
	}
}

// onGate implements consumer.
func (f *sinkFeed) onGate(*Track) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fwd.resync = true
}

// onTrackEnd implements consumer.
func (f *sinkFeed) onTrackEnd(*Track) { f.end() }
