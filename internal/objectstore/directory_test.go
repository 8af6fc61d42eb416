package objectstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/objectstore"
)

func TestDirectoryRemovesOldTemps(t *testing.T) {
	dir := t.TempDir()
	open := func() {
		store, err := objectstore.OpenDirectory(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	open()
	old, young := filepath.Join(dir, "tmp", "OLD"), filepath.Join(dir, "tmp", "YOUNG")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	open()
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old one is still there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the young one is gone: %v", err)
	}
}

func TestDirectoryDoesNotFollowLinksOut(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	store, err := objectstore.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := os.Symlink(outside, filepath.Join(dir, "objects", "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Put(t.Context(), "link/file", objectstore.Content{Reader: strings.NewReader("x"), Size: 1}); err == nil {
		t.Error("wrote through a link that leads out")
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 0 {
		t.Errorf("outside holds %v, %v", entries, err)
	}
}

func TestDirectoryLeavesNoTemps(t *testing.T) {
	dir := t.TempDir()
	store, err := objectstore.OpenDirectory(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	testStore(t, store)
	entries, err := os.ReadDir(filepath.Join(dir, "tmp"))
	if err != nil || len(entries) != 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

func TestDirectoryUploadIDIsNoPath(t *testing.T) {
	store, err := objectstore.OpenDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for _, id := range []string{"../../etc", "", ".", strings.Repeat("A", 25) + "/"} {
		if _, err := store.Parts(t.Context(), "a", id); !errors.Is(err, objectstore.ErrUploadNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}
