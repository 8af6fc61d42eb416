package main

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// receive waits for a datagram.
func receive(t *testing.T, s *socket) []byte {
	t.Helper()
	b := make([]byte, datagram)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		n, err := unix.Read(s.fd, b)
		if err == nil {
			return b[:n]
		}
	}
	t.Fatal("nothing came")
	return nil
}

// TestSlabKeepsDatagramsApart sends runs of equal and unequal sizes to two receivers.
func TestSlabKeepsDatagramsApart(t *testing.T) {
	var sockets [3]*socket
	for i := range sockets {
		var err error
		sockets[i], err = newSocket()
		must(t, err)
		defer sockets[i].close()
	}
	out := newSlab(sockets[0].fd)
	sizes := []int{100, 100, 100, 101, 101, 50, 50, 20, 1000}
	for _, to := range sockets[1:] {
		a := sockaddr(to.local)
		for i, n := range sizes {
			b, err := out.room(a, n)
			must(t, err)
			for k := range b {
				b[k] = byte(i)
			}
		}
	}
	if out.n+1 >= 2*len(sizes) {
		t.Errorf("%d messages for %d datagrams", out.n+1, 2*len(sizes))
	}
	must(t, out.flush())
	for _, s := range sockets[1:] {
		for i, n := range sizes {
			b := receive(t, s)
			if len(b) != n || b[0] != byte(i) || b[n-1] != byte(i) {
				t.Fatalf("datagram %d: %d bytes, begins with %d", i, len(b), b[0])
			}
		}
		if n, err := s.dropped(); err != nil || n != 0 {
			t.Errorf("%d dropped, %v", n, err)
		}
	}
}

func TestSlabFlushesWhenFull(t *testing.T) {
	from, err := newSocket()
	must(t, err)
	defer from.close()
	to, err := newSocket()
	must(t, err)
	defer to.close()
	out, a := newSlab(from.fd), sockaddr(to.local)
	const count, size = 600, 1000 // more than the slab holds
	for range count {
		_, err := out.room(a, size)
		must(t, err)
	}
	must(t, out.flush())
	for range count {
		if b := receive(t, to); len(b) != size {
			t.Fatalf("%d bytes", len(b))
		}
	}
}

func TestOutboxAndDrops(t *testing.T) {
	from, err := newSocket()
	must(t, err)
	defer from.close()
	to, err := newSocket()
	must(t, err)
	defer to.close()
	must(t, from.connect(to.local))
	var out outbox
	must(t, out.send(from, [][]byte{[]byte("a"), []byte("bc")}))
	for _, want := range []string{"a", "bc"} {
		if b := receive(t, to); string(b) != want {
			t.Errorf("%q, not %q", b, want)
		}
	}
	must(t, unix.SetsockoptInt(to.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1))
	for range 1000 {
		must(t, from.send(make([]byte, 1000)))
	}
	if n, err := to.dropped(); err != nil || n == 0 {
		t.Errorf("%d dropped, %v", n, err)
	}
}
