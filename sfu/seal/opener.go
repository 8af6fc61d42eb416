package seal

import (
	"encoding/binary"
	"errors"
	"sync"
)

// Errors of Open.
var (
	ErrShort    = errors.New("seal: packet is truncated")
	ErrRepeated = errors.New("seal: packet came before, or is too old to tell")
	ErrForged   = errors.New("seal: packet is not authentic")
	// ErrUnknown is for a stream of which nothing was opened yet, whose rollovers are not known.
	ErrUnknown = errors.New("seal: packet is not authentic, or its rollovers are not known")
)

// Opener opens the SRTP and SRTCP packets that one side of a DTLS connection sends. It is safe for concurrent use.
type Opener struct {
	*keys
	control controlOpener

	// Guarded by mu.
	mu      sync.Mutex
	streams map[uint32]*received
	iv      [saltSize]byte
}

// NewOpener is NewSession for the other side.
func NewOpener(masterKey, masterSalt []byte) (*Opener, error) {
	media, control, err := newKeys(masterKey, masterSalt)
	if err != nil {
		return nil, err
	}
	return &Opener{
		keys: media, control: controlOpener{keys: control, senders: map[uint32]*window{}}, streams: map[uint32]*received{},
	}, nil
}

// received is a stream that is opened.
type received struct {
	window
	known bool // a packet was opened, so that the rollovers are known
}

// Open checks an SRTP packet and writes it as RTP packet into to, which must not overlap it and is at least as long. It
// returns the size of the RTP packet. A packet is opened once.
func (o *Opener) Open(to, packet []byte) (int, error) {
	head := headerSize(packet)
	if head == 0 || len(packet) < head+Overhead {
		return 0, ErrShort
	}
	ssrc := binary.BigEndian.Uint32(packet[8:])
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.streams[ssrc]
	if w == nil {
		w = new(received)
	}
	index := w.guess(binary.BigEndian.Uint16(packet[2:]))
	if !w.fresh(index) {
		return 0, ErrRepeated
	}
	copy(to, packet[:head])
	ok := o.open(to, packet, head, ssrc, index)
	if !ok && !w.known {
		// Nobody may have told of the first packets, and of a rollover among them.
		index += 1 << 16
		ok = o.open(to, packet, head, ssrc, index)
	}
	switch {
	case ok:
	case w.known:
		return 0, ErrForged
	default:
		return 0, ErrUnknown
	}
	w.known = true
	w.take(index)
	o.streams[ssrc] = w // only what is authentic makes a stream
	return len(packet) - Overhead, nil
}

func (o *Opener) open(to, packet []byte, head int, ssrc uint32, index uint64) bool {
	o.nonce(&o.iv, ssrc, index)
	_, err := o.aead.Open(to[head:head], o.iv[:], packet[head:], packet[:head])
	return err == nil
}

// Follow takes note of an authentic packet that somebody else opened, so that the rollovers stay known.
func (o *Opener) Follow(ssrc uint32, seq uint16) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.streams[ssrc]
	if w == nil {
		w = new(received)
		o.streams[ssrc] = w
	}
	w.take(w.guess(seq))
}

// guess returns the index that a sequence number most likely stands for (RFC 3711 section 3.3.1 and appendix A).
func (w *window) guess(seq uint16) uint64 {
	if !w.started {
		return uint64(seq)
	}
	index := w.highest + uint64(int64(int16(seq-uint16(w.highest))))
	if index >= maxIndex { // before the first rollover
		return uint64(seq)
	}
	return index
}

// headerSize returns the bytes of an RTP header with its extension (RFC 3550 section 5.1), 0 when the packet has less.
func headerSize(b []byte) int {
	if len(b) < 12 || b[0]>>6 != 2 {
		return 0
	}
	n := 12 + 4*int(b[0]&0x0f)
	if b[0]&0x10 != 0 {
		if len(b) < n+4 {
			return 0
		}
		n += 4 + 4*int(binary.BigEndian.Uint16(b[n+2:]))
	}
	if len(b) < n {
		return 0
	}
	return n
}
