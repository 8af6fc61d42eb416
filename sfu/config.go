package sfu

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/pion/transport/v4"
)

// Config is what an operator may set about media.
type Config struct {
	// UDPAddr is the address of the one UDP port. An unspecified IP means every address of the machine.
	// Defaults to ":7882". "off" switches UDP off.
	UDPAddr string
	// TCPAddr is the address of the one TCP port for ICE-TCP (RFC 6544). Defaults to ":7882". "off" switches it off.
	TCPAddr string
	// AdvertisedIPs are put into candidates instead of the addresses of the machine (1:1 NAT).
	// Defaults to none: the addresses of the machine are advertised.
	AdvertisedIPs []netip.Addr
	// Loopback adds loopback addresses to the candidates. Without it they are only used when nothing else is there.
	// Defaults to false.
	Loopback bool
	// MaxTracksPerPeer bounds the live publications of one peer. Defaults to 8.
	MaxTracksPerPeer int
	// MaxMicrophones bounds how many microphones of one room are forwarded at a time: the loudest. Defaults to 6.
	MaxMicrophones int
	// DisconnectedAfter is the silence after which a connection counts as disconnected. Defaults to 4 s.
	DisconnectedAfter time.Duration
	// FailedAfter is the further silence after which it counts as failed. Defaults to 26 s.
	FailedAfter time.Duration

	// ThroughPion leaves encryption to Pion, for comparison. Defaults to false.
	ThroughPion bool

	// net replaces the network in tests; both ports are then unused.
	net transport.Net
}

// off switches a port off.
const off = "off"

func (c Config) withDefaults() Config {
	if c.UDPAddr == "" {
		c.UDPAddr = ":7882"
	}
	if c.TCPAddr == "" {
		c.TCPAddr = ":7882"
	}
	if c.MaxTracksPerPeer == 0 {
		c.MaxTracksPerPeer = 8
	}
	if c.MaxMicrophones == 0 {
		c.MaxMicrophones = 6
	}
	if c.DisconnectedAfter == 0 {
		c.DisconnectedAfter = 4 * time.Second
	}
	if c.FailedAfter == 0 {
		c.FailedAfter = 26 * time.Second
	}
	return c
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	c = c.withDefaults()
	if c.UDPAddr == off && c.TCPAddr == off {
		return errors.New("sfu: both the UDP and the TCP port are off")
	}
	for name, addr := range map[string]string{"UDPAddr": c.UDPAddr, "TCPAddr": c.TCPAddr} {
		if addr == off {
			continue
		}
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return fmt.Errorf("sfu: %s %q: %w", name, addr, err)
		}
		if host != "" && net.ParseIP(host) == nil {
			return fmt.Errorf("sfu: %s %q: the host must be an IP address", name, addr)
		}
	}
	for _, ip := range c.AdvertisedIPs {
		if !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() {
			return fmt.Errorf("sfu: AdvertisedIPs: %v cannot be advertised", ip)
		}
	}
	if c.MaxTracksPerPeer < 0 || c.MaxMicrophones < 0 || c.DisconnectedAfter < 0 || c.FailedAfter < 0 {
		return errors.New("sfu: limits and durations cannot be negative")
	}
	return nil
}
