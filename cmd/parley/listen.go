package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"

	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/tlsserve"
)

// doors are the listeners, opened before anything else so that a taken port is known at once.
type doors struct {
	main, admin, redirect net.Listener // admin and redirect may be nil
}

func (a *app) openDoors(ctx context.Context) (*doors, error) {
	d := &doors{}
	for _, door := range []struct {
		address string
		to      *net.Listener
	}{{a.cfg.Listen, &d.main}, {a.cfg.Admin.Listen, &d.admin}, {a.cfg.TLS.RedirectListen, &d.redirect}} {
		if door.address == config.Off {
			continue
		}
		l, err := server.Listen(ctx, door.address)
		if err != nil {
			return nil, err
		}
		*door.to = l
		a.started("listener", func(context.Context) error { return ignoreClosed(l.Close()) })
	}
	if a.cfg.PublicURL == "" {
		a.cfg.PublicURL = a.cfg.PublicURLAt(d.main.Addr().String())
	}
	return d, nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// openTLS answers nil when the listen address stays plain.
func (a *app) openTLS() (*tlsserve.TLS, error) {
	c := a.cfg.TLS
	if c.Mode == config.TLSOff {
		return nil, nil
	}
	cfg := tlsserve.Config{
		Mode: tlsserve.Mode(c.Mode), PublicURL: a.cfg.PublicURL, Dir: filepath.Join(a.cfg.DataDir, tlsDir),
		CertFile: c.CertFile, KeyFile: c.KeyFile,
		Domains: c.ACMEDomains, Email: c.ACMEEmail, Directory: c.ACMEDirectory, RootFile: c.ACMERootFile,
		HTTPSAddress: a.cfg.Listen,
	}
	if c.RedirectListen != config.Off {
		cfg.HTTPAddress = c.RedirectListen
	}
	served, err := tlsserve.New(cfg, a.log)
	if err != nil {
		return nil, err
	}
	a.started("certificates", func(context.Context) error {
		served.Close()
		return nil
	})
	return served, nil
}

// serveDoors begins to answer at every door; failed gets an error when one of them ends by itself.
func (a *app) serveDoors(d *doors, certificates *tlsserve.TLS, cfg server.Config, failed chan<- error) error {
	if certificates != nil {
		cfg.TLS = certificates.TLSConfig()
		cfg.HSTS = a.cfg.TLS.Mode != config.TLSSelfSigned
	} else if u, err := url.Parse(a.cfg.PublicURL); err == nil {
		cfg.HSTS = u.Scheme == "https" // a proxy in front of us encrypts
	}
	main, err := server.New(cfg, a.log)
	if err != nil {
		return err
	}
	if d.admin != nil {
		a.serveBeside("operators' server", server.NewAdmin(a.metrics, cfg.Health, a.log), d.admin, failed)
	}
	if d.redirect != nil && certificates != nil {
		a.serveBeside("redirect server", server.NewRedirect(certificates.RedirectHandler(), a.log), d.redirect, failed)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := main.Serve(d.main); err != nil {
			failed <- err
		}
	}()
	a.started("server", func(ctx context.Context) error {
		defer func() { <-ended }()
		return main.Shutdown(ctx)
	})
	return nil
}

func (a *app) serveBeside(name string, s *http.Server, l net.Listener, failed chan<- error) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("%s: %w", name, err)
		}
	}()
	a.started(name, func(context.Context) error {
		defer func() { <-ended }()
		return s.Close()
	})
}

// plainWarning tells what browsers refuse a page that is served plainly, empty when nothing.
func (a *app) plainWarning() string {
	u, err := url.Parse(a.cfg.PublicURL)
	if err != nil || u.Scheme == "https" || isLoopback(u.Hostname()) {
		return ""
	}
	return "Browsers give camera and microphone to https pages and to this machine only. For others set tls.mode, or put a proxy that encrypts in front and set publicUrl."
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
