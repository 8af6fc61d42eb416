package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/prf"
	"github.com/pion/dtls/v3/pkg/protocol/extension"
	"github.com/pion/dtls/v3/pkg/protocol/handshake"
)

// exporterLabel is the label of DTLS-SRTP's key export (RFC 5764 section 4.2).
const exporterLabel = "EXTRACTOR-dtls_srtp"

// KeyTap collects what the exporter of a DTLS 1.2 connection needs (RFC 5705), where we are the server: the key log's
// line gives the client's random number and the master secret, the ServerHello the server's random number, the cipher
// suite and the SRTP profile. It is safe for concurrent use.
type KeyTap struct {
	mu             sync.Mutex
	client, master []byte
	server         []byte
	profile        dtls.SRTPProtectionProfile
}

// Write takes a line of the key log (SSLKEYLOGFILE). It never fails.
func (k *KeyTap) Write(line []byte) (int, error) {
	f := bytes.Fields(line)
	if len(f) != 3 || string(f[0]) != "CLIENT_RANDOM" {
		return len(line), nil
	}
	client, err := hex.DecodeString(string(f[1]))
	if err != nil {
		return len(line), nil
	}
	master, err := hex.DecodeString(string(f[2]))
	if err != nil {
		return len(line), nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.client, k.master = client, master
	return len(line), nil
}

// Hello sees the ServerHello and leaves it as it is.
func (k *KeyTap) Hello(h handshake.MessageServerHello) handshake.Message {
	random := h.Random.MarshalFixed()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.server, k.profile = nil, 0
	if h.CipherSuiteID == nil || !hashesSHA256(dtls.CipherSuiteID(*h.CipherSuiteID)) {
		return &h
	}
	k.server = random[:]
	for _, e := range h.Extensions {
		if srtp, ok := e.(*extension.UseSRTP); ok && len(srtp.ProtectionProfiles) == 1 {
			k.profile = srtp.ProtectionProfiles[0]
		}
	}
	return &h
}

// hashesSHA256 tells whether a suite's pseudo-random function is the one of RFC 5246 section 5 with SHA-256.
func hashesSHA256(suite dtls.CipherSuiteID) bool {
	switch suite {
	case dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8:
		return true
	}
	return false
}

// Session returns a session that seals as the connection's server and an opener of what its client sends, and forgets the
// secrets. ok is false when there was no handshake as its server, or with other than a suite of SHA-256 and a profile of
// AES-GCM.
func (k *KeyTap) Session() (s *Session, o *Opener, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() {
		clear(k.master)
		k.client, k.master, k.server = nil, nil, nil
	}()
	var keySize int
	switch k.profile {
	case dtls.SRTP_AEAD_AES_128_GCM:
		keySize = 16
	case dtls.SRTP_AEAD_AES_256_GCM:
		keySize = 32
	}
	if keySize == 0 || k.master == nil || k.server == nil {
		return nil, nil, false
	}
	seed := append([]byte(exporterLabel), k.client...)
	seed = append(seed, k.server...)
	material, err := prf.PHash(k.master, seed, 2*(keySize+saltSize), sha256.New)
	if err != nil {
		return nil, nil, false
	}
	// Client key, server key, client salt, server salt (RFC 5764 section 4.2).
	salts := material[2*keySize:]
	if s, err = NewSession(material[keySize:2*keySize], salts[saltSize:]); err != nil {
		return nil, nil, false
	}
	o, err = NewOpener(material[:keySize], salts[:saltSize])
	return s, o, err == nil
}
