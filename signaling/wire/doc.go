// Package wire holds the messages of the signaling protocol: their structs (messages.go), the one table from "type" to
// struct (registry.go), the limits of each field (validate.go) and the envelope (envelope.go). PROTOCOL.md, one folder
// up, says what they mean; its examples are this package's test vectors. The package has no state.
//
// The TypeScript types of the web client are generated from messages.go and registry.go.
package wire

//go:generate go run ./gen -out ../../web/src/core/meeting/wire.ts
