package ydoc

import (
	"cmp"
	"slices"
)

// StateVector says of each client how many of its clocks are known, from zero on without a gap.
type StateVector map[uint64]uint64

// DecodeStateVector reads a state vector (yjs encodeStateVector). The error is a *MalformedError.
func DecodeStateVector(b []byte) (StateVector, error) {
	r := &reader{buf: b}
	n := r.count(2)
	sv := make(StateVector, n)
	for range n {
		client := r.uint()
		sv[client] = r.uint()
	}
	r.end()
	if r.err != nil {
		return nil, r.err
	}
	return sv, nil
}

// Encode writes the state vector, always the same for the same content.
func (sv StateVector) Encode() []byte {
	b := appendUint(nil, uint64(len(sv)))
	for _, client := range descending(sv) {
		b = appendUint(appendUint(b, client), sv[client])
	}
	return b
}

// descending lists clients as Yjs writes them: higher ids first, which also spares work where they conflict.
func descending[V any](m map[uint64]V) []uint64 {
	clients := make([]uint64, 0, len(m))
	for client := range m {
		clients = append(clients, client)
	}
	slices.SortFunc(clients, func(a, b uint64) int { return cmp.Compare(b, a) })
	return clients
}
