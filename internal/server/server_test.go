package server

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"parley/internal/obs"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var built = fstest.MapFS{
	".gitkeep":                {},
	".vite/manifest.json":     {},
	"index.html":              {Data: []byte(`<html><meta name="csp-nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>`)},
	"build.json":              {Data: []byte(`{"id":"1"}`)},
	"sw.js":                   {Data: []byte(`self`)},
	"manifest.webmanifest":    {Data: []byte(`{}`)},
	"assets/index-abc.js":     {Data: []byte("plain")},
	"assets/index-abc.js.br":  {Data: []byte("brotli")},
	"assets/index-abc.js.gz":  {Data: []byte("zipped")},
	"assets/picture-abc.png":  {Data: []byte("\x89PNG\r\n\x1a\n")},
	"assets/font-abc.woff2":   {Data: []byte("wOF2 glyphs")},
	"assets/only-gzip-abc.gz": {Data: []byte("a file of its own")},
}

func newServer(t *testing.T, change func(*Config)) *Server {
	t.Helper()
	cfg := Config{
		PublicURL: "https://meet.example.com",
		Client:    built,
		Health:    obs.NewHealth(slog.New(slog.DiscardHandler), nil),
		API: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/api/panic":
				panic("broken")
			case "/api/abort":
				panic(http.ErrAbortHandler)
			case "/api/read":
				if _, err := io.ReadAll(r.Body); err != nil {
					w.WriteHeader(http.StatusRequestEntityTooLarge)
				}
			}
			w.Header().Set("X-API", r.URL.Path)
		}),
	}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(s *Server, method, url string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const html = "text/html,application/xhtml+xml,*/*;q=0.8"

func TestPages(t *testing.T) {
	s := newServer(t, nil)
	for _, c := range []struct {
		method, path, accept, mode string
		code                       int
		page                       bool
	}{
		{"GET", "/", "*/*", "", 200, true},
		{"GET", "/index.html", "*/*", "", 200, true},
		{"GET", "/m/abc-defg-hij", html, "", 200, true},
		{"GET", "/m/abc-defg-hij", "*/*", "navigate", 200, true},
		{"GET", "/m/abc-defg-hij", html, "same-origin", 200, true},
		{"GET", "/m/abc-defg-hij", "*/*", "cors", 404, false},
		{"GET", "/missing.js", "*/*", "", 404, false},
		{"GET", "/assets/missing.js", html, "navigate", 404, false},
		{"HEAD", "/", "*/*", "", 200, false},
		{"POST", "/", html, "", 405, false},
		{"GET", "/.gitkeep", "*/*", "", 404, false},
		{"GET", "/.vite/manifest.json", "*/*", "", 404, false},
		{"GET", "/healthz", "*/*", "", 200, false},
		{"GET", "/readyz", "*/*", "", 200, false},
		{"GET", "/metrics", "*/*", "", 404, false},
	} {
		resp := ask(s, c.method, c.path, "Accept", c.accept, "Sec-Fetch-Mode", c.mode)
		if page := strings.Contains(body(t, resp), "csp-nonce"); resp.StatusCode != c.code || page != c.page {
			t.Errorf("%s %s (%s %s): %d, page %t", c.method, c.path, c.accept, c.mode, resp.StatusCode, page)
		}
	}
}

func TestNonce(t *testing.T) {
	s := newServer(t, nil)
	seen := map[string]bool{}
	for range 3 {
		resp := ask(s, "GET", "/")
		text := body(t, resp)
		nonce := regexp.MustCompile(`content="([^"]{20,})"`).FindStringSubmatch(text)
		if nonce == nil || strings.Contains(text, noncePlace) || strings.Count(text, nonce[1]) != 2 {
			t.Fatalf("page %s", text)
		}
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "style-src 'self' 'nonce-"+nonce[1]+"';") {
			t.Errorf("policy %s", csp)
		}
		if seen[nonce[1]] {
			t.Error("a nonce came twice")
		}
		seen[nonce[1]] = true
		if resp.Header.Get("Cache-Control") != "no-cache" || resp.Header.Get("ETag") != "" {
			t.Errorf("headers %v", resp.Header)
		}
	}
}

func TestFiles(t *testing.T) {
	s := newServer(t, nil)
	for _, c := range []struct {
		path, accept               string
		text, encoding, cache, typ string
	}{
		{"/assets/index-abc.js", "gzip, deflate, br, zstd", "brotli", "br", "immutable", "text/javascript; charset=utf-8"},
		{"/assets/index-abc.js", "gzip;q=1.0, br;q=0", "zipped", "gzip", "immutable", "text/javascript; charset=utf-8"},
		{"/assets/index-abc.js", "", "plain", "", "immutable", "text/javascript; charset=utf-8"},
		{"/assets/only-gzip-abc.gz", "gzip", "a file of its own", "", "immutable", ""},
		{"/assets/font-abc.woff2", "br", "wOF2 glyphs", "", "immutable", "font/woff2"},
		{"/assets/picture-abc.png", "br", "\x89PNG\r\n\x1a\n", "", "immutable", "image/png"},
		{"/build.json", "br", `{"id":"1"}`, "", "no-cache", "application/json"},
		{"/sw.js", "br", "self", "", "no-cache", "text/javascript; charset=utf-8"},
		{"/manifest.webmanifest", "", "{}", "", "no-cache", "application/manifest+json"},
	} {
		resp := ask(s, "GET", c.path, "Accept-Encoding", c.accept)
		header := resp.Header
		if text := body(t, resp); text != c.text || header.Get("Content-Encoding") != c.encoding ||
			!strings.Contains(header.Get("Cache-Control"), c.cache) || c.typ != "" && header.Get("Content-Type") != c.typ {
			t.Errorf("%s for %q: %q %v", c.path, c.accept, text, header)
		}
		again := ask(s, "GET", c.path, "Accept-Encoding", c.accept, "If-None-Match", header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s again: %d", c.path, again.StatusCode)
		}
	}
}

func TestTextWithoutCompressedFormsIsZipped(t *testing.T) {
	text := strings.Repeat("some words of a program ", 200)
	s := newServer(t, func(c *Config) { c.Client = fstest.MapFS{"assets/a.js": {Data: []byte(text)}} })
	resp := ask(s, "GET", "/assets/a.js", "Accept-Encoding", "gzip")
	r, err := gzip.NewReader(resp.Body)
	if err != nil {
		t.Fatal(err, resp.Header)
	}
	if have, err := io.ReadAll(r); err != nil || string(have) != text || resp.ContentLength > 500 {
		t.Errorf("%d bytes of %d, %v", resp.ContentLength, len(have), err)
	}
	if plain := body(t, ask(s, "GET", "/assets/a.js")); plain != text {
		t.Error("plain text differs")
	}
}

func TestNotBuilt(t *testing.T) {
	s := newServer(t, func(c *Config) { c.Client = fstest.MapFS{".gitkeep": {}} })
	if resp := ask(s, "GET", "/"); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body(t, resp), "make build") {
		t.Error(resp.Status)
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := newServer(t, func(c *Config) { c.HSTS = true })
	for _, path := range []string{"/", "/api/x", "/assets/index-abc.js", "/nowhere"} {
		h := ask(s, "GET", path).Header
		for name, want := range map[string]string{
			"Content-Security-Policy":    "frame-ancestors 'none'",
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Permissions-Policy":         "camera=(self), microphone=(self), display-capture=(self)",
			"Strict-Transport-Security":  "max-age=31536000",
		} {
			if !strings.Contains(h.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		for _, unsafe := range []string{"unsafe-inline", "unsafe-eval", "*"} {
			if strings.Contains(h.Get("Content-Security-Policy"), unsafe) {
				t.Errorf("%s: policy holds %s", path, unsafe)
			}
		}
	}
	if h := ask(newServer(t, nil), "GET", "/").Header.Get("Strict-Transport-Security"); h != "" {
		t.Error("HSTS without TLS")
	}
}

func TestPolicyNamesOurWebSocketsOnly(t *testing.T) {
	s := newServer(t, nil)
	if csp := ask(s, "GET", "http://meet.lan:8080/").Header.Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self' ws://meet.lan:8080 wss://meet.lan:8080;") {
		t.Error(csp)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "x;script-src:*"
	w := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(w, r)
	if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "*") {
		t.Errorf("a host name changed the policy: %s", csp)
	}
}

func TestCrossOrigin(t *testing.T) {
	s := newServer(t, nil)
	const host = "http://10.0.0.5:8080/api/x"
	for name, c := range map[string]struct {
		method  string
		headers []string
		want    int
	}{
		"program":                      {"POST", nil, 200},
		"own page":                     {"POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://10.0.0.5:8080"}, 200},
		"other site":                   {"POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.com"}, 403},
		"other site, old browser":      {"DELETE", []string{"Origin", "https://evil.example.com"}, 403},
		"public name behind a proxy":   {"POST", []string{"Origin", "https://meet.example.com"}, 200},
		"other site reads":             {"GET", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.com"}, 200},
		"own websocket":                {"GET", []string{"Upgrade", "websocket", "Origin", "http://10.0.0.5:8080"}, 200},
		"public websocket":             {"GET", []string{"Upgrade", "WebSocket", "Origin", "https://meet.example.com"}, 200},
		"program's websocket":          {"GET", []string{"Upgrade", "websocket"}, 200},
		"other site's websocket":       {"GET", []string{"Upgrade", "websocket", "Origin", "https://evil.example.com"}, 403},
		"sandboxed page's websocket":   {"GET", []string{"Upgrade", "websocket", "Origin", "null"}, 403},
		"public host, wrong scheme ws": {"GET", []string{"Upgrade", "websocket", "Origin", "http://meet.example.com"}, 403},
	} {
		resp := ask(s, c.method, host, c.headers...)
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
		if c.want == 403 {
			var problem struct{ Code string }
			if err := json.NewDecoder(resp.Body).Decode(&problem); err != nil || problem.Code != "crossOrigin" {
				t.Errorf("%s: %+v %v", name, problem, err)
			}
		}
	}
}

func TestStreamsAreForEverySite(t *testing.T) {
	s := newServer(t, func(c *Config) {
		c.Streams = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Streams", r.URL.Path) })
	})
	for _, path := range []string{"/whip/abc-defg-hij", "/whep/sessions/x"} {
		resp := ask(s, "POST", "http://10.0.0.5:8080"+path, "Sec-Fetch-Site", "cross-site", "Origin", "https://studio.example.com")
		if resp.StatusCode != 200 || resp.Header.Get("X-Streams") != path || resp.Header.Get("X-Content-Type-Options") == "" {
			t.Errorf("%s: %d %v", path, resp.StatusCode, resp.Header)
		}
	}
	if resp := ask(s, "POST", "http://10.0.0.5:8080/api/x", "Sec-Fetch-Site", "cross-site"); resp.StatusCode != 403 {
		t.Errorf("the API: %d", resp.StatusCode)
	}
}

func TestPanic(t *testing.T) {
	s := newServer(t, nil)
	resp := ask(s, "GET", "/api/panic")
	if resp.StatusCode != 500 || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	if text := body(t, resp); strings.Contains(text, "broken") {
		t.Error("tells the panic: ", text)
	}
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("recovered %v", v)
		}
	}()
	ask(s, "GET", "/api/abort")
}

func TestBodyLimit(t *testing.T) {
	s := newServer(t, func(c *Config) { c.MaxBodyBytes = 10 })
	for text, want := range map[string]int{"0123456789": 200, "0123456789a": 413} {
		w := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(w, httptest.NewRequest("POST", "/api/read", strings.NewReader(text)))
		if w.Code != want {
			t.Errorf("%d bytes: %d", len(text), w.Code)
		}
	}
}

// TestBodiesThatDoNotCome runs on real sockets: only they have deadlines.
func TestBodiesThatDoNotCome(t *testing.T) {
	const timeout = 50 * time.Millisecond
	s := newServer(t, func(c *Config) { c.BodyTimeout = timeout })
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	defer func() {
		_ = s.Shutdown(context.Background())
		<-served
	}()
	for _, request := range []string{"GET /", "POST /index.html", "GET /api/unread", "POST /api/read", "GET /api/abort"} {
		t.Run(request, func(t *testing.T) {
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprint(conn, request+" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
			_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
			if _, err := io.Copy(io.Discard, conn); err != nil {
				t.Errorf("the connection is kept: %v", err)
			}
		})
	}
}

func TestShutdownLetsRequestsEnd(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	var order []string
	s := newServer(t, func(c *Config) {
		c.API = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-release
			io.WriteString(w, "done")
		})
		c.OnStop = []func(context.Context){
			func(context.Context) { order = append(order, "first") },
			func(context.Context) { order = append(order, "second"); close(release) },
		}
	})
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), l.Addr().String()); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("second listener: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answers := make(chan string, 1)
	go func() {
		resp, err := client.Get("http://" + l.Addr().String() + "/api/slow")
		if err != nil {
			answers <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			text = []byte(err.Error())
		}
		answers <- string(text)
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if text := <-answers; text != "done" {
		t.Errorf("the running request was answered %q", text)
	}
	if strings.Join(order, " ") != "first second" {
		t.Error(order)
	}
}

func TestRoute(t *testing.T) {
	route := Route([]string{"GET /api/v1/invitations/by-token/{token}", "POST /api/v1/meetings"})
	for request, want := range map[string]string{
		"GET /api/v1/invitations/by-token/hunter2": "GET /api/v1/invitations/by-token/{token}",
		"POST /api/v1/meetings":                    "POST /api/v1/meetings",
		"GET /api/v1/hunter2":                      "unknown",
		"GET /invite/hunter2":                      "page",
		"GET /assets/index-abc.js":                 "/assets",
		"GET /":                                    "page",
		"GET /healthz":                             "/healthz",
	} {
		method, path, _ := strings.Cut(request, " ")
		if have := route(httptest.NewRequest(method, path, nil)); have != want {
			t.Errorf("%s: %s", request, have)
		}
	}
}

func TestMistakes(t *testing.T) {
	if _, err := New(Config{PublicURL: "nonsense"}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("accepted")
	}
	if _, err := New(Config{PublicURL: "http://h"}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("accepted")
	}
}
