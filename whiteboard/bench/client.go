package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Messages of the y-protocols.
const (
	messageSync      = 0
	messageAwareness = 1
	messageAuth      = 2

	syncStep1  = 0
	syncStep2  = 1
	syncUpdate = 2
)

// firstClient is the Yjs client of the first client; the others follow it. It takes five bytes, as random ones mostly do.
const firstClient = 3_000_000_000

// epoch is where the clock begins that stamps elements.
var epoch = time.Now()

func clock() int64 { return int64(time.Since(epoch)) }

// dialect is how a server wants its messages wrapped. The zero value is y-protocols as it is.
type dialect struct {
	prefix []byte // before each message: Hocuspocus says which document is meant
	hello  []byte // first message, sent before all others
}

// hocuspocus is the dialect of a document there: its name before every message, and a token first.
func hocuspocus(document string) dialect {
	prefix := appendText(nil, document)
	hello := append(slices.Clone(prefix), messageAuth, 0)
	return dialect{prefix: prefix, hello: appendText(hello, "bench")}
}

// client is one WebSocket. It knows how much of each author it has seen and how late that came, not the content.
type client struct {
	// static after dial
	number  int
	dialect dialect
	conn    *websocket.Conn
	counted *countedConn
	keep    bool
	ended   chan struct{}

	writing sync.Mutex // held while a message is written
	frame   []byte     // guarded by writing

	presences uint64 // awareness messages so far; owned by who writes

	clocks atomic.Uint64 // sum of what is known of all authors
	newest atomic.Int64  // when that grew
	synced atomic.Bool   // the server's answer to our state vector is there
	window atomic.Pointer[window]

	// owned by the reader until ended is closed
	known   []uint64 // by author, without the own one: the next clock
	gaps    uint64   // clocks that came after ones that never came
	delays  []int32  // µs, of elements written within the window
	frames  int
	kept    [][]byte // updates, when keep is set
	refused string
	err     error
}

// window is a time in which elements are measured, by the clock that stamps them.
type window struct{ from, to int64 }

// countedConn counts what comes and goes on the connection.
type countedConn struct {
	net.Conn
	read, written atomic.Int64
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n))
	return n, err
}

// dial connects a client, which asks for the state of the board at once. authors bounds the numbers of those who write, keep
// tells to keep all updates.
func dial(ctx context.Context, t target, number, authors int, keep bool) (*client, error) {
	c := &client{number: number, keep: keep, dialect: t.dialect(), known: make([]uint64, authors), ended: make(chan struct{})}
	dialer := websocket.Dialer{
		HandshakeTimeout: 20 * time.Second, ReadBufferSize: 32 << 10, WriteBufferSize: 4 << 10,
		NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			c.counted = &countedConn{Conn: conn}
			return c.counted, nil
		},
	}
	conn, resp, err := dialer.DialContext(ctx, t.address(number), t.header(number))
	if err != nil {
		if resp != nil {
			return nil, fmt.Errorf("client %d: %w: %s", number, err, resp.Status)
		}
		return nil, fmt.Errorf("client %d: %w", number, err)
	}
	c.conn = conn
	if c.dialect.hello != nil {
		if err := conn.WriteMessage(websocket.BinaryMessage, c.dialect.hello); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	go c.runRead()
	return c, errors.Join(c.send(messageSync, syncStep1, 1, 0), c.introduce())
}

// send writes one message.
func (c *client) send(message ...byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.frame = append(append(c.frame[:0], c.dialect.prefix...), message...)
	return c.conn.WriteMessage(websocket.BinaryMessage, c.frame)
}

// sendUpdate writes an update, as the editor does for each of its transactions.
func (c *client) sendUpdate(update []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.frame = append(append(c.frame[:0], c.dialect.prefix...), messageSync, syncUpdate)
	c.frame = appendBlob(c.frame, update)
	return c.conn.WriteMessage(websocket.BinaryMessage, c.frame)
}

// introduce says who is there, as every editor does when it comes.
func (c *client) introduce() error { return c.present("") }

// point tells where the pointer is, as editors do while it moves.
func (c *client) point(x, y float64) error {
	return c.present(fmt.Sprintf(`,"pointer":{"x":%g,"y":%g,"tool":"pointer"},"button":"down"`, x, y))
}

func (c *client) present(more string) error {
	c.presences++
	state := fmt.Sprintf(`{"user":{"name":"Person %d","color":"#1971c2"}%s}`, c.number, more)
	update := appendUint(appendUint(appendUint(nil, 1), firstClient+uint64(c.number)), c.presences)
	return c.send(appendBlob([]byte{messageAwareness}, appendText(update, state))...)
}

// close ends the connection and waits for the reader. An error that the reader met before stays.
func (c *client) close() {
	select {
	case <-c.ended:
	default:
		_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
		_ = c.conn.SetReadDeadline(time.Now())
	}
	_ = c.conn.Close()
	<-c.ended
}

func (c *client) runRead() {
	defer close(c.ended)
	buf := make([]byte, 0, 64<<10)
	for {
		kind, r, err := c.conn.NextReader()
		if err == nil {
			buf, err = readAll(r, buf[:0])
		}
		if err != nil {
			if !errors.Is(err, net.ErrClosed) && !isTimeout(err) {
				c.err = fmt.Errorf("client %d: %w", c.number, err)
			}
			return
		}
		if kind != websocket.BinaryMessage {
			continue
		}
		if err := c.message(buf); err != nil {
			c.err = fmt.Errorf("client %d: %w", c.number, err)
			return
		}
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func readAll(r io.Reader, buf []byte) ([]byte, error) {
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, len(buf))
		}
	}
}

func (c *client) message(b []byte) error {
	c.frames++
	if n := len(c.dialect.prefix); n > 0 {
		if len(b) < n {
			return errUpdate
		}
		b = b[n:]
	}
	r := &walker{buf: b}
	switch r.uint() {
	case messageSync:
		step := r.uint()
		content := r.take(r.uint())
		if r.failed {
			return errUpdate
		}
		return c.sync(step, content)
	case messageAuth:
		if r.uint() == 0 && c.dialect.hello == nil {
			c.refused = string(r.take(r.uint()))
		}
	}
	return nil
}

func (c *client) sync(step uint64, content []byte) error {
	if step == syncStep1 {
		// What a client has that the server lacks: nothing, everything was sent as an update.
		return c.send(messageSync, syncStep2, 2, 0, 0)
	}
	before := c.clocks.Load()
	v := arrival{client: c, at: clock(), sum: before, window: c.window.Load()}
	if err := walk(content, &v); err != nil {
		return err
	}
	if v.sum > before {
		c.newest.Store(v.at)
		c.clocks.Store(v.sum)
	}
	if c.keep {
		c.kept = append(c.kept, slices.Clone(content))
	}
	if step == syncStep2 {
		c.synced.Store(true)
	}
	return nil
}

// arrival notes what an update brings.
type arrival struct {
	client *client
	at     int64
	sum    uint64
	window *window
}

func (a *arrival) structs(author, from, to uint64) {
	n := author - firstClient
	if n >= uint64(len(a.client.known)) || n == uint64(a.client.number) { // servers may send back what one wrote, or not
		return
	}
	known := a.client.known[n]
	if from > known {
		a.client.gaps += from - known
	}
	if to > known {
		a.client.known[n] = to
		a.sum += to - known
	}
}

func (a *arrival) stamp(author, _ uint64, at int64) {
	w := a.window
	if w == nil || at < w.from || at >= w.to || author == firstClient+uint64(a.client.number) {
		return
	}
	a.client.delays = append(a.client.delays, int32((a.at-at)/1000))
}
