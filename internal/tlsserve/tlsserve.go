package tlsserve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
)

// Mode is a way to come by a certificate.
type Mode string

// The modes.
const (
	Files      Mode = "files"
	ACME       Mode = "acme"
	SelfSigned Mode = "self-signed"
)

// Config says how to come by a certificate.
type Config struct {
	Mode Mode
	// PublicURL is where plain HTTP is redirected to; its host is a name of a self-signed certificate.
	PublicURL string
	// Dir keeps keys and certificates of modes acme and self-signed.
	Dir string
	// CertFile and KeyFile are the PEM files of mode files.
	CertFile, KeyFile string
	// Domains are the names of mode acme.
	Domains []string
	// Email is told to the certificate authority. Defaults to none.
	Email string
	// Directory is the directory URL of the certificate authority. Defaults to Let's Encrypt.
	Directory string
	// RootFile holds PEM roots for the certificate authority's own address. Defaults to the system's.
	RootFile string
	// HTTPAddress is where RedirectHandler is served; the authority's HTTP challenge must reach it at port 80. Empty
	// leaves only the TLS-ALPN challenge.
	HTTPAddress string
	// HTTPSAddress is where TLSConfig is served; the TLS-ALPN challenge must reach it at port 443.
	HTTPSAddress string
}

// Validate refuses what New cannot work with.
func (c Config) Validate() error {
	switch c.Mode {
	case Files:
		if c.CertFile == "" || c.KeyFile == "" {
			return errors.New("tls: mode files needs a certificate and a key file")
		}
	case ACME:
		if len(c.Domains) == 0 || c.Dir == "" {
			return errors.New("tls: mode acme needs domains and a folder")
		}
	case SelfSigned:
		if c.Dir == "" {
			return errors.New("tls: mode self-signed needs a folder")
		}
	default:
		return fmt.Errorf("tls: unknown mode %q", c.Mode)
	}
	if _, err := url.Parse(c.PublicURL); err != nil {
		return fmt.Errorf("tls: public URL: %w", err)
	}
	return nil
}

// TLS serves certificates.
type TLS struct {
	// static after New
	publicURL   string
	config      *tls.Config
	challenge   func(http.Handler) http.Handler
	fingerprint string
	close       func()
}

// New loads, makes or begins to get the certificate. In mode acme it answers before the authority does: until then
// handshakes fail.
func New(cfg Config, log *slog.Logger) (*TLS, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	log = log.With("component", "tls")
	t := &TLS{
		publicURL: cfg.PublicURL,
		config:    &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}},
		challenge: func(next http.Handler) http.Handler { return next },
		close:     func() {},
	}
	var err error
	switch cfg.Mode {
	case Files:
		err = t.useFiles(cfg, log)
	case ACME:
		err = t.useACME(context.Background(), cfg, log)
	case SelfSigned:
		err = t.useSelfSigned(cfg, log)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// TLSConfig is what the server listens with.
func (t *TLS) TLSConfig() *tls.Config { return t.config }

// Fingerprint is the SHA-256 of the self-signed certificate as browsers show it, empty in other modes.
func (t *TLS) Fingerprint() string { return t.fingerprint }

// RedirectHandler answers plain HTTP: challenges of the certificate authority, and a redirect of everything else.
func (t *TLS) RedirectHandler() http.Handler {
	return t.challenge(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		http.Redirect(w, r, t.publicURL+r.URL.RequestURI(), http.StatusPermanentRedirect)
	}))
}

// Close ends what runs in the background.
func (t *TLS) Close() { t.close() }
