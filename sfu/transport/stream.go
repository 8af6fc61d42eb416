package transport

import (
	"encoding/binary"
	"net"
	"sync"
)

// maxStreamQueue bounds the bytes that wait in a Stream, about a second of a 1080p video.
const maxStreamQueue = 512 << 10

// Stream is an ICE-TCP connection (RFC 6544). Pion reads and writes it; media that is sealed already goes out beside, each
// packet framed (RFC 4571) and written whole.
type Stream struct {
	net.Conn
	release func()
	done    sync.WaitGroup // the goroutine that writes

	// Guarded by mu.
	mu      sync.Mutex
	queue   [][]byte // framed
	size    int
	sending bool // a goroutine writes
	closed  bool
}

func newStream(c net.Conn) *Stream { return &Stream{Conn: c} }

// Room returns how many bytes can still wait.
func (s *Stream) Room() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maxStreamQueue - s.size
}

// Send queues a copy of a packet; false when there is no room, or the connection is closed. It does not wait.
func (s *Stream) Send(packet []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.size+len(packet) > maxStreamQueue {
		return false
	}
	framed := make([]byte, 2+len(packet))
	binary.BigEndian.PutUint16(framed, uint16(len(packet)))
	copy(framed[2:], packet)
	s.queue = append(s.queue, framed)
	s.size += len(packet)
	if !s.sending {
		s.sending = true
		s.done.Go(s.send)
	}
	return true
}

func (s *Stream) send() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.closed {
			s.sending = false
			s.queue = nil
			s.mu.Unlock()
			return
		}
		list := s.queue
		s.queue = nil
		s.mu.Unlock()
		for _, framed := range list {
			_, err := s.Conn.Write(framed)
			s.mu.Lock()
			s.size -= len(framed) - 2
			s.closed = s.closed || err != nil
			s.mu.Unlock()
		}
	}
}

// Close implements net.Conn.
func (s *Stream) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.release()
	err := s.Conn.Close() // ends a write that waits
	s.done.Wait()
	return err
}
