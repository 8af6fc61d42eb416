package objectstore_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/objectstore"
	"parley/internal/objectstore/miniotest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestDirectory(t *testing.T) {
	store, err := objectstore.OpenDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	testStore(t, store)
}

func TestS3(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a MinIO server")
	}
	endpoint := miniotest.Start(t)
	store, err := objectstore.OpenS3(t.Context(), objectstore.S3Config{
		Endpoint: endpoint, Bucket: "parley-test", AccessKey: miniotest.User, SecretKey: miniotest.Password, PathStyle: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	testStore(t, store)
	t.Run("wrong secret", func(t *testing.T) {
		_, err := objectstore.OpenS3(t.Context(), objectstore.S3Config{
			Endpoint: endpoint, Bucket: "parley-test", AccessKey: miniotest.User, SecretKey: "wrong", PathStyle: true,
		})
		if err == nil {
			t.Fatal("opened")
		}
	})
}

// testStore is what every Store must pass.
func testStore(t *testing.T, store objectstore.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, objectstore.Store)
	}{
		{"put and get", testPutAndGet},
		{"ranges", testRanges},
		{"replace", testReplace},
		{"checksum", testChecksum},
		{"broken stream", testBrokenStream},
		{"not found", testNotFound},
		{"keys", testKeys},
		{"list", testList},
		{"delete", testDelete},
		{"upload", testUpload},
		{"upload mistakes", testUploadMistakes},
		{"abort", testAbort},
		{"at once", testAtOnce},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, store) })
	}
	if err := store.Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
}

func put(t *testing.T, store objectstore.Store, key string, data []byte) {
	t.Helper()
	if _, err := store.Put(t.Context(), key, objectstore.Content{Reader: bytes.NewReader(data), Size: int64(len(data))}); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, store objectstore.Store, key string, offset, length int64) []byte {
	t.Helper()
	r, _, err := store.Get(t.Context(), key, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return data
}

func random(n int) []byte {
	data := make([]byte, n)
	rand.Read(data)
	return data
}

func hexSum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func testPutAndGet(t *testing.T, store objectstore.Store) {
	for name, data := range map[string][]byte{"empty": {}, "small": []byte("hello"), "several buffers": random(17<<20 + 3)} {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, size known %t", name, known), func(t *testing.T) {
				content := objectstore.Content{Reader: bytes.NewReader(data), Size: objectstore.Unknown, SHA256: hexSum(data)}
				if known {
					content.Size = int64(len(data))
				}
				key := "put/" + rand.Text()
				sum, err := store.Put(t.Context(), key, content)
				if err != nil {
					t.Fatal(err)
				}
				if sum != hexSum(data) {
					t.Errorf("SHA-256 %s", sum)
				}
				if !bytes.Equal(get(t, store, key, 0, objectstore.Unknown), data) {
					t.Error("content differs")
				}
				info, err := store.Stat(t.Context(), key)
				if err != nil || info.Size != int64(len(data)) || info.Key != key || time.Since(info.ModifiedAt).Abs() > time.Hour {
					t.Errorf("stat %+v, %v", info, err)
				}
			})
		}
	}
}

func testRanges(t *testing.T, store objectstore.Store) {
	put(t, store, "ranges/ten", []byte("0123456789"))
	for _, c := range []struct {
		offset, length int64
		want           string
	}{
		{0, 10, "0123456789"}, {0, 1, "0"}, {9, 1, "9"}, {3, 4, "3456"}, {7, objectstore.Unknown, "789"}, {8, 100, "89"}, {2, 0, ""}, {0, 0, ""},
	} {
		r, info, err := store.Get(t.Context(), "ranges/ten", c.offset, c.length)
		if err != nil {
			t.Errorf("%d+%d: %v", c.offset, c.length, err)
			continue
		}
		data, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || string(data) != c.want || info.Size != 10 {
			t.Errorf("%d+%d: %q of %d bytes, %v", c.offset, c.length, data, info.Size, err)
		}
	}
	for _, c := range [][2]int64{{10, 1}, {11, objectstore.Unknown}, {-1, 1}, {10, 0}} {
		if _, _, err := store.Get(t.Context(), "ranges/ten", c[0], c[1]); !errors.Is(err, objectstore.ErrRange) {
			t.Errorf("%d+%d: %v", c[0], c[1], err)
		}
	}
	put(t, store, "ranges/empty", nil)
	if data := get(t, store, "ranges/empty", 0, 5); len(data) != 0 {
		t.Errorf("empty object reads %q", data)
	}
}

func testReplace(t *testing.T, store objectstore.Store) {
	put(t, store, "replace/it", []byte("a first and longer content"))
	put(t, store, "replace/it", []byte("second"))
	if data := get(t, store, "replace/it", 0, objectstore.Unknown); string(data) != "second" {
		t.Errorf("reads %q", data)
	}
}

func testChecksum(t *testing.T, store objectstore.Store) {
	for name, content := range map[string]objectstore.Content{
		"wrong sum":            {Reader: strings.NewReader("abc"), Size: 3, SHA256: hexSum([]byte("abd"))},
		"wrong sum, no size":   {Reader: strings.NewReader("abc"), Size: objectstore.Unknown, SHA256: hexSum([]byte("abd"))},
		"shorter than promise": {Reader: strings.NewReader("abc"), Size: 4},
		"longer than promise":  {Reader: strings.NewReader("abc"), Size: 2},
	} {
		t.Run(name, func(t *testing.T) {
			key := "checksum/" + rand.Text()
			if _, err := store.Put(t.Context(), key, content); !errors.Is(err, objectstore.ErrChecksum) {
				t.Errorf("put: %v", err)
			}
			if _, err := store.Stat(t.Context(), key); !errors.Is(err, objectstore.ErrNotFound) {
				t.Errorf("something was kept: %v", err)
			}
		})
	}
}

type brokenReader struct{ left int }

var errBroken = errors.New("cable pulled")

func (r *brokenReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, errBroken
	}
	n := min(len(p), r.left)
	r.left -= n
	return n, nil
}

func testBrokenStream(t *testing.T, store objectstore.Store) {
	content := objectstore.Content{Reader: &brokenReader{left: 1000}, Size: objectstore.Unknown}
	if _, err := store.Put(t.Context(), "broken/stream", content); !errors.Is(err, errBroken) {
		t.Errorf("put: %v", err)
	}
	if _, err := store.Stat(t.Context(), "broken/stream"); !errors.Is(err, objectstore.ErrNotFound) {
		t.Errorf("half an object was kept: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Put(ctx, "broken/cancelled", objectstore.Content{Reader: strings.NewReader("x"), Size: 1}); err == nil {
		t.Error("stored after its context ended")
	}
}

func testNotFound(t *testing.T, store objectstore.Store) {
	put(t, store, "found/child", []byte("x"))
	for _, key := range []string{"nowhere", "found", "found/child/below"} {
		if _, err := store.Stat(t.Context(), key); !errors.Is(err, objectstore.ErrNotFound) {
			t.Errorf("stat %s: %v", key, err)
		}
		if _, _, err := store.Get(t.Context(), key, 0, objectstore.Unknown); !errors.Is(err, objectstore.ErrNotFound) {
			t.Errorf("get %s: %v", key, err)
		}
		if err := store.Delete(t.Context(), key); err != nil {
			t.Errorf("delete %s: %v", key, err)
		}
	}
	if _, err := store.Stat(t.Context(), "found/child"); err != nil {
		t.Errorf("a neighbour is gone: %v", err)
	}
}

func testKeys(t *testing.T, store objectstore.Store) {
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", ".hidden", "a b", "a\\b", "a\x00", "名", "a?b", "%2e%2e/a",
		strings.Repeat("a", 201), strings.Repeat("abc/", 150) + "a",
	} {
		if _, err := store.Put(t.Context(), key, objectstore.Content{Reader: strings.NewReader(""), Size: 0}); !errors.Is(err, objectstore.ErrInvalidKey) {
			t.Errorf("put %q: %v", key, err)
		}
		if _, _, err := store.Get(t.Context(), key, 0, objectstore.Unknown); !errors.Is(err, objectstore.ErrInvalidKey) {
			t.Errorf("get %q: %v", key, err)
		}
		if _, err := store.CreateUpload(t.Context(), key); !errors.Is(err, objectstore.ErrInvalidKey) {
			t.Errorf("upload %q: %v", key, err)
		}
	}
	put(t, store, "keys/A-z_0.9/-x/file.name.webm", []byte("fine"))
}

func list(t *testing.T, store objectstore.Store, prefix string) []string {
	t.Helper()
	var keys []string
	for info, err := range store.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	slices.Sort(keys)
	return keys
}

func testList(t *testing.T, store objectstore.Store) {
	all := []string{"list/a", "list/ab", "list/b/1", "list/b/2", "list/b-c/1"}
	for _, key := range all {
		put(t, store, key, []byte(key))
	}
	for prefix, want := range map[string][]string{
		"list/":    {"list/a", "list/ab", "list/b-c/1", "list/b/1", "list/b/2"},
		"list/a":   {"list/a", "list/ab"},
		"list/b":   {"list/b-c/1", "list/b/1", "list/b/2"},
		"list/b/":  {"list/b/1", "list/b/2"},
		"list/x":   nil,
		"nowhere/": nil,
	} {
		if have := list(t, store, prefix); !slices.Equal(have, want) {
			t.Errorf("%q: %q", prefix, have)
		}
	}
	if have := list(t, store, ""); len(have) < len(all) {
		t.Errorf("everything: %q", have)
	}
	for range store.List(t.Context(), "list/") {
		break
	}
	for _, err := range store.List(t.Context(), "../") {
		if !errors.Is(err, objectstore.ErrInvalidKey) {
			t.Errorf("list ../: %v", err)
		}
	}
}

func testDelete(t *testing.T, store objectstore.Store) {
	put(t, store, "delete/a/b", []byte("x"))
	for range 2 {
		if err := store.Delete(t.Context(), "delete/a/b"); err != nil {
			t.Fatal(err)
		}
	}
	if have := list(t, store, "delete/"); have != nil {
		t.Errorf("left %q", have)
	}
	put(t, store, "delete/a", []byte("the folder is free for an object"))
}

func uploadPart(t *testing.T, store objectstore.Store, key, id string, number int, data []byte) objectstore.Part {
	t.Helper()
	part, err := store.UploadPart(t.Context(), key, id, number, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return part
}

func testUpload(t *testing.T, store objectstore.Store) {
	const key = "upload/recording.webm"
	first, replaced, last := random(objectstore.MinPartBytes), random(objectstore.MinPartBytes), random(1000)
	id, err := store.CreateUpload(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	uploadPart(t, store, key, id, 7, last)
	uploadPart(t, store, key, id, 1, replaced)
	uploadPart(t, store, key, id, 1, first)
	if _, err := store.Stat(t.Context(), key); !errors.Is(err, objectstore.ErrNotFound) {
		t.Errorf("visible before it is complete: %v", err)
	}
	parts, err := store.Parts(t.Context(), key, id)
	if err != nil || len(parts) != 2 || parts[0].Number != 1 || parts[1].Number != 7 || parts[1].Size != 1000 {
		t.Fatalf("parts %+v, %v", parts, err)
	}
	if err := store.CompleteUpload(t.Context(), key, id, parts); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(get(t, store, key, 0, objectstore.Unknown), append(first, last...)) {
		t.Error("content differs")
	}
	if _, err := store.Parts(t.Context(), key, id); !errors.Is(err, objectstore.ErrUploadNotFound) {
		t.Errorf("upload is still there: %v", err)
	}
}

func testUploadMistakes(t *testing.T, store objectstore.Store) {
	const key = "mistakes/it"
	id, err := store.CreateUpload(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	small := uploadPart(t, store, key, id, 1, []byte("small"))
	last := uploadPart(t, store, key, id, 2, []byte("last"))
	altered := objectstore.Part{Number: 2, Size: last.Size, ETag: strings.Repeat("0", len(last.ETag))}
	for name, parts := range map[string][]objectstore.Part{
		"none":         nil,
		"out of order": {last, small},
		"twice":        {last, last},
		"too small":    {small, last},
		"altered":      {altered},
		"not stored":   {{Number: 3, Size: 1, ETag: last.ETag}},
	} {
		if err := store.CompleteUpload(t.Context(), key, id, parts); !errors.Is(err, objectstore.ErrPart) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, number := range []int{0, -1, 10_001} {
		if _, err := store.UploadPart(t.Context(), key, id, number, strings.NewReader("x"), 1); !errors.Is(err, objectstore.ErrPart) {
			t.Errorf("number %d: %v", number, err)
		}
	}
	if _, err := store.UploadPart(t.Context(), key, id, 3, strings.NewReader("abc"), 4); !errors.Is(err, objectstore.ErrChecksum) {
		t.Errorf("short part: %v", err)
	}
	for name, wrong := range map[string][2]string{"unknown id": {key, rand.Text()}, "other key": {"mistakes/other", id}} {
		if _, err := store.UploadPart(t.Context(), wrong[0], wrong[1], 1, strings.NewReader("x"), 1); !errors.Is(err, objectstore.ErrUploadNotFound) {
			t.Errorf("%s: %v", name, err)
		}
		if err := store.CompleteUpload(t.Context(), wrong[0], wrong[1], []objectstore.Part{last}); !errors.Is(err, objectstore.ErrUploadNotFound) {
			t.Errorf("%s: complete: %v", name, err)
		}
	}
	if err := store.AbortUpload(t.Context(), key, id); err != nil {
		t.Error(err)
	}
}

func testAbort(t *testing.T, store objectstore.Store) {
	const key = "abort/it"
	id, err := store.CreateUpload(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	part := uploadPart(t, store, key, id, 1, []byte("x"))
	for range 2 {
		if err := store.AbortUpload(t.Context(), key, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.CompleteUpload(t.Context(), key, id, []objectstore.Part{part}); !errors.Is(err, objectstore.ErrUploadNotFound) {
		t.Errorf("complete after abort: %v", err)
	}
}

// testAtOnce writes and deletes neighbours, so that folders come and go under the writers.
func testAtOnce(t *testing.T, store objectstore.Store) {
	var work sync.WaitGroup
	for i := range 8 {
		work.Go(func() {
			key := fmt.Sprintf("once/folder/%d", i)
			data := []byte(key)
			for range 10 {
				if _, err := store.Put(t.Context(), key, objectstore.Content{Reader: bytes.NewReader(data), Size: int64(len(data))}); err != nil {
					t.Error(err)
				}
				if _, err := store.Stat(t.Context(), key); err != nil {
					t.Error(err)
				}
				if err := store.Delete(t.Context(), key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
}
