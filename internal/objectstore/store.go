package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"
	"time"
)

var (
	// ErrNotFound says that no object has the key.
	ErrNotFound = errors.New("object not found")
	// ErrUploadNotFound says that an upload was completed, aborted or never begun.
	ErrUploadNotFound = errors.New("upload not found")
	// ErrInvalidKey says that a key breaks the rules of CheckKey.
	ErrInvalidKey = errors.New("invalid object key")
	// ErrRange says that a range begins beyond the end of the object.
	ErrRange = errors.New("range outside of the object")
	// ErrChecksum says that content differs from its promised size or SHA-256; nothing was kept.
	ErrChecksum = errors.New("object content differs from its checksum")
	// ErrPart says that an upload cannot be completed from the given parts: one is missing, altered, out of order, or
	// too small.
	ErrPart = errors.New("upload parts do not fit")
)

// MinPartBytes is the least size of every part but the last, as S3 demands.
const MinPartBytes = 5 << 20

// Unknown is the size of a stream whose end nobody knows, and the length of a range that goes to the end.
const Unknown = -1

// Info describes an object.
type Info struct {
	Key        string
	Size       int64
	ModifiedAt time.Time
}

// Content is what Put stores.
type Content struct {
	io.Reader
	// Size in bytes, or Unknown.
	Size int64
	// SHA256 in lower-case hex is compared with what was read. Defaults to no comparison.
	SHA256 string
}

// Part is a stored part of an upload. A caller that wants to resume after a crash keeps the upload's id; Parts
// answers the rest.
type Part struct {
	Number int
	Size   int64
	ETag   string
}

// Store keeps objects. A key is never visible with half of its content.
type Store interface {
	// Put reads content to its end and answers the SHA-256 of what it stored, in hex. It replaces an object of the key.
	Put(ctx context.Context, key string, content Content) (sha256 string, err error)
	// Get answers length bytes from offset (Unknown: to the end; a length beyond the end is cut) and the info of the
	// whole object. The caller closes the reader.
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error)
	// Stat answers an object's info.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes an object; one that is not there is fine.
	Delete(ctx context.Context, key string) error
	// List goes through the objects whose key begins with prefix, in no particular order. It ends after an error.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]

	// CreateUpload begins an object that comes in parts, over any time, by any process that knows the id.
	CreateUpload(ctx context.Context, key string) (id string, err error)
	// UploadPart stores one part, numbered from 1 to 10,000; it replaces a part of the same number.
	UploadPart(ctx context.Context, key, id string, number int, r io.Reader, size int64) (Part, error)
	// Parts answers what is stored of an upload, by number.
	Parts(ctx context.Context, key, id string) ([]Part, error)
	// CompleteUpload makes the object of the parts, in the order of their numbers, which must rise.
	CompleteUpload(ctx context.Context, key, id string, parts []Part) error
	// AbortUpload drops an upload; one that is not there is fine.
	AbortUpload(ctx context.Context, key, id string) error

	// Check tells whether the store can be reached.
	Check(ctx context.Context) error
	// Close lets go of connections and files.
	Close() error
}

const (
	maxKeyBytes     = 512
	maxSegmentBytes = 200
	maxParts        = 10_000
)

var segment = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*$`)

// CheckKey holds keys to what is safe as a path and as a URL: segments of letters, digits, ".", "_" and "-" that do
// not begin with ".", separated by "/". A key must not be the folder of another one ("a" and "a/b").
func CheckKey(key string) error {
	if len(key) > maxKeyBytes {
		return fmt.Errorf("%w: %d bytes", ErrInvalidKey, len(key))
	}
	for part := range strings.SplitSeq(key, "/") {
		if len(part) > maxSegmentBytes || !segment.MatchString(part) {
			return fmt.Errorf("%w: %q", ErrInvalidKey, key)
		}
	}
	return nil
}

// checkPrefix allows what begins a key.
func checkPrefix(prefix string) error {
	whole := prefix
	if whole == "" || strings.HasSuffix(whole, "/") {
		whole += "x"
	}
	return CheckKey(whole)
}

func checkPart(key string, number int) error {
	if number < 1 || number > maxParts {
		return fmt.Errorf("%w: number %d", ErrPart, number)
	}
	return CheckKey(key)
}

func checkOrder(key string, parts []Part) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if len(parts) == 0 {
		return fmt.Errorf("%w: there are none", ErrPart)
	}
	for i, p := range parts {
		if i > 0 && p.Number <= parts[i-1].Number {
			return fmt.Errorf("%w: number %d follows %d", ErrPart, p.Number, parts[i-1].Number)
		}
		if i < len(parts)-1 && p.Size < MinPartBytes {
			return fmt.Errorf("%w: part %d has %d bytes", ErrPart, p.Number, p.Size)
		}
	}
	return nil
}
