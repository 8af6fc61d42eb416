package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"parley/internal/fault"
)

// cheap keeps tests fast; the code is the same.
var cheap = Params{MemoryKiB: 64, Passes: 1, Threads: 1}

func newTestHasher(t *testing.T, p Params) *hasher {
	t.Helper()
	h, err := newHasher(p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHash(t *testing.T) {
	h := newTestHasher(t, cheap)
	encoded, err := h.hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("not a PHC string: %s", encoded)
	}
	if again, _ := h.hash(t.Context(), "correct horse"); again == encoded {
		t.Error("two hashes share a salt")
	}
	for password, want := range map[string]bool{"correct horse": true, "Correct horse": false, "": false} {
		if ok, outdated, err := h.verify(t.Context(), password, encoded); ok != want || outdated || err != nil {
			t.Errorf("verify(%q) = %v, %v, %v", password, ok, outdated, err)
		}
	}
	dearer := newTestHasher(t, Params{MemoryKiB: 128, Passes: 1, Threads: 1})
	if ok, outdated, err := dearer.verify(t.Context(), "correct horse", encoded); !ok || !outdated || err != nil {
		t.Errorf("old parameters: %v, %v, %v", ok, outdated, err)
	}
}

func TestPasswordIsNormalised(t *testing.T) {
	h := newTestHasher(t, cheap)
	encoded, err := h.hash(t.Context(), "Zoe\u0308 rides")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, _ := h.verify(t.Context(), "Zoë rides", encoded); !ok {
		t.Error("composed and decomposed letters differ")
	}
}

func TestBrokenHashes(t *testing.T) {
	h := newTestHasher(t, cheap)
	for _, encoded := range []string{
		"", "plain", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=16$m=64,t=1,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=64,t=1,p=1$!$AAAA", "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA",
	} {
		if ok, _, err := h.verify(t.Context(), "", encoded); ok || err == nil {
			t.Errorf("%q: %v, %v", encoded, ok, err)
		}
	}
}

func TestHashesAreBounded(t *testing.T) {
	h := newTestHasher(t, cheap)
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	errs := make(chan error, maxHashesWaiting+50)
	for range maxHashesWaiting + 50 {
		wg.Go(func() {
			_, err := h.hash(ctx, "x")
			errs <- err
		})
	}
	for range 50 {
		if err := <-errs; !errors.Is(err, fault.Unavailable) {
			t.Fatalf("got %v", err)
		}
	}
	cancel()
	wg.Wait()
	if n := h.runs.Load(); n != 0 {
		t.Errorf("%d hashes ran in full slots", n)
	}
}

func TestCheckPassword(t *testing.T) {
	for _, good := range []string{"correct horse", "七个字的密码很安全的哦", "x7#kQ9!mZ2", "zhangwei likes tea"} {
		if err := checkPassword(good, "zhangwei", "Zhang Wei"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "short", "aaaaaaaaaaaa", "1234567890", "abcdefghijkl", "Password123!", "qwertyuiop1", "zhangwei123", "ZHANGWEI!!1",
		"9876543210", "woaini1314520", strings.Repeat("xy", 600), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		if err := checkPassword(bad, "zhangwei@example.com", "Zhang Wei"); !errors.Is(err, fault.WeakPassword) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
