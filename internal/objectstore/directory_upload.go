package objectstore

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An upload is a folder: "key" names the object, so that an id cannot complete another one, and each part is a file
// "<number>-<etag>" with the SHA-256 of its content as etag.
const uploadKeyFile = "key"

var uploadID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// CreateUpload implements Store.
func (d *Directory) CreateUpload(_ context.Context, key string) (string, error) {
	if err := CheckKey(key); err != nil {
		return "", err
	}
	id := rand.Text()
	err := d.writeFile(path.Join(uploadsDir, id, uploadKeyFile), func(w io.Writer) error {
		_, err := io.WriteString(w, key)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("create upload %s: %w", key, err)
	}
	return id, nil
}

// UploadPart implements Store.
func (d *Directory) UploadPart(ctx context.Context, key, id string, number int, r io.Reader, size int64) (Part, error) {
	if err := checkPart(key, number); err != nil {
		return Part{}, err
	}
	part, err := d.uploadPart(ctx, key, id, number, r, size)
	if err != nil {
		return Part{}, fmt.Errorf("upload part %d of %s: %w", number, key, err)
	}
	return part, nil
}

func (d *Directory) uploadPart(ctx context.Context, key, id string, number int, r io.Reader, size int64) (Part, error) {
	earlier, err := d.parts(key, id)
	if err != nil {
		return Part{}, err
	}
	reader := newHashingReader(ctx, r)
	pending := path.Join(uploadsDir, id, "pending-"+rand.Text())
	err = d.writeFile(pending, func(w io.Writer) error {
		if _, err := io.Copy(w, reader); err != nil {
			return err
		}
		return reader.verify(size, "")
	})
	if err != nil {
		return Part{}, err
	}
	part := Part{Number: number, Size: reader.size, ETag: reader.sum()}
	if err := d.root.Rename(pending, partPath(id, part)); err != nil {
		return Part{}, notFoundUpload(err)
	}
	for _, old := range earlier {
		if old.Number == number && old.ETag != part.ETag {
			if err := ignoreNotExist(d.root.Remove(partPath(id, old))); err != nil {
				return Part{}, err
			}
		}
	}
	return part, d.syncDir(path.Join(uploadsDir, id))
}

// Parts implements Store.
func (d *Directory) Parts(_ context.Context, key, id string) ([]Part, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	parts, err := d.parts(key, id)
	if err != nil {
		return nil, fmt.Errorf("parts of %s: %w", key, err)
	}
	return parts, nil
}

func (d *Directory) parts(key, id string) ([]Part, error) {
	if !uploadID.MatchString(id) {
		return nil, ErrUploadNotFound
	}
	bound, err := d.root.ReadFile(path.Join(uploadsDir, id, uploadKeyFile))
	if err != nil {
		return nil, notFoundUpload(err)
	}
	if string(bound) != key {
		return nil, ErrUploadNotFound
	}
	entries, err := fs.ReadDir(d.root.FS(), path.Join(uploadsDir, id))
	if err != nil {
		return nil, notFoundUpload(err)
	}
	var parts []Part
	for _, entry := range entries {
		head, etag, _ := strings.Cut(entry.Name(), "-")
		number, err := strconv.Atoi(head)
		if err != nil {
			continue
		}
		stat, err := entry.Info()
		if err != nil {
			continue
		}
		parts = append(parts, Part{Number: number, Size: stat.Size(), ETag: etag})
	}
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.Number, b.Number) })
	return parts, nil
}

// CompleteUpload implements Store.
func (d *Directory) CompleteUpload(ctx context.Context, key, id string, parts []Part) error {
	if err := checkOrder(key, parts); err != nil {
		return err
	}
	if _, err := d.parts(key, id); err != nil {
		return fmt.Errorf("complete upload %s: %w", key, err)
	}
	err := d.writeFile(path.Join(objectsDir, key), func(w io.Writer) error {
		for _, part := range parts {
			if err := d.appendPart(ctx, w, id, part); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = d.root.RemoveAll(path.Join(uploadsDir, id))
	}
	if err != nil {
		return fmt.Errorf("complete upload %s: %w", key, err)
	}
	return nil
}

func (d *Directory) appendPart(ctx context.Context, w io.Writer, id string, part Part) error {
	if strings.ContainsAny(part.ETag, `/\`) {
		return fmt.Errorf("%w: part %d", ErrPart, part.Number)
	}
	file, err := d.root.Open(partPath(id, part))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: part %d is not stored", ErrPart, part.Number)
	}
	if err != nil {
		return err
	}
	reader := newHashingReader(ctx, file)
	_, err = io.Copy(w, reader)
	if err == nil {
		err = reader.verify(part.Size, part.ETag)
	}
	return errors.Join(err, file.Close())
}

// AbortUpload implements Store.
func (d *Directory) AbortUpload(_ context.Context, key, id string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if _, err := d.parts(key, id); errors.Is(err, ErrUploadNotFound) {
		return nil
	}
	if err := d.root.RemoveAll(path.Join(uploadsDir, id)); err != nil {
		return fmt.Errorf("abort upload %s: %w", key, err)
	}
	return nil
}

func partPath(id string, part Part) string {
	return path.Join(uploadsDir, id, fmt.Sprintf("%05d-%s", part.Number, part.ETag))
}

func notFoundUpload(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrUploadNotFound
	}
	return err
}
