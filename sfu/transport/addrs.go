package transport

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// hostAddrs returns the machine's addresses that a peer could reach: of interfaces that are up, without link-local ones and
// without those of container bridges. Loopback addresses come along when asked for or when there are no others.
func hostAddrs(loopback bool) ([]netip.Addr, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("transport: list interfaces: %w", err)
	}
	var found, local []netip.Addr
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, raw := range addrs {
			n, ok := raw.(*net.IPNet)
			if !ok {
				continue
			}
			a, ok := netip.AddrFromSlice(n.IP)
			if !ok {
				continue
			}
			switch a = a.Unmap(); {
			case a.IsLoopback():
				local = append(local, a)
			case a.IsLinkLocalUnicast(), a.IsMulticast(), bridge(i.Name):
			default:
				found = append(found, a)
			}
		}
	}
	if loopback || len(found) == 0 {
		found = append(found, local...)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("transport: no address to listen on")
	}
	return found, nil
}

// bridge tells whether an interface connects containers or virtual machines of this host only.
func bridge(name string) bool {
	for _, prefix := range []string{"docker", "br-", "veth", "virbr", "cni", "flannel", "cali"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
