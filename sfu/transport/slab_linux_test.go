package transport

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func setGSO(c *Conn, on bool) { c.gso.Store(c.gso.Load() && on) }

// A socket that takes nothing, because what went before it waits for an address to be resolved or for a slow interface, does
// not hold up who has other things to send.
func TestAFullSocketIsNotWaitedFor(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	near, far := os.NewFile(uintptr(fds[0]), "near"), os.NewFile(uintptr(fds[1]), "far")
	defer near.Close()
	defer far.Close()
	raw, err := near.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	c := &Conn{}
	c.sockets = []*socket{{conn: c, raw: raw}}
	slab, peer := NewSlab(c, 0), new(Destination) // without a name: the other end
	flush := func() int {
		for range 100 {
			clear(slab.Alloc(peer, 1000))
		}
		failed := make(chan int, 1)
		go func() { failed <- slab.Flush() }()
		select {
		case n := <-failed:
			return n
		case <-time.After(time.Minute):
			_ = far.Close() // ends the wait
			t.Fatal("waits for the socket")
			return 0
		}
	}
	first := flush()
	if first == 0 || first == 100 {
		t.Fatalf("%d of 100 datagrams lost: the socket is to be filled", first)
	}
	if n := flush(); n != 100 {
		t.Errorf("%d of 100 datagrams counted as lost", n)
	}
	b := make([]byte, 2000)
	for range 100 - first {
		if n, err := far.Read(b); n != 1000 || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
	}
	if n := flush(); n != first {
		t.Errorf("%d of 100 datagrams lost after there was room again, %d before", n, first)
	}
}
