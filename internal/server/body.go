package server

import (
	"io"
	"net/http"
	"time"
)

// boundBody gives bodies a deadline, which handlers may replace with their own: net/http reads what a handler left of a
// body before it answers, and a client that sends none of it would hold a connection for ever.
func boundBody(next http.Handler, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			control := http.NewResponseController(w)
			// Connections of tests have no deadlines.
			if control.SetReadDeadline(time.Now().Add(timeout)) == nil {
				r.Body = &boundedBody{ReadCloser: r.Body, control: control}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// boundedBody takes the deadline back at its end: it would end the handler.
type boundedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
