package tlsserve

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"
)

// useACME lets certmagic get and renew certificates in the background. Our own servers answer the challenges, so the
// ports it is told are the ones that they already hold.
func (t *TLS) useACME(ctx context.Context, cfg Config, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
		Logger:           zap.NewNop(),
	})
	magic = certmagic.New(cache, certmagic.Config{
		Storage: &certmagic.FileStorage{Path: cfg.Dir},
		Logger:  zap.NewNop(),
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			logACME(log, event, data)
			return nil
		},
	})
	issuer, err := newIssuer(magic, cfg)
	if err == nil {
		magic.Issuers = []certmagic.Issuer{issuer}
		err = magic.ManageAsync(ctx, cfg.Domains)
	}
	if err != nil {
		cancel()
		cache.Stop()
		return fmt.Errorf("tls: acme: %w", err)
	}
	managed := magic.TLSConfig()
	t.config.GetCertificate = managed.GetCertificate
	t.config.NextProtos = append(t.config.NextProtos, managed.NextProtos...)
	t.challenge = func(next http.Handler) http.Handler { return issuer.HTTPChallengeHandler(next) }
	t.close = func() {
		cancel()
		cache.Stop()
	}
	return nil
}

func newIssuer(magic *certmagic.Config, cfg Config) (*certmagic.ACMEIssuer, error) {
	template := certmagic.ACMEIssuer{
		CA:                   cfg.Directory,
		Email:                cfg.Email,
		Agreed:               true,
		DisableHTTPChallenge: cfg.HTTPAddress == "",
		Logger:               zap.NewNop(),
	}
	if template.CA == "" {
		template.CA = certmagic.LetsEncryptProductionCA
	}
	var err error
	if template.AltHTTPPort, err = portOf(cfg.HTTPAddress); err != nil {
		return nil, err
	}
	if template.AltTLSALPNPort, err = portOf(cfg.HTTPSAddress); err != nil {
		return nil, err
	}
	if host, _, err := net.SplitHostPort(cfg.HTTPSAddress); err == nil {
		template.ListenHost = host
	}
	if cfg.RootFile != "" {
		text, err := os.ReadFile(cfg.RootFile)
		if err != nil {
			return nil, err
		}
		template.TrustedRoots = x509.NewCertPool()
		if !template.TrustedRoots.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%s holds no PEM certificate", cfg.RootFile)
		}
	}
	return certmagic.NewACMEIssuer(magic, template), nil
}

// portOf answers 0, certmagic's own default, for no address.
func portOf(address string) (int, error) {
	if address == "" {
		return 0, nil
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

func logACME(log *slog.Logger, event string, data map[string]any) {
	switch event {
	case "cert_obtained":
		log.Info("certificate obtained", "domain", data["identifier"], "renewal", data["renewal"])
	case "cert_failed":
		log.Error("certificate not obtained, trying again later", "domain", data["identifier"], "error", data["error"])
	}
}
