package private

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that the server runs as: the zero value is ourselves.
type owner struct {
	name       string
	credential *syscall.Credential
}

// serverOwner picks the user: PostgreSQL refuses to run as root and initdb wants a user with a passwd entry.
func serverOwner() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			return owner{}, fmt.Errorf("user %s: %w", name, err)
		}
		return owner{name: name, credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return owner{}, errors.New("PostgreSQL does not run as root, and neither user postgres nor nobody exists to run it as")
}

func (o owner) uid() int {
	if o.credential == nil {
		return os.Geteuid()
	}
	return int(o.credential.Uid)
}

// makeDir makes dir, or takes it over, for the owner alone.
func (o owner) makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	if uid := int(stat.Uid); uid != o.uid() && uid != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user (%d)", dir, uid)
	}
	if o.credential != nil {
		if err := os.Chown(dir, int(o.credential.Uid), int(o.credential.Gid)); err != nil {
			return err
		}
	}
	return os.Chmod(dir, 0o700)
}

// openDoor lets the owner pass through root, the server's folder that we made ourselves, whatever our umask was.
func (o owner) openDoor(root string) error {
	if o.credential == nil {
		return nil
	}
	info, err := os.Stat(root)
	if err != nil {
		return err
	}
	return os.Chmod(root, info.Mode().Perm()|0o011)
}

// checkReach tells early and in words that a parent such as /root (0700) would hide dir from the owner.
func (o owner) checkReach(dir string) error {
	if o.credential == nil {
		return nil
	}
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err != nil {
			return err
		}
		if !o.mayEnter(info) {
			return fmt.Errorf("PostgreSQL runs as user %s, who may not enter %s: choose a data folder elsewhere (dataDir, for example /var/lib/parley), or chmod o+x %s", o.name, parent, parent)
		}
		if parent == filepath.Dir(parent) {
			return nil
		}
	}
}

func (o owner) mayEnter(info os.FileInfo) bool {
	mode := info.Mode().Perm()
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return true
	case stat.Uid == o.credential.Uid:
		return mode&0o100 != 0
	case stat.Gid == o.credential.Gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}
