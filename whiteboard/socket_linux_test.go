package whiteboard

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// sockets answers both ends of a TCP connection.
func sockets(t *testing.T) (near, far *socket) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialed, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialed.Close() })
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { accepted.Close() })
	near, ok := newSocket(dialed).(*socket)
	if !ok {
		t.Fatal("a TCP connection is no socket")
	}
	return near, newSocket(accepted).(*socket)
}

// TestSocketDoesNotWaitForRoom writes to a socket that nobody reads until it takes no more.
func TestSocketDoesNotWaitForRoom(t *testing.T) {
	near, far := sockets(t)
	block, sent := make([]byte, 64<<10), 0
	for {
		for i := range block {
			block[i] = byte((sent + i) % 251)
		}
		n, err := near.tryWrite(block)
		if err != nil {
			t.Fatal(err)
		}
		if sent += n; n == 0 {
			break
		}
	}
	got := make([]byte, sent)
	if n, err := io.ReadFull(far, got); err != nil || n != sent {
		t.Fatalf("%d of %d bytes came, %v", n, sent, err)
	}
	for i, b := range got {
		if b != byte(i%251) {
			t.Fatalf("byte %d is another one", i)
		}
	}
}

func TestSocketWaitsForBytes(t *testing.T) {
	near, far := sockets(t)
	read := make(chan string)
	go func() {
		b, err := io.ReadAll(near)
		if err != nil {
			t.Error(err)
		}
		read <- string(b)
	}()
	for _, word := range []string{"one ", "two ", "three"} {
		if n, err := far.tryWrite([]byte(word)); n != len(word) || err != nil {
			t.Fatal(n, err)
		}
	}
	far.Close()
	if got := <-read; got != "one two three" {
		t.Errorf("%q", got)
	}
}

func TestSocketEnds(t *testing.T) {
	near, far := sockets(t)
	if err := near.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
	if err := near.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after the end: %v", err)
	}
	if _, err := near.tryWrite([]byte{1}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("written after the end: %v", err)
	}
	if n, err := far.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the other end reads %d, %v", n, err)
	}
	for end := time.Now().Add(patience); time.Now().Before(end); { // the first is answered with a reset
		if _, err := far.tryWrite([]byte{1}); err != nil {
			return
		}
	}
	t.Error("a broken connection is written to without end")
}

func TestOnlyPlainConnectionsAreSockets(t *testing.T) {
	near, _ := sockets(t)
	for name, c := range map[string]net.Conn{"TLS": tls.Client(near.Conn, &tls.Config{}), "another": struct{ net.Conn }{near.Conn}} {
		if _, ok := newSocket(c).(tryWriter); ok {
			t.Errorf("%s is written directly", name)
		}
	}
}
