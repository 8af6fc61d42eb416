package tlsserve

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookAgain is how often handshakes look whether the files have changed.
const lookAgain = time.Second

// filePair is a certificate that is read again when its files change. A pair that does not fit, as between the
// writing of the two files, leaves the old one in use.
type filePair struct {
	// static
	certFile, keyFile string
	log               *slog.Logger

	mu       sync.Mutex
	loaded   *tls.Certificate // guarded by mu
	stamp    string           // guarded by mu; of the files that were tried last
	lookedAt time.Time        // guarded by mu
}

func (t *TLS) useFiles(cfg Config, log *slog.Logger) error {
	pair := &filePair{certFile: cfg.CertFile, keyFile: cfg.KeyFile, log: log}
	if _, err := pair.load(); err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	t.config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return pair.current(), nil }
	return nil
}

func (p *filePair) load() (*tls.Certificate, error) {
	stamp, err := p.stampOf()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stamp, p.lookedAt = stamp, time.Now()
	cert, err := tls.LoadX509KeyPair(p.certFile, p.keyFile)
	if err != nil {
		return nil, err
	}
	p.loaded = &cert
	return p.loaded, nil
}

func (p *filePair) stampOf() (string, error) {
	stamp := ""
	for _, name := range []string{p.certFile, p.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return "", err
		}
		stamp += fmt.Sprintf("%s %d;", info.ModTime().Format(time.RFC3339Nano), info.Size())
	}
	return stamp, nil
}

func (p *filePair) current() *tls.Certificate {
	p.mu.Lock()
	cert, stamp, recent := p.loaded, p.stamp, time.Since(p.lookedAt) < lookAgain
	p.mu.Unlock()
	if recent {
		return cert
	}
	now, err := p.stampOf()
	if err == nil && now == stamp {
		p.mu.Lock()
		p.lookedAt = time.Now()
		p.mu.Unlock()
		return cert
	}
	fresh, err := p.load()
	if err != nil {
		p.log.Error("changed certificate files cannot be used, keeping the old certificate", "error", err)
		return cert
	}
	p.log.Info("certificate files read again", "file", p.certFile)
	return fresh
}
