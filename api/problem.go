package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/danielgtaylor/huma/v2"
)

const problemType = "application/problem+json"

// Problem is every error answer of the API (RFC 9457).
type Problem struct {
	Type   string         `json:"type" doc:"Always about:blank: the code says what happened." example:"about:blank"`
	Title  string         `json:"title" doc:"The HTTP status in words." example:"Not Found"`
	Status int            `json:"status" doc:"The HTTP status." example:"404"`
	Detail string         `json:"detail" doc:"What happened, in English."`
	Code   fault.Code     `json:"code" doc:"What happened, stable and for programs." example:"meetingNotFound"`
	Params map[string]any `json:"params,omitempty" doc:"Values that belong to the code, for example retryAfterSeconds."`
	Errors []fault.Detail `json:"errors,omitempty" doc:"Which fields are not valid; only with the code validation."`
}

// problemOf is f as clients see it: without its cause.
func problemOf(f *fault.Fault) *Problem {
	return &Problem{
		Type: "about:blank", Title: http.StatusText(f.Status), Status: f.Status,
		Detail: f.Message, Code: f.Code, Params: f.Params, Errors: f.Details,
	}
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus makes a Problem an error that huma writes as it is.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is asked by huma when it writes a Problem.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders are the headers that go with the code.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{"Cache-Control": {"no-store"}}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="parley"`)
	}
	if s, ok := p.Params["retryAfterSeconds"].(int); ok {
		h.Set("Retry-After", strconv.Itoa(s))
	}
	return h
}

// codeOfStatus is the code of an error that huma itself raises.
var codeOfStatus = map[int]fault.Code{
	http.StatusBadRequest:            fault.BadRequest,
	http.StatusNotFound:              fault.NotFound,
	http.StatusMethodNotAllowed:      fault.MethodNotAllowed,
	http.StatusNotAcceptable:         fault.NotAcceptable,
	http.StatusRequestTimeout:        fault.TimedOut,
	http.StatusRequestEntityTooLarge: fault.TooLarge,
	http.StatusUnsupportedMediaType:  fault.UnsupportedMedia,
	http.StatusUnprocessableEntity:   fault.Validation,
}

// newFrameworkProblem replaces huma.NewError.
func newFrameworkProblem(status int, _ string, errs ...error) huma.StatusError {
	code, ok := codeOfStatus[status]
	if !ok {
		code = fault.Internal
	}
	f := fault.New(code)
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok && code != fault.Internal {
			f.Details = append(f.Details, publicDetail(d.ErrorDetail()))
		}
	}
	return problemOf(f)
}

// publicDetail leaves the value out of what came in a body: it may be a
// password, or megabytes.
func publicDetail(d *huma.ErrorDetail) fault.Detail {
	detail := fault.Detail{Location: d.Location, Message: d.Message}
	if strings.HasPrefix(d.Location, "query.") || strings.HasPrefix(d.Location, "path.") {
		detail.Value = d.Value
	}
	return detail
}

// problem logs what nobody else will and makes the answer.
func (a *API) problem(ctx context.Context, err error) *Problem {
	f := fault.From(err)
	if f.Status >= http.StatusInternalServerError && !errors.Is(ctx.Err(), context.Canceled) {
		a.log.Error("request failed", slog.String("route", infoOf(ctx).route),
			slog.String("code", string(f.Code)), slog.String("principal", authz.From(ctx).Key()), slog.Any("error", err))
	}
	return problemOf(f)
}

// fail answers a request with err outside huma.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := a.problem(r.Context(), err)
	maps.Copy(w.Header(), p.GetHeaders())
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		a.log.Debug("problem not delivered", slog.Any("error", err))
	}
}
