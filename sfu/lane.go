package sfu

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/sfu/bandwidth"
	"parley/sfu/packet"
	"parley/sfu/transport"
)

// maxLaneQueue bounds what waits in a lane. What does not fit is lost to the subscribers of the lane, as on a full link;
// pictures leave keptForSound of it free.
const (
	maxLaneQueue = 16384
	keptForSound = 4096
	// maxTurn is how many packets of pictures are handed out before the lane looks for sound again.
	maxTurn = 256
)

// lane sends for the subscribers that belong to it, and alone owns what they send. What came together is a burst: it is
// handed out subscriber by subscriber and leaves with one flush.
type lane struct {
	// Static after construction.
	sfu    *SFU
	number int
	wake   chan struct{}
	stop   chan struct{}
	done   chan struct{}

	waiting atomic.Bool // something is queued that the lane was not woken for

	subscribers int // guarded by SFU.mu

	// Guarded by mu.
	mu     sync.Mutex
	queue  []laneItem // pictures and work
	sounds []laneItem

	// Owned by run.
	spare   [2][]laneItem
	now     int64
	touched []*subscriber
	probed  []*downTrack  // padding goes out on them
	paced   []*subscriber // something is held back for them
	copies  []secondCopy  // the first due first
	held    []*inPacket   // from a cache
	slabs   map[*transport.Conn]*transport.Slab
	scratch [packet.MaxSize + maxGrowth]byte
	changed [packet.MaxSize + 2]byte // a payload that is not sent as it came
	packets int
	bytes   int
}

// maxGrowth is how much longer than it came a packet may leave: header extensions, the number of a retransmission, the tag.
const maxGrowth = 128

// laneItem is a packet for some down-tracks of a lane, or other work of it.
type laneItem struct {
	layer  *layer
	packet *inPacket // pinned
	downs  []*downTrack
	even   bool // with a byte of padding, it is as long as the others of its frame
	work   func(*lane)
}

// due is a packet that a subscriber is to be sent.
type due struct {
	down   *downTrack
	layer  *layer
	packet *inPacket
	cached bool // from the cache, on purpose
	even   bool // as in laneItem
	late   bool // it waited: only what other frames need is to follow
}

func newLane(s *SFU, number int) *lane {
	return &lane{
		sfu: s, number: number, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
		slabs: map[*transport.Conn]*transport.Slab{},
	}
}

// assign returns the lane with the fewest subscribers, counting one more in.
func (s *SFU) assign() *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	best := slices.MinFunc(s.lanes, func(a, b *lane) int { return a.subscribers - b.subscribers })
	best.subscribers++
	return best
}

// unassign counts one out.
func (s *SFU) unassign(x *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.subscribers--
}

// push queues a packet; false when the lane is full. Who holds wakes the lane when the rest of the burst has come, too.
func (x *lane) push(i laneItem, hold bool) bool {
	x.mu.Lock()
	most := maxLaneQueue
	if i.layer != nil && i.layer.video() {
		most -= keptForSound
	}
	full := len(x.queue)+len(x.sounds) >= most
	switch {
	case full:
	case i.layer != nil && !i.layer.video():
		x.sounds = append(x.sounds, i)
	default:
		x.queue = append(x.queue, i)
	}
	x.mu.Unlock()
	if hold {
		x.waiting.Store(true)
	} else {
		signal(x.wake)
	}
	return !full
}

// do queues work for the lane's goroutine. It is left undone, and counted, when the lane is full.
func (x *lane) do(work func(*lane)) {
	if !x.push(laneItem{work: work}, false) {
		x.sfu.metrics.dropLaneWork.Inc()
	}
}

func (x *lane) run() {
	defer close(x.done)
	step := time.NewTimer(bandwidth.PaddingStep)
	defer step.Stop()
	for {
		select {
		case <-x.stop:
			return
		case <-x.wake:
		case <-step.C:
		}
		runtime.Gosched() // whoever reads the rest of the burst goes first
		x.waiting.Store(false)
		for x.turn() {
		}
		if len(x.probed) > 0 || len(x.paced) > 0 || len(x.copies) > 0 {
			step.Reset(bandwidth.PaddingStep)
		}
	}
}

// turn sends all sound that is queued, and pictures: all of them, or the first when there are many, so that sound that comes
// meanwhile does not wait for the last of them. It reports whether some are left.
func (x *lane) turn() (more bool) {
	x.mu.Lock()
	sounds, items := x.sounds, x.queue
	x.sounds = x.spare[0]
	if more = len(items) > maxTurn; more {
		x.queue, items = items[maxTurn:], items[:maxTurn:maxTurn]
	} else {
		x.queue = x.spare[1]
	}
	x.mu.Unlock()
	x.handOut(sounds, items)
	clear(sounds)
	clear(items)
	x.spare[0] = sounds[:0]
	if !more {
		x.spare[1] = items[:0]
	}
	return more
}

// gather appends packets to what their subscribers are sent, and returns when the oldest came.
func (x *lane) gather(items []laneItem) int64 {
	oldest := x.now
	for i := range items {
		it := &items[i]
		if it.packet == nil {
			continue
		}
		oldest = min(oldest, it.packet.Arrival)
		for _, d := range it.downs {
			if len(d.sub.burst) == 0 {
				x.touched = append(x.touched, d.sub)
			}
			d.sub.burst = append(d.sub.burst, due{down: d, layer: it.layer, packet: it.packet, even: it.even})
		}
	}
	return oldest
}

// handOut sends a burst.
func (x *lane) handOut(sounds, items []laneItem) {
	x.now = x.sfu.now()
	evenOut(items)
	oldest := min(x.gather(sounds), x.gather(items))
	for _, s := range x.touched {
		s.sendBurst(x)
	}
	x.repeat()
	x.pace() // after what came: a packet that came late is not sent again before it is sent
	clear(x.touched)
	x.touched = x.touched[:0]
	for i := range items {
		if items[i].work != nil {
			items[i].work(x)
		}
	}
	x.pad()
	x.flush()
	unpin(sounds)
	unpin(items)
	if oldest != x.now {
		x.sfu.metrics.forwardingDelay.Observe(float64(x.sfu.now()-oldest) / float64(time.Second))
	}
}

func unpin(items []laneItem) {
	for i := range items {
		if items[i].packet != nil {
			items[i].packet.Unpin()
		}
	}
}

// evenOut marks the packets that are one byte shorter than others of their frame behind them. Browsers cut a frame so, and the
// kernel sends those of one length for the price of one.
func evenOut(items []laneItem) {
	var after *laneItem
	longest := 0
	for i := len(items) - 1; i >= 0; i-- {
		it := &items[i]
		if it.packet == nil || !it.layer.video() {
			continue
		}
		n := len(it.packet.Payload)
		if after == nil || it.layer != after.layer || it.packet.Timestamp != after.packet.Timestamp {
			longest = 0
		}
		it.even = n > 0 && n == longest-1
		after, longest = it, max(longest, n)
	}
}

// flush lets go of what was collected.
func (x *lane) flush() {
	m := x.sfu.metrics
	for _, slab := range x.slabs {
		if failed := slab.Flush(); failed > 0 {
			m.dropWrite.Add(float64(failed))
		}
	}
	if x.packets > 0 {
		m.packetsOut.Add(float64(x.packets))
		m.bytesOut.Add(float64(x.bytes))
		x.packets, x.bytes = 0, 0
	}
}

// room returns where a packet of n bytes on that route is to be written. On UDP it leaves with the next flush.
func (x *lane) room(r *route, n int) []byte {
	if r.conn == nil {
		return x.scratch[:n]
	}
	slab := x.slabs[r.conn]
	if slab == nil {
		slab = transport.NewSlab(r.conn, x.number)
		x.slabs[r.conn] = slab
	}
	return slab.Alloc(r.to, n)
}

// close ends the lane and waits for it. What is queued is not sent.
func (x *lane) close() {
	close(x.stop)
	<-x.done
}
