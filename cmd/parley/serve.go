package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"parley/api"
	"parley/internal/obs"
	"parley/internal/postgres"
	"parley/internal/server"
	"parley/internal/tlsserve"
	"parley/sfu"
	"parley/signaling"
	"parley/signaling/whip"
	"parley/signaling/wire"
	"parley/web"
	"parley/whiteboard"
)

// serve runs Parley until ctx ends.
func serve(ctx context.Context, in *invocation) error {
	cfg, err := in.settings("serve")
	if err != nil {
		return err
	}
	return newApp(cfg, in.logger(cfg)).run(ctx, postgres.Real, in.stdout)
}

// run brings everything up, prints where it is, and takes everything down when ctx ends or a server fails.
func (a *app) run(ctx context.Context, kind postgres.Kind, stdout io.Writer) (err error) {
	began := time.Now()
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		err = errors.Join(err, a.close(closing))
	}()
	failed := make(chan error, 3) // one for each door
	up, err := a.bringUp(ctx, kind, failed)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped while starting: %w", context.Cause(ctx))
		}
		return err
	}
	a.log.Info("started", "version", obs.Version, "url", a.cfg.PublicURL, "took", time.Since(began).Round(time.Millisecond))
	if err := a.greet(ctx, up, kind, stdout); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		a.log.Info("stopping", "reason", context.Cause(ctx))
		return nil
	case err := <-failed:
		return err
	}
}

// running is what greet tells about.
type running struct {
	domains      *domains
	certificates *tlsserve.TLS
}

// bringUp starts the parts in the order in which they need each other.
func (a *app) bringUp(ctx context.Context, kind postgres.Kind, failed chan<- error) (*running, error) {
	doors, err := a.openDoors(ctx)
	if err != nil {
		return nil, err
	}
	storage, err := a.openStorage(ctx, kind)
	if err != nil {
		return nil, err
	}
	certificates, err := a.openTLS()
	if err != nil {
		return nil, err
	}
	d, err := a.openDomains(ctx, storage)
	if err != nil {
		return nil, err
	}
	signal, err := a.openMeetings(ctx, storage, d)
	if err != nil {
		return nil, err
	}
	if err := a.openWhiteboard(storage, d); err != nil {
		return nil, err
	}
	cfg, err := a.serverConfig(storage, d, signal, kind)
	if err != nil {
		return nil, err
	}
	if kind != postgres.Demo {
		return &running{d, certificates}, a.serveDoors(doors, certificates, cfg, failed)
	}
	sample, err := openCompany(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := a.serveDoors(doors, certificates, cfg, failed); err != nil {
		return nil, err
	}
	return &running{d, certificates}, a.holdStandup(ctx, sample, doors.main.Addr().String())
}

// openMeetings starts media and signaling.
func (a *app) openMeetings(ctx context.Context, s *storage, d *domains) (*signaling.Server, error) {
	ips, err := a.cfg.Media.IPs()
	if err != nil {
		return nil, err
	}
	media, err := sfu.New(sfu.Config{
		UDPAddr: a.cfg.Media.UDPAddr, TCPAddr: a.cfg.Media.TCPAddr, AdvertisedIPs: ips,
		MaxMicrophones: a.cfg.Media.MaxMicrophones,
	}, a.log.With("component", "sfu"), a.metrics)
	if err != nil {
		return nil, err
	}
	a.started("sfu", func(context.Context) error { return media.Close() })
	key, err := ticketKey(ctx, s)
	if err != nil {
		return nil, err
	}
	signal, err := signaling.New(signaling.Options{
		SFU: media, Directory: doorkeeper{d.meetings, a.cfg.Limits.MaxParticipants}, Observer: attendance{d.recorder}, History: d.history,
		Authenticate: d.people.Authenticate, PublicURL: a.cfg.PublicURL, ICEServers: a.iceServers(), TicketKey: key,
		Codecs: wire.Codecs{Camera: strings.ToUpper(a.cfg.Media.CameraCodec), Share: strings.ToUpper(a.cfg.Media.ShareCodec)},
		Log:    a.log.With("component", "signaling"), Metrics: a.metrics, OnBoardRoles: d.rooms.boardRoles,
	})
	if err != nil {
		return nil, err
	}
	d.rooms.signal.Store(signal)
	a.started("signaling", signal.Shutdown)
	return signal, a.openStreams(d, signal)
}

// openStreams lets programs take part in meetings.
func (a *app) openStreams(d *domains, signal *signaling.Server) error {
	proxies, err := a.cfg.Proxies()
	if err != nil {
		return err
	}
	streams, err := whip.New(whip.Options{
		Meetings: signal, Tokens: streamTokens{d.meetings},
		Address: func(r *http.Request) string { return api.ClientAddress(r, proxies).String() },
		Log:     a.log.With("component", "streams"), Metrics: a.metrics,
	})
	if err != nil {
		return err
	}
	d.streams = streams
	d.rooms.streams.Store(streams)
	a.started("streams", func(context.Context) error {
		streams.Close()
		return nil
	})
	return nil
}

func (a *app) iceServers() []signaling.ICEServer {
	var list []signaling.ICEServer
	for _, s := range a.cfg.ICEServers {
		list = append(list, signaling.ICEServer{
			URLs: s.URLs, Username: s.Username, Credential: string(s.Credential), Secret: string(s.Secret), TTL: s.TTL,
		})
	}
	return list
}

// serverConfig assembles what the doors answer.
func (a *app) serverConfig(s *storage, d *domains, signal *signaling.Server, kind postgres.Kind) (server.Config, error) {
	proxies, err := a.cfg.Proxies()
	if err != nil {
		return server.Config{}, err
	}
	rest := api.New(api.Config{Authenticate: d.people.Authenticate, TrustedProxies: proxies, Log: a.log.With("component", "api")})
	register(rest, d)
	if kind == postgres.Demo {
		registerDemo(rest, d)
	}
	access, err := obs.NewAccessLog(a.log.With("component", "http"), a.metrics, server.Route(append(append(patterns(rest), whip.Patterns...), whiteboard.Path)))
	if err != nil {
		return server.Config{}, err
	}
	client, err := fs.Sub(web.Dist, "dist")
	if err != nil {
		return server.Config{}, err
	}
	return server.Config{
		PublicURL: a.cfg.PublicURL, MaxBodyBytes: a.cfg.Limits.RequestBytes, API: handler(rest, signal), Streams: d.streams, Boards: boardRoutes(d), Client: client,
		Health: obs.NewHealth(a.log, map[string]obs.Check{"database": s.pool.Ping, "events": s.bus.Check, "objects": s.store.Check}),
		Access: access,
		OnStop: []func(context.Context){
			func(ctx context.Context) {
				if err := signal.Shutdown(ctx); err != nil {
					a.log.Warn("meetings not left in order", "error", err)
				}
			},
			func(ctx context.Context) {
				if err := d.documents.server.Load().Shutdown(ctx); err != nil {
					a.log.Warn("boards not left in order", "error", err)
				}
			},
			func(context.Context) { d.events.Close() },
		},
	}, nil
}

// greet prints where Parley is, and the first time how to begin.
func (a *app) greet(ctx context.Context, up *running, kind postgres.Kind, w io.Writer) error {
	text := fmt.Sprintf("\nParley is ready: %s\n", a.cfg.PublicURL)
	if kind == postgres.Demo {
		text = fmt.Sprintf("\nParley's sample company is ready: %s/demo\nAnyone on this machine may be anyone in it.\n", a.cfg.PublicURL)
	}
	if c := up.certificates; c != nil && c.Fingerprint() != "" {
		text += "The certificate is self-signed. SHA-256 fingerprint, to compare with what the browser shows:\n  " + c.Fingerprint() + "\n"
	}
	if up.certificates == nil {
		if warning := a.plainWarning(); warning != "" {
			text += warning + "\n"
		}
	}
	token, needed, err := up.domains.people.SetupToken(ctx)
	if err != nil {
		return err
	}
	if needed {
		text += fmt.Sprintf("Name the company and make the first administrator with this link, which works once:\n  %s\n", up.domains.people.SetupURL(token))
	}
	_, err = io.WriteString(w, text+"\n")
	return err
}

func printOpenAPI(_ context.Context, in *invocation) error {
	rest := api.New(api.Config{})
	register(rest, &domains{})
	registerDemo(rest, nil)
	text, err := rest.OpenAPIJSON()
	if err != nil {
		return err
	}
	_, err = in.stdout.Write(text)
	return err
}
