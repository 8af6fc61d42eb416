package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/objectstore/miniotest"
	"parley/internal/postgres/pgtest"

	"github.com/nats-io/nats-server/v2/server"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		main()
		return
	}
	pgtest.Main(m)
}

// output can be read while it is written.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// process is a Parley that runs inside the test.
type process struct {
	out    *output
	url    string
	cancel context.CancelFunc
	ended  chan error
}

// dataDir is a folder that the user of PostgreSQL may enter, too.
func dataDir(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp("", "parley-main-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(parent) })
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(parent, "data")
}

func environment(dir string, more ...string) []string {
	return append([]string{
		"PARLEY_LISTEN=127.0.0.1:0", "PARLEY_ADMIN_LISTEN=127.0.0.1:0", "PARLEY_MEDIA_UDP_ADDR=:0", "PARLEY_MEDIA_TCP_ADDR=:0",
		"PARLEY_DATA_DIR=" + dir,
	}, more...)
}

// launch starts a command and waits until it says that it is ready.
func launch(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	return launchWith(t, environment(dir), args...)
}

func launchWith(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{out: &output{}, cancel: cancel, ended: make(chan error, 1)}
	go func() {
		p.ended <- run(ctx, &invocation{args: args, env: env, stdout: p.out, stderr: p.out})
	}()
	t.Cleanup(func() { p.stop(t) })
	ready := regexp.MustCompile(`is ready: (http://[0-9.:]+)(?s:.*?)\n\n`)
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if found := ready.FindStringSubmatch(p.out.String()); found != nil {
			p.url = found[1]
			return p
		}
		select {
		case err := <-p.ended:
			p.ended <- err
			t.Fatalf("ended: %v\n%s", err, p.out)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready:\n%s", p.out)
		}
	}
}

func (p *process) stop(t *testing.T) {
	t.Helper()
	p.cancel()
	select {
	case err := <-p.ended:
		p.ended <- err
		if err != nil {
			t.Errorf("ended with %v\n%s", err, p.out)
		}
	case <-time.After(patience):
		t.Fatalf("does not stop\n%s", p.out)
	}
}

var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}

// request answers status and body.
func request(t *testing.T, method, url, body string, headers ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Header
}

func once(args []string, env ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	err = run(context.Background(), &invocation{args: args, env: env, stdout: &out, stderr: &errs})
	return out.String(), errs.String(), err
}

func TestSmallCommands(t *testing.T) {
	if out, _, err := once([]string{"version"}); err != nil || !strings.HasPrefix(out, "parley ") {
		t.Errorf("version: %q %v", out, err)
	}
	if out, _, err := once([]string{"help"}); err != nil || !strings.Contains(out, "migrate") {
		t.Errorf("help: %q %v", out, err)
	}
	out, _, err := once([]string{"config"}, "PARLEY_DATABASE_URL=postgres://u:hunter2@h/d")
	if err != nil || strings.Contains(out, "hunter2") || !strings.Contains(out, "listen: 127.0.0.1:8080") {
		t.Errorf("config: %q %v", out, err)
	}
	for _, args := range [][]string{{"sevre"}, {"--what"}, {"config", "extra"}, {"serve", "--config"}} {
		if _, stderr, err := once(args); !errors.Is(err, errUsage) || !strings.Contains(stderr, "Usage") {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, _, err := once([]string{"config", "--config", "/nowhere.yaml"}); err == nil || errors.Is(err, errUsage) {
		t.Errorf("missing file: %v", err)
	}
	if _, _, err := once(nil, "PARLEY_LISTN=:1"); err == nil || !strings.Contains(err.Error(), "PARLEY_LISTEN") {
		t.Errorf("unknown variable: %v", err)
	}
}

func TestOpenAPIDocumentIsUpToDate(t *testing.T) {
	out, _, err := once([]string{"openapi"})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../../api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if out != string(kept) {
		t.Error("api/openapi.json is old: make generate")
	}
}

func TestServe(t *testing.T) {
	dir := dataDir(t)
	p := launch(t, dir)
	if code, text, _ := request(t, "GET", p.url+"/readyz", ""); code != 200 {
		t.Errorf("readyz %d %s", code, text)
	}
	setup := regexp.MustCompile(`/setup#(\S+)`).FindStringSubmatch(p.out.String())
	if setup == nil {
		t.Fatalf("no set-up link:\n%s", p.out)
	}
	owner := `{"token":"` + setup[1] + `","companyName":"远帆","name":"王思远","login":"wang","password":"correct horse battery","locale":"zh-CN"}`
	code, text, header := request(t, "POST", p.url+"/api/v1/setup", owner)
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	if code >= 300 || !strings.HasPrefix(cookie, "parley_session=") {
		t.Fatalf("setup %d %s", code, text)
	}
	code, text, _ = request(t, "POST", p.url+"/api/v1/meetings", `{"title":"First"}`, "Cookie", cookie)
	if code >= 300 || !strings.Contains(text, `"code"`) {
		t.Fatalf("meeting %d %s", code, text)
	}
	if code, text, _ = request(t, "GET", p.url+"/api/v1/demo/people", ""); code != 404 {
		t.Errorf("demo operations outside of a demo: %d %s", code, text)
	}

	second := invocation{env: environment(dir), stdout: io.Discard, stderr: io.Discard}
	if err := run(t.Context(), &second); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second Parley in the same folder: %v", err)
	}
	p.stop(t)

	again := launch(t, dir)
	if strings.Contains(again.out.String(), "/setup#") {
		t.Error("asks to be set up again")
	}
	if code, text, _ := request(t, "GET", again.url+"/api/v1/me", "", "Cookie", cookie); code != 200 || !strings.Contains(text, "王思远") {
		t.Errorf("the session is gone: %d %s", code, text)
	}
	again.stop(t)
	demo := invocation{args: []string{"demo"}, env: environment(dir), stdout: io.Discard, stderr: io.Discard}
	if err := run(t.Context(), &demo); err == nil || !strings.Contains(err.Error(), "real data") {
		t.Errorf("a demo in a real folder: %v", err)
	}
}

func TestPortInUse(t *testing.T) {
	dir := dataDir(t)
	a := newApp(config.Default(), (&invocation{stderr: io.Discard}).logger(config.Default()))
	a.cfg.Listen, a.cfg.Admin.Listen, a.cfg.TLS.RedirectListen = "127.0.0.1:0", config.Off, config.Off
	doors, err := a.openDoors(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer a.close(t.Context())
	in := invocation{env: environment(dir, "PARLEY_LISTEN="+doors.main.Addr().String()), stdout: io.Discard, stderr: io.Discard}
	if err := run(t.Context(), &in); err == nil || !strings.Contains(err.Error(), "in use by another program") {
		t.Errorf("have %v", err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("a data folder was made although the port was taken")
	}
}

// startNATS starts a NATS server, which ends with the test at the latest.
func startNATS(t *testing.T) *server.Server {
	t.Helper()
	events, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	events.Start()
	t.Cleanup(func() {
		events.Shutdown()
		events.WaitForShutdown()
	})
	if !events.ReadyForConnections(time.Minute) {
		t.Fatal("nats is not ready")
	}
	return events
}

func TestServeOnConfiguredEngines(t *testing.T) {
	events := startNATS(t)
	dir := dataDir(t)
	p := launchWith(t, environment(dir,
		"PARLEY_DATABASE_URL="+pgtest.EmptyURL(t), "PARLEY_NATS_URL="+events.ClientURL(),
		"PARLEY_S3_ENDPOINT="+miniotest.Start(t), "PARLEY_S3_ACCESS_KEY="+miniotest.User, "PARLEY_S3_SECRET_KEY="+miniotest.Password))
	if code, text, _ := request(t, "GET", p.url+"/readyz", ""); code != 200 {
		t.Errorf("readyz %d %s", code, text)
	}
	for _, name := range []string{postgresDir, objectsDir} {
		if _, err := os.Stat(filepath.Join(dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s was made although it is configured elsewhere", name)
		}
	}
	events.Shutdown()
	events.WaitForShutdown()
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		if code, text, _ := request(t, "GET", p.url+"/readyz", ""); code == 503 && strings.Contains(text, `"events":"failing"`) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("ready without the event bus")
		}
	}
}

func TestMigrateCommand(t *testing.T) {
	for range 2 {
		if out, stderr, err := once([]string{"migrate"}, "PARLEY_DATABASE_URL="+pgtest.EmptyURL(t), "PARLEY_DATA_DIR="+dataDir(t)); err != nil || !strings.Contains(out, "up to date") {
			t.Errorf("%q %v\n%s", out, err, stderr)
		}
	}
}
