package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// defaultQueueMs bounds how long a packet may wait for its turn on a link with a rate.
const defaultQueueMs = 300

// impairment is what a link does to packets: rate in kbit/s (0: unlimited), delay, jitter and queue in milliseconds,
// loss in percent, in bursts of so many packets.
type impairment struct {
	rate, delay, jitter, queue, loss, burst float64
}

type counts struct {
	Packets, Bytes, Lost, Overflow int64
}

type scheduled struct {
	at     time.Time
	packet []byte
}

// link carries packets in one direction, in order.
type link struct {
	out chan scheduled // bounded: beyond it packets are dropped and counted as overflow

	mu        sync.Mutex
	impaired  impairment
	counts    counts
	free      time.Time // when the wire has sent everything accepted so far
	last      time.Time // delivery time of the packet before, so that jitter does not reorder
	burstLeft int
}

func newLink() *link {
	return &link{out: make(chan scheduled, 4096), impaired: impairment{queue: defaultQueueMs, burst: 1}}
}

func (l *link) set(q url.Values) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	fields := map[string]*float64{
		"rate": &l.impaired.rate, "delay": &l.impaired.delay, "jitter": &l.impaired.jitter,
		"queue": &l.impaired.queue, "loss": &l.impaired.loss, "burst": &l.impaired.burst,
	}
	for name, field := range fields {
		text := q.Get(name)
		if text == "" {
			continue
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || value < 0 {
			return fmt.Errorf("%s: %q is not a number from 0", name, text)
		}
		*field = value
	}
	return nil
}

func (l *link) counted() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

// push accepts a packet, or loses it.
func (l *link) push(packet []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Packets++
	if l.losesLocked() {
		l.counts.Lost++
		return
	}
	at, ok := l.deliveryLocked(time.Now(), len(packet))
	if !ok {
		l.counts.Overflow++
		return
	}
	select {
	case l.out <- scheduled{at, packet}:
		l.counts.Bytes += int64(len(packet))
	default:
		l.counts.Overflow++
	}
}

func (l *link) losesLocked() bool {
	if l.burstLeft > 0 {
		l.burstLeft--
		return true
	}
	burst := max(l.impaired.burst, 1)
	if l.impaired.loss > 0 && rand.Float64()*100*burst < l.impaired.loss {
		l.burstLeft = int(burst) - 1
		return true
	}
	return false
}

// deliveryLocked gives the moment at which a packet of size bytes arrives, or false when its queue is full.
func (l *link) deliveryLocked(now time.Time, size int) (time.Time, bool) {
	sent := now
	if l.impaired.rate > 0 {
		if l.free.After(sent) {
			sent = l.free
		}
		if sent.Sub(now) > milliseconds(l.impaired.queue) {
			return time.Time{}, false
		}
		sent = sent.Add(milliseconds(float64(size) * 8 / l.impaired.rate))
		l.free = sent
	}
	at := sent.Add(milliseconds(l.impaired.delay + rand.Float64()*l.impaired.jitter))
	if at.Before(l.last) {
		at = l.last
	}
	l.last = at
	return at, true
}

// deliver hands packets over when their time has come, until the context ends.
func (l *link) deliver(ctx context.Context, write func([]byte)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-l.out:
			if wait := time.Until(s.at); wait > 0 {
				timer.Reset(wait)
				select {
				case <-ctx.Done():
					return
				case <-timer.C:
				}
			}
			write(s.packet)
		}
	}
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
