package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"

	"github.com/pion/transport/v4"
	"github.com/pion/transport/v4/stdnet"
	"golang.org/x/sys/unix"
)

// impairment is what is done to the link: rate in kbit/s (0: unlimited), delay and queue in milliseconds, loss in percent,
// in bursts of so many packets.
type impairment struct {
	name                            string
	rate, delay, queue, loss, burst int
}

// impairments are those of the matrix.
var impairments = []impairment{
	{name: "500 kbit/s, 3 % loss, 50 ms", rate: 500, delay: 50, queue: commonQueue, loss: 3, burst: 1},
	{name: "1 Mbit/s, 1 s of buffer", rate: 1000, queue: 1000, burst: 1},
	{name: "10 % loss in bursts", delay: 20, queue: commonQueue, loss: 10, burst: 3},
	{name: "150 kbit/s", rate: 150, queue: commonQueue, burst: 1},
}

const commonQueue = 300

// link is an emulated link into a network namespace.
type link struct {
	namespace string
	host      string // the address of this side
	control   string
	process   *exec.Cmd
}

func newLink(ctx context.Context, netem string) (*link, error) {
	l := &link{namespace: fmt.Sprintf("pl%d", os.Getpid()), host: "10.99.1.1"}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l.control = free.Addr().String()
	_ = free.Close()
	l.process = exec.Command(netem, "-namespace", l.namespace, "-subnet", "10.99.1", "-control", l.control)
	l.process.Stderr = os.Stderr
	stdout, err := l.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.process.Start(); err != nil {
		return nil, err
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		return nil, fmt.Errorf("the link was not made: %w", errors.Join(err, l.close()))
	}
	return l, l.heal(ctx, "")
}

func (l *link) close() error {
	if err := l.process.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	return l.process.Wait()
}

// impair impairs a direction as seen from the namespace, both when it is empty.
func (l *link) impair(ctx context.Context, direction string, i impairment) error {
	q := url.Values{"direction": {direction}}
	for name, value := range map[string]int{"rate": i.rate, "delay": i.delay, "queue": i.queue, "loss": i.loss, "burst": i.burst} {
		q.Set(name, strconv.Itoa(value))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.control+"/set?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		return fmt.Errorf("the link refuses: %s", text)
	}
	return nil
}

func (l *link) heal(ctx context.Context, direction string) error {
	return l.impair(ctx, direction, impairment{queue: commonQueue, burst: 1})
}

// farEnd is the network in the namespace, for Pion: its sockets are made there and stay there.
type farEnd struct {
	*stdnet.Net
	namespace string
}

func (l *link) farEnd() (transport.Net, error) {
	f := &farEnd{namespace: l.namespace}
	var err error
	f.Net, err = within(l.namespace, stdnet.NewNet)
	return f, err
}

// ListenPacket implements transport.Net.
func (f *farEnd) ListenPacket(network, address string) (net.PacketConn, error) {
	return within(f.namespace, func() (net.PacketConn, error) { return f.Net.ListenPacket(network, address) })
}

// ListenUDP implements transport.Net.
func (f *farEnd) ListenUDP(network string, address *net.UDPAddr) (transport.UDPConn, error) {
	return within(f.namespace, func() (transport.UDPConn, error) { return f.Net.ListenUDP(network, address) })
}

// within runs f in a namespace, on a thread that ends with it, so that no other code runs there.
func within[T any](namespace string, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		runtime.LockOSThread()
		var r result
		file, err := os.Open("/var/run/netns/" + namespace)
		if err != nil {
			done <- result{err: err}
			return
		}
		defer file.Close()
		if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- result{err: fmt.Errorf("enter namespace %s: %w", namespace, err)}
			return
		}
		r.value, r.err = f()
		done <- r
	}()
	r := <-done
	return r.value, r.err
}
