package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
)

const (
	prefix     = "/api/v1"
	problemRef = "#/components/schemas/Problem"

	schemeSession = "session"
	schemeGuest   = "guest"
	schemeBearer  = "bearer"

	// SessionCookie and GuestCookie are the names of the cookies that say who
	// asks.
	SessionCookie = "parley_session"
	GuestCookie   = "parley_guest"
)

// huma keeps these in package variables; they hold for the one API of the
// program.
func init() {
	huma.NewError = newFrameworkProblem
	huma.DefaultArrayNullable = false
}

// Config is what an API needs.
type Config struct {
	// Authenticate resolves who makes a request; an error ends the request.
	// Nil takes everybody as anonymous, which is enough to make the document.
	Authenticate func(*http.Request) (authz.Principal, error)
	// TrustedProxies are those whose X-Forwarded-For is believed. Defaults to
	// none.
	TrustedProxies []netip.Prefix
	// Log receives failures of the server. Defaults to no log.
	Log *slog.Logger
}

// API is the REST API. It is an http.Handler for everything below /api/.
type API struct {
	authenticate   func(*http.Request) (authz.Principal, error)
	trustedProxies []netip.Prefix
	log            *slog.Logger
	mux            *http.ServeMux
	huma           huma.API
	document       func() ([]byte, error)
}

// New makes an API without operations. All of them must be registered before
// it serves.
func New(cfg Config) *API {
	a := &API{
		authenticate:   cfg.Authenticate,
		trustedProxies: cfg.TrustedProxies,
		log:            cfg.Log,
		mux:            http.NewServeMux(),
	}
	if a.authenticate == nil {
		a.authenticate = func(*http.Request) (authz.Principal, error) { return authz.Principal{}, nil }
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.huma = huma.NewAPI(humaConfig(), guard{Adapter: humago.NewAdapter(a.mux, prefix), api: a})
	a.document = sync.OnceValues(a.OpenAPIJSON)
	a.mux.HandleFunc("GET /api/openapi.json", a.serveDocument)
	a.mux.HandleFunc("/api/", a.serveUnknown)
	return a
}

func humaConfig() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.Schema(reflect.TypeFor[Problem](), true, "Problem")
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Parley",
				Version: "1",
				Description: "Programs authenticate with a bearer token that a person makes in their profile; browsers with a session cookie.\n\n" +
					"Errors are problem+json (RFC 9457) with a stable `code`. Times are RFC 3339 in UTC, ids are UUIDs.",
			},
			Servers: []*huma.Server{{URL: prefix}},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					schemeSession: {Type: "apiKey", In: "cookie", Name: SessionCookie, Description: "A person who signed in."},
					schemeGuest:   {Type: "apiKey", In: "cookie", Name: GuestCookie, Description: "A guest of one meeting."},
					schemeBearer:  {Type: "http", Scheme: "bearer", Description: "A program that acts for a person, within the scopes of its token."},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

// Huma is the router below [Register], for tests and for tools that read the
// document. Operations registered with it directly are refused.
func (a *API) Huma() huma.API { return a.huma }

// OpenAPIJSON is the OpenAPI 3.1 document of what is registered, indented,
// the same bytes each time.
func (a *API) OpenAPIJSON() ([]byte, error) {
	raw, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func (a *API) serveDocument(w http.ResponseWriter, r *http.Request) {
	doc, err := a.document()
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/openapi+json")
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(doc))
}

// serveUnknown answers what no operation took: 405 when the path exists with
// another method, else 404.
func (a *API) serveUnknown(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := &http.Request{Method: m, URL: r.URL, Host: r.Host}
		if _, pattern := a.mux.Handler(probe); pattern != "/api/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		a.fail(w, r, fault.MethodNotAllowed)
		return
	}
	a.fail(w, r, fault.NotFound)
}

// requestInfo travels in the context of each request.
type requestInfo struct {
	client Client
	route  string // the pattern that matched, with its method: paths carry secrets
}

type infoKey struct{}

func infoOf(ctx context.Context) requestInfo {
	info, _ := ctx.Value(infoKey{}).(requestInfo)
	return info
}

// ServeHTTP resolves who asks, once, and hands the request to its operation.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, route := a.mux.Handler(r)
	info := requestInfo{
		route:  route,
		client: Client{Address: ClientAddress(r, a.trustedProxies), UserAgent: userAgent(r)},
	}
	r = r.WithContext(context.WithValue(r.Context(), infoKey{}, info))
	defer a.recover(w, r)
	who, err := a.authenticate(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	a.mux.ServeHTTP(w, r.WithContext(authz.With(r.Context(), who)))
}

// recover ends the request of a handler that panicked, and nothing else.
func (a *API) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	a.log.Error("handler panicked", slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
	a.fail(w, r, fault.Internal)
}

// AvatarURL is where the picture of a person is served, empty when there is
// none.
func AvatarURL(userID uuid.UUID, version *string) string {
	if version == nil {
		return ""
	}
	return prefix + "/avatars/" + userID.String() + "/" + *version
}
