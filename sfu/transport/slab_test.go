package transport

import (
	"bytes"
	"crypto/rand"
	"net"
	"net/netip"
	"testing"
	"time"
)

func loopbackConn(t *testing.T) *Conn {
	t.Helper()
	c, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 1, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestSlabDeliversEveryDatagram(t *testing.T) {
	// Runs of equal sizes, shorter last ones, more than fit a message, a slab or a system call, two destinations in turn.
	var sizes []int
	for range 150 {
		sizes = append(sizes, 1200)
	}
	sizes = append(sizes, 500, 1200, 1200, 90, 91, 90, 1400, 1, 1400)
	for i := range 400 {
		sizes = append(sizes, 100+i%7)
	}
	for name, gso := range map[string]bool{"gso": true, "one by one": false} {
		t.Run(name, func(t *testing.T) {
			from := loopbackConn(t)
			setGSO(from, gso)
			slab := NewSlab(from, 0)
			var to [2]*Destination
			var receivers [2]*net.UDPConn
			for i := range to {
				c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = c.Close() })
				_ = c.SetReadBuffer(4 << 20)
				receivers[i], to[i] = c, NewDestination(c.LocalAddr().(*net.UDPAddr).AddrPort())
			}
			var sent [2][][]byte
			for i, n := range sizes {
				which := i / 20 % 2
				b := slab.Alloc(to[which], n)
				if len(b) != n {
					t.Fatalf("%d bytes for %d", len(b), n)
				}
				_, _ = rand.Read(b)
				sent[which] = append(sent[which], bytes.Clone(b))
			}
			if failed := slab.Flush(); failed != 0 {
				t.Fatalf("%d refused", failed)
			}
			buf := make([]byte, 2048)
			for which, c := range receivers {
				_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
				for i, want := range sent[which] {
					n, err := c.Read(buf)
					if err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(buf[:n], want) {
						t.Fatalf("destination %d, datagram %d: %d bytes instead of %d", which, i, n, len(want))
					}
				}
			}
		})
	}
}

func TestSlabGoesOnAfterADestinationThatCannotBeReached(t *testing.T) {
	from, reachable := loopbackConn(t), loopbackConn(t)
	slab := NewSlab(from, 0)
	lost := NewDestination(netip.MustParseAddrPort("192.0.2.1:9")) // not from a loopback address
	for range 3 {
		copy(slab.Alloc(lost, 100), "lost")
	}
	copy(slab.Alloc(NewDestination(reachable.LocalAddr().(*net.UDPAddr).AddrPort()), 5), "hello")
	if slab.Flush() == 0 {
		t.Error("no failure told")
	}
	_ = reachable.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 100)
	if n, _, err := reachable.ReadFromAddrPort(b); err != nil || string(b[:n]) != "hello" {
		t.Errorf("%q, %v", b[:n], err)
	}
}
