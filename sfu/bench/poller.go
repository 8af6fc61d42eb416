package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	pollBatch = 32
	datagram  = 2048
	// tickInterval is how often a receiver is called without a datagram, at least.
	tickInterval = int64(5 * time.Millisecond)
)

var epoch = time.Now()

// nanotime is the load's clock.
func nanotime() int64 { return int64(time.Since(epoch)) }

// receiver gets what comes in on a socket, from the goroutine of its poller.
type receiver interface {
	// onDatagram gets a datagram, which it may change but not keep, and when it was fetched.
	onDatagram(b []byte, at int64)
	// onTick is called every now and then.
	onTick(now int64)
}

type polled struct {
	*socket
	receiver
}

// poller asks its sockets in turn, without ever sleeping, on a core of its own.
type poller struct {
	core    int // -1 for any
	sockets atomic.Pointer[[]polled]
	calls   chan func()
	ended   chan struct{}
	working atomic.Int64 // nanoseconds spent on datagrams, rather than on asking for them

	msgs [pollBatch]mmsghdr
	iovs [pollBatch]unix.Iovec
	bufs [pollBatch][datagram]byte

	mu sync.Mutex // of changes of sockets
}

func newPoller(core int) *poller {
	p := &poller{core: core, calls: make(chan func()), ended: make(chan struct{})}
	p.sockets.Store(&[]polled{})
	for i := range p.msgs {
		p.iovs[i].Base = &p.bufs[i][0]
		p.iovs[i].SetLen(datagram)
		p.msgs[i].hdr.Iov = &p.iovs[i]
		p.msgs[i].hdr.SetIovlen(1)
	}
	return p
}

func (p *poller) add(s *socket, r receiver) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := append(slices.Clone(*p.sockets.Load()), polled{s, r})
	p.sockets.Store(&list)
}

// remove stops asking a socket. When it returns the socket is not used any more.
func (p *poller) remove(s *socket) {
	p.mu.Lock()
	list := slices.DeleteFunc(slices.Clone(*p.sockets.Load()), func(x polled) bool { return x.socket == s })
	p.sockets.Store(&list)
	p.mu.Unlock()
	p.do(func() {})
}

// do runs f on the poller's goroutine and waits for it. Once the poller ended it does nothing.
func (p *poller) do(f func()) {
	done := make(chan struct{})
	select {
	case p.calls <- func() { f(); close(done) }:
		<-done
	case <-p.ended:
	}
}

// run polls until the context ends.
func (p *poller) run(ctx context.Context) error {
	defer close(p.ended)
	runtime.LockOSThread() // never unlocked: the thread, pinned, ends with the goroutine
	if p.core >= 0 {
		if err := pin(p.core); err != nil {
			return fmt.Errorf("poller: %w", err)
		}
	}
	var ticked int64
	for {
		select {
		case <-ctx.Done():
			return nil
		case f := <-p.calls:
			f()
		default:
		}
		now := nanotime()
		tick := now-ticked > tickInterval
		if tick {
			ticked = now
		}
		for _, s := range *p.sockets.Load() {
			if err := p.poll(s); err != nil {
				return err
			}
			if tick {
				s.onTick(now)
			}
		}
	}
}

// poll takes what waits at one socket.
func (p *poller) poll(s polled) error {
	for {
		before := nanotime()
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&p.msgs[0])), pollBatch, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
		case unix.EAGAIN, unix.EINTR, unix.ECONNREFUSED:
			return nil
		default:
			return os.NewSyscallError("recvmmsg", errno)
		}
		at := nanotime()
		for i := range n {
			s.onDatagram(p.bufs[i][:p.msgs[i].n], at)
		}
		p.working.Add(nanotime() - before)
		if n < pollBatch {
			return nil
		}
	}
}
