// Command netem emulates a bad link for tests: a network namespace that reaches this machine only through a pair of
// TUN devices carried by this process, with rate, delay, jitter, random or bursty loss in each direction, changed
// live over HTTP. It needs root. Kernels in containers often lack sch_netem; this works without it.
//
//	netem -namespace bad1 -subnet 10.99.1 -control 127.0.0.1:9100
//
// Inside the namespace: address SUBNET.2, default route SUBNET.1, which is this side. Control:
//
//	GET /set?direction=up&rate=300&delay=50&loss=10&burst=3&queue=300&jitter=20
//
// with rate in kbit/s, delay, jitter and queue in milliseconds, loss in percent, burst in packets; direction is up
// (namespace to host), down, or absent for both. GET /stats counts packets.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
)

func main() {
	namespace := flag.String("namespace", "parley-bad", "network namespace to make")
	subnet := flag.String("subnet", "10.99.1", "first three octets of the link's addresses")
	control := flag.String("control", "127.0.0.1:0", "address of the control server")
	flag.Parse()
	if err := run(*namespace, *subnet, *control); err != nil {
		log.Fatal(err)
	}
}

func run(namespace, subnet, control string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ends, err := makeNamespace(namespace, subnet)
	if err != nil {
		return err
	}
	defer removeNamespace(namespace)

	listener, err := net.Listen("tcp", control)
	if err != nil {
		return err
	}
	up, down := newLink(), newLink()
	var wg sync.WaitGroup
	wg.Go(func() { pump(ends.inside, up) })
	wg.Go(func() { pump(ends.host, down) })
	wg.Go(func() { up.deliver(ctx, writeTo(ends.host)) })
	wg.Go(func() { down.deliver(ctx, writeTo(ends.inside)) })

	server := &http.Server{Handler: controlHandler(map[string]*link{"up": up, "down": down})}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Println("ready")
	err = server.Serve(listener)
	stop()
	_ = ends.host.Close()
	_ = ends.inside.Close()
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func controlHandler(links map[string]*link) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /set", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		for name, l := range links {
			if d := q.Get("direction"); d != "" && d != name {
				continue
			}
			if err := l.set(q); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		counts := map[string]counts{}
		for name, l := range links {
			counts[name] = l.counted()
		}
		_ = json.NewEncoder(w).Encode(counts)
	})
	return mux
}

// pump reads packets from a TUN device into the link until the device is closed.
func pump(device *os.File, l *link) {
	for {
		packet := make([]byte, 2048)
		n, err := device.Read(packet)
		if err != nil {
			return
		}
		if n > 0 && packet[0]>>4 == 4 {
			l.push(packet[:n])
		}
	}
}

func writeTo(device *os.File) func([]byte) {
	return func(packet []byte) { _, _ = device.Write(packet) }
}

func shell(command string) error {
	out, err := exec.Command("sh", "-c", command).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", command, err, strings.TrimSpace(string(out)))
	}
	return nil
}

func removeNamespace(name string) {
	if err := shell("ip netns del " + name); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
