package sfu

import (
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// local returns an SFU on real ports of this machine.
func local(t testing.TB, cfg Config) *SFU {
	t.Helper()
	s, err := New(cfg, testLog(t), prometheus.NewRegistry())
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func overLoopback(types ...webrtc.NetworkType) clientOptions {
	return clientOptions{settings: func(se *webrtc.SettingEngine) {
		se.SetNetworkTypes(types)
		se.SetIncludeLoopbackCandidate(true)
		se.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() && ip.To4() != nil })
		se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	}}
}

func TestRealPorts(t *testing.T) {
	for _, c := range []struct {
		name     string
		cfg      Config
		types    []webrtc.NetworkType
		protocol string
	}{
		{"udp", Config{UDPAddr: "127.0.0.1:0", TCPAddr: off}, []webrtc.NetworkType{webrtc.NetworkTypeUDP4}, "udp"},
		{"every address", Config{UDPAddr: ":0", TCPAddr: off, Loopback: true}, []webrtc.NetworkType{webrtc.NetworkTypeUDP4}, "udp"},
		{"tcp only", Config{UDPAddr: off, TCPAddr: "127.0.0.1:0"}, []webrtc.NetworkType{webrtc.NetworkTypeTCP4}, "tcp"},
		{"tcp because the client has no udp", Config{UDPAddr: "127.0.0.1:0", TCPAddr: "127.0.0.1:0"}, []webrtc.NetworkType{webrtc.NetworkTypeTCP4}, "tcp"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := local(t, c.cfg)
			a := newClient(t, s, "ann", overLoopback(c.types...))
			b := newClient(t, s, "bob", overLoopback(c.types...))
			meet(a, b)
			eventually(t, 10*time.Second, "media", func() bool {
				return b.receiver(cam(a)).count() > 30 && b.receiver(mic(a)).count() > 30 && a.receiver(cam(b)).count() > 30
			})
			if rep := b.receiver(cam(a)).check(); rep.holes+rep.broken+rep.doubles > 0 {
				t.Errorf("damaged: %+v", rep)
			}
			if b.peer.sub.conn.session.Load() == nil {
				t.Error("sealed by Pion")
			}
			for _, in := range *a.peer.pub.streams.Load() {
				if in.claimed.Load() != (c.protocol == "udp") {
					t.Errorf("%s over %s: taken from the socket %v", in.remote.Kind(), c.protocol, in.claimed.Load())
				}
			}
			if got := b.peer.Stats(); got.Subscribe.Protocol != c.protocol || got.Publish.Protocol != c.protocol {
				t.Errorf("connected over %q and %q", got.Publish.Protocol, got.Subscribe.Protocol)
			}
		})
	}
}

func TestAdvertisedAddressesAreTold(t *testing.T) {
	s := local(t, Config{
		UDPAddr: ":0", TCPAddr: "127.0.0.1:0", Loopback: true,
		AdvertisedIPs: []netip.Addr{netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("127.0.0.1")},
	})
	c := newClient(t, s, "ann", overLoopback(webrtc.NetworkTypeUDP4))
	c.addMicrophone("m").start()
	c.publish()
	text := c.pub.RemoteDescription().SDP
	told := map[string]int{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "a=candidate:") {
			f := strings.Fields(line)
			told[f[2]+" "+f[4]]++
		}
	}
	if told["udp 198.51.100.7"] != 1 || told["udp 127.0.0.1"] != 1 || len(told) > 4 {
		t.Errorf("told %v", told)
	}
	eventually(t, 5*time.Second, "connected", func() bool { return c.state(TargetPublish) == StateConnected })
}

func TestAHundredJoinsLeaveNothing(t *testing.T) {
	s := local(t, Config{UDPAddr: "127.0.0.1:0", TCPAddr: off})
	stay := newClient(t, s, "ann", overLoopback(webrtc.NetworkTypeUDP4))
	join(stay)
	// What flows from who stays has its goroutines too: they must not count as left over.
	eventually(t, 20*time.Second, "everything flows", func() bool {
		streams := 0
		for _, up := range stay.peer.Stats().Up {
			streams += len(up.Layers)
		}
		return streams == 4
	})
	runtime.GC()
	before := runtime.NumGoroutine()
	joins := 100
	if testing.Short() {
		joins = 10
	}
	for range joins / 10 {
		var group []*client
		for range 10 {
			c := newClient(t, s, "guest", overLoopback(webrtc.NetworkTypeUDP4))
			c.addMicrophone("guest-microphone").start()
			c.publish()
			c.peer.Subscribe(stay.track(cam(stay)))
			stay.peer.Subscribe(c.track("guest-microphone"))
			group = append(group, c)
		}
		for _, c := range group {
			eventually(t, 20*time.Second, "the picture", func() bool { return c.receiver(cam(stay)).count() > 0 })
		}
		for _, c := range group {
			c.close()
		}
	}
	// Who stayed is connected for what he watched, but nobody is left to watch.
	eventually(t, 5*time.Second, "the guests' tracks are gone", func() bool { return len(stay.peer.sub.list()) == 0 })
	allowed := before + 60 // the connection that stay subscribes over, on both sides
	eventually(t, 10*time.Second, "their goroutines are gone", func() bool { return runtime.NumGoroutine() <= allowed })
	t.Logf("%d goroutines before, %d after %d joins", before, runtime.NumGoroutine(), joins)
}

func TestConfigValidation(t *testing.T) {
	for name, c := range map[string]struct {
		cfg Config
		ok  bool
	}{
		"defaults":            {Config{}, true},
		"both off":            {Config{UDPAddr: off, TCPAddr: off}, false},
		"no port":             {Config{UDPAddr: "127.0.0.1"}, false},
		"a name":              {Config{TCPAddr: "example.org:1"}, false},
		"unspecified address": {Config{AdvertisedIPs: []netip.Addr{netip.IPv4Unspecified()}}, false},
		"negative":            {Config{MaxTracksPerPeer: -1}, false},
	} {
		if err := c.cfg.Validate(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
