package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

const (
	// Overhead is how many bytes a sealed packet is longer.
	Overhead = 16
	saltSize = 12
	// maxIndex is the number of packets that one key may seal in one stream (RFC 3711 section 9.2).
	maxIndex = 1 << 48
)

// Labels of the key derivation (RFC 3711 section 4.3.1).
const (
	labelKey         = 0
	labelSalt        = 2
	labelControlKey  = 3
	labelControlSalt = 5
)

// ErrKeySize is returned for keys of other profiles than those with AES-GCM.
var ErrKeySize = errors.New("seal: neither 16 nor 32 bytes of key and 12 of salt")

// Session seals what one side of a DTLS connection sends, RTP and RTCP. It is safe for concurrent use.
type Session struct {
	*keys
	control controlSealer

	// Guarded by mu.
	mu      sync.Mutex
	streams map[uint32]*Stream
}

// NewSession derives the session keys from master key and salt with a key derivation rate of 0. A key of 16 bytes makes
// AEAD_AES_128_GCM, one of 32 bytes AEAD_AES_256_GCM.
func NewSession(masterKey, masterSalt []byte) (*Session, error) {
	media, control, err := newKeys(masterKey, masterSalt)
	if err != nil {
		return nil, err
	}
	return &Session{keys: media, control: controlSealer{keys: control}, streams: map[uint32]*Stream{}}, nil
}

// keys encrypt what one side of a connection sends, its media or its reports.
type keys struct {
	aead cipher.AEAD
	salt [saltSize]byte
}

func newKeys(masterKey, masterSalt []byte) (media, control *keys, err error) {
	if len(masterKey) != 16 && len(masterKey) != 32 || len(masterSalt) != saltSize {
		return nil, nil, ErrKeySize
	}
	if media, err = deriveKeys(masterKey, masterSalt, labelKey, labelSalt); err != nil {
		return nil, nil, err
	}
	control, err = deriveKeys(masterKey, masterSalt, labelControlKey, labelControlSalt)
	return media, control, err
}

func deriveKeys(masterKey, masterSalt []byte, keyLabel, saltLabel byte) (*keys, error) {
	key, err := derive(masterKey, masterSalt, keyLabel, len(masterKey))
	if err != nil {
		return nil, err
	}
	salt, err := derive(masterKey, masterSalt, saltLabel, saltSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	k := &keys{salt: [saltSize]byte(salt)}
	if k.aead, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return k, nil
}

// nonce writes the initialization vector of a packet (RFC 7714 section 8.1).
func (k *keys) nonce(to *[saltSize]byte, ssrc uint32, index uint64) {
	salt := &k.salt
	to[0], to[1] = salt[0], salt[1]
	binary.BigEndian.PutUint32(to[2:], ssrc^binary.BigEndian.Uint32(salt[2:]))
	binary.BigEndian.PutUint32(to[6:], uint32(index>>16)^binary.BigEndian.Uint32(salt[6:]))
	binary.BigEndian.PutUint16(to[10:], uint16(index)^binary.BigEndian.Uint16(salt[10:]))
}

// derive is the AES-CM pseudo-random function (RFC 3711 section 4.3.3, RFC 6188 for 256 bits).
func derive(masterKey, masterSalt []byte, label byte, n int) ([]byte, error) {
	block, err := aes.NewCipher(masterKey)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	var iv [aes.BlockSize]byte
	copy(iv[:], masterSalt)
	iv[7] ^= label
	out := make([]byte, n)
	cipher.NewCTR(block, iv[:]).XORKeyStream(out, out)
	return out, nil
}

// Stream returns the stream of an SSRC; always the same one.
func (s *Session) Stream(ssrc uint32) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.streams[ssrc]
	if st == nil {
		st = &Stream{session: s, ssrc: ssrc}
		s.streams[ssrc] = st
	}
	return st
}

// Stream seals the packets of one SSRC. It is owned by one goroutine at a time.
type Stream struct {
	session *Session
	ssrc    uint32
	nonce   [saltSize]byte
	used    window
}

// Seal seals a packet into the front of to and returns it. index is the sequence number with its rollovers; it starts
// anywhere below 1<<15, so that a receiver who misses the first packets agrees on the rollovers. The first header bytes of
// to are the RTP header; its sequence number and SSRC are set here. to has room for header, payload and Overhead, and
// payload must not overlap it. ok is false, and nothing is written, when the index was sealed before or is too old to
// tell.
func (s *Stream) Seal(to []byte, header int, payload []byte, index uint64) (packet []byte, ok bool) {
	if !s.used.take(index) {
		return nil, false
	}
	return s.seal(to, header, payload, index), true
}

// Fresh tells whether Seal would take an index.
func (s *Stream) Fresh(index uint64) bool { return s.used.fresh(index) }

// SealAgain seals a packet that may have been sealed before, for a receiver who cannot take retransmissions on a stream
// of their own. tag, of the packet as it left first, must come out the same, which proves that every bit is the same;
// otherwise ok is false and the bytes are wiped.
func (s *Stream) SealAgain(to []byte, header int, payload []byte, index uint64, tag [Overhead]byte) (packet []byte, ok bool) {
	if index >= maxIndex {
		return nil, false
	}
	packet = s.seal(to, header, payload, index)
	if [Overhead]byte(packet[len(packet)-Overhead:]) != tag {
		clear(packet)
		return nil, false
	}
	return packet, true
}

func (s *Stream) seal(to []byte, header int, payload []byte, index uint64) []byte {
	binary.BigEndian.PutUint16(to[2:], uint16(index))
	binary.BigEndian.PutUint32(to[8:], s.ssrc)
	s.session.nonce(&s.nonce, s.ssrc, index)
	return s.session.aead.Seal(to[:header], s.nonce[:], payload, to[:header])
}
