package sfu

import "time"

// Rules of sending sound twice.
const (
	// twiceAfter is how much later the second copy of a packet leaves: a burst of lost packets does not take both.
	twiceAfter = 60 * time.Millisecond
	// beginLoss and goOnLoss are the shares of lost packets at which sound begins to be sent twice, and goes on to be.
	beginLoss, goOnLoss = 0.02, 0.01
	// lossLasts is how long packets must stay lost for it, which is long enough to ask for them, and lossPause how long
	// nothing may be told of them meanwhile: browsers report on sound every five seconds.
	lossLasts, lossPause = time.Second, 10 * time.Second
	// twiceFor is how long it goes on without loss. A receiver may report the second copies as if nothing was lost: when
	// loss is back within twiceAgain of the end, the next time is twice as long, up to twiceMost.
	twiceFor, twiceMost = 20 * time.Second, 160 * time.Second
	twiceAgain          = 30 * time.Second
	// beginRoom and goOnRoom are how much more than what is sent the link must be believed to carry.
	beginRoom, goOnRoom = 1.25, 1.05
	// maxCopies bounds the second copies that wait in a lane. Those that do not fit are left out, and counted.
	maxCopies = 8192
)

// repetition decides whether a subscriber is sent each packet of sound twice: when it stays lost, is not asked for again, and
// there is room. It is a function of what it was told; times are in nanoseconds.
type repetition struct {
	on       bool
	lossFrom int64 // when the loss began that was told of last
	lossAt   int64 // when it was told of last, 0 for never
	endedAt  int64 // 0 for never
	lasts    time.Duration
}

// downlink is what is known of a subscriber's link.
type downlink struct {
	loss  float64 // the share of lost packets
	asks  bool    // for lost sound
	sends float64 // bits per second that are sent
	sound float64 // of them sound, once
	takes float64 // bits per second that it is believed to carry
}

// next decides anew.
func (r *repetition) next(now int64, l downlink) bool {
	least, room := beginLoss, l.takes >= beginRoom*(l.sends+l.sound)
	if r.on {
		least, room = goOnLoss, l.takes >= goOnRoom*l.sends
	}
	lost := l.loss >= least
	if lost {
		if r.lossAt == 0 || now-r.lossAt > int64(lossPause) {
			r.lossFrom = now
		}
		r.lossAt = now
	}
	switch {
	case l.asks, !room:
		r.end(now)
	case r.on && now-r.lossAt > int64(r.lasts):
		r.end(now)
	case !r.on && lost && now-r.lossFrom >= int64(lossLasts):
		r.begin(now)
	}
	return r.on
}

func (r *repetition) begin(now int64) {
	r.on = true
	if r.endedAt != 0 && now-r.endedAt < int64(twiceAgain) {
		r.lasts = min(2*r.lasts, twiceMost)
	} else {
		r.lasts = twiceFor
	}
}

func (r *repetition) end(now int64) {
	if r.on {
		r.on, r.endedAt = false, now
	}
}

// decideTwice looks whether sound is to be sent twice. For the feedback goroutine.
func (s *subscriber) decideTwice(now int64) {
	l := downlink{asks: s.asksForSound.Load() || !s.repeats(), sends: s.rate.at(now), sound: float64(s.soundSent)}
	l.loss = float64(s.soundLost.Swap(0)) / 256
	s.wideMu.Lock()
	l.loss, l.takes = max(l.loss, s.estimator.Loss()), float64(s.estimator.Estimate())
	s.wideMu.Unlock()
	on := s.repetition.next(now, l)
	if s.twice.Swap(on) == on {
		return
	}
	s.changed.Store(true)
	s.peer.log.Debug("sound twice", "on", on, "loss", l.loss, "sends", l.sends, "takes", l.takes)
}

// repeats tells whether packets can leave again bit for bit, over a link that loses any.
func (s *subscriber) repeats() bool {
	r := s.conn.route.Load()
	return s.conn.session.Load() != nil && r != nil && r.stream == nil
}

// onSoundReport takes the share of a sound's packets that a receiver report tells as lost, in parts of 256.
func (s *subscriber) onSoundReport(fraction uint8) {
	for {
		before := s.soundLost.Load()
		if uint32(fraction) <= before || s.soundLost.CompareAndSwap(before, uint32(fraction)) {
			return
		}
	}
}

// secondCopy is a packet of sound that is to leave once more.
type secondCopy struct {
	down   *downTrack
	number uint64
	at     int64
}

// repeatLater makes a packet of sound that just left leave once more.
func (d *downTrack) repeatLater(x *lane, number uint64) {
	switch {
	case d.video || d.media.kept == nil || !d.sub.twice.Load():
	case len(x.copies) == maxCopies:
		x.sfu.metrics.dropCopy.Inc()
	default:
		x.copies = append(x.copies, secondCopy{down: d, number: number, at: x.now + int64(twiceAfter)})
	}
}

// repeat sends the second copies that are due.
func (x *lane) repeat() {
	n := 0
	for ; n < len(x.copies) && x.copies[n].at <= x.now; n++ {
		x.copies[n].down.repeat(x, x.copies[n].number)
	}
	left := copy(x.copies, x.copies[n:])
	clear(x.copies[left:])
	x.copies = x.copies[:left]
}

// repeat sends a packet once more, bit for bit the same, so that who got the first one drops it as a replay (RFC 3711
// section 3.3.2) and nobody behind SRTP sees two.
func (d *downTrack) repeat(x *lane, number uint64) {
	s := d.sub
	s.wideMu.Lock()
	defer s.wideMu.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.out == nil || !s.twice.Load() || !s.conn.carries() {
		return
	}
	k := d.media.keep(number)
	if k == nil || !k.sent {
		return
	}
	p := packetPool.Get().(*inPacket)
	defer packetPool.Put(p)
	if _, out, ok := d.sentBefore(uint16(number), p); ok && out.Extended == number {
		again := d.same(x, p, out)
		if d.write(x, d.media, &again) {
			x.sfu.metrics.repeated.Inc()
		}
	}
}
