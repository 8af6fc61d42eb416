package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, url string) *Bus {
	t.Helper()
	b, err := Open(url, slog.New(slog.NewTextHandler(t.Output(), nil)), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// outside is a NATS server that stands for a configured one.
func outside(t *testing.T, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("server is not ready")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

func TestInside(t *testing.T) {
	b := open(t, "")
	if b.server.Addr() != nil {
		t.Errorf("listens on %v", b.server.Addr())
	}
	testBus(t, b, b)
}

func TestOutside(t *testing.T) {
	s := outside(t, server.RANDOM_PORT)
	testBus(t, open(t, s.ClientURL()), open(t, s.ClientURL()))
}

// testBus is what every bus must pass; here and there may be two nodes.
func testBus(t *testing.T, here, there *Bus) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, here, there *Bus)
	}{
		{"order", testOrder},
		{"wildcards", testWildcards},
		{"queue", testQueue},
		{"request", testRequest},
		{"close waits", testCloseWaits},
		{"slow subscriber", testSlowSubscriber},
		{"panic", testPanic},
		{"mistakes", testMistakes},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, here, there) })
	}
	if err := here.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
}

func subscribe(t *testing.T, b *Bus, subject string, fn func(Message)) *Subscription {
	t.Helper()
	s, err := b.Subscribe(subject, fn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func publish(t *testing.T, b *Bus, subject, data string) {
	t.Helper()
	if err := b.Publish(t.Context(), subject, []byte(data)); err != nil {
		t.Fatal(err)
	}
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(time.Minute):
		t.Fatal("nothing comes")
		panic("unreachable")
	}
}

func testOrder(t *testing.T, here, there *Bus) {
	const n = 1000
	got := make(chan string, n)
	subscribe(t, there, "order.one", func(m Message) { got <- string(m.Data) })
	for i := range n {
		publish(t, here, "order.one", fmt.Sprint(i))
	}
	for i := range n {
		if have := receive(t, got); have != fmt.Sprint(i) {
			t.Fatalf("message %d is %s", i, have)
		}
	}
}

func testWildcards(t *testing.T, here, there *Bus) {
	got := make(chan string, 16)
	for _, subject := range []string{"w.*.c", "w.>", "w.b.c"} {
		subscribe(t, there, subject, func(m Message) { got <- subject + " " + m.Subject })
	}
	publish(t, here, "w.b.c", "")
	have := []string{receive(t, got), receive(t, got), receive(t, got)}
	slices.Sort(have)
	if want := []string{"w.*.c w.b.c", "w.> w.b.c", "w.b.c w.b.c"}; !slices.Equal(have, want) {
		t.Errorf("have %q", have)
	}
}

func testQueue(t *testing.T, here, there *Bus) {
	got := make(chan string, 200)
	for i, b := range []*Bus{here, there, there} {
		s, err := b.SubscribeQueue("work.todo", "workers", func(m Message) { got <- fmt.Sprint(i) })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
	}
	for range 100 {
		publish(t, here, "work.todo", "")
	}
	for range 100 {
		receive(t, got)
	}
	if err := there.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(got) != 0 {
		t.Errorf("%d messages came twice", len(got))
	}
}

func testRequest(t *testing.T, here, there *Bus) {
	subscribe(t, there, "ask.*", func(m Message) {
		if err := m.Reply(append([]byte("re: "), m.Data...)); err != nil {
			t.Error(err)
		}
	})
	answer, err := here.Request(t.Context(), "ask.me", []byte("you?"))
	if err != nil || string(answer) != "re: you?" {
		t.Errorf("%q, %v", answer, err)
	}
	if _, err := here.Request(t.Context(), "nobody.home", nil); !errors.Is(err, ErrNoResponder) {
		t.Errorf("nobody: %v", err)
	}
	if err := (Message{}).Reply(nil); err != nil {
		t.Error(err)
	}
}

func testCloseWaits(t *testing.T, here, there *Bus) {
	entered, release := make(chan struct{}), make(chan struct{})
	var ended bool
	s := subscribe(t, there, "close.wait", func(Message) {
		close(entered)
		<-release
		ended = true
	})
	publish(t, here, "close.wait", "")
	receive(t, entered)
	time.AfterFunc(20*time.Millisecond, func() { close(release) })
	s.Close()
	if !ended {
		t.Error("close did not wait for the function")
	}
	s.Close()
	publish(t, here, "close.wait", "nobody hears this; a second call would panic")
}

func testSlowSubscriber(t *testing.T, here, there *Bus) {
	release, lost := make(chan struct{}), make(chan struct{}, 1)
	var once sync.Once
	before := testutil.ToFloat64(there.drops)
	subscribe(t, there, "slow.one", func(m Message) {
		once.Do(func() { <-release })
		if m.Lost {
			select {
			case lost <- struct{}{}:
			default:
			}
		}
	})
	fast := make(chan struct{}, 3*queueMessages)
	subscribe(t, there, "slow.one", func(Message) { fast <- struct{}{} })
	for range 2 * queueMessages {
		publish(t, here, "slow.one", "x")
	}
	for range 2 * queueMessages {
		receive(t, fast)
	}
	close(release)
	receive(t, lost)
	if dropped := testutil.ToFloat64(there.drops) - before; dropped < 1 {
		t.Errorf("counted %v drops", dropped)
	}
}

func testPanic(t *testing.T, here, there *Bus) {
	got := make(chan string, 1)
	subscribe(t, there, "panic.now", func(m Message) {
		if string(m.Data) == "bad" {
			panic("bad message")
		}
		got <- string(m.Data)
	})
	publish(t, here, "panic.now", "bad")
	publish(t, here, "panic.now", "good")
	if have := receive(t, got); have != "good" {
		t.Errorf("have %q", have)
	}
}

func testMistakes(t *testing.T, here, _ *Bus) {
	for _, subject := range []string{"", ".", "a.", ".a", "a..b", "a b", "a.*", "a.>", "名", "a\r\nPUB b 0"} {
		if err := here.Publish(t.Context(), subject, nil); !errors.Is(err, ErrSubject) {
			t.Errorf("publish %q: %v", subject, err)
		}
	}
	for _, subject := range []string{"", "a.>.b", "a*", "a. "} {
		if _, err := here.Subscribe(subject, func(Message) {}); !errors.Is(err, ErrSubject) {
			t.Errorf("subscribe %q: %v", subject, err)
		}
	}
	if _, err := here.SubscribeQueue("a", "*", func(Message) {}); !errors.Is(err, ErrSubject) {
		t.Errorf("queue: %v", err)
	}
	if err := here.Publish(t.Context(), "a", bytes.Repeat([]byte("x"), MaxMessageBytes+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("large: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := here.Publish(ctx, "a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestClosedBus(t *testing.T) {
	b := open(t, "")
	subscribe(t, b, "a", func(Message) {})
	b.Close()
	b.Close()
	if err := b.Publish(t.Context(), "a", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("publish: %v", err)
	}
	if _, err := b.Subscribe("a", func(Message) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("subscribe: %v", err)
	}
	if err := b.Check(t.Context()); err == nil {
		t.Error("check is content")
	}
}

func TestReconnectTellsLost(t *testing.T) {
	first := outside(t, server.RANDOM_PORT)
	port := first.Addr().(*net.TCPAddr).Port
	b := open(t, first.ClientURL())
	got := make(chan Message, 16)
	subscribe(t, b, "news", func(m Message) { got <- m })
	first.Shutdown()
	first.WaitForShutdown()
	outside(t, port)
	if m := receive(t, got); !m.Lost {
		t.Fatalf("have %+v", m)
	}
	publish(t, b, "news", "after")
	if m := receive(t, got); string(m.Data) != "after" {
		t.Fatalf("have %+v", m)
	}
}

func TestUnreachable(t *testing.T) {
	if _, err := Open("nats://127.0.0.1:1", slog.New(slog.DiscardHandler), prometheus.NewRegistry()); err == nil {
		t.Fatal("connected")
	}
}
