package bus

import (
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/nats-io/nats.go"
)

// Subscription hands messages to its function, one after another, on its own goroutine.
type Subscription struct {
	// static
	bus      *Bus
	subject  string
	fn       func(Message)
	sub      *nats.Subscription
	messages chan *nats.Msg // bounded; nats drops what does not fit and calls Bus.onError
	lost     chan struct{}  // holds one
	stop     chan struct{}
	done     chan struct{}
	stopOnce sync.Once

	counted int // owned by run: drops already in the metric
}

// Subscribe calls fn with every message on subject, in which "*" stands for one token and a final ">" for all that
// follow.
func (b *Bus) Subscribe(subject string, fn func(Message)) (*Subscription, error) {
	return b.subscribe(subject, "", fn)
}

// SubscribeQueue is like Subscribe, but only one of the subscribers of the queue, on whatever node, gets a message.
func (b *Bus) SubscribeQueue(subject, queue string, fn func(Message)) (*Subscription, error) {
	if err := checkSubject(queue, false); err != nil {
		return nil, err
	}
	return b.subscribe(subject, queue, fn)
}

func (b *Bus) subscribe(subject, queue string, fn func(Message)) (*Subscription, error) {
	if err := checkSubject(subject, true); err != nil {
		return nil, err
	}
	s := &Subscription{
		bus: b, subject: subject, fn: fn,
		messages: make(chan *nats.Msg, queueMessages),
		lost:     make(chan struct{}, 1),
		stop:     make(chan struct{}),
		done:     make(chan struct{}),
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	sub, err := b.conn.ChanQueueSubscribe(subject, queue, s.messages)
	if err != nil {
		return nil, fmt.Errorf("subscribe %s: %w", subject, fromNATS(err))
	}
	// Whoever publishes after we return, on whatever connection, must be heard.
	if err := b.conn.FlushTimeout(connectWait); err != nil {
		return nil, fmt.Errorf("subscribe %s: %w", subject, fromNATS(err))
	}
	s.sub = sub
	b.subs[sub] = s
	go s.run()
	return s, nil
}

// Close ends the subscription and waits for a running call of its function, which must not call Close itself.
func (s *Subscription) Close() {
	s.stopOnce.Do(func() {
		s.bus.mu.Lock()
		delete(s.bus.subs, s.sub)
		s.bus.mu.Unlock()
		if err := s.sub.Unsubscribe(); err != nil && !s.bus.conn.IsClosed() {
			s.bus.log.Warn("bus subscription not ended in order", "subject", s.subject, "error", err)
		}
		close(s.stop)
	})
	<-s.done
}

// tellLost wakes run; several losses before it wakes are one.
func (s *Subscription) tellLost() {
	select {
	case s.lost <- struct{}{}:
	default:
	}
}

func (s *Subscription) run() {
	defer close(s.done)
	for {
		select {
		case <-s.stop:
			return
		default:
		}
		select {
		case <-s.stop:
			return
		case <-s.lost:
			s.countDrops()
			s.call(Message{Lost: true})
		case m := <-s.messages:
			s.call(message(m))
		}
	}
}

func message(m *nats.Msg) Message {
	out := Message{Subject: m.Subject, Data: m.Data}
	if m.Reply != "" {
		out.reply = m.Respond
	}
	return out
}

// call keeps a panic in one function from ending the process.
func (s *Subscription) call(m Message) {
	defer func() {
		if v := recover(); v != nil {
			s.bus.log.Error("bus subscriber panicked", "subject", s.subject, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	s.fn(m)
}

func (s *Subscription) countDrops() {
	dropped, err := s.sub.Dropped()
	if err != nil {
		return
	}
	s.bus.drops.Add(float64(dropped - s.counted))
	s.counted = dropped
}
