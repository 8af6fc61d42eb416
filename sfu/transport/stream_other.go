//go:build !linux

package transport

import "net"

func keepShort(net.Conn) {}
