package objectstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"syscall"
	"time"
)

// Folders of a Directory.
const (
	objectsDir = "objects" // one plain file for each object, at its key
	uploadsDir = "uploads" // one folder for each upload
	tempDir    = "tmp"     // what is being written; renamed when it is whole
)

// moveTries bounds the race of moveInto, which each try wins or loses within microseconds.
const moveTries = 100

// staleTemp is the age at which a file in tempDir belongs to a process that was killed.
const staleTemp = 24 * time.Hour

// Directory is a Store of plain files. Files are written aside, synced and renamed, so that a crash leaves the whole
// object or none.
type Directory struct {
	root *os.Root // static; keeps symbolic links from leading out
}

var _ Store = (*Directory)(nil)

// OpenDirectory opens or makes the store in a folder.
func OpenDirectory(dir string) (*Directory, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	d := &Directory{root: root}
	for _, name := range []string{objectsDir, uploadsDir, tempDir} {
		if err := root.MkdirAll(name, 0o750); err != nil {
			return nil, errors.Join(fmt.Errorf("object store: %w", err), root.Close())
		}
	}
	if err := d.removeStaleTemps(); err != nil {
		return nil, errors.Join(fmt.Errorf("object store: %w", err), root.Close())
	}
	return d, nil
}

// Put implements Store.
func (d *Directory) Put(ctx context.Context, key string, content Content) (string, error) {
	if err := CheckKey(key); err != nil {
		return "", err
	}
	reader := newHashingReader(ctx, content)
	err := d.writeFile(path.Join(objectsDir, key), func(w io.Writer) error {
		if _, err := io.Copy(w, reader); err != nil {
			return err
		}
		return reader.verify(content.Size, content.SHA256)
	})
	if err != nil {
		return "", fmt.Errorf("put object %s: %w", key, err)
	}
	return reader.sum(), nil
}

// Get implements Store.
func (d *Directory) Get(_ context.Context, key string, offset, length int64) (io.ReadCloser, Info, error) {
	if err := CheckKey(key); err != nil {
		return nil, Info{}, err
	}
	file, err := d.root.Open(path.Join(objectsDir, key))
	if err != nil {
		return nil, Info{}, fmt.Errorf("get object %s: %w", key, notFound(err))
	}
	stat, err := file.Stat()
	switch {
	case err != nil:
	case stat.IsDir():
		err = ErrNotFound
	case offset < 0 || offset > 0 && offset >= stat.Size():
		err = ErrRange
	}
	if err != nil {
		return nil, Info{}, errors.Join(fmt.Errorf("get object %s: %w", key, err), file.Close())
	}
	if length < 0 || length > stat.Size()-offset {
		length = stat.Size() - offset
	}
	section := struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(file, offset, length), file}
	return section, infoOf(key, stat), nil
}

// Stat implements Store.
func (d *Directory) Stat(_ context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	stat, err := d.root.Stat(path.Join(objectsDir, key))
	if err == nil && stat.IsDir() {
		err = ErrNotFound
	}
	if err != nil {
		return Info{}, fmt.Errorf("stat object %s: %w", key, notFound(err))
	}
	return infoOf(key, stat), nil
}

// Delete implements Store. Folders that become empty go too.
func (d *Directory) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	name := path.Join(objectsDir, key)
	if stat, err := d.root.Stat(name); err != nil || stat.IsDir() {
		if err == nil || errors.Is(notFound(err), ErrNotFound) {
			return nil
		}
		return fmt.Errorf("delete object %s: %w", key, err)
	}
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete object %s: %w", key, err)
	}
	for parent := path.Dir(name); parent != objectsDir; parent = path.Dir(parent) {
		if d.root.Remove(parent) != nil {
			break
		}
	}
	return nil
}

// List implements Store.
func (d *Directory) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, err)
			return
		}
		start := path.Join(objectsDir, prefix[:strings.LastIndex(prefix, "/")+1])
		err := fs.WalkDir(d.root.FS(), start, func(name string, entry fs.DirEntry, err error) error {
			switch key := strings.TrimPrefix(name, objectsDir+"/"); {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case entry.IsDir() || !strings.HasPrefix(key, prefix):
				return nil
			default:
				return d.yieldEntry(key, entry, yield)
			}
		})
		if err != nil {
			yield(Info{}, fmt.Errorf("list objects %s: %w", prefix, err))
		}
	}
}

func (d *Directory) yieldEntry(key string, entry fs.DirEntry, yield func(Info, error) bool) error {
	stat, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !yield(infoOf(key, stat), nil) {
		return fs.SkipAll
	}
	return nil
}

// Check implements Store.
func (d *Directory) Check(context.Context) error {
	return d.writeFile(path.Join(tempDir, "check-"+rand.Text()), func(io.Writer) error { return nil }, d.root.Remove)
}

// Close implements Store.
func (d *Directory) Close() error { return d.root.Close() }

// writeFile writes aside, syncs, renames to name and syncs the folder; then calls what follows with the name.
func (d *Directory) writeFile(name string, write func(io.Writer) error, then ...func(string) error) (err error) {
	temp := path.Join(tempDir, rand.Text())
	file, err := d.root.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreNotExist(d.root.Remove(temp)))
		}
	}()
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := d.moveInto(temp, name); err != nil {
		return err
	}
	for _, f := range then {
		if err := f(name); err != nil {
			return err
		}
	}
	return nil
}

// moveInto renames. A Delete beside us may remove folders while they are made, or before the rename.
func (d *Directory) moveInto(temp, name string) error {
	for try := 0; ; try++ {
		err := d.root.MkdirAll(path.Dir(name), 0o750)
		if err == nil {
			err = d.root.Rename(temp, name)
		}
		if err == nil {
			return d.syncDir(path.Dir(name))
		}
		vanished := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) // made beside us, and gone at the second look
		if try == moveTries || !vanished {
			return err
		}
	}
}

func (d *Directory) syncDir(name string) error {
	dir, err := d.root.Open(name)
	if err != nil {
		return ignoreNotExist(err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (d *Directory) removeStaleTemps() error {
	entries, err := fs.ReadDir(d.root.FS(), tempDir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		stat, err := entry.Info()
		if err != nil || time.Since(stat.ModTime()) < staleTemp {
			continue
		}
		if err := ignoreNotExist(d.root.Remove(path.Join(tempDir, entry.Name()))); err != nil {
			return err
		}
	}
	return nil
}

func infoOf(key string, stat fs.FileInfo) Info {
	return Info{Key: key, Size: stat.Size(), ModifiedAt: stat.ModTime().UTC()}
}

func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return ErrNotFound
	}
	return err
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
