// Command bench measures boards: real clients on real WebSockets draw on our server, with PostgreSQL, and in the same run on
// two that people would otherwise install: the stock y-websocket server and Hocuspocus, both from npm (folder peers).
// `make bench-board` runs it; -h lists the options.
//
// The driver (driver.go) starts the servers (servers.go; ours is server.go) and, for each case, this program again as the
// load (load.go): draw.go, join.go and drag.go hold the cases. A client (client.go) does not keep a document: it reads just
// enough of each update (update.go) to know its state vector and how old each element is, so that hundreds of them cost little
// beside the server. It works on Linux only.
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	role, args := "", os.Args[1:]
	if len(args) > 0 {
		role = args[0]
	}
	var err error
	switch role {
	case roleServer:
		err = runServer(ctx, args[1:])
	case roleLoad:
		err = runLoad(ctx, args[1:])
	default:
		err = runDriver(ctx, args)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
