//go:build unix && !linux

package private

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

func attach(attr *syscall.SysProcAttr) { attr.Setpgid = true }

// servesData tells whether pid is a PostgreSQL process of the data directory, by its command line.
func servesData(pid int, data string) bool {
	out, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.Contains(string(out), data)
}
