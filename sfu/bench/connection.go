package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/rtcp"
	"github.com/pion/transport/v4/packetio"
)

const (
	checkInterval   = 50 * time.Millisecond
	consentInterval = int64(2500 * time.Millisecond)
	connectTimeout  = 20 * time.Second
	dtlsMTU         = 1200
)

// wantedProfile is what browsers and a server that knows it agree on; figures with another would not compare.
const wantedProfile = dtls.SRTP_AEAD_AES_128_GCM

// media gets what a connection receives, from the goroutine of its poller.
type media interface {
	onRTP(keys *secured, b []byte, at int64)
	onRTCP(packets []rtcp.Packet, at int64)
	onTick(keys *secured, now int64)
}

// connection is the client's half of a peer connection: ICE, DTLS and SRTP over one socket.
type connection struct {
	// Static after construction.
	*socket
	ice   *agent
	hello *packetio.Buffer // DTLS that came in
	media media

	server   netip.AddrPort // static once it is polled
	keys     atomic.Pointer[secured]
	dtls     *dtls.Conn
	rejected atomic.Uint64 // packets that failed authentication

	// Owned by the poller.
	checked int64         // when consent was asked for
	early   []earlyPacket // came before our side had keys
}

// maxEarly bounds the packets that wait for keys.
const maxEarly = 512

type earlyPacket struct {
	b  []byte
	at int64
}

func newConnection(controlling bool, m media) (*connection, error) {
	s, err := newSocket()
	if err != nil {
		return nil, err
	}
	return &connection{socket: s, ice: newAgent(controlling), hello: packetio.NewBuffer(), media: m}, nil
}

// reach points the connection at the server that a description describes and has it polled.
func (c *connection) reach(d *description, poll *poller) error {
	c.server = d.candidate
	c.ice.remote.Store(&d.credentials)
	if err := c.connect(d.candidate); err != nil {
		return err
	}
	poll.add(c.socket, c)
	return nil
}

// establish runs ICE and DTLS with the server that reach was told.
func (c *connection) establish(ctx context.Context, d *description) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := c.runChecks(ctx); err != nil {
		return err
	}
	return c.handshake(ctx, d)
}

func (c *connection) runChecks(ctx context.Context) error {
	t := time.NewTicker(checkInterval)
	defer t.Stop()
	for {
		b, err := c.ice.check()
		if err != nil {
			return err
		}
		if err := c.send(b); err != nil {
			return fmt.Errorf("connectivity check: %w", err)
		}
		select {
		case <-c.ice.connected:
			return nil
		case <-t.C:
		case <-ctx.Done():
			return fmt.Errorf("connectivity checks: %w", context.Cause(ctx))
		}
	}
}

// handshake runs DTLS in the role that the description leaves to us and takes the keys (RFC 5764).
func (c *connection) handshake(ctx context.Context, d *description) error {
	own, err := ownCertificate()
	if err != nil {
		return err
	}
	transport := dtlsnet.PacketConnFromConn(&handshakeConn{c})
	verify := func(raw [][]byte, _ [][]*x509.Certificate) error {
		if len(raw) == 0 || !strings.EqualFold(fingerprint(raw[0]), d.fingerprint) {
			return errors.New("the server's certificate is not that of its description")
		}
		return nil
	}
	options := []dtls.Option{
		dtls.WithCertificates(own.certificate), dtls.WithInsecureSkipVerify(true), dtls.WithVerifyPeerCertificate(verify),
		dtls.WithSRTPProtectionProfiles(wantedProfile, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret), dtls.WithMTU(dtlsMTU),
	}
	client := d.setup != setupActive
	if client {
		list := make([]dtls.ClientOption, 0, len(options))
		for _, o := range options {
			list = append(list, o)
		}
		c.dtls, err = dtls.ClientWithOptions(transport, udpAddr(c.server), list...)
	} else {
		list := []dtls.ServerOption{dtls.WithClientAuth(dtls.RequireAnyClientCert)}
		for _, o := range options {
			list = append(list, o)
		}
		c.dtls, err = dtls.ServerWithOptions(transport, udpAddr(c.server), list...)
	}
	if err != nil {
		return fmt.Errorf("DTLS: %w", err)
	}
	if err := c.dtls.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("DTLS: %w", err)
	}
	return c.takeKeys(client)
}

func (c *connection) takeKeys(client bool) error {
	if p, ok := c.dtls.SelectedSRTPProtectionProfile(); !ok || p != wantedProfile {
		return fmt.Errorf("the server chose the SRTP profile 0x%04x, wanted is SRTP_AEAD_AES_128_GCM", uint16(p))
	}
	state, ok := c.dtls.ConnectionState()
	if !ok {
		return errors.New("DTLS: no state")
	}
	exported, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, exportedSize)
	if err != nil {
		return fmt.Errorf("DTLS: %w", err)
	}
	keys, err := newSecured(exported, client)
	if err != nil {
		return err
	}
	c.keys.Store(keys)
	return nil
}

// shut ends the connection. It is not polled any more.
func (c *connection) shut() error {
	err := c.dtls.Close()
	_ = c.hello.Close()
	c.close()
	return err
}

// onDatagram implements receiver (RFC 7983).
func (c *connection) onDatagram(b []byte, at int64) {
	switch {
	case len(b) < 12:
	case b[0] < 4:
		for _, out := range c.ice.onMessage(b, c.server) {
			_ = c.send(out)
		}
	case b[0] >= 20 && b[0] < 64:
		_, _ = c.hello.Write(b)
	case b[0]>>6 == 2:
		c.onSecured(b, at)
	}
}

func (c *connection) onSecured(b []byte, at int64) {
	keys := c.keys.Load()
	if keys == nil {
		if len(c.early) < maxEarly {
			c.early = append(c.early, earlyPacket{append(make([]byte, 0, datagram), b...), at})
		}
		return
	}
	c.openEarly(keys)
	c.open(keys, b, at)
}

// openEarly opens what came before there were keys.
func (c *connection) openEarly(keys *secured) {
	early := c.early
	c.early = nil
	for _, e := range early {
		c.open(keys, e.b, e.at)
	}
}

func (c *connection) open(keys *secured, b []byte, at int64) {
	if b[1] < 192 || b[1] > 223 {
		c.media.onRTP(keys, b, at)
		return
	}
	plain, err := keys.rtcpIn.DecryptRTCP(nil, b, nil)
	if err != nil {
		c.rejected.Add(1)
		return
	}
	if packets, err := rtcp.Unmarshal(plain); err == nil {
		c.media.onRTCP(packets, at)
	}
}

// onTick implements receiver.
func (c *connection) onTick(now int64) {
	keys := c.keys.Load()
	if keys == nil {
		return
	}
	c.openEarly(keys)
	if now-c.checked > consentInterval {
		c.checked = now
		if b, err := c.ice.check(); err == nil {
			_ = c.send(b)
		}
	}
	c.media.onTick(keys, now)
}

// sendRTCP sends a compound packet. One goroutine sends all RTCP of a connection.
func (c *connection) sendRTCP(keys *secured, packets []rtcp.Packet) {
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		return
	}
	if b, err := keys.rtcpOut.EncryptRTCP(nil, plain, nil); err == nil {
		_ = c.send(b)
	}
}

// handshakeConn is what DTLS sees of a connection.
type handshakeConn struct{ c *connection }

func (h *handshakeConn) Read(b []byte) (int, error)        { return h.c.hello.Read(b) }
func (h *handshakeConn) Write(b []byte) (int, error)       { return len(b), h.c.send(b) }
func (h *handshakeConn) Close() error                      { return h.c.hello.Close() }
func (h *handshakeConn) LocalAddr() net.Addr               { return udpAddr(h.c.local) }
func (h *handshakeConn) RemoteAddr() net.Addr              { return udpAddr(h.c.server) }
func (h *handshakeConn) SetDeadline(t time.Time) error     { return h.c.hello.SetReadDeadline(t) }
func (h *handshakeConn) SetReadDeadline(t time.Time) error { return h.c.hello.SetReadDeadline(t) }
func (h *handshakeConn) SetWriteDeadline(time.Time) error  { return nil }

// identity is the certificate that all clients share, and its fingerprint.
type identity struct {
	certificate tls.Certificate
	fingerprint string
}

var ownCertificate = sync.OnceValues(func() (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, fingerprint(der)}, nil
})

// fingerprint returns a certificate's fingerprint as descriptions write it (RFC 8122).
func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}
