package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// tcpPair returns a Stream and the other end of its connection, which takes a few packets before it is read.
func tcpPair(t *testing.T, onDrop func()) (*guarded, *Stream, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := guard(l, onDrop)
	t.Cleanup(func() { _ = g.Close() })
	small := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<10) })
	}}
	client, err := small.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	accepted, err := g.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s := g.from(client.LocalAddr().(*net.TCPAddr).AddrPort())
	if s == nil || net.Conn(s) != accepted {
		t.Fatal("not found by its address")
	}
	t.Cleanup(func() { _ = s.Close() })
	return g, s, client
}

// readFrame returns the next packet of a stream (RFC 4571).
func readFrame(t *testing.T, from io.Reader) []byte {
	t.Helper()
	var size [2]byte
	if _, err := io.ReadFull(from, size[:]); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(from, b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestStreamSendsWholeFramesAndIsFoundByItsAddress(t *testing.T) {
	g, s, client := tcpPair(t, nil)
	large := bytes.Repeat([]byte{2}, 1200)
	for _, want := range [][]byte{[]byte("one"), large, make([]byte, turn+1)} {
		if !s.SendPicture(want) {
			t.Fatal("not sent")
		}
		if got := readFrame(t, client); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes instead of %d", len(got), len(want))
		}
	}
	// Nobody reads: the queue is bounded, and Close does not wait for it.
	sent := 0
	for sent < 100_000 && s.TakesPicture(len(large)) && s.SendPicture(large) {
		sent++
	}
	if sent == 100_000 || s.SendPicture(large) {
		t.Error("the queue has no bound")
	}
	reports := 0
	for reports < 100_000 && s.SendReport(large) {
		reports++
	}
	if reports == 0 || reports == 100_000 {
		t.Errorf("%d reports are queued behind pictures that do not leave", reports)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if s.SendPicture(large) || s.SendSound(large) || g.from(client.LocalAddr().(*net.TCPAddr).AddrPort()) != nil {
		t.Error("open after Close")
	}
	if _, err := s.Write(large); !errors.Is(err, net.ErrClosed) {
		t.Errorf("written after Close: %v", err)
	}
}

func TestSoundOvertakesPicturesOnASlowLink(t *testing.T) {
	_, s, client := tcpPair(t, nil)
	const picture = 1200
	for stuck := false; !stuck; { // and the queue full
		stuck = true
		for s.SendPicture(make([]byte, picture)) {
			stuck = false
		}
		time.Sleep(20 * time.Millisecond)
	}
	const sounds = 20
	for i := range sounds {
		if !s.SendSound([]byte{1, byte(i)}) {
			t.Fatal("sound refused")
		}
	}
	if _, err := s.Write(framed([]byte("check"))); err != nil {
		t.Fatal(err)
	}
	before, heard, checked := 0, 0, false
	for heard < sounds {
		switch b := readFrame(t, client); {
		case b[0] == 0:
			before++
		case string(b) == "check":
			checked = true
			if heard > 0 {
				t.Error("a connectivity check waited for sound")
			}
		default:
			if int(b[1]) != heard {
				t.Fatalf("sound %d after %d", b[1], heard)
			}
			heard++
		}
	}
	// What the far end's window takes has left already; on loopback that may be a whole segment of 64 KiB.
	if most := (64<<10 + 2*turn) / picture; before > most || !checked {
		t.Errorf("%d packets of pictures went before the sound, checked %v", before, checked)
	}
}

func TestOldSoundGivesWayToNewOne(t *testing.T) {
	var dropped atomic.Int32
	_, s, client := tcpPair(t, func() { dropped.Add(1) })
	for s.SendPicture(make([]byte, 1200)) {
	}
	const sent = 1000
	for i := range sent {
		if !s.SendSound(binary.BigEndian.AppendUint16(bytes.Repeat([]byte{1}, 98), uint16(i))) {
			t.Fatal("sound refused")
		}
	}
	var numbers []int
	for len(numbers) == 0 || numbers[len(numbers)-1] != sent-1 {
		if b := readFrame(t, client); b[0] == 1 {
			numbers = append(numbers, int(binary.BigEndian.Uint16(b[98:])))
		}
	}
	if n := int(dropped.Load()); n == 0 || n+len(numbers) != sent {
		t.Errorf("%d came, %d were dropped, of %d", len(numbers), n, sent)
	}
	for i, n := range numbers[1:] {
		if n <= numbers[i] {
			t.Fatalf("%d after %d", n, numbers[i])
		}
	}
}

func TestSoundThatWaitedTooLongIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		s := newStream(ours)
		s.release = func() {}
		drops := 0
		s.onDrop = func() { drops++ }
		s.SendSound([]byte("first")) // is being written
		synctest.Wait()
		s.SendSound([]byte("old"))
		time.Sleep(soundLasts + time.Millisecond)
		s.SendSound([]byte("new"))
		for _, want := range []string{"first", "new"} {
			if got := string(readFrame(t, theirs)); got != want {
				t.Errorf("%q instead of %q", got, want)
			}
		}
		if drops != 1 {
			t.Errorf("%d dropped", drops)
		}
		_ = s.Close()
		_ = theirs.Close()
	})
}

func TestWhatPionWritesWaitsForRoom(t *testing.T) {
	_, s, client := tcpPair(t, nil)
	for s.SendPicture(make([]byte, 1200)) {
	}
	const writes = 100
	done := make(chan error, 1)
	go func() {
		for i := range writes {
			if _, err := s.Write(framed(bytes.Repeat([]byte{byte(1 + i)}, 1200))); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for next := 0; next < writes; {
		if b := readFrame(t, client); b[0] != 0 {
			if int(b[0]) != 1+next {
				t.Fatalf("%d after %d", b[0], next)
			}
			next++
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
