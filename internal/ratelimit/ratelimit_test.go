package ratelimit

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Rate{Burst: 3, Every: 10 * time.Second}, 10)
		for i := range 3 {
			if ok, _ := l.Take("a"); !ok {
				t.Fatalf("attempt %d refused", i)
			}
		}
		ok, wait := l.Take("a")
		if ok || wait != 10*time.Second {
			t.Fatalf("got %v, %v", ok, wait)
		}
		if ok, _ := l.Take("b"); !ok {
			t.Fatal("another key pays for it")
		}
		time.Sleep(wait)
		if ok, _ := l.Take("a"); !ok {
			t.Fatal("refused after the wait")
		}
		time.Sleep(time.Hour)
		for range 3 {
			if ok, _ := l.Take("a"); !ok {
				t.Fatal("not refilled")
			}
		}
		if ok, _ := l.Take("a"); ok {
			t.Fatal("refilled beyond the burst")
		}
	})
}

func TestGiveBackAndForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Rate{Burst: 2, Every: time.Minute}, 10)
		l.Take("a")
		l.Take("a")
		l.GiveBack("a")
		if ok, _ := l.Take("a"); !ok {
			t.Fatal("not given back")
		}
		l.Forget("a")
		l.GiveBack("a")
		for range 2 {
			if ok, _ := l.Take("a"); !ok {
				t.Fatal("not forgotten")
			}
		}
		if ok, _ := l.Take("a"); ok {
			t.Fatal("giving back goes beyond the burst")
		}
	})
}

func TestFloodOfKeysIsBounded(t *testing.T) {
	l := New(Rate{Burst: 1, Every: time.Hour}, 100)
	for i := range 10_000 {
		l.Take(strconv.Itoa(i))
	}
	if l.Len() != 100 || l.recent.Len() != 100 {
		t.Fatalf("remembers %d keys in a list of %d", l.Len(), l.recent.Len())
	}
	if ok, _ := l.Take("9999"); ok {
		t.Error("the latest key is forgotten")
	}
}

func TestConcurrentTakes(t *testing.T) {
	l := New(Rate{Burst: 50, Every: time.Hour}, 10)
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if ok, _ := l.Take("a"); ok {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 50 {
		t.Errorf("%d of 50 allowed", allowed.Load())
	}
}
