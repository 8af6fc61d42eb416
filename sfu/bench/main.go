// Command bench measures the media plane: a real SFU alone in a process of its own on one core, publishers and subscribers
// in another process on the other cores, loopback between them. `make bench-sfu` runs it; -h lists the options.
//
// The driver (driver.go) starts itself again in three roles: server (server.go), load (load.go) and floor (floor.go), the
// least that sealing and sending the same packets costs here. It works on Linux only.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// Roles of the process, as its first argument.
const (
	roleServer = "server"
	roleLoad   = "load"
	roleFloor  = "floor"
	roleSink   = "sink"
	roleGuard  = "guard"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == roleGuard {
		exit(runGuard())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	role, args := "", os.Args[1:]
	if len(args) > 0 {
		role = args[0]
	}
	var err error
	switch role {
	case roleServer:
		err = runServer(ctx)
	case roleLoad:
		err = runLoad(ctx, args[1:])
	case roleFloor:
		err = runFloor(ctx, args[1:])
	case roleSink:
		err = runSink(ctx, args[1:])
	default:
		err = runDriver(ctx, args)
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
