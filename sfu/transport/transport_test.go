package transport

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/logging"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() logging.LoggerFactory {
	f := logging.NewDefaultLoggerFactory()
	f.DefaultLogLevel = logging.LogLevelDisabled
	return f
}

func TestConnCarriesBatches(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			a, err := Listen(netip.MustParseAddrPort(address), 1, nil, nil)
			if err != nil {
				t.Skip(err)
			}
			defer a.Close()
			b, err := Listen(netip.MustParseAddrPort(address), 1, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			to := a.LocalAddr().(*net.UDPAddr).AddrPort()
			const count = 3 * 64
			for i := range count {
				if _, err := b.WriteToAddrPort(fmt.Append(nil, "packet ", i), to); err != nil {
					t.Fatal(err)
				}
			}
			_ = a.SetReadDeadline(time.Now().Add(5 * time.Second))
			buf := make([]byte, 1500)
			for i := range count {
				n, from, err := a.ReadFromAddrPort(buf)
				if err != nil {
					t.Fatal(err)
				}
				if want := fmt.Sprint("packet ", i); string(buf[:n]) != want {
					t.Fatalf("%q instead of %q", buf[:n], want)
				}
				if from.Port() != b.LocalAddr().(*net.UDPAddr).AddrPort().Port() || !from.Addr().IsLoopback() {
					t.Fatalf("from %v", from)
				}
			}
		})
	}
}

func TestConnReadEndsWithClose(t *testing.T) {
	c, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 1, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, _, err := c.ReadFrom(make([]byte, 10))
		done <- err
	}()
	time.Sleep(10 * time.Millisecond)
	_ = c.Close()
	if err := <-done; err == nil {
		t.Error("read went on")
	}
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		name     string
		cfg      Config
		udp, tcp bool
	}{
		{"one address", Config{UDPAddr: "127.0.0.1:0", TCPAddr: "127.0.0.1:0"}, true, true},
		{"every address", Config{UDPAddr: ":0", Loopback: true}, true, false},
		{"tcp only", Config{TCPAddr: "127.0.0.1:0"}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Open(c.cfg, slog.New(slog.DiscardHandler), quiet())
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if (p.UDP != nil) != c.udp || (p.TCP != nil) != c.tcp || (p.UDPPort != 0) != c.udp || (p.TCPPort != 0) != c.tcp {
				t.Errorf("%+v", p)
			}
			if !p.Uses(net.IPv4(127, 0, 0, 1)) {
				t.Errorf("loopback is not used: %v", p.Addrs)
			}
			if c.udp {
				for _, a := range p.UDP.GetListenAddresses() {
					if a.(*net.UDPAddr).Port != p.UDPPort {
						t.Errorf("%v is not on port %d", a, p.UDPPort)
					}
				}
			}
		})
	}
}

func TestOpenTellsAPortInUse(t *testing.T) {
	c, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 1, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if p, err := Open(Config{UDPAddr: c.LocalAddr().String()}, slog.New(slog.DiscardHandler), quiet()); err == nil {
		_ = p.Close()
		t.Error("the port was taken twice")
	}
}

func TestBridges(t *testing.T) {
	for name, want := range map[string]bool{"docker0": true, "br-3fa": true, "veth12": true, "eth0": false, "wlan0": false, "bridge-lan": false, "lo": false} {
		if bridge(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestArrivalsComeFromTheKernel(t *testing.T) {
	arrivals := NewArrivals(time.Now())
	a, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 1, arrivals, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), 1, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	to := a.LocalAddr().(*net.UDPAddr).AddrPort()
	buf := make([]byte, 100)
	send := func(i int) {
		if _, err := b.WriteToAddrPort([]byte{0x80, 96, 0, byte(i), 0, 0, 0, 0, 1, 2, 3, 4, 5}, to); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond)
	}
	for i := range 50 { // the kernel takes a moment to begin
		send(100 + i)
		if _, _, err := a.ReadFromAddrPort(buf); err != nil {
			t.Fatal(err)
		}
	}
	var begun, sent [10]time.Duration
	for i := range sent {
		begun[i] = time.Since(arrivals.epoch)
		send(i)
		sent[i] = time.Since(arrivals.epoch)
	}
	time.Sleep(time.Second) // the reader is late
	for i := range sent {
		if _, _, err := a.ReadFromAddrPort(buf); err != nil {
			t.Fatal(err)
		}
		at, ok := arrivals.At(0x01020304, uint16(i))
		if !ok || time.Duration(at) < begun[i]-time.Millisecond || time.Duration(at) > sent[i]+500*time.Millisecond {
			t.Errorf("packet %d: sent from %v to %v, came at %v, known %v", i, begun[i], sent[i], time.Duration(at), ok)
		}
	}
	if _, ok := arrivals.At(0x01020304, 99); ok {
		t.Error("knows a packet that never came")
	}
}
