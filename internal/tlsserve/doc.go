// Package tlsserve decides with which certificate we serve: from files that may change, from an ACME certificate
// authority, or self-signed for a trial in a local network. Start reading at New.
package tlsserve
