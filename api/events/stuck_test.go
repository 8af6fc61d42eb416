package events

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// taken is a response whose connection is one end of a pipe.
type taken struct {
	http.ResponseWriter
	conn net.Conn
}

func (w taken) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

// A client that reads nothing keeps a stream from ending for no longer than a farewell takes.
func TestAStuckWriterIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		far, near := net.Pipe()
		defer far.Close()
		read := make(chan error, 1)
		go func() {
			_, err := http.ReadResponse(bufio.NewReader(far), nil)
			read <- err
		}()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		for name, value := range map[string]string{
			"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
		} {
			r.Header.Set(name, value)
		}
		h := &Hub{cfg: Config{QueueFrames: 8, PingEvery: time.Minute}}
		socket, err := h.upgrader.Upgrade(taken{httptest.NewRecorder(), near}, r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := <-read; err != nil {
			t.Fatal(err)
		}
		s := newStream(h, socket, r)
		over := make(chan struct{})
		go func() {
			defer close(over)
			s.run()
		}()
		s.push(preparedFrame([]byte(strings.Repeat("x", 10_000))))
		synctest.Wait() // the writer is stuck
		began := time.Now()
		s.end(reasonShutdown)
		<-over
		if took := time.Since(began); took > stuckWait+farewellWait {
			t.Errorf("the stream ended after %v", took)
		}
	})
}
