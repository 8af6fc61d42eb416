package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type pingInput struct {
	ID    int    `path:"id" minimum:"1"`
	Query string `query:"q" maxLength:"5"`
	Body  struct {
		Name     string `json:"name" minLength:"2"`
		Password string `json:"password,omitempty" minLength:"10"`
	}
}

type pingOutput struct {
	Body struct {
		Names []string `json:"names"`
	}
}

var errDisk = errors.New("disk on fire")

func ping(_ context.Context, in *pingInput) (*pingOutput, error) {
	switch in.Body.Name {
	case "missing":
		return nil, fault.MeetingNotFound.With(map[string]any{"id": in.ID})
	case "slow":
		return nil, fault.RateLimited.With(map[string]any{"retryAfterSeconds": 7})
	case "broken":
		return nil, errDisk
	case "panic":
		panic("handler")
	}
	out := &pingOutput{}
	out.Body.Names = []string{in.Body.Name}
	return out, nil
}

var pingOp = api.Operation{
	ID: "ping", Method: http.MethodPost, Path: "/pings/{id}", Tag: "test", Summary: "Ping",
	Access: api.Public(), Faults: []fault.Code{fault.MeetingNotFound, fault.RateLimited},
}

func newTestAPI(cfg api.Config) *api.API {
	a := api.New(cfg)
	api.Register(a, pingOp, ping)
	return a
}

type call struct {
	method, path, body, contentType string
	header                          http.Header
}

func (c call) do(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.contentType != "" {
		r.Header.Set("Content-Type", c.contentType)
	}
	for k, v := range c.header {
		r.Header[k] = v
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestErrorsAreProblems(t *testing.T) {
	big := `{"name":"` + strings.Repeat("x", 70<<10) + `"}`
	cases := []struct {
		name   string
		call   call
		status int
		code   fault.Code
	}{
		{"fault", call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"missing"}`}, 404, fault.MeetingNotFound},
		{"stranger", call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"broken"}`}, 500, fault.Internal},
		{"panic", call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"panic"}`}, 500, fault.Internal},
		{"field", call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"x"}`}, 422, fault.Validation},
		{"unknown field", call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"xx","nope":1}`}, 422, fault.Validation},
		{"path", call{method: "POST", path: "/api/v1/pings/x", body: `{"name":"xx"}`}, 422, fault.Validation},
		{"unknown query", call{method: "POST", path: "/api/v1/pings/3?z=1", body: `{"name":"xx"}`}, 422, fault.Validation},
		{"no body", call{method: "POST", path: "/api/v1/pings/3"}, 400, fault.BadRequest},
		{"no JSON", call{method: "POST", path: "/api/v1/pings/3", body: `{`}, 400, fault.BadRequest},
		{"form", call{method: "POST", path: "/api/v1/pings/3", body: `name=xx`, contentType: "text/plain"}, 415, fault.UnsupportedMedia},
		{"too large", call{method: "POST", path: "/api/v1/pings/3", body: big}, 413, fault.TooLarge},
		{"no such path", call{method: "GET", path: "/api/v1/nothing"}, 404, fault.NotFound},
		{"no such version", call{method: "GET", path: "/api/v9/pings/3"}, 404, fault.NotFound},
		{"method", call{method: "DELETE", path: "/api/v1/pings/3"}, 405, fault.MethodNotAllowed},
	}
	a := newTestAPI(api.Config{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := c.call.do(a)
			var p api.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("%d %s: %v", w.Code, w.Body, err)
			}
			if w.Code != c.status || p.Status != c.status || p.Code != c.code {
				t.Errorf("got %d %s, want %d %s: %s", w.Code, p.Code, c.status, c.code, w.Body)
			}
			if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("content type %q", ct)
			}
			if p.Title == "" || p.Detail == "" || p.Type != "about:blank" {
				t.Errorf("incomplete: %s", w.Body)
			}
			if strings.Contains(w.Body.String(), errDisk.Error()) {
				t.Error("the cause leaks")
			}
		})
	}
}

func TestProblemDetails(t *testing.T) {
	a := newTestAPI(api.Config{})
	w := call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"slow"}`}.do(a)
	if got := w.Header().Get("Retry-After"); got != "7" {
		t.Errorf("Retry-After %q", got)
	}
	w = call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"xx","password":"hunter2"}`}.do(a)
	if body := w.Body.String(); !strings.Contains(body, "body.password") || strings.Contains(body, "hunter2") {
		t.Errorf("a password comes back: %s", body)
	}
	w = call{method: "DELETE", path: "/api/v1/pings/3"}.do(a)
	if got := w.Header().Get("Allow"); got != "POST" {
		t.Errorf("Allow %q", got)
	}
}

func TestFailuresAreLoggedOnce(t *testing.T) {
	var log bytes.Buffer
	a := newTestAPI(api.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	call{method: "POST", path: "/api/v1/pings/3?q=abc", body: `{"name":"broken"}`}.do(a)
	if n := strings.Count(log.String(), errDisk.Error()); n != 1 {
		t.Errorf("logged %d times: %s", n, &log)
	}
	log.Reset()
	call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"missing"}`}.do(a)
	if log.Len() > 0 {
		t.Errorf("a client's mistake is logged: %s", &log)
	}
}

func TestAccess(t *testing.T) {
	who := authz.Principal{}
	a := api.New(api.Config{Authenticate: func(*http.Request) (authz.Principal, error) { return who, nil }})
	ran := false
	api.Register(a, api.Operation{
		ID: "change", Method: "PATCH", Path: "/change", Tag: "test", Summary: "Change", Access: api.Needs(authz.ManageCompany),
	}, func(context.Context, *struct{}) (*struct{}, error) { ran = true; return nil, nil })
	api.HandleHTTP(a, api.Operation{
		ID: "stream", Method: "GET", Path: "/streams/{id}", Tag: "test", Summary: "Stream", Access: api.Needs(authz.ReadChat),
	}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { ran = authz.From(r.Context()).Kind == who.Kind }))
	cases := []struct {
		name   string
		who    authz.Principal
		method string
		path   string
		status int
	}{
		{"anonymous", authz.Principal{}, "PATCH", "/api/v1/change", 401},
		{"member", authz.Principal{Kind: authz.User, Role: authz.Member}, "PATCH", "/api/v1/change", 403},
		{"admin", authz.Principal{Kind: authz.User, Role: authz.Admin}, "PATCH", "/api/v1/change", 204},
		{"token without scope", authz.Principal{Kind: authz.Token, Role: authz.Owner}, "PATCH", "/api/v1/change", 403},
		{"token", authz.Principal{Kind: authz.Token, Role: authz.Owner, Scopes: authz.Scopes}, "PATCH", "/api/v1/change", 204},
		{"anonymous stream", authz.Principal{}, "GET", "/api/v1/streams/1", 401},
		{"guest stream", authz.Principal{Kind: authz.Guest}, "GET", "/api/v1/streams/1", 200},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			who, ran = c.who, false
			w := call{method: c.method, path: c.path}.do(a)
			if w.Code != c.status || ran != (c.status < 300) {
				t.Errorf("got %d (ran: %v), want %d: %s", w.Code, ran, c.status, w.Body)
			}
			if c.status == 401 && w.Header().Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
		})
	}
}

func TestAuthenticateFails(t *testing.T) {
	a := newTestAPI(api.Config{Authenticate: func(*http.Request) (authz.Principal, error) {
		return authz.Principal{}, fault.Unauthenticated
	}})
	if w := (call{method: "POST", path: "/api/v1/pings/3", body: `{"name":"xx"}`}).do(a); w.Code != 401 {
		t.Errorf("got %d", w.Code)
	}
}

func TestRegistrationRefusesMistakes(t *testing.T) {
	good := pingOp
	cases := map[string]func(*api.Operation){
		"no access":       func(op *api.Operation) { op.Access = api.Access{} },
		"unknown action":  func(op *api.Operation) { op.Access = api.Needs("no.such.action") },
		"no id":           func(op *api.Operation) { op.ID = "" },
		"kebab id":        func(op *api.Operation) { op.ID = "do-ping" },
		"no summary":      func(op *api.Operation) { op.Summary = "" },
		"no tag":          func(op *api.Operation) { op.Tag = "" },
		"relative path":   func(op *api.Operation) { op.Path = "pings/{id}" },
		"unknown fault":   func(op *api.Operation) { op.Faults = []fault.Code{"nonsense"} },
		"empty operation": func(op *api.Operation) { *op = api.Operation{} },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			op := good
			spoil(&op)
			mustPanic(t, func() { api.Register(api.New(api.Config{}), op, ping) })
			mustPanic(t, func() { api.HandleHTTP(api.New(api.Config{}), op, http.NotFoundHandler()) })
		})
	}
	t.Run("path that the input does not read", func(t *testing.T) {
		op := good
		op.Path = "/pings/{id}/{other}"
		mustPanic(t, func() { api.Register(api.New(api.Config{}), op, ping) })
	})
	t.Run("huma around api", func(t *testing.T) {
		a := api.New(api.Config{})
		mustPanic(t, func() {
			huma.Register(a.Huma(), huma.Operation{OperationID: "ping", Method: "POST", Path: "/p/{id}"}, ping)
		})
	})
}

func mustPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("accepted")
		}
	}()
	f()
}

func TestOpenAPIDocument(t *testing.T) {
	a := newTestAPI(api.Config{})
	doc, err := a.OpenAPIJSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := newTestAPI(api.Config{}).OpenAPIJSON()
	if err != nil || !bytes.Equal(doc, again) {
		t.Errorf("the document differs between runs (%v)", err)
	}
	w := call{method: "GET", path: "/api/openapi.json"}.do(a)
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), doc) {
		t.Errorf("served %d, %d bytes", w.Code, w.Body.Len())
	}
	for _, want := range []string{`"openapi": "3.1.0"`, `"operationId": "ping"`, `"/pings/{id}"`, `"url": "/api/v1"`, "meetingNotFound", problemSchema} {
		if !bytes.Contains(doc, []byte(want)) {
			t.Errorf("no %s in the document", want)
		}
	}
	if bytes.Contains(doc, []byte("null")) {
		t.Error("something is nullable")
	}
}

const problemSchema = "#/components/schemas/Problem"

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("127.0.0.1/32")}
	cases := []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"direct", "203.0.113.9:4711", nil, "203.0.113.9"},
		{"direct, forged", "203.0.113.9:4711", []string{"198.51.100.1"}, "203.0.113.9"},
		{"proxy", "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"proxy, forged before", "10.0.0.1:1", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies, two headers", "127.0.0.1:1", []string{"198.51.100.1", "10.2.2.2"}, "198.51.100.1"},
		{"only proxies", "127.0.0.1:1", []string{"10.2.2.2"}, "10.2.2.2"},
		{"rubbish", "127.0.0.1:1", []string{"198.51.100.1, unknown"}, "127.0.0.1"},
		{"no header", "127.0.0.1:1", nil, "127.0.0.1"},
		{"IPv6 with port", "[2001:db8::1]:443", nil, "2001:db8::1"},
		{"mapped", "[::ffff:10.0.0.1]:443", []string{"[2001:db8::2]:5"}, "2001:db8::2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.remote
			r.Header["X-Forwarded-For"] = c.forwarded
			if got := api.ClientAddress(r, trusted); got != netip.MustParseAddr(c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "@"
	if got := api.ClientAddress(r, trusted); got.IsValid() {
		t.Errorf("a unix socket has the address %s", got)
	}
}

func TestEveryOperationOfADocumentHasErrors(t *testing.T) {
	doc, err := newTestAPI(api.Config{}).OpenAPIJSON()
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		Paths map[string]map[string]struct {
			Summary   string
			Tags      []string
			Responses map[string]any
		}
	}
	if err := json.Unmarshal(doc, &parsed); err != nil {
		t.Fatal(err)
	}
	op := parsed.Paths["/pings/{id}"]["post"]
	for _, status := range []string{"200", "404", "422", "429", "500"} {
		if op.Responses[status] == nil {
			t.Errorf("no answer %s", status)
		}
	}
	if op.Summary == "" || !slices.Equal(op.Tags, []string{"test"}) {
		t.Errorf("summary %q, tags %q", op.Summary, op.Tags)
	}
}
