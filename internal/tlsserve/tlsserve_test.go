package tlsserve

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// certmagic ends the one within seconds of the lock's release and keeps the other for the process's life.
		goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh"),
		goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.(*RingBufferRateLimiter).loop"))
}

func newTLS(t *testing.T, cfg Config) *TLS {
	t.Helper()
	served, err := New(cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(served.Close)
	return served
}

// handshake answers the certificate that a client sees.
func handshake(t *testing.T, config *tls.Config, name string) *x509.Certificate {
	t.Helper()
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	done := make(chan error, 1)
	go func() { done <- tls.Server(server, config).Handshake() }()
	conn := tls.Client(client, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return conn.ConnectionState().PeerCertificates[0]
}

func writePair(t *testing.T, dir, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := sign(key, []string{name})
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := writeWhole(file, pem.EncodeToMemory(block)); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestFilesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := writePair(t, dir, "one.example.com")
	served := newTLS(t, Config{Mode: Files, CertFile: certFile, KeyFile: keyFile})
	if cert := handshake(t, served.TLSConfig(), "x"); cert.DNSNames[0] != "one.example.com" {
		t.Fatal(cert.DNSNames)
	}
	writePair(t, dir, "two.example.com")
	deadline := time.Now().Add(time.Minute)
	for handshake(t, served.TLSConfig(), "x").DNSNames[0] != "two.example.com" {
		if time.Now().After(deadline) {
			t.Fatal("the new files are not used")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestBrokenFilesKeepTheOldCertificate(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), "one.example.com")
	var out bytes.Buffer
	pair := &filePair{certFile: certFile, keyFile: keyFile, log: slog.New(slog.NewTextHandler(&out, nil))}
	old, err := pair.load()
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"half a file", ""} {
		if err := os.WriteFile(certFile, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		pair.lookedAt = time.Time{}
		if pair.current() != old {
			t.Error("the old certificate is gone")
		}
	}
	if !strings.Contains(out.String(), "keeping the old certificate") {
		t.Errorf("log: %s", out.String())
	}
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	pair.lookedAt = time.Time{}
	if pair.current() != old {
		t.Error("the old certificate is gone with its file")
	}
}

func TestSelfSigned(t *testing.T) {
	cfg := Config{Mode: SelfSigned, Dir: filepath.Join(t.TempDir(), "tls"), PublicURL: "https://meet.lan:8443"}
	first := newTLS(t, cfg)
	cert := handshake(t, first.TLSConfig(), "meet.lan")
	names := ownNames(cfg.PublicURL)
	for _, name := range names {
		if err := cert.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if len(first.Fingerprint()) != 32*3-1 {
		t.Errorf("fingerprint %q", first.Fingerprint())
	}
	if again := newTLS(t, cfg); again.Fingerprint() != first.Fingerprint() {
		t.Error("the certificate is not kept")
	}
	cfg.PublicURL = "https://other.lan"
	moved := newTLS(t, cfg)
	if moved.Fingerprint() == first.Fingerprint() {
		t.Error("the certificate does not know the new name")
	}
	movedCert := handshake(t, moved.TLSConfig(), "other.lan")
	if !bytes.Equal(movedCert.RawSubjectPublicKeyInfo, cert.RawSubjectPublicKeyInfo) {
		t.Error("the key is not kept")
	}
	for _, name := range []string{"self-signed.key", "self-signed.pem"} {
		if info, err := os.Stat(filepath.Join(cfg.Dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	expiring := *cert
	expiring.NotAfter = time.Now().Add(24 * time.Hour)
	if stillGood(&expiring, nil) {
		t.Error("a certificate that ends tomorrow counts as good")
	}
}

func TestRedirect(t *testing.T) {
	served := newTLS(t, Config{Mode: SelfSigned, Dir: t.TempDir(), PublicURL: "https://meet.example.com"})
	w := httptest.NewRecorder()
	served.RedirectHandler().ServeHTTP(w, httptest.NewRequest("GET", "http://evil.example.com/m/abc?x=1", nil))
	if w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "https://meet.example.com/m/abc?x=1" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
}

func TestMistakes(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no mode":       {},
		"no files":      {Mode: Files},
		"missing files": {Mode: Files, CertFile: "/nowhere/cert.pem", KeyFile: "/nowhere/key.pem"},
		"no domain":     {Mode: ACME, Dir: t.TempDir()},
		"no folder":     {Mode: SelfSigned},
		"missing roots": {Mode: ACME, Dir: t.TempDir(), Domains: []string{"a.example.com"}, RootFile: "/nowhere/root.pem"},
		"public url":    {Mode: SelfSigned, Dir: t.TempDir(), PublicURL: "://"},
	} {
		if _, err := New(cfg, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
