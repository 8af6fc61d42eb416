package main

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pion/srtp/v3"
)

// Sizes of SRTP with AEAD_AES_128_GCM (RFC 7714 section 12).
const (
	keySize  = 16
	saltSize = 12
	tagSize  = 16
	// exportedSize is how much is exported from DTLS: both sides' keys, then both sides' salts (RFC 5764 section 4.2).
	exportedSize = 2 * (keySize + saltSize)
)

// sealer seals and opens RTP of one direction with AEAD_AES_128_GCM. It belongs to one goroutine.
type sealer struct {
	aead  cipher.AEAD
	salt  [saltSize]byte
	nonce [saltSize]byte
}

func newSealer(key, salt []byte) (*sealer, error) {
	// Labels of the encryption key and of the salt (RFC 3711 section 4.3.1).
	sessionKey, err := derive(key, salt, 0x00, keySize)
	if err != nil {
		return nil, err
	}
	sessionSalt, err := derive(key, salt, 0x02, saltSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sessionKey)
	if err != nil {
		return nil, err
	}
	s := &sealer{salt: [saltSize]byte(sessionSalt)}
	s.aead, err = cipher.NewGCM(block)
	return s, err
}

// derive makes a session key or salt (RFC 3711 section 4.3).
func derive(key, salt []byte, label byte, size int) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	var iv [aes.BlockSize]byte
	copy(iv[:14], salt)
	iv[7] ^= label
	out := make([]byte, size)
	cipher.NewCTR(block, iv[:]).XORKeyStream(out, out)
	return out, nil
}

// prepare makes the nonce (RFC 7714 section 8.1).
func (s *sealer) prepare(ssrc uint32, extended uint64) {
	s.nonce = s.salt
	n := s.nonce[:]
	binary.BigEndian.PutUint32(n[2:], binary.BigEndian.Uint32(n[2:])^ssrc)
	binary.BigEndian.PutUint32(n[6:], binary.BigEndian.Uint32(n[6:])^uint32(extended>>16))
	binary.BigEndian.PutUint16(n[10:], binary.BigEndian.Uint16(n[10:])^uint16(extended))
}

// seal encrypts in place what follows the header of a packet and appends the tag, for which b must have the capacity.
func (s *sealer) seal(b []byte, header int, ssrc uint32, extended uint64) []byte {
	s.prepare(ssrc, extended)
	return b[:header+len(s.aead.Seal(b[header:header], s.nonce[:], b[header:], b[:header]))]
}

// open authenticates a packet and decrypts in place what follows its header; it returns the payload.
func (s *sealer) open(b []byte, header int, ssrc uint32, extended uint64) ([]byte, error) {
	s.prepare(ssrc, extended)
	return s.aead.Open(b[header:header], s.nonce[:], b[header:], b[:header])
}

// secured is a connection's keys, once DTLS is done.
type secured struct {
	out, in         *sealer
	rtcpOut, rtcpIn *srtp.Context
}

// newSecured takes what DTLS exported.
func newSecured(exported []byte, client bool) (*secured, error) {
	if len(exported) != exportedSize {
		return nil, errors.New("wrong size of exported keys")
	}
	keys := [2][]byte{exported[:keySize], exported[keySize : 2*keySize]}
	salts := [2][]byte{exported[2*keySize : 2*keySize+saltSize], exported[2*keySize+saltSize:]}
	mine, theirs := 0, 1
	if !client {
		mine, theirs = 1, 0
	}
	s := &secured{}
	var errs [4]error
	s.out, errs[0] = newSealer(keys[mine], salts[mine])
	s.in, errs[1] = newSealer(keys[theirs], salts[theirs])
	s.rtcpOut, errs[2] = srtp.CreateContext(keys[mine], salts[mine], srtp.ProtectionProfileAeadAes128Gcm)
	s.rtcpIn, errs[3] = srtp.CreateContext(keys[theirs], salts[theirs], srtp.ProtectionProfileAeadAes128Gcm)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return s, nil
}
