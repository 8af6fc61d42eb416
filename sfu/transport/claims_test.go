package transport

import (
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"
)

// collector takes the media of a sender and remembers the numbers.
type collector struct {
	mu      sync.Mutex
	numbers []byte
	came    chan struct{}
	reports chan byte // types; nil leaves them to who reads the Conn
}

func (c *collector) ReceiveRTP(b []byte, _ int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.numbers = append(c.numbers, b[3])
	if len(c.numbers) == 100 {
		close(c.came)
	}
	return true
}

func (c *collector) GatherRTP([]byte) bool { return false }

func (c *collector) ReceiveRTCP(b []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reports == nil {
		return false
	}
	c.reports <- b[1]
	return true
}

func TestClaimedMediaIsHandedOut(t *testing.T) {
	for _, sockets := range []int{1, 4} {
		c, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), sockets, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		to := c.LocalAddr().(*net.UDPAddr).AddrPort()
		for range 6 { // each from a port of its own, which the kernel gives to one of the sockets
			sender, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = sender.Close() })
			from := sender.LocalAddr().(*net.UDPAddr).AddrPort()
			taken := &collector{came: make(chan struct{})}
			c.Claim(from, taken)
			for i := range byte(100) {
				if _, err := sender.WriteToUDPAddrPort([]byte{0x80, 96, 0, i, 0, 0, 0, 0, 1, 2, 3, 4, 5}, to); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case <-taken.came:
			case <-time.After(time.Minute):
				t.Fatal("not handed out")
			}
			for i, n := range taken.numbers {
				if int(n) != i {
					t.Fatalf("packet %d is number %d", i, n)
				}
			}
			b := make([]byte, 100)
			for _, rest := range [][]byte{{0x80, 200, 0, 6, 0, 0, 0, 0, 1, 2, 3, 4}, {0, 1, 0, 0}, {22, 254, 253}} { // RTCP, STUN, DTLS
				if _, err := sender.WriteToUDPAddrPort(rest, to); err != nil {
					t.Fatal(err)
				}
				if n, a, err := c.ReadFromAddrPort(b); err != nil || a != from || n != len(rest) {
					t.Errorf("%d bytes from %v, %v", n, a, err)
				}
			}
			taken.mu.Lock()
			taken.reports = make(chan byte, 1)
			taken.mu.Unlock()
			if _, err := sender.WriteToUDPAddrPort([]byte{0x80, 205, 0, 2, 0, 0, 0, 0, 1, 2, 3, 4}, to); err != nil {
				t.Fatal(err)
			}
			select {
			case kind := <-taken.reports:
				if kind != 205 {
					t.Errorf("a report of type %d", kind)
				}
			case <-time.After(time.Minute):
				t.Fatal("the report was not handed out")
			}
			c.Release(from, &collector{}) // not his
			if c.claims.of(from) != taken {
				t.Error("released by somebody else")
			}
			c.Release(from, taken)
			media := []byte{0x80, 96, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5}
			if _, err := sender.WriteToUDPAddrPort(media, to); err != nil {
				t.Fatal(err)
			}
			if n, _, err := c.ReadFromAddrPort(b); err != nil || n != len(media) {
				t.Errorf("what nobody claims: %d bytes, %v", n, err)
			}
		}
	}
}

func TestASharedPortInUseIsTold(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("one socket only")
	}
	c, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 4, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if again, err := Listen(c.LocalAddr().(*net.UDPAddr).AddrPort(), 4, nil, nil); err == nil {
		_ = again.Close()
		t.Error("the port was taken twice")
	}
}
