package main

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// TestSealerSpeaksSRTP seals for Pion's SRTP and opens what that sealed, over a rollover.
func TestSealerSpeaksSRTP(t *testing.T) {
	key, salt := make([]byte, keySize), make([]byte, saltSize)
	_, _ = rand.Read(key)
	_, _ = rand.Read(salt)
	s, err := newSealer(key, salt)
	must(t, err)
	context := func() *srtp.Context {
		c, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
		must(t, err)
		return c
	}
	in, out := context(), context()
	for n := uint64(65530); n < 65545; n++ {
		p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: uint16(n), SSRC: 77}, Payload: []byte("picture")}
		must(t, p.SetExtension(3, []byte{1, 2}))
		plain, err := p.Marshal()
		must(t, err)
		header := len(plain) - len(p.Payload)

		sealed := s.seal(append(make([]byte, 0, 200), plain...), header, 77, n)
		opened, err := in.DecryptRTP(nil, sealed, nil)
		must(t, err)
		if !bytes.Equal(opened, plain) {
			t.Fatalf("%d: Pion reads %x", n, opened)
		}

		theirs, err := out.EncryptRTP(nil, plain, nil)
		must(t, err)
		if !bytes.Equal(theirs, sealed) {
			t.Fatalf("%d: %x, Pion makes %x", n, sealed, theirs)
		}
		payload, err := s.open(theirs, header, 77, n)
		must(t, err)
		if !bytes.Equal(payload, p.Payload) {
			t.Fatalf("%d: %q", n, payload)
		}
		sealed[len(sealed)-1] ^= 1
		if _, err := s.open(sealed, header, 77, n); err == nil {
			t.Fatal("a forged packet was opened")
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
