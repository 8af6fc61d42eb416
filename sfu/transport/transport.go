package transport

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"

	"github.com/pion/ice/v4"
	"github.com/pion/logging"
)

// Sizes of socket buffers and queues.
const (
	socketBuffer  = 8 << 20
	tcpReadQueue  = 64      // packets
	tcpWriteQueue = 1 << 20 // bytes of one connection; a packet that does not fit is dropped
)

// Config says where to listen; an empty address means not to.
type Config struct {
	UDPAddr, TCPAddr string
	// Loopback includes loopback addresses although there are others.
	Loopback bool
	// Sockets is how many share the UDP port on each address; 0 is one.
	Sockets int
	// Arrivals, if not nil, is where the arrival times of UDP packets are noted.
	Arrivals *Arrivals
	// OnBatch, if not nil, is called after the media of a batch of UDP packets was handed out.
	OnBatch func()
	// OnDrop, if not nil, is called for each packet of sound that was given up in the queue of an ICE-TCP connection.
	OnDrop func()
}

// Ports are the open ports.
type Ports struct {
	// UDP and TCP are nil when off.
	UDP ice.UDPMux
	TCP ice.TCPMux
	// Addrs are the local addresses that are listened on.
	Addrs []netip.Addr
	// UDPPort and TCPPort are the port numbers, 0 when off.
	UDPPort, TCPPort int

	socks   []*Conn
	streams *guarded // nil when TCP is off
}

// Open opens the ports.
func Open(cfg Config, log *slog.Logger, factory logging.LoggerFactory) (*Ports, error) {
	p := &Ports{}
	if err := p.openUDP(cfg, factory); err != nil {
		_ = p.Close()
		return nil, err
	}
	if err := p.openTCP(cfg, factory); err != nil {
		_ = p.Close()
		return nil, err
	}
	log.Info("media ports open", "udp", p.UDPPort, "tcp", p.TCPPort, "addresses", p.Addrs)
	return p, nil
}

func (p *Ports) openUDP(cfg Config, factory logging.LoggerFactory) error {
	if cfg.UDPAddr == "" {
		return nil
	}
	addrs, port, err := listenAddrs(cfg.UDPAddr, cfg.Loopback)
	if err != nil {
		return err
	}
	p.Addrs = addrs
	var muxes []ice.UDPMux
	for _, a := range addrs {
		c, err := Listen(netip.AddrPortFrom(a, uint16(port)), max(1, cfg.Sockets), cfg.Arrivals, cfg.OnBatch)
		if err != nil {
			p.UDP = ice.NewMultiUDPMuxDefault(muxes...)
			return fmt.Errorf("transport: listen on UDP %v: %w", netip.AddrPortFrom(a, uint16(port)), err)
		}
		port = c.LocalAddr().(*net.UDPAddr).Port // a port of 0 is chosen by the first socket
		p.socks = append(p.socks, c)
		muxes = append(muxes, ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: c, Logger: factory.NewLogger("udpmux")}))
	}
	p.UDPPort = port
	p.UDP = ice.NewMultiUDPMuxDefault(muxes...)
	return nil
}

func (p *Ports) openTCP(cfg Config, factory logging.LoggerFactory) error {
	if cfg.TCPAddr == "" {
		return nil
	}
	l, err := net.Listen("tcp", cfg.TCPAddr)
	if err != nil {
		return fmt.Errorf("transport: listen on TCP %s: %w", cfg.TCPAddr, err)
	}
	p.TCPPort = l.Addr().(*net.TCPAddr).Port
	p.streams = guard(l, cfg.OnDrop)
	p.TCP = ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: p.streams, Logger: factory.NewLogger("tcpmux"), FirstStunBindTimeout: firstBindTimeout,
		ReadBufferSize: tcpReadQueue, WriteBufferSize: tcpWriteQueue,
	})
	if p.Addrs == nil {
		if p.Addrs, _, err = listenAddrs(cfg.TCPAddr, cfg.Loopback); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the ports.
func (p *Ports) Close() error {
	var errs []error
	if p.UDP != nil {
		errs = append(errs, p.UDP.Close())
	}
	for _, c := range p.socks {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if p.TCP != nil {
		errs = append(errs, p.TCP.Close())
	}
	return errors.Join(errs...)
}

// Socket returns the UDP socket of a local address, or else one of the same family; nil when there is none.
func (p *Ports) Socket(local netip.Addr) *Conn {
	local = local.Unmap()
	var same *Conn
	for _, c := range p.socks {
		a := c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
		if a.WithZone("") == local.WithZone("") {
			return c
		}
		if same == nil && a.Is4() == local.Is4() {
			same = c
		}
	}
	return same
}

// Stream returns the open ICE-TCP connection from a remote address, nil when there is none.
func (p *Ports) Stream(remote netip.AddrPort) *Stream {
	if p.streams == nil {
		return nil
	}
	return p.streams.from(netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()))
}

// Uses tells whether the address is one of those listened on.
func (p *Ports) Uses(ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	for _, x := range p.Addrs {
		if x.WithZone("") == a.Unmap() {
			return true
		}
	}
	return false
}

func listenAddrs(addr string, loopback bool) ([]netip.Addr, int, error) {
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, 0, fmt.Errorf("transport: address %q: %w", addr, err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, 0, fmt.Errorf("transport: port of %q: %w", addr, err)
	}
	if host != "" {
		a, err := netip.ParseAddr(host)
		if err != nil {
			return nil, 0, fmt.Errorf("transport: address %q: %w", addr, err)
		}
		if !a.IsUnspecified() {
			return []netip.Addr{a.Unmap()}, int(port), nil
		}
	}
	found, err := hostAddrs(loopback)
	return found, int(port), err
}
