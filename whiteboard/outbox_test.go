package whiteboard

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
)

// sink is an outbox whose socket takes at most so many bytes without waiting.
func sink(t *testing.T, takes int) (o *outbox, written *bytes.Buffer) {
	t.Helper()
	written = &bytes.Buffer{}
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close(); far.Close() })
	o = newOutbox()
	o.direct = &writer{to: near, now: func(b []byte) (int, error) {
		n := min(takes, len(b))
		takes -= n
		return written.Write(b[:n])
	}}
	return o, written
}

// drain writes what is queued, as a connection's writer does.
func drain(t *testing.T, o *outbox, to io.Writer) *ending {
	t.Helper()
	frames, end, ok := o.take(nil)
	if !ok {
		t.Fatal("somebody else writes")
	}
	for _, f := range frames {
		if _, err := to.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	o.release()
	return end
}

func TestBroadcastKeepsTheOrder(t *testing.T) {
	for takes := range 12 {
		o, written := sink(t, takes)
		o.sendNow([]byte("one "))
		o.sendNow([]byte("two "))
		o.send([]byte("three "))
		o.sendNow([]byte("four"))
		drain(t, o, written)
		if got := written.String(); got != "one two three four" {
			t.Errorf("with room for %d: %q", takes, got)
		}
	}
}

func TestBroadcastDoesNotWriteIntoAnother(t *testing.T) {
	o, written := sink(t, 100)
	o.send([]byte("one "))
	frames, _, _ := o.take(nil)
	o.sendNow([]byte("two"))
	if _, _, ok := o.take(nil); ok {
		t.Fatal("two write at once")
	}
	written.Write(frames[0])
	o.release()
	if len(o.wake) == 0 {
		t.Fatal("nobody writes what came meanwhile")
	}
	drain(t, o, written)
	if got := written.String(); got != "one two" {
		t.Errorf("%q", got)
	}
}

// TestSlowClientGetsWholeFrames holds that the close frame does not land inside of a frame that was begun.
func TestSlowClientGetsWholeFrames(t *testing.T) {
	o, written := sink(t, 3)
	o.sendNow([]byte("begun"))
	o.send([]byte("never"))
	o.send(make([]byte, maxQueueBytes))
	if end := drain(t, o, written); end == nil || *end != endSlow {
		t.Errorf("ends with %v", end)
	}
	if got := written.String(); got != "begun" {
		t.Errorf("%q", got)
	}
}

func TestBrokenSocketEndsTheConnection(t *testing.T) {
	o, _ := sink(t, 0)
	o.direct.now = func([]byte) (int, error) { return 0, errors.New("reset") }
	o.sendNow([]byte("x"))
	if end := o.over(); end == nil || *end != endBroken {
		t.Errorf("ends with %v", end)
	}
	if len(o.wake) == 0 {
		t.Error("nobody is told")
	}
}
