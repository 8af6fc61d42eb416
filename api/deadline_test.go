package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/api"
)

// TestBodyTimeout runs on real sockets: only they have deadlines.
func TestBodyTimeout(t *testing.T) {
	const timeout = 500 * time.Millisecond
	a := api.New(api.Config{})
	op := pingOp
	op.BodyTimeout = timeout
	ended := make(chan error, 1)
	api.Register(a, op, func(ctx context.Context, _ *pingInput) (*pingOutput, error) {
		select {
		case <-ctx.Done():
			ended <- context.Cause(ctx)
		case <-time.After(4 * timeout):
			ended <- nil
		}
		return &pingOutput{}, nil
	})
	srv := httptest.NewServer(a)
	defer srv.Close()

	t.Run("does not end the handler", func(t *testing.T) {
		res, err := http.Post(srv.URL+"/api/v1/pings/1", "application/json", strings.NewReader(`{"name":"xx"}`))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if err := <-ended; err != nil || res.StatusCode != 200 {
			t.Errorf("status %d, context ended by %v", res.StatusCode, err)
		}
	})
	t.Run("ends a body that does not come", func(t *testing.T) {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "POST /api/v1/pings/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != 408 || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("status %d, %s", res.StatusCode, res.Header.Get("Content-Type"))
		}
	})
	http.DefaultClient.CloseIdleConnections()
}
