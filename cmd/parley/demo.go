package main

import (
	"context"
	"fmt"
	"net"

	"parley/internal/config"
	"parley/internal/postgres"
)

// demoDataDir keeps the sample company apart from real data.
const demoDataDir = "./data-demo"

// demo runs the sample company. Its database is marked when it is made: a demo never opens real data, nor Parley a
// demo's.
func demo(ctx context.Context, in *invocation) error {
	cfg, err := in.settings("demo")
	if err != nil {
		return err
	}
	if cfg.DataDir == config.Default().DataDir {
		cfg.DataDir = demoDataDir
	}
	host, _, err := net.SplitHostPort(cfg.Listen)
	if err != nil || !isLoopback(host) {
		return fmt.Errorf("a demo lets anyone be anyone and listens on loopback only: listen must be 127.0.0.1:port, not %s", cfg.Listen)
	}
	if cfg.TLS.Mode != config.TLSOff {
		return fmt.Errorf("a demo does not leave this machine and needs no TLS: tls.mode must be off")
	}
	return newApp(cfg, in.logger(cfg)).run(ctx, postgres.Demo, in.stdout)
}
