package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Off switches off what is otherwise an address.
const Off = "off"

// turnTTL outlives a working day's longest meeting.
const turnTTL = 12 * time.Hour

// derive fills what follows from other settings.
func (c *Config) derive() {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:8080"
		if c.TLS.Mode != TLSOff {
			c.Listen = ":443"
		}
	}
	if c.TLS.RedirectListen == "" {
		c.TLS.RedirectListen = Off
		if c.TLS.Mode == TLSACME {
			c.TLS.RedirectListen = ":80"
		}
	}
	for i := range c.ICEServers {
		if s := &c.ICEServers[i]; s.Secret != "" && s.TTL == 0 {
			s.TTL = turnTTL
		}
	}
	if _, port, err := net.SplitHostPort(c.Listen); err == nil && c.PublicURL == "" && port != "0" {
		c.PublicURL = c.PublicURLAt(c.Listen)
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
}

// PublicURLAt answers the public URL when we listen on the address and no other was set.
func (c Config) PublicURLAt(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	scheme, usual := "http", "80"
	if c.TLS.Mode != TLSOff {
		scheme, usual = "https", "443"
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = outwardHost()
	}
	if c.TLS.Mode == TLSACME && len(c.TLS.ACMEDomains) > 0 {
		host = c.TLS.ACMEDomains[0]
	}
	if port == usual {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// outwardHost is the first address of this machine that others may reach, IPv4 before IPv6.
func outwardHost() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return "localhost"
	}
	best := "localhost"
	for _, addr := range addrs {
		ip, ok := addr.(*net.IPNet)
		if !ok || !ip.IP.IsGlobalUnicast() {
			continue
		}
		if ip.IP.To4() != nil {
			return ip.IP.String()
		}
		if best == "localhost" {
			best = ip.IP.String()
		}
	}
	return best
}

// Validate tells everything that is wrong with the settings.
func (c Config) Validate() error {
	var errs []error
	wrong := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("configuration: %s: %s", key, fmt.Sprintf(format, args...)))
	}
	checkAddress := func(key, address string, mayBeOff bool) {
		if mayBeOff && address == Off {
			return
		}
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			wrong(key, "%q is not an address such as :8080 or 127.0.0.1:8080", address)
		}
	}
	checkAddress("listen", c.Listen, false)
	checkAddress("admin.listen", c.Admin.Listen, true)
	checkAddress("tls.redirectListen", c.TLS.RedirectListen, true)
	checkAddress("media.udpAddr", c.Media.UDPAddr, true)
	checkAddress("media.tcpAddr", c.Media.TCPAddr, true)
	if c.PublicURL != "" {
		if err := checkPublicURL(c.PublicURL); err != nil {
			wrong("publicUrl", "%v", err)
		}
	}
	if c.DataDir == "" {
		wrong("dataDir", "must not be empty")
	}
	if _, err := c.Proxies(); err != nil {
		wrong("trustedProxies", "%v", err)
	}
	if _, err := c.Media.IPs(); err != nil {
		wrong("media.advertisedIps", "%v", err)
	}
	if c.Media.MaxMicrophones < 1 || c.Media.MaxMicrophones > 32 {
		wrong("media.maxMicrophones", "must be 1 to 32")
	}
	for key, name := range map[string]string{"media.cameraCodec": c.Media.CameraCodec, "media.shareCodec": c.Media.ShareCodec} {
		if !slices.Contains([]string{"vp8", "vp9", "av1", "h264"}, name) {
			wrong(key, "%q is none of vp8, vp9, av1, h264", name)
		}
	}
	if !slices.Contains([]string{"text", "json"}, c.Log.Format) {
		wrong("log.format", "%q is neither text nor json", c.Log.Format)
	}
	if c.Limits.RequestBytes < 1<<16 {
		wrong("limits.requestBytes", "must be at least 65536")
	}
	if c.Limits.MaxParticipants < 2 {
		wrong("limits.maxParticipants", "must be at least 2")
	}
	c.TLS.validate(wrong)
	c.S3.validate(wrong)
	for i, s := range c.ICEServers {
		s.validate(func(format string, args ...any) { wrong(fmt.Sprintf("iceServers[%d]", i), format, args...) })
	}
	return errors.Join(errs...)
}

func checkPublicURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return err
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%q must begin with http:// or https:// and name a host", text)
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("%q must be a scheme and a host only: Parley answers at the root of its host", text)
	}
	return nil
}

func (t TLS) validate(wrong func(key, format string, args ...any)) {
	switch t.Mode {
	case TLSOff, TLSSelfSigned:
	case TLSFiles:
		if t.CertFile == "" || t.KeyFile == "" {
			wrong("tls", "mode files needs certFile and keyFile")
		}
	case TLSACME:
		if len(t.ACMEDomains) == 0 {
			wrong("tls", "mode acme needs acmeDomains")
		}
	default:
		wrong("tls.mode", "%q is none of off, files, acme, self-signed", t.Mode)
	}
}

func (s S3) validate(wrong func(key, format string, args ...any)) {
	if s.Endpoint == "" {
		return
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		wrong("s3.endpoint", "%q must begin with http:// or https:// and name a host", s.Endpoint)
	}
	if s.Bucket == "" {
		wrong("s3.bucket", "must not be empty")
	}
	if s.AccessKey == "" || s.SecretKey == "" {
		wrong("s3", "accessKey and secretKey must be set")
	}
}

func (s ICEServer) validate(wrong func(format string, args ...any)) {
	if len(s.URLs) == 0 {
		wrong("needs urls")
	}
	for _, u := range s.URLs {
		scheme, rest, _ := strings.Cut(u, ":")
		if !slices.Contains([]string{"stun", "stuns", "turn", "turns"}, scheme) || rest == "" {
			wrong("%q does not begin with stun:, stuns:, turn: or turns:", u)
		}
	}
	if s.Secret != "" && (s.Username != "" || s.Credential != "") {
		wrong("set either secret, or username and credential")
	}
}

// Proxies are the networks of TrustedProxies.
func (c Config) Proxies() ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range c.TrustedProxies {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			prefixes = append(prefixes, prefix.Masked())
			continue
		}
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network", text)
		}
		prefixes = append(prefixes, netip.PrefixFrom(addr, addr.BitLen()))
	}
	return prefixes, nil
}

// IPs are the addresses of AdvertisedIPs.
func (m Media) IPs() ([]netip.Addr, error) {
	var ips []netip.Addr
	for _, text := range m.AdvertisedIPs {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not an IP address", text)
		}
		ips = append(ips, ip)
	}
	return ips, nil
}
