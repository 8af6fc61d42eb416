package main

import (
	"net/url"
	"testing"
	"time"
)

func TestLinkDelaysByRate(t *testing.T) {
	l := newLink()
	if err := l.set(url.Values{"rate": {"80"}, "delay": {"10"}}); err != nil { // 80 kbit/s: 10 bytes a millisecond
		t.Fatal(err)
	}
	now := time.Now()
	for i, want := range []time.Duration{110 * time.Millisecond, 210 * time.Millisecond, 310 * time.Millisecond} {
		at, ok := l.deliveryLocked(now, 1000)
		if !ok || at.Sub(now) != want {
			t.Errorf("packet %d arrives after %v, %v; want %v", i, at.Sub(now), ok, want)
		}
	}
	if _, ok := l.deliveryLocked(now, 1000); !ok {
		t.Error("a packet that waits exactly as long as the queue holds must be taken")
	}
	if _, ok := l.deliveryLocked(now, 1000); ok {
		t.Error("a full queue must drop")
	}
}

func TestLinkLosesInBursts(t *testing.T) {
	l := newLink()
	if err := l.set(url.Values{"loss": {"100"}, "burst": {"1"}}); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		l.push([]byte{0x45})
	}
	if c := l.counted(); c.Lost != 10 || c.Packets != 10 {
		t.Errorf("counts %+v, want 10 of 10 lost", c)
	}
}

func TestSetRefusesNonsense(t *testing.T) {
	if err := newLink().set(url.Values{"loss": {"-1"}}); err == nil {
		t.Error("a negative loss must be refused")
	}
}
