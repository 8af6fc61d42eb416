package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"time"

	"parley/internal/postgres"
	"parley/whiteboard"
	"parley/whiteboard/store"

	"github.com/google/uuid"
)

// personHeader says who connects to the measured server of ours.
const personHeader = "Parley-Bench-Person"

// everybody lets in whoever says who it is.
type everybody struct{}

func (everybody) Admit(_ context.Context, r *http.Request, _ uuid.UUID) (whiteboard.Grant, error) {
	key := r.Header.Get(personHeader)
	if key == "" {
		return whiteboard.Grant{}, whiteboard.ErrUnauthenticated
	}
	return whiteboard.Grant{Person: whiteboard.Person{Key: key, Name: key}, Role: whiteboard.RoleEditor}, nil
}

// runServer serves boards, and nothing else of the product, until it is told to end. Its arguments are a port, the URL of a
// database and a file for a CPU profile, which may be empty.
func runServer(ctx context.Context, args []string) (err error) {
	if len(args) != 3 {
		return errors.New("server: want port, database and profile")
	}
	if args[2] != "" {
		stop, err := profile(args[2])
		if err != nil {
			return err
		}
		defer stop()
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	pool, err := postgres.Open(ctx, args[1])
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := postgres.Migrate(ctx, pool, log); err != nil {
		return err
	}
	boards, err := store.New(store.Config{Pool: pool, Node: "bench", Log: log})
	if err != nil {
		return err
	}
	hub, err := whiteboard.New(whiteboard.Config{Store: boards, Doorkeeper: everybody{}, Linger: time.Second, Log: log})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(whiteboard.Path, hub)
	return errors.Join(serve(ctx, args[0], mux, hub), boards.Close(context.Background()))
}

// serve answers at the port until ctx ends.
func serve(ctx context.Context, port string, handler http.Handler, hub *whiteboard.Server) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case <-ctx.Done():
	case err := <-failed:
		return err
	}
	end, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err = errors.Join(hub.Shutdown(end), server.Close())
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func profile(name string) (stop func(), err error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		if err := file.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}, nil
}
