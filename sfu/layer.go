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
	"parley/sfu/layers"
	"parley/sfu/packet"
)

// inPacket is the packet that passes through a layer.
type inPacket = packet.Packet

const (
	// keyframeInterval is the least time between two requests for a keyframe of a layer.
	keyframeInterval = 500 * time.Millisecond
	// aliveFor is how long a layer of several counts as flowing after its last packet.
	aliveFor = time.Second
	// staleAfter is the age at which a packet that waited in this machine, because the server stood still, is worth nothing
	// to a viewer and would only fill his link.
	staleAfter = time.Second
	// rateWindow is the window of the bitrate measurement.
	rateWindow = 500 * time.Millisecond
	// lastingWindow is that of the rate over a long time.
	lastingWindow = 10 * time.Second
	// steadyGap is the longest time without a packet for a layer to flow steadily.
	steadyGap = 250 * time.Millisecond
)

// incoming is an RTP stream as Pion gives it and the goroutine that reads it.
type incoming struct {
	publisher *publisher
	mid       string
	remote    *webrtc.TrackRemote
	layer     atomic.Pointer[layer] // nil while no track is bound to the section

	last     atomic.Int32 // number of the packet that Pion gave last, -1 before the first
	claimed  atomic.Bool  // packets are taken right from the socket
	repaired atomic.Bool  // retransmissions are taken before Pion's queue
	echo     atomic.Int32 // number of the packet that Pion was given, too, -1 before the first
}

// rebind moves the stream to a track, or to none. The publisher's lock is held.
func (in *incoming) rebind(t *Track) {
	old := in.layer.Load()
	if old != nil && old.track == t {
		return
	}
	if t == nil {
		in.layer.Store(nil)
	} else {
		in.layer.Store(t.addLayer(in.remote.RID(), uint32(in.remote.SSRC())))
	}
	if old != nil {
		old.track.retire(old)
	}
}

// run reads the stream until it ends: all of it, or what is not taken from the socket.
func (in *incoming) run() {
	defer in.end()
	var buf [packet.MaxSize]byte
	for {
		n, attributes, err := in.remote.Read(buf[:])
		if n == 0 && err != nil {
			return
		}
		if attributes.Get(webrtc.AttributeRtxSsrc) != nil && in.repaired.Load() {
			continue
		}
		if l := in.layer.Load(); err == nil && l != nil {
			l.read(buf[:n], in)
		}
		if err == nil && n >= 4 {
			in.last.Store(int32(binary.BigEndian.Uint16(buf[2:])))
		}
	}
}

// claim begins to take packets from the socket, as soon as nothing is under way through Pion any more.
func (in *incoming) claim(seq uint16) bool {
	if in.claimed.Load() {
		return true
	}
	if in.last.Load() != int32(seq-1) {
		return false
	}
	in.claimed.Store(true)
	return true
}

func (in *incoming) end() {
	in.publisher.dropIncoming(in)
	if l := in.layer.Load(); l != nil {
		l.track.retire(l)
	}
}

// clockReport is a sender report's pair of times and when it came.
type clockReport struct {
	ntp uint64
	rtp uint32
	at  int64
}

// layer is one incoming RTP stream of a track: the only one, or one of its simulcast layers.
type layer struct {
	// Static after construction.
	track     *Track
	rid       string
	rank      int
	source    int // number among all layers the track ever had
	ssrc      uint32
	clockRate uint32
	ring      *packet.Ring
	metrics   *metrics

	audience atomic.Pointer[audience] // copied on write, under track.mu
	clock    atomic.Pointer[clockReport]

	lastAt           atomic.Int64
	flowsSince       atomic.Int64 // without longer gaps
	rate             atomic.Int64 // bits per second
	lasting          atomic.Int64 // the same over a long time
	size             atomic.Uint32
	spatials         atomic.Uint32                  // spatial layers, 0 where it is not told
	spatial          [codec.MaxSpatial]spatialLayer // only the first is used where there are none
	keyframeWanted   atomic.Bool
	keyframeAskedAt  atomic.Int64
	resting          atomic.Bool // its publisher need not send it
	packets          atomic.Uint64
	recovered        atomic.Uint64
	keyframes        atomic.Uint64
	keyframe         atomic.Uint64 // extended number of the newest one's first packet, 0 before the first
	keyframeAt       atomic.Int64
	keyframesAsked   atomic.Uint64
	lastReportMiddle atomic.Uint32

	// Guarded by readMu: packets come from the socket, and retransmissions through Pion.
	readMu      sync.Mutex
	extender    packet.Extender
	losses      packet.Losses
	codec       codec.Kind
	reader      codec.Reader
	payloadType uint8
	blocks      []codec.Redundant // of the packet that is being read
	closed      uint64            // the newest packet that came while the gate was closed
	left        int               // packets in a row that were left out for want of a place on the floor
	windowStart int64
	windowBytes int
	windowTimes [codec.MaxSpatial][layers.MaxTemporal]int // bytes by spatial and temporal layer

	// Owned by the publisher's feedback goroutine.
	rest         rest
	starvesSince int64 // 0 while it does not

	// Guarded by receptionMu.
	receptionMu sync.Mutex
	reception   packet.Reception
}

func newLayer(t *Track, rid string, ssrc uint32, rank, source int) *layer {
	l := &layer{
		track: t, rid: rid, rank: rank, source: source, ssrc: ssrc, clockRate: 90000,
		ring: packet.NewRing(packet.PictureRing), metrics: t.publisher.peer.sfu.metrics,
	}
	if t.kind == KindAudio {
		l.clockRate, l.ring = 48000, packet.NewRing(packet.SoundRing)
	}
	l.losses = packet.NewLosses(t.kind == KindAudio)
	l.reception.ClockRate = l.clockRate
	l.audience.Store(&audience{})
	l.keyframeAskedAt.Store(-int64(keyframeInterval))
	return l
}

func (l *layer) video() bool { return l.track.kind == KindVideo }

// read takes a packet that Pion decrypted.
func (l *layer) read(b []byte, in *incoming) {
	if len(b) < 12 || len(b) > packet.MaxSize {
		l.metrics.dropMalformed.Inc()
		return
	}
	l.readMu.Lock()
	defer l.readMu.Unlock()
	copy(l.ring.Spare().Buffer(), b)
	at := l.track.publisher.peer.sfu.arrival(binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint16(b[2:]))
	l.readLocked(len(b), in, at, false)
}

// readLocked takes a packet of n bytes that lies in the ring's spare and arrived at a time. hold tells that more follow at
// once.
func (l *layer) readLocked(n int, in *incoming, arrival int64, hold bool) {
	p := l.ring.Spare()
	b := l.track.publisher
	if err := p.Parse(n, b.extensions.Load()); err != nil {
		l.metrics.dropMalformed.Inc()
		return
	}
	now := b.peer.sfu.now()
	l.metrics.packetsIn.Inc()
	l.metrics.bytesIn.Add(float64(n))
	if now-arrival > int64(staleAfter) {
		l.metrics.dropStale.Inc()
		return
	}
	if p.PayloadType != l.payloadType && !l.admit(p, in) {
		l.metrics.dropMalformed.Inc()
		return
	}
	before, _ := l.extender.Highest()
	p.Extended, p.Arrival = l.extender.Extend(p.Sequence), now
	p.Frame = l.reader.Parse(l.codec, p.Payload, p.Dependencies)
	fresh := l.count(p, arrival)
	l.measure(n, now, fresh && len(p.Payload) > 0, &p.Frame)
	if !fresh {
		return
	}
	l.passOn(p, hold)
	if p.Redundant != nil && p.Extended > before+1 {
		l.restore(p, before, hold)
	}
}

// passOn hands the ring's spare to everybody who is to get it.
func (l *layer) passOn(p *inPacket, hold bool) {
	if l.track.muted.Load() {
		l.closed = p.Extended
		l.metrics.dropMuted.Inc()
		return
	}
	if p.Redundant != nil && l.closed != 0 && p.Extended <= l.closed+codec.MaxRedundant {
		p.Strip() // it carries what came while the gate was closed
	}
	if p.HasLevel {
		l.track.loudness.observe(p.Level, p.Arrival)
	}
	goes := l.track.forwards(p, p.Arrival)
	if !l.ring.Put() {
		l.metrics.dropDuplicate.Inc()
		return
	}
	if p.Frame.Active != 0 {
		l.learnSpatials(&p.Frame)
	}
	if p.Frame.Keyframe {
		l.onKeyframe(p)
	}
	to := l.audience.Load()
	for _, f := range to.sinks {
		f.onPacket(l, p)
	}
	if !goes {
		l.left++
		l.metrics.dropQuiet.Inc()
		return
	}
	if l.left > 0 {
		l.rewind(p, to, hold)
	}
	l.handOut(p, to, hold)
}

// handOut gives a packet to the subscribers who joined the layer.
func (l *layer) handOut(p *inPacket, to *audience, hold bool) {
	for _, g := range to.lanes {
		p.Pin()
		if g.lane.push(laneItem{layer: l, packet: p, downs: g.downs}, hold) {
			continue
		}
		p.Unpin()
		l.metrics.dropLaneFull.Add(float64(len(g.downs)))
		for _, d := range g.downs {
			d.broken.Store(true)
		}
	}
}

// learnCodec takes the codec of a payload type that is new in the stream; false when it is none that is forwarded.
func (l *layer) learnCodec(pt uint8, in *incoming) bool {
	c := in.remote.Codec().RTPCodecCapability
	k := codec.FromMime(c.MimeType)
	if k == codec.Unknown || k.Video() != l.video() {
		return false
	}
	l.payloadType, l.codec = pt, k
	l.track.learnCodec(c)
	return true
}

// count keeps the statistics and asks for what is missing; false for a packet that came before.
func (l *layer) count(p *inPacket, arrival int64) bool {
	if l.ring.Has(p.Extended) {
		l.metrics.dropDuplicate.Inc()
		return false
	}
	l.packets.Add(1)
	if l.losses.Received(p.Extended) {
		l.recovered.Add(1)
		l.metrics.recovered.Inc()
	}
	b := l.track.publisher
	l.receptionMu.Lock()
	l.reception.Received(p.Extended, p.Timestamp, arrival)
	l.receptionMu.Unlock()
	if l.losses.Pending() > 0 {
		if due := l.losses.Due(p.Arrival, b.roundTripTime()); len(due) > 0 {
			b.nack(l.ssrc, due)
		}
	}
	if l.losses.GaveUp(l.keyframe.Load()) && l.video() && len(l.audience.Load().all) > 0 {
		l.requestKeyframe()
	}
	return true
}

func (l *layer) onKeyframe(p *inPacket) {
	f := &p.Frame
	if f.Start {
		l.keyframes.Add(1)
		l.keyframeWanted.Store(false)
		l.keyframeAt.Store(p.Arrival)
		l.keyframe.Store(p.Extended)
	}
	if f.Width != 0 {
		l.size.Store(uint32(f.Width)<<16 | uint32(f.Height))
	}
}

// measure keeps the bitrate of the last window. Padding and old packets, with which senders probe their link, do not make
// a layer flow.
func (l *layer) measure(n int, now int64, media bool, f *codec.Info) {
	if !media {
		return
	}
	if now-l.lastAt.Swap(now) > int64(steadyGap) {
		l.flowsSince.Store(now)
	}
	l.windowBytes += n
	if f.HasTemporal && f.Spatial < codec.MaxSpatial {
		l.spatial[f.Spatial].lastAt.Store(now)
		l.windowTimes[f.Spatial][f.Temporal%layers.MaxTemporal] += n
	}
	passed := now - l.windowStart
	if passed < int64(rateWindow) {
		return
	}
	measured := float64(l.windowBytes*8) / (float64(passed) / 1e9)
	before := float64(l.lasting.Load())
	l.lasting.Store(int64(before + (measured-before)*min(1, float64(passed)/float64(lastingWindow))))
	if passed < 4*int64(rateWindow) {
		smooth(&l.rate, l.windowBytes, passed)
		for i := range l.spatial[:l.spatialCount()] {
			for t := range l.windowTimes[i] {
				smooth(&l.spatial[i].temporal[t], l.windowTimes[i][t], passed)
			}
		}
	}
	l.windowStart, l.windowBytes = now, 0
	clear(l.windowTimes[:])
}

// smooth takes so many bytes in so many nanoseconds into a rate in bits per second.
func smooth(rate *atomic.Int64, bytes int, passed int64) {
	measured := int64(float64(bytes*8) / (float64(passed) / 1e9))
	if old := rate.Load(); old > 0 {
		measured = (old + measured) / 2
	}
	rate.Store(measured)
}

// flows tells whether packets came lately.
func (l *layer) flows(now int64) bool {
	return l.packets.Load() > 0 && now-l.lastAt.Load() < int64(aliveFor)
}

// bitsPerSecond returns the measured rate, 0 when nothing flows.
func (l *layer) bitsPerSecond(now int64) int {
	if now-l.lastAt.Load() > int64(4*rateWindow) {
		return 0
	}
	return int(l.rate.Load())
}

// takes returns the rate over a long time, 0 when not known.
func (l *layer) takes(now int64) int {
	if l.packets.Load() == 0 {
		return 0
	}
	idle := min(1, max(0, float64(now-l.lastAt.Load()-int64(rateWindow))/float64(lastingWindow)))
	return max(1, int(float64(l.lasting.Load())*(1-idle)))
}

// requestKeyframe asks the publisher for a keyframe, as soon as the interval between two requests allows.
func (l *layer) requestKeyframe() {
	l.keyframeWanted.Store(true)
	l.track.publisher.peer.nudge()
}

// keyframeDue tells whether a request is to be sent now. For the publisher's feedback goroutine.
func (l *layer) keyframeDue(now int64) bool {
	if !l.video() || !l.keyframeWanted.Load() || l.resting.Load() || now-l.keyframeAskedAt.Load() < int64(keyframeInterval) {
		return false
	}
	l.keyframeWanted.Store(false)
	l.keyframeAskedAt.Store(now)
	l.keyframesAsked.Add(1)
	return true
}

func (l *layer) onSenderReport(ntp uint64, rtp uint32, now int64) {
	l.clock.Store(&clockReport{ntp: ntp, rtp: rtp, at: now})
	l.lastReportMiddle.Store(uint32(ntp >> 16))
	for _, c := range l.audience.Load().all {
		c.onReport(l)
	}
}

// report returns the reception report block that is due; ok is false before the first packet.
func (l *layer) report(now int64) (rtcp.ReceptionReport, bool) {
	l.receptionMu.Lock()
	r, ok := l.reception.Report()
	l.receptionMu.Unlock()
	if !ok {
		return rtcp.ReceptionReport{}, false
	}
	block := rtcp.ReceptionReport{
		SSRC: l.ssrc, FractionLost: r.Fraction, TotalLost: uint32(max(0, min(r.Lost, 0x7fffff))),
		LastSequenceNumber: r.Highest, Jitter: r.Jitter,
	}
	if c := l.clock.Load(); c != nil {
		block.LastSenderReport = l.lastReportMiddle.Load()
		block.Delay = uint32((now - c.at) * 65536 / int64(time.Second))
	}
	return block, true
}

// align returns the timestamp in this layer's clock as that of other at the same capture time, by their sender reports.
func (l *layer) align(timestamp uint32, other *layer) (uint32, bool) {
	mine, theirs := l.clock.Load(), other.clock.Load()
	if mine == nil || theirs == nil {
		return 0, false
	}
	captured := ntpNanoseconds(mine.ntp) + int64(int32(timestamp-mine.rtp))*int64(time.Second)/int64(l.clockRate)
	off := (captured - ntpNanoseconds(theirs.ntp)) * int64(other.clockRate) / int64(time.Second)
	return theirs.rtp + uint32(off), true
}

// ntpNanoseconds turns an NTP timestamp (RFC 5905) into nanoseconds since 1900.
func ntpNanoseconds(ntp uint64) int64 {
	return int64(ntp>>32)*int64(time.Second) + int64((ntp&0xffffffff)*uint64(time.Second)>>32)
}

func nanosecondsNTP(n int64) uint64 {
	s, f := uint64(n)/uint64(time.Second), uint64(n)%uint64(time.Second)
	return s<<32 | f<<32/uint64(time.Second)
}

func (l *layer) joinLocked(c consumer) {
	if old := l.audience.Load().all; !slices.Contains(old, c) {
		l.audience.Store(newAudience(append(slices.Clone(old), c)))
	}
}

func (l *layer) leaveLocked(c consumer) {
	if old := l.audience.Load().all; slices.Contains(old, c) {
		l.audience.Store(newAudience(slices.DeleteFunc(slices.Clone(old), func(x consumer) bool { return x == c })))
	}
}

// stats describes the stream, with an entry for each of its spatial layers: what is counted is in the first one.
func (l *layer) stats() []LayerStats {
	l.receptionMu.Lock()
	lost, jitter := l.reception.Lost(), l.reception.Jitter()
	l.receptionMu.Unlock()
	now := l.track.publisher.peer.sfu.now()
	lowest := picture{layer: l}
	width, height := lowest.size()
	list := []LayerStats{{
		RID: lowest.name(), SSRC: l.ssrc, Width: width, Height: height, BitsPerSecond: l.bitsPerSecond(now),
		Packets: l.packets.Load(), Lost: lost, Recovered: l.recovered.Load(),
		Keyframes: l.keyframes.Load(), KeyframesAskedFor: l.keyframesAsked.Load(), Jitter: jitter,
	}}
	for s := uint8(1); s < l.spatialCount(); s++ {
		p := picture{l, s}
		one := LayerStats{RID: p.name(), SSRC: l.ssrc}
		one.Width, one.Height = p.size()
		if now-l.spatial[s].lastAt.Load() < int64(aliveFor) {
			one.BitsPerSecond = min(l.spatial[s].rate(), list[0].BitsPerSecond)
		}
		list[0].BitsPerSecond -= one.BitsPerSecond
		list = append(list, one)
	}
	return list
}
