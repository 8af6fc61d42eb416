package main

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	mrand "math/rand/v2"
	"net/netip"
	"sync/atomic"

	"github.com/pion/stun/v4"
)

// STUN attributes of ICE (RFC 8445 section 16.1).
const (
	attrPriority       = stun.AttrPriority
	attrUseCandidate   = stun.AttrUseCandidate
	attrICEControlled  = stun.AttrICEControlled
	attrICEControlling = stun.AttrICEControlling
	hostPriority       = 2130706431
	prflxPriority      = 1862270975
)

type credentials struct{ ufrag, pwd string }

func newCredentials() credentials {
	var b [20]byte
	_, _ = rand.Read(b[:])
	text := hex.EncodeToString(b[:])
	return credentials{ufrag: text[:8], pwd: text[8:]}
}

// agent is the client's side of ICE (RFC 8445) between one local and one remote candidate.
type agent struct {
	// Static after construction.
	local       credentials
	controlling bool
	tieBreaker  uint64

	remote    atomic.Pointer[credentials]
	answered  atomic.Bool // a check of ours was answered
	nominated atomic.Bool // the server nominated the pair
	connected chan struct{}
	done      atomic.Bool
}

func newAgent(controlling bool) *agent {
	return &agent{local: newCredentials(), controlling: controlling, tieBreaker: mrand.Uint64(), connected: make(chan struct{})}
}

// check makes a connectivity check. Who controls nominates with each.
func (a *agent) check() ([]byte, error) {
	remote := a.remote.Load()
	priority := binary.BigEndian.AppendUint32(nil, prflxPriority)
	role := stun.RawAttribute{Type: attrICEControlled, Value: binary.BigEndian.AppendUint64(nil, a.tieBreaker)}
	setters := []stun.Setter{
		stun.BindingRequest, stun.TransactionID, stun.NewUsername(remote.ufrag + ":" + a.local.ufrag),
		stun.RawAttribute{Type: attrPriority, Value: priority},
	}
	if a.controlling {
		role.Type = attrICEControlling
		setters = append(setters, stun.RawAttribute{Type: attrUseCandidate})
	}
	setters = append(setters, role, stun.NewShortTermIntegrity(remote.pwd), stun.Fingerprint)
	m, err := stun.Build(setters...)
	if err != nil {
		return nil, fmt.Errorf("connectivity check: %w", err)
	}
	return m.Raw, nil
}

// onMessage takes a STUN message and returns what is to be sent: an answer to a check, and until the pair is in use a check
// that it triggers (RFC 8445 section 7.3.1.4).
func (a *agent) onMessage(b []byte, from netip.AddrPort) [][]byte {
	m := &stun.Message{Raw: append([]byte(nil), b...)}
	if m.Decode() != nil {
		return nil
	}
	switch m.Type {
	case stun.BindingSuccess:
		remote := a.remote.Load()
		if remote != nil && stun.NewShortTermIntegrity(remote.pwd).Check(m) == nil {
			a.answered.Store(true)
			a.progress()
		}
	case stun.BindingRequest:
		if stun.NewShortTermIntegrity(a.local.pwd).Check(m) != nil {
			return nil
		}
		if m.Contains(attrUseCandidate) {
			a.nominated.Store(true)
			a.progress()
		}
		answer, err := stun.Build(
			stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess,
			&stun.XORMappedAddress{IP: udpAddr(from).IP, Port: int(from.Port())},
			stun.NewShortTermIntegrity(a.local.pwd), stun.Fingerprint,
		)
		if err != nil {
			return nil
		}
		out := [][]byte{answer.Raw}
		if !a.done.Load() && a.remote.Load() != nil {
			if check, err := a.check(); err == nil {
				out = append(out, check)
			}
		}
		return out
	}
	return nil
}

func (a *agent) progress() {
	if a.answered.Load() && (a.controlling || a.nominated.Load()) && !a.done.Swap(true) {
		close(a.connected)
	}
}
