package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// floorHeader is the size of an RTP header with a transport-wide number.
const floorHeader = 20

// floorConfig is what the driver tells the floor, as JSON.
type floorConfig struct {
	Publishers int              `json:"publishers"`
	Receivers  []netip.AddrPort `json:"receivers"`
	Window     time.Duration    `json:"window"`
}

// floorResult is what the floor cost.
type floorResult struct {
	Packets uint64 `json:"packets"`
	Used    usage  `json:"used"`
}

// outlet is one receiver with keys of its own.
type outlet struct {
	*sealer
	to       *unix.RawSockaddrInet4
	extended uint64
}

// runFloor seals what an SFU would have to send and sends it, with nothing else to do: no packet comes in, none is looked
// at, there is no feedback. The packets have the sizes and leave at the times of the scenario.
func runFloor(ctx context.Context, args []string) error {
	var cfg floorConfig
	if len(args) != 1 {
		return errors.New("floor: one argument is expected")
	}
	if err := json.Unmarshal([]byte(args[0]), &cfg); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	runtime.LockOSThread()
	s, err := newSocket()
	if err != nil {
		return err
	}
	defer s.close()
	var outlets []*outlet
	for _, a := range cfg.Receivers {
		var secret [keySize + saltSize]byte
		_, _ = rand.Read(secret[:])
		k, err := newSealer(secret[:keySize], secret[keySize:])
		if err != nil {
			return err
		}
		outlets = append(outlets, &outlet{sealer: k, to: sockaddr(a)})
	}
	g, err := startGuard()
	if err != nil {
		return err
	}
	defer func() { _ = g.stop() }()
	out := newSlab(s.fd)
	if _, err := pump(ctx, out, outlets, cfg.Publishers, idle); err != nil {
		return err
	}
	before, err := readUsage()
	if err != nil {
		return err
	}
	r := floorResult{}
	if r.Packets, err = pump(ctx, out, outlets, cfg.Publishers, cfg.Window); err != nil {
		return err
	}
	after, err := readUsage()
	if err != nil {
		return err
	}
	r.Used = usage{UserSeconds: after.UserSeconds - before.UserSeconds, SystemSeconds: after.SystemSeconds - before.SystemSeconds}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// pump sends for a while and returns how many packets.
func pump(ctx context.Context, out *slab, outlets []*outlet, publishers int, d time.Duration) (packets uint64, err error) {
	plan, began := newSchedule(publishers, meeting), nanotime()
	var sizes []int
	payload := make([]byte, maxPayload)
	for ctx.Err() == nil {
		at, _, _ := plan.due()
		if at > int64(d) {
			return packets, nil
		}
		if wait := began + at - nanotime(); wait > 0 {
			sleep(wait)
		}
		sizes = sizes[:0]
		for now := nanotime() - began; at <= now; at, _, _ = plan.due() {
			sizes = append(sizes, plan.next().sizes...)
		}
		for _, o := range outlets {
			for _, n := range sizes {
				if err := o.put(out, payload[:n]); err != nil {
					return packets, err
				}
			}
			packets += uint64(len(sizes))
		}
		if err := out.flush(); err != nil {
			return packets, err
		}
	}
	return packets, context.Cause(ctx)
}

// put seals one packet straight into the slab.
func (o *outlet) put(out *slab, payload []byte) error {
	b, err := out.room(o.to, floorHeader+len(payload)+tagSize)
	if err != nil {
		return err
	}
	o.extended++
	b[0], b[1] = 0x90, vp8PayloadType
	binary.BigEndian.PutUint16(b[2:], uint16(o.extended))
	binary.BigEndian.PutUint32(b[8:], 1)
	copy(b[12:floorHeader], []byte{0xbe, 0xde, 0, 1, wideID<<4 | 1, byte(o.extended >> 8), byte(o.extended), 0})
	o.prepare(1, o.extended)
	o.aead.Seal(b[:floorHeader], o.nonce[:], payload, b[:floorHeader])
	return nil
}

// sinkConfig is what the driver tells the sink, as JSON.
type sinkConfig struct {
	PollCores []int `json:"pollCores"`
	Receivers int   `json:"receivers"`
}

// counter counts datagrams.
type counter struct{ n uint64 }

func (c *counter) onDatagram([]byte, int64) { c.n++ }
func (c *counter) onTick(int64)             {}

// runSink is the load's stand-in for the floor: it says where it receives, and when its input ends, how many came.
func runSink(ctx context.Context, args []string) error {
	var cfg sinkConfig
	if len(args) != 1 {
		return errors.New("sink: one argument is expected")
	}
	if err := json.Unmarshal([]byte(args[0]), &cfg); err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	failed := make(chan error, len(cfg.PollCores))
	var pollers []*poller
	for _, core := range cfg.PollCores {
		p := newPoller(core)
		pollers = append(pollers, p)
		go func() {
			if err := p.run(ctx); err != nil {
				failed <- err
			}
		}()
	}
	var addrs []netip.AddrPort
	counters := make([]counter, cfg.Receivers)
	for i := range counters {
		s, err := newSocket()
		if err != nil {
			return err
		}
		pollers[i%len(pollers)].add(s, &counters[i])
		addrs = append(addrs, s.local)
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(addrs); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(ended) }()
	select {
	case <-ended:
	case err := <-failed:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for _, p := range pollers {
		p.do(func() {})
	}
	var total uint64
	for i := range counters {
		total += counters[i].n
	}
	return out.Encode(total)
}
