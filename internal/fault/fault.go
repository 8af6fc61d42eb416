package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// Fault is one occurrence of a code.
type Fault struct {
	Code    Code
	Status  int            // HTTP status
	Message string         // English
	Params  map[string]any // fill the placeholders of the translation; nil when there are none
	Details []Detail       // what is wrong with which field; only with [Validation]

	cause error
}

// Detail says what is wrong with one part of a request.
type Detail struct {
	Location string `json:"location"` // for example body.name
	Message  string `json:"message"`
	Value    any    `json:"value,omitempty"`
}

// Option adds to a fault made by [New].
type Option func(*Fault)

// WithParams sets the parameters of the translation.
func WithParams(params map[string]any) Option { return func(f *Fault) { f.Params = params } }

// WithCause keeps the error behind the fault for logs and errors.Is; it is
// never sent to a client.
func WithCause(err error) Option { return func(f *Fault) { f.cause = err } }

// WithDetails adds what is wrong with which field.
func WithDetails(d ...Detail) Option {
	return func(f *Fault) { f.Details = append(f.Details, d...) }
}

// New makes a fault of code c. A code that is not in [Codes] becomes
// [Internal].
func New(c Code, opts ...Option) *Fault {
	info, ok := infos[c]
	if !ok {
		info = infos[Internal]
		opts = append(opts, WithCause(fmt.Errorf("unknown fault code %q", string(c))))
	}
	f := &Fault{Code: info.Code, Status: info.Status, Message: info.Message}
	for _, o := range opts {
		o(f)
	}
	return f
}

// With makes a fault of code c with the parameters of its translation.
func (c Code) With(params map[string]any) *Fault { return New(c, WithParams(params)) }

// Wrap makes a fault of code c with err as its cause.
func (c Code) Wrap(err error) *Fault { return New(c, WithCause(err)) }

// Invalid makes a [Validation] fault about one field.
func Invalid(location, message string) *Fault {
	return New(Validation, WithDetails(Detail{Location: location, Message: message}))
}

// Error is the English message.
func (c Code) Error() string {
	if info, ok := infos[c]; ok {
		return info.Message
	}
	return string(c)
}

// Info is the row of c in [Codes].
func (c Code) Info() CodeInfo {
	if info, ok := infos[c]; ok {
		return info
	}
	return infos[Internal]
}

func (f *Fault) Error() string {
	if f.cause != nil {
		return f.Message + ": " + f.cause.Error()
	}
	return f.Message
}

// Unwrap is the cause, for logs.
func (f *Fault) Unwrap() error { return f.cause }

// Is makes errors.Is(err, fault.NotFound) hold for every fault of that code.
func (f *Fault) Is(target error) bool {
	c, ok := target.(Code)
	return ok && c == f.Code
}

// From answers the fault in err's chain. An error that carries none is
// [Unavailable] when something that we need cannot be reached, else
// [Internal], with err as its cause; nil stays nil.
func From(err error) *Fault {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	if c, ok := errors.AsType[Code](err); ok {
		return New(c, WithCause(err))
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return TooLarge.Wrap(err)
	}
	if errors.Is(err, context.DeadlineExceeded) || unreachable(err) {
		return Unavailable.Wrap(err)
	}
	return Internal.Wrap(err)
}

// unreachable holds for errors of connections, for a full disk, and for what a
// database says that goes away or has no room: SQLSTATE classes 08, 53 and 57P.
func unreachable(err error) bool {
	if _, ok := errors.AsType[*net.OpError](err); ok || errors.Is(err, syscall.ENOSPC) {
		return true
	}
	var sql interface{ SQLState() string }
	if !errors.As(err, &sql) {
		return false
	}
	state := sql.SQLState()
	return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "53") || strings.HasPrefix(state, "57P")
}
