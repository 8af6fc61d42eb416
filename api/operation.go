package api

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/danielgtaylor/huma/v2"
)

const (
	defaultMaxBodyBytes    = 64 << 10
	defaultBodyReadTimeout = 10 * time.Second
)

// Operation describes one method of one path.
type Operation struct {
	ID          string // lower camel case, unique, stable
	Method      string
	Path        string // below /api/v1, for example /meetings/{id}
	Tag         string
	Summary     string // one line, no full stop
	Description string
	Access      Access
	Status      int           // of success. Defaults to 200 with a body, 204 without
	Faults      []fault.Code  // what the handler answers besides what every operation may
	MaxBody     int64         // bytes. Defaults to 64 KiB
	BodyTimeout time.Duration // to read the body. Defaults to 10 s
}

var idPattern = regexp.MustCompile(`^[a-z]+([A-Z][a-z]*)*$`)

func (op Operation) validate() error {
	for _, c := range op.Faults {
		if c.Info().Code != c {
			return fmt.Errorf("unknown fault %q", string(c))
		}
	}
	switch {
	case !idPattern.MatchString(op.ID):
		return fmt.Errorf("id %q is not lower camel case", op.ID)
	case !strings.HasPrefix(op.Path, "/"):
		return fmt.Errorf("path %q does not start with /", op.Path)
	case op.Tag == "" || op.Summary == "":
		return fmt.Errorf("tag or summary is missing")
	case !op.Access.declared():
		return fmt.Errorf("it does not declare who may call it")
	}
	return nil
}

// Register adds an operation and its handler to a. A mistake in op panics:
// the program must not start with it.
func Register[I, O any](a *API, op Operation, handler func(context.Context, *I) (*O, error)) {
	h := op.document()
	huma.Register(a.huma, *h, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
	a.mustReadPath(op)
}

// mustReadPath refuses an input that leaves out a part of the path: huma
// passes over fields of embedded structs that are not exported.
func (a *API) mustReadPath(op Operation) {
	var params []string
	for _, p := range operationOf(a.huma.OpenAPI().Paths[op.Path], op.Method).Parameters {
		params = append(params, p.Name)
	}
	for _, name := range pathParams(op.Path) {
		if !slices.Contains(params, name) {
			panic(fmt.Sprintf("api: the input of operation %s has no field for {%s}", op.ID, name))
		}
	}
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[method]
}

// pathParams are the names in braces.
func pathParams(path string) (names []string) {
	for segment := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// HandleHTTP adds an operation that speaks no JSON: a WebSocket or a stream.
// Access is checked before h runs.
func HandleHTTP(a *API, op Operation, h http.Handler) {
	doc := op.document()
	if doc.DefaultStatus == 0 {
		doc.DefaultStatus = http.StatusOK
	}
	doc.Responses[strconv.Itoa(doc.DefaultStatus)] = &huma.Response{Description: http.StatusText(doc.DefaultStatus)}
	for _, name := range pathParams(op.Path) {
		doc.Parameters = append(doc.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	a.huma.OpenAPI().AddOperation(doc)
	a.mux.HandleFunc(op.Method+" "+prefix+op.Path, func(w http.ResponseWriter, r *http.Request) {
		if err := op.Access.Check(authz.From(r.Context())); err != nil {
			a.fail(w, r, err)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// document is op in huma's words.
func (op Operation) document() *huma.Operation {
	if err := op.validate(); err != nil {
		panic(fmt.Sprintf("api: operation %s %s: %v", op.Method, op.Path, err))
	}
	h := &huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Tags: []string{op.Tag},
		Summary: op.Summary, Description: op.Description, DefaultStatus: op.Status,
		MaxBodyBytes: op.MaxBody, BodyReadTimeout: op.BodyTimeout,
		Metadata:  map[string]any{accessKey: op.Access},
		Security:  op.Access.security(),
		Responses: map[string]*huma.Response{},
	}
	if h.MaxBodyBytes == 0 {
		h.MaxBodyBytes = defaultMaxBodyBytes
	}
	if h.BodyReadTimeout == 0 {
		h.BodyReadTimeout = defaultBodyReadTimeout
	}
	op.documentFaults(h)
	return h
}

func (op Operation) documentFaults(h *huma.Operation) {
	codes := slices.Clone(op.Faults)
	if !op.Access.public {
		codes = append(codes, fault.Unauthenticated, fault.Forbidden)
		if rule, _ := authz.Describe(op.Access.action); rule.Role != authz.Member {
			h.Extensions = map[string]any{"x-parley-role": string(rule.Role)}
		}
	}
	if op.Method != http.MethodGet || strings.Contains(op.Path, "{") {
		codes = append(codes, fault.Validation)
	}
	codes = append(codes, fault.Internal)
	byStatus := map[int][]string{}
	for _, c := range codes {
		status := c.Info().Status
		if name := "`" + string(c) + "`"; !slices.Contains(byStatus[status], name) {
			byStatus[status] = append(byStatus[status], name)
		}
	}
	for status, names := range byStatus {
		h.Responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status) + ": " + strings.Join(names, ", "),
			Content:     map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: problemRef}}},
		}
	}
}

// HandlerFunc makes a handler for [HandleHTTP] of a function whose error is
// answered as a problem, as long as it has written nothing.
func HandlerFunc(a *API, f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			a.fail(w, r, err)
		}
	})
}
