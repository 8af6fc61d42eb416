package boards

import (
	"errors"
	"io"
	"testing"
	"time"

	"parley/internal/fault"
	"parley/internal/objectstore"
	"parley/internal/objectstore/miniotest"
)

// TestPicturesInS3 keeps, serves and reaps pictures in a bucket.
func TestPicturesInS3(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a MinIO server")
	}
	objects, err := objectstore.OpenS3(t.Context(), objectstore.S3Config{
		Endpoint: miniotest.Start(t), Bucket: "boards-test", AccessKey: miniotest.User, SecretKey: miniotest.Password, PathStyle: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldOn(t, objects)
	ada := w.person(t, "Ada")
	b := w.board(t, ada, Draft{})
	kept, err := w.Upload(t.Context(), ada, b.ID, pngPicture(t, 40))
	if err != nil {
		t.Fatal(err)
	}
	orphan, err := w.Upload(t.Context(), ada, b.ID, pngPicture(t, 41))
	if err != nil {
		t.Fatal(err)
	}
	w.exec(t, `delete from board_files where id = $1`, orphan.ID)
	w.mu.Lock()
	w.clock = time.Now().Add(2 * orphanTime)
	w.mu.Unlock()
	if err := w.CleanObjects(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, err := range objects.List(t.Context(), objectPrefix) {
		if err != nil {
			t.Fatal(err)
		}
		left++
	}
	body, f, err := w.File(t.Context(), ada, b.ID, kept.ID)
	if err != nil || left != 1 {
		t.Fatal(left, err)
	}
	data, err := io.ReadAll(body)
	if err := errors.Join(err, body.Close()); err != nil || int64(len(data)) != f.Bytes || string(data) != string(pngPicture(t, 40)) {
		t.Error(len(data), f, err)
	}
	if err := w.Delete(t.Context(), ada, b.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteForGood(t.Context(), ada, b.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.File(t.Context(), ada, b.ID, kept.ID); !errors.Is(err, fault.BoardNotFound) {
		t.Error(err)
	}
	for info := range objects.List(t.Context(), objectPrefix) {
		t.Errorf("%s stays", info.Key)
	}
}
