package sfu

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
	"parley/sfu/rewrite"
)

// maxRetransmissions bounds how many packets one NACK is answered with.
const maxRetransmissions = 256

const (
	// answeredSize is how many retransmissions are remembered, a power of two.
	answeredSize = 128
	// askSmallerAfter is how long the wanted layer may take to begin.
	askSmallerAfter = 400 * time.Millisecond
	// maxResent bounds how often one packet is sent again.
	maxResent = 6
	// endTime is how long the rest of a frame is waited for when the picture is to pause, after what waits for the link.
	endTime = 100 * time.Millisecond
	// endAtLast is how long that is at most while packets wait for the link.
	endAtLast = 5 * time.Second
)

// resent remembers a retransmission.
type resent struct {
	number uint64
	at     int64
	times  int
	left   bool
}

// downTrack is a track at one subscriber. To Pion it is a TrackLocal; it writes its own header and shares the payload.
type downTrack struct {
	// Static after construction.
	track *Track
	sub   *subscriber
	video bool

	// Owned by the feedback goroutine.
	leftOut int // temporal layers

	// Owned by the peer's goroutine.
	released bool // given up, perhaps before the next offer can say so

	unsupported atomic.Bool
	broken      atomic.Bool  // packets were lost before they came to the lane
	paused      atomic.Int32 // a pauseReason
	chosen      atomic.Bool  // whether and which layer is sent was decided
	fraction    atomic.Uint32
	lastMiddle  atomic.Uint32 // of the last sender report: the middle of its NTP time
	lastReport  atomic.Int64  // and when it left

	keyframeAt atomic.Int64 // when a packet of a keyframe left last or still waited to
	heldAt     atomic.Int64 // when a packet waited last
	starvedAt  atomic.Int64 // when a keyframe was asked for meanwhile

	// Guarded by the subscriber's wideMu.
	givenUp       bool   // what comes is dropped until a keyframe
	sentStamp     uint32 // timestamp of the frame that was sent last, or a part of it
	pacedLayer    *layer // the layer of the keyframe that came last
	keyframeStamp uint32 // and its timestamp

	// Guarded by mu. Only the lane writes what is sent.
	mu     sync.Mutex
	out    webrtc.TrackLocalWriter // nil until bound
	fwd    *forwarder
	caught caughtUp
	asked  bool // what is in the cache was asked for since nothing flowed
	// ending tells that the track stops at the end of the frame that is being sent, for another one to take its section.
	ending bool
	// only is the layer that alone is joined, nil when several may be.
	only *layer
	// stoppedAt is when the picture was paused last.
	stoppedAt int64
	// joined tells whether packets of any layer come in.
	joined bool
	// stretch is the run of packets that the last one belonged to.
	stretch uint32
	// waitingSince is when a keyframe began to be waited for.
	waitingSince int64
	media        *outgoing
	rtx          *outgoing // nil when the subscriber takes no retransmissions on a stream of their own
	rtxNumber    uint64
	answered     []resent // by outgoing number; nil before the first
	packets      uint64
	octets       uint64
	resent       uint64
	misses       uint64
	dropped      uint64
}

func newDownTrack(t *Track, s *subscriber) *downTrack {
	d := &downTrack{track: t, sub: s, video: t.kind == KindVideo, fwd: newForwarder(t.kind)}
	d.keyframeAt.Store(-int64(keyframeTime))
	d.heldAt.Store(-int64(keyframeTime))
	d.starvedAt.Store(-int64(starvedFor))
	return d
}

// ID implements webrtc.TrackLocal; it is the track id in the offer's msid.
func (d *downTrack) ID() string { return d.track.id }

// RID implements webrtc.TrackLocal.
func (d *downTrack) RID() string { return "" }

// StreamID implements webrtc.TrackLocal: tracks of one publisher are played in step, a shared screen with its own sound.
func (d *downTrack) StreamID() string {
	if d.track.share {
		return d.track.PublisherID() + "-share"
	}
	return d.track.PublisherID()
}

// Kind implements webrtc.TrackLocal.
func (d *downTrack) Kind() webrtc.RTPCodecType {
	if d.video {
		return webrtc.RTPCodecTypeVideo
	}
	return webrtc.RTPCodecTypeAudio
}

// Bind implements webrtc.TrackLocal. A codec that the subscriber does not take is noted, not refused: an error would fail
// the whole negotiation.
func (d *downTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	offered := c.CodecParameters()
	chosen, ok := best(d.track.capability(), offered)
	if !ok {
		d.unsupported.Store(true)
		return webrtc.RTPCodecParameters{RTPCodecCapability: d.track.capability()}, nil
	}
	var wideID, levelID, dependenciesID uint8
	for _, x := range c.HeaderExtensions() {
		switch {
		case x.URI == uriTransportCC:
			wideID = uint8(x.ID)
		case x.URI == uriAudioLevel && !d.video:
			levelID = uint8(x.ID)
		case x.URI == uriDependencies && codec.FromMime(chosen.MimeType) == codec.AV1:
			dependenciesID = uint8(x.ID)
		}
	}
	media, err := newOutgoing(uint8(chosen.PayloadType), uint32(c.SSRC()), wideID, levelID)
	if err != nil {
		return webrtc.RTPCodecParameters{}, err
	}
	if red, ok := redundant(chosen.PayloadType, offered); ok && !d.video {
		media.redundant = uint8(red.PayloadType)
	}
	var again *outgoing
	if rtx, ok := retransmission(chosen.PayloadType, offered); ok && c.SSRCRetransmission() != 0 {
		if again, err = newOutgoing(uint8(rtx.PayloadType), uint32(c.SSRCRetransmission()), wideID, 0); err != nil {
			return webrtc.RTPCodecParameters{}, err
		}
	} else if media.kept = make([]kept, keptSounds); d.video {
		media.kept = make([]kept, keptPictures)
	}
	if media.dependenciesID = dependenciesID; again != nil {
		again.dependenciesID = dependenciesID
	}
	d.mu.Lock()
	d.media, d.rtx = media, again
	d.out = c.WriteStream()
	d.mu.Unlock()
	d.sub.register(uint32(c.SSRC()), d)
	return chosen, nil
}

// Unbind implements webrtc.TrackLocal.
func (d *downTrack) Unbind(c webrtc.TrackLocalContext) error {
	d.mu.Lock()
	d.out = nil
	d.mu.Unlock()
	d.sub.unregister(uint32(c.SSRC()))
	return nil
}

// forward sends a packet, if it has a place in what the subscriber gets. One that cannot be sent is dropped: sound loses
// that packet, a picture stops until its next keyframe rather than showing damage. It reports whether the packet left. The
// subscriber's wideMu is held.
func (d *downTrack) forward(x *lane, b *due) bool {
	l, p := b.layer, b.packet
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.out == nil {
		return false
	}
	if d.broken.Load() && d.broken.Swap(false) {
		d.fwd.resync = d.video
	}
	if !b.cached && d.caught.covers(l, p) {
		return false
	}
	if p.Stretch != d.stretch {
		d.stretch, d.fwd.resync = p.Stretch, true
	}
	d.fwd.late = b.late
	out, ok := d.fwd.pass(l, p, p.Arrival)
	if !ok {
		return false
	}
	if d.ending && d.fwd.current == nil {
		d.sub.peer.post(d.sub.showNext)
	}
	if d.leftAgain(out.Extended) {
		return false
	}
	leaves := leaving{
		number: out.Extended, timestamp: out.Timestamp, marker: p.Marker || out.Ends, level: levelOf(p), dependencies: p.Dependencies,
	}
	// What may have to be sent again bit for bit stays as it came.
	if leaves.padded = b.even && d.rtx != nil && d.sub.conn.session.Load() != nil; leaves.padded {
		leaves.payload = append(x.payload(p, out, 0, true), 1)
	} else {
		leaves.payload = x.payload(p, out, 0, false)
	}
	d.media.carry(&leaves, p)
	if !d.write(x, d.media, &leaves) {
		d.dropped++
		x.sfu.metrics.dropWrite.Inc()
		d.fwd.resync = d.video
		return false
	}
	d.packets++
	d.octets += uint64(len(leaves.payload))
	d.repeatLater(x, leaves.number)
	return true
}

// leftAgain tells whether a packet that comes late left as a retransmission already, because it lay in the cache before its
// turn came.
func (d *downTrack) leftAgain(number uint64) bool {
	if d.answered == nil {
		return false
	}
	before := &d.answered[number%answeredSize]
	return before.left && before.number == number
}

// skip leaves a packet out without a gap.
func (d *downTrack) skip() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fwd.resync = true
}

// levelOf returns a packet's audio level as it is sent (RFC 6464).
func levelOf(p *inPacket) uint8 {
	switch {
	case !p.HasLevel, p.Hushed:
		return 127
	case p.Voice:
		return 0x80 | p.Level
	}
	return p.Level
}

// payload returns the payload to send: the shared bytes, or a copy with room bytes in front when its own is asked for or ids in
// it change, which is good until the next call.
func (x *lane) payload(p *inPacket, out rewrite.Out, room int, own bool) []byte {
	if p.Hushed && len(p.Payload) > 0 {
		x.changed[room] = codec.Hush(p.Payload[0])
		return x.changed[:room+1]
	}
	if !own && (out.Shift.Zero() || p.Frame.PictureIDBits == 0 && !p.Frame.HasTL0) {
		return p.Payload
	}
	b := x.changed[:room+len(p.Payload)]
	copy(b[room:], p.Payload)
	if !out.Shift.Zero() {
		p.Frame.Patch(b[room:], out.Shift)
	}
	return b
}

// retransmit answers a NACK from the shared cache.
func (d *downTrack) retransmit(x *lane, pairs []rtcp.NackPair) {
	s := d.sub
	s.wideMu.Lock()
	defer s.wideMu.Unlock()
	s.paced.refill(x.now, s.estimator.Pace(x.now))
	n := 0
	for _, pair := range pairs {
		pair.Range(func(seq uint16) bool {
			if n++; n > maxRetransmissions {
				return false
			}
			x.sfu.metrics.nacksReceived.Inc()
			s.sendAgainLocked(x, d, seq)
			return true
		})
	}
}

// sendAgain sends one packet again. The subscriber's wideMu is held.
func (d *downTrack) sendAgain(x *lane, seq uint16) {
	p := packetPool.Get().(*inPacket)
	defer packetPool.Put(p)
	apart := d.sub.retransmitInterval() + int64(d.sub.estimator.QueueDelay())
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.out != nil {
		d.retransmitLocked(x, seq, p, apart)
	}
}

var packetPool = sync.Pool{New: func() any { return new(inPacket) }}

// retransmitLocked sends one packet again, unless that happened less than apart nanoseconds ago.
func (d *downTrack) retransmitLocked(x *lane, seq uint16, p *inPacket, apart int64) {
	l, out, ok := d.sentBefore(seq, p)
	if !ok {
		if !d.padAgain(x, seq) {
			d.misses++
			x.sfu.metrics.dropNackMiss.Inc()
		}
		return
	}
	if d.sub.paced.holds(d, l, p.Extended) {
		return
	}
	if d.answered == nil {
		d.answered = make([]resent, answeredSize)
	}
	before := &d.answered[out.Extended%answeredSize]
	if before.number != out.Extended {
		*before = resent{number: out.Extended}
	} else if x.now-before.at < apart || before.times == maxResent {
		return
	}
	before.at, before.times = x.now, before.times+1
	// A number that was never sent, because its packet came late, goes out for the first time: only on RTX, too.
	if d.rtx == nil {
		again := d.same(x, p, out)
		ok = d.write(x, d.media, &again)
	} else {
		d.rtxNumber++
		again := leaving{
			number: d.rtxNumber, timestamp: out.Timestamp, marker: p.Marker || out.Ends, dependencies: p.Dependencies,
			payload: x.payload(p, out, 2, true),
		}
		binary.BigEndian.PutUint16(again.payload, out.Sequence)
		ok = d.write(x, d.rtx, &again)
	}
	if !ok {
		x.sfu.metrics.dropWrite.Inc()
		return
	}
	before.left = true
	d.resent++
	d.keyframeGoesOn(x.now, p.Timestamp)
	x.sfu.metrics.retransmitted.Inc()
}

// sentBefore copies a packet of before from the cache, by the number that it has at the subscriber, and returns how it goes
// out; false when it is gone or there was none.
func (d *downTrack) sentBefore(seq uint16, p *inPacket) (l *layer, out rewrite.Out, ok bool) {
	source, extended, ok := d.fwd.rw.Original(seq)
	if !ok {
		return nil, out, false
	}
	if l = d.track.source(source - d.fwd.base); l == nil || !l.ring.Copy(extended, p) {
		return nil, out, false
	}
	out, ok = d.fwd.rw.Map(source, rewriteIn(p))
	return l, out, ok
}

// same makes what leaves again on the stream of the media.
func (d *downTrack) same(x *lane, p *inPacket, out rewrite.Out) leaving {
	again := leaving{
		number: out.Extended, again: true, timestamp: out.Timestamp, marker: p.Marker || out.Ends, level: levelOf(p),
		payload: x.payload(p, out, 0, false), dependencies: p.Dependencies,
	}
	d.media.carry(&again, p)
	return again
}

// aimedAt returns what is wanted, without a layer when that is nothing.
func (d *downTrack) aimedAt() picture {
	d.mu.Lock()
	defer d.mu.Unlock()
	return picture{d.fwd.target, d.fwd.spatials}
}

// limitTo sets the highest spatial and temporal layers that are wanted.
func (d *downTrack) limitTo(spatial, temporal uint8) {
	d.mu.Lock()
	more := spatial > d.fwd.spatials
	d.fwd.spatials, d.fwd.limit = spatial, temporal
	target := d.fwd.target
	d.mu.Unlock()
	if more && target != nil && target.spatial[spatial].resting.Load() {
		d.track.use()
	}
}

// aimAt sets the layer that is wanted, nil for none, and joins what is needed for it. A track that ends wants nothing.
func (d *downTrack) aimAt(l *layer) {
	d.mu.Lock()
	if d.ending {
		l = nil
	}
	if d.fwd.target == l {
		d.mu.Unlock()
		return
	}
	now := d.sub.peer.sfu.now()
	if d.fwd.current != nil && l == nil {
		d.stoppedAt = now
	}
	d.fwd.aim(l)
	d.only = nil
	current := d.fwd.current
	d.waitingSince, d.asked = now, false
	d.joined = l != nil || current != nil
	d.mu.Unlock()
	if l != nil && l.resting.Load() {
		d.track.use()
	}
	switch {
	case l == nil && current == nil:
		d.track.join(d)
	case l == nil:
		d.track.join(d, current)
	case current == nil:
		d.track.join(d, d.upTo(l)...)
	default:
		d.track.join(d, l, current)
	}
	d.tend()
}

// finish stops the track at the end of the frame that is being sent and tells whether that is now.
func (d *downTrack) finish() bool {
	d.mu.Lock()
	d.ending = true
	if d.released || !d.sub.conn.carries() {
		d.fwd.stop() // the rest of the frame will not come
	}
	d.mu.Unlock()
	d.aimAt(nil)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fwd.current == nil
}

// interrupt notes that nothing comes in, perhaps because the publisher's network is away: the aim stays, so that the first
// keyframe that comes through begins the picture again. False when the layer that is wanted will not flow again.
func (d *downTrack) interrupt() bool {
	now := d.sub.peer.sfu.now()
	d.mu.Lock()
	target, current := d.fwd.target, d.fwd.current
	stopped := current != nil && !current.flows(now)
	if stopped {
		d.fwd.stop()
		d.only, d.stoppedAt = nil, now
	}
	d.mu.Unlock()
	if target == nil || !slices.Contains(*d.track.current.Load(), target) {
		return false
	}
	if stopped {
		d.track.join(d, d.upTo(target)...)
	}
	return true
}

// upTo returns the layers that may be shown until the wanted one begins, and that one.
func (d *downTrack) upTo(wanted *layer) []*layer {
	list := []*layer{wanted}
	for _, l := range *d.track.current.Load() {
		if l.rank < wanted.rank {
			list = append(list, l)
		}
	}
	return list
}

// tend keeps a video going: asks for the keyframe that is waited for, leaves layers that are no longer needed. When the
// wanted layer does not begin, smaller ones are asked, too.
func (d *downTrack) tend() {
	now := d.sub.peer.sfu.now()
	d.mu.Lock()
	if d.fwd.target == nil && now-max(d.stoppedAt, min(d.heldAt.Load(), d.stoppedAt+int64(endAtLast))) > int64(endTime) {
		d.fwd.stop()
	}
	waiting, target, current, bound := d.fwd.waiting(), d.fwd.target, d.fwd.current, d.out != nil
	ended := d.joined && target == nil && current == nil
	d.joined = d.joined && !ended
	ending := d.ending
	if !waiting {
		d.waitingSince = now
	}
	late := now-d.waitingSince > int64(askSmallerAfter)
	first := waiting && bound && current == nil && !d.asked && d.sub.conn.ready.Load()
	d.asked = d.asked || first
	leave := !waiting && target != nil && current == target && d.only != target && bound && !d.track.Muted()
	if leave {
		d.only = target
	}
	d.mu.Unlock()
	if ended {
		d.track.join(d)
		if ending {
			d.sub.peer.post(d.sub.showNext)
		}
	}
	if !bound || target == nil || d.track.Muted() {
		return
	}
	if first {
		d.sub.lane.do(d.catchUp)
		return
	}
	if waiting {
		if d.keyframeComes(now) {
			return
		}
		target.requestKeyframe()
		if current == nil && late {
			for _, l := range d.upTo(target) {
				l.requestKeyframe()
			}
		}
	} else if leave {
		d.track.join(d, target)
	}
}

// onKeyframeRequest answers a request of the subscriber. On a thin link a picture takes longer than he waits before he asks:
// only who goes on asking while it comes needs another one.
func (d *downTrack) onKeyframeRequest() {
	d.sub.peer.sfu.metrics.keyframesWanted.Inc()
	now := d.sub.peer.sfu.now()
	if d.keyframeComes(now) {
		return
	}
	if now-d.heldAt.Load() < int64(keyframeTime) {
		if before := d.starvedAt.Swap(now); now-before > int64(starvedFor) {
			return
		}
	}
	d.keyframe()
}

// keyframe asks for a keyframe of what is shown.
func (d *downTrack) keyframe() {
	d.mu.Lock()
	l := d.fwd.current
	d.mu.Unlock()
	if l != nil {
		l.requestKeyframe()
	}
}

// onReport implements consumer. The publisher's clock goes on with this peer's own reports.
func (d *downTrack) onReport(*layer) {}

// senderReport makes the report that is due; nil before media and before the publisher's first report. The times are the
// publisher's own, so that its tracks play in step (RFC 3550 section 6.4.1).
func (d *downTrack) senderReport(now int64) *rtcp.SenderReport {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.fwd.current
	if d.out == nil || l == nil || d.packets == 0 {
		return nil
	}
	c := l.clock.Load()
	if c == nil {
		return nil
	}
	passed := now - c.at
	ntp := nanosecondsNTP(ntpNanoseconds(c.ntp) + passed + d.skew())
	d.lastMiddle.Store(uint32(ntp >> 16))
	d.lastReport.Store(now)
	return &rtcp.SenderReport{
		SSRC: d.media.ssrc, NTPTime: ntp,
		RTPTime:     c.rtp + uint32(passed*int64(l.clockRate)/1e9) + d.fwd.rw.TimestampShift(),
		PacketCount: uint32(d.packets), OctetCount: uint32(d.octets),
	}
}

// onLayers implements consumer.
func (d *downTrack) onLayers(*Track) {
	d.sub.changed.Store(true)
	d.sub.peer.nudge()
}

// onGate implements consumer: what comes through a gate that opened starts afresh.
func (d *downTrack) onGate(t *Track) {
	d.mu.Lock()
	d.fwd.resync = true
	d.mu.Unlock()
	d.tend()
}

// onTrackEnd implements consumer.
func (d *downTrack) onTrackEnd(t *Track) { d.sub.peer.post(func() { d.sub.unsubscribe(t) }) }

func (d *downTrack) stats() DownStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := DownStats{
		TrackID: d.track.id, Kind: d.track.kind, PausedReason: pauseReason(d.paused.Load()).String(),
		Packets: d.packets, Bytes: d.octets, Retransmitted: d.resent, NackMisses: d.misses, Dropped: d.dropped,
		Lost: float64(d.fraction.Load()) / 256, Switches: d.fwd.switches,
	}
	if l := d.fwd.current; l != nil {
		s.RID = picture{l, min(d.fwd.top, l.spatialCount()-1)}.name()
	}
	if l := d.fwd.target; l != nil {
		s.TargetRID = picture{l, min(d.fwd.spatials, l.spatialCount()-1)}.name()
	}
	if d.track.Muted() {
		s.PausedReason = "muted"
	}
	return s
}
