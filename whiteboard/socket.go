package whiteboard

import (
	"bufio"
	"net"
	"net/http"
)

// readBufferBytes is what a connection reads at once. Without a buffer of its own it would read through that of net/http,
// which knows nothing of sockets.
const readBufferBytes = 4096

// hijacker gives the connection of a request away as a socket.
type hijacker struct{ http.ResponseWriter }

// Hijack implements http.Hijacker.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return newSocket(c), rw, nil
}

// tryWriter is a connection that can be asked not to wait: it writes what it takes at once. An error is only about the
// connection, not about a full buffer.
type tryWriter interface {
	tryWrite(b []byte) (n int, err error)
}
