package transport

import (
	"encoding/binary"
	"net"
	"sync"
	"time"
)

// Bounds of what waits in a Stream.
const (
	// maxPictures is bytes, about a second of a 1080p video.
	maxPictures = 448 << 10
	// maxSounds is bytes: a second of the loudest six, several of one voice. When they are full, the oldest are dropped.
	maxSounds = 32 << 10
	// soundLasts is how long a packet of sound may wait: later it is worth less than the ones behind it.
	soundLasts = time.Second
	// maxControl is bytes of what Pion writes and of reports; when they are full, Pion waits.
	maxControl = 16 << 10
	// turn is how many bytes are written at once, and what the kernel may hold that was not sent yet: all that sound has to
	// wait for beyond what is on the link.
	turn = 4 << 10
)

// Stream is an ICE-TCP connection (RFC 6544). Pion reads and writes it; media that is sealed already goes out beside, each
// packet framed (RFC 4571) and written whole. What Pion writes goes first, and reports, then sound, then pictures, so that speech does
// not wait behind a picture that is too large for the link.
type Stream struct {
	net.Conn
	release func()
	onDrop  func()         // of a packet of sound; may be nil
	done    sync.WaitGroup // the goroutine that writes

	// Guarded by mu.
	mu       sync.Mutex
	control  frames
	sounds   frames
	pictures frames
	written  sync.Cond // control became shorter, or the connection was closed
	sending  bool      // a goroutine writes
	closed   bool
}

// frames is a queue of packets with their lengths in front.
type frames struct {
	list []frame
	size int // bytes
}

type frame struct {
	b  []byte
	at time.Time
}

func (q *frames) push(b []byte) {
	q.list = append(q.list, frame{b, time.Now()})
	q.size += len(b)
}

func (q *frames) pop() []byte {
	b := q.list[0].b
	q.list[0].b = nil
	q.list = q.list[1:]
	q.size -= len(b)
	return b
}

func newStream(c net.Conn) *Stream {
	s := &Stream{Conn: c}
	s.written.L = &s.mu
	keepShort(c)
	return s
}

// Write implements net.Conn for Pion: b goes out before sound and pictures. An error of the connection is told by the
// Write after it.
func (s *Stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.control.size > maxControl && !s.closed {
		s.written.Wait()
	}
	if s.closed {
		return 0, net.ErrClosed
	}
	s.control.push(append([]byte(nil), b...))
	s.beginLocked()
	return len(b), nil
}

// TakesPicture tells whether there is room for a packet of a picture of n bytes.
func (s *Stream) TakesPicture(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closed && s.pictures.size+n+2 <= maxPictures
}

// SendPicture queues a copy of a packet of a picture; false when there is no room, or the connection is closed. It does
// not wait.
func (s *Stream) SendPicture(packet []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.pictures.size+len(packet)+2 > maxPictures {
		return false
	}
	s.pictures.push(framed(packet))
	s.beginLocked()
	return true
}

// SendSound queues a copy of a packet of sound, in place of the oldest that wait when there are too many; false when the
// connection is closed. It does not wait.
func (s *Stream) SendSound(packet []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.sounds.push(framed(packet))
	for s.sounds.size > maxSounds {
		s.dropLocked()
	}
	s.beginLocked()
	return true
}

// SendReport queues a copy of an RTCP packet, before sound and pictures; false when there is no room, or the connection is
// closed. It does not wait.
func (s *Stream) SendReport(packet []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.control.size > maxControl {
		return false
	}
	s.control.push(framed(packet))
	s.beginLocked()
	return true
}

func (s *Stream) dropLocked() {
	s.sounds.pop()
	if s.onDrop != nil {
		s.onDrop()
	}
}

func framed(packet []byte) []byte {
	b := make([]byte, 2+len(packet))
	binary.BigEndian.PutUint16(b, uint16(len(packet)))
	copy(b[2:], packet)
	return b
}

func (s *Stream) beginLocked() {
	if !s.sending {
		s.sending = true
		s.done.Go(s.send)
	}
}

func (s *Stream) send() {
	var b []byte
	for {
		if b = s.next(b[:0]); len(b) == 0 {
			return
		}
		if _, err := s.Conn.Write(b); err != nil {
			s.end()
		}
	}
}

// next appends what is to be written in one turn; nothing when the goroutine that writes is to end.
func (s *Stream) next(b []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.sounds.list) > 0 && time.Since(s.sounds.list[0].at) > soundLasts {
		s.dropLocked()
	}
	for _, q := range []*frames{&s.control, &s.sounds, &s.pictures} {
		for !s.closed && len(q.list) > 0 && (len(b) == 0 || len(b)+len(q.list[0].b) <= turn) {
			b = append(b, q.pop()...)
		}
	}
	s.written.Broadcast()
	s.sending = len(b) > 0
	return b
}

// end lets nothing more be queued.
func (s *Stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.written.Broadcast()
}

// Close implements net.Conn.
func (s *Stream) Close() error {
	s.end()
	s.release()
	err := s.Conn.Close() // ends a write that waits
	s.done.Wait()
	return err
}
