//go:build !linux

package transport

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

// Conn is a UDP socket with large buffers, which a goroutine reads; the rest of what comes waits for who reads the Conn.
type Conn struct {
	*net.UDPConn
	rest
	arrivals *Arrivals
	claims   claims
}

// Listen opens a socket and begins to read it. Arrival times are noted in arrivals, which may be nil. There is one socket,
// and claims have no effect.
func Listen(addr netip.AddrPort, _ int, arrivals *Arrivals, _ func()) (*Conn, error) {
	u, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	_ = u.SetReadBuffer(socketBuffer)
	_ = u.SetWriteBuffer(socketBuffer)
	c := &Conn{UDPConn: u, rest: newRest(), arrivals: arrivals}
	c.done.Go(c.run)
	return c, nil
}

func (c *Conn) run() {
	b := make([]byte, 2048)
	for {
		n, from, err := c.UDPConn.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(firstPause)
			continue
		}
		if c.arrivals != nil && isMedia(b[:n]) {
			c.arrivals.note(b[:n], int64(time.Since(c.arrivals.epoch)))
		}
		c.put(b[:n], from)
	}
}

// Close closes the socket and waits for its goroutine. It is idempotent.
func (c *Conn) Close() error {
	c.end()
	err := c.UDPConn.Close()
	c.done.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
