package private

import (
	"fmt"
	"os"
	"syscall"
)

// attach ties a child to us: Setpgid so that Ctrl-C at the terminal does not reach the database before our own
// shutdown, Pdeathsig so that it makes a fast shutdown when we are killed. The kernel sends Pdeathsig when the thread
// that forked ends, so the caller keeps that thread for the child's life.
func attach(attr *syscall.SysProcAttr) {
	attr.Setpgid = true
	attr.Pdeathsig = syscall.SIGINT
}

// servesData tells whether pid is a PostgreSQL process of the data directory: its working directory is there.
func servesData(pid int, data string) bool {
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	return err == nil && dir == data
}
