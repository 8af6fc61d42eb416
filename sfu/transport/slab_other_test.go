//go:build !linux

package transport

func setGSO(*Conn, bool) {}
