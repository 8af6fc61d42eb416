package seal

import (
	"encoding/binary"
	"errors"
	"sync"
)

// Sizes of SRTCP packets with AES-GCM (RFC 7714 section 9).
const (
	// ControlOverhead is how many bytes a sealed compound packet is longer: tag, flag and index.
	ControlOverhead = Overhead + controlIndexSize

	controlHeaderSize = 8
	controlIndexSize  = 4
	// encrypted is the flag before the index.
	encrypted = 1 << 31
	// maxControlIndex bounds the packets that one key may seal (RFC 3711 section 9.2).
	maxControlIndex = 1 << 31
	// maxSenders bounds the senders whose packets one connection is told apart by; a browser has one for each stream.
	maxSenders = 512
)

// Errors of OpenControl, besides those of Open.
var (
	// ErrPlain is for a packet that is not encrypted.
	ErrPlain = errors.New("seal: packet is not encrypted")
	// ErrSenders is for one of more senders than a connection may have.
	ErrSenders = errors.New("seal: too many senders")
)

// controlSealer seals what one side of a connection reports.
type controlSealer struct {
	*keys

	// Guarded by mu.
	mu    sync.Mutex
	last  uint32 // index of the packet sealed last
	iv    [saltSize]byte
	known controlData
}

// SealControl seals a compound RTCP packet (RFC 3550 section 6.1) into to, which has room for ControlOverhead more than the
// packet and does not overlap it. One counter numbers the packets of all senders of a Session, so that no index is used
// twice. ok is false when the packet is shorter than a header, or the key may not seal any more.
func (s *Session) SealControl(to, packet []byte) (sealed []byte, ok bool) {
	c := &s.control
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(packet) < controlHeaderSize || c.last >= maxControlIndex-1 {
		return nil, false
	}
	c.last++
	c.controlNonce(&c.iv, binary.BigEndian.Uint32(packet[4:]), c.last)
	copy(to, packet[:controlHeaderSize])
	c.known.set(packet, encrypted|c.last)
	sealed = c.aead.Seal(to[:controlHeaderSize], c.iv[:], packet[controlHeaderSize:], c.known[:])
	return binary.BigEndian.AppendUint32(sealed, encrypted|c.last), true
}

// controlOpener opens what the other side reports.
type controlOpener struct {
	*keys

	// Guarded by mu.
	mu      sync.Mutex
	senders map[uint32]*window
	iv      [saltSize]byte
	known   controlData
}

// OpenControl checks an SRTCP packet and opens it in place; it returns the compound RTCP packet. A packet is opened once.
// One that is not authentic is lost.
func (o *Opener) OpenControl(packet []byte) ([]byte, error) {
	if len(packet) < controlHeaderSize+ControlOverhead {
		return nil, ErrShort
	}
	end := len(packet) - controlIndexSize
	word := binary.BigEndian.Uint32(packet[end:])
	if word&encrypted == 0 {
		return nil, ErrPlain
	}
	ssrc, index := binary.BigEndian.Uint32(packet[4:]), word&^encrypted
	c := &o.control
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.senders[ssrc]
	if w == nil {
		if len(c.senders) >= maxSenders {
			return nil, ErrSenders
		}
		w = new(window)
	}
	if !w.fresh(uint64(index)) {
		return nil, ErrRepeated
	}
	c.controlNonce(&c.iv, ssrc, index)
	c.known.set(packet, word)
	opened, err := c.aead.Open(packet[:controlHeaderSize], c.iv[:], packet[controlHeaderSize:end], c.known[:])
	if err != nil {
		return nil, ErrForged
	}
	w.take(uint64(index))
	c.senders[ssrc] = w // only what is authentic makes a sender
	return opened, nil
}

// controlNonce writes the initialization vector of a packet (RFC 7714 section 9.1).
func (k *keys) controlNonce(to *[saltSize]byte, ssrc, index uint32) {
	*to = k.salt
	binary.BigEndian.PutUint32(to[2:], ssrc^binary.BigEndian.Uint32(k.salt[2:]))
	binary.BigEndian.PutUint32(to[8:], index^binary.BigEndian.Uint32(k.salt[8:]))
}

// controlData is what is authenticated beside the encrypted part: the header, and the word of flag and index.
type controlData [controlHeaderSize + controlIndexSize]byte

func (d *controlData) set(packet []byte, word uint32) {
	copy(d[:], packet[:controlHeaderSize])
	binary.BigEndian.PutUint32(d[controlHeaderSize:], word)
}
