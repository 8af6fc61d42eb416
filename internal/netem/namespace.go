package main

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tunPair holds the two devices.
type tunPair struct{ host, inside *os.File }

// makeNamespace makes the namespace, a TUN device on each side, their addresses and the default route.
func makeNamespace(name, subnet string) (tunPair, error) {
	_ = shell("ip netns del " + name + " 2>/dev/null")
	if err := shell("ip netns add " + name); err != nil {
		return tunPair{}, err
	}
	host, err := openTUN("h-" + name)
	if err != nil {
		return tunPair{}, err
	}
	inside, err := openTUNInside(name, "wan")
	if err != nil {
		return tunPair{}, err
	}
	ip := "ip -n " + name + " "
	for _, command := range []string{
		fmt.Sprintf("ip addr add %s.1 peer %s.2 dev h-%s && ip link set h-%s up mtu 1500", subnet, subnet, name, name),
		ip + "link set lo up",
		ip + fmt.Sprintf("addr add %s.2 peer %s.1 dev wan", subnet, subnet),
		ip + "link set wan up mtu 1500",
		ip + fmt.Sprintf("route add default via %s.1", subnet),
	} {
		if err := shell(command); err != nil {
			return tunPair{}, err
		}
	}
	return tunPair{host, inside}, nil
}

// openTUNInside opens a device in the namespace. The thread that enters the namespace is never unlocked, so that it
// ends with its goroutine and no other code runs there.
func openTUNInside(namespace, device string) (*os.File, error) {
	type result struct {
		tun *os.File
		err error
	}
	done := make(chan result, 1)
	go func() {
		runtime.LockOSThread()
		f, err := os.Open("/var/run/netns/" + namespace)
		if err != nil {
			done <- result{nil, err}
			return
		}
		defer f.Close()
		if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- result{nil, fmt.Errorf("enter namespace %s: %w", namespace, err)}
			return
		}
		tun, err := openTUN(device)
		done <- result{tun, err}
	}()
	r := <-done
	return r.tun, r.err
}

// openTUN makes a TUN device without packet information (linux Documentation/networking/tuntap.rst).
func openTUN(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	var request [40]byte // struct ifreq
	copy(request[:unix.IFNAMSIZ-1], name)
	*(*uint16)(unsafe.Pointer(&request[unix.IFNAMSIZ])) = unix.IFF_TUN | unix.IFF_NO_PI
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TUNSETIFF, uintptr(unsafe.Pointer(&request[0]))); errno != 0 {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("make TUN device %s: %w", name, errno)
	}
	return os.NewFile(uintptr(fd), name), nil
}
