package actor_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/actor"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRunsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := actor.New(8, nil)
		defer a.Close()
		var got []int
		for i := range 5 {
			if !a.Post(func() { got = append(got, i) }) {
				t.Fatalf("post %d refused", i)
			}
		}
		if err := a.Do(t.Context(), func() { got = append(got, 5) }); err != nil {
			t.Fatal(err)
		}
		for i, n := range got {
			if i != n {
				t.Fatalf("order %v", got)
			}
		}
		if len(got) != 6 {
			t.Fatalf("ran %d of 6", len(got))
		}
	})
}

func TestPostToFullMailbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := actor.New(1, nil)
		defer a.Close()
		release := make(chan struct{})
		a.Post(func() { <-release })
		synctest.Wait()
		if !a.Post(func() {}) {
			t.Fatal("the mailbox has room for one")
		}
		if a.Post(func() {}) {
			t.Fatal("a full mailbox took one more")
		}
		close(release)
		synctest.Wait()
		if !a.Post(func() {}) {
			t.Fatal("an emptied mailbox refuses")
		}
	})
}

func TestDoEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := actor.New(1, nil)
		release := make(chan struct{})
		a.Post(func() { <-release })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var ran bool
		if err := a.Do(ctx, func() { ran = true }); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("want deadline, have %v", err)
		}
		close(release)
		synctest.Wait()
		a.Close()
		if ran {
			t.Fatal("ran after its caller had gone")
		}
	})
}

func TestCloseWaitsAndDropsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := actor.New(4, nil)
		var finished, dropped atomic.Bool
		a.Post(func() { time.Sleep(time.Second); finished.Store(true) })
		synctest.Wait()
		a.Post(func() { dropped.Store(true) })
		waiting := make(chan error, 1)
		go func() { waiting <- a.Do(context.Background(), func() {}) }()
		synctest.Wait()
		a.Close()
		a.Close()
		if !finished.Load() {
			t.Fatal("close did not wait for the running function")
		}
		if dropped.Load() {
			t.Fatal("close ran what was still in the mailbox")
		}
		if err := <-waiting; !errors.Is(err, actor.ErrClosed) {
			t.Fatalf("a waiting Do answers %v", err)
		}
		if a.Post(func() {}) {
			t.Fatal("post after close")
		}
		if err := a.Do(t.Context(), func() {}); !errors.Is(err, actor.ErrClosed) {
			t.Fatalf("do after close answers %v", err)
		}
	})
}

func TestStopFromInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := actor.New(1, nil)
		if err := a.Do(t.Context(), a.Stop); err != nil {
			t.Fatal(err)
		}
		<-a.Done()
	})
}

func TestPanicEndsTheActor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var caught *actor.Panic
		a := actor.New(4, func(p *actor.Panic) { caught = p })
		err := a.Do(t.Context(), func() { panic("broken rule") })
		if !errors.Is(err, actor.ErrClosed) {
			t.Fatalf("the caller of the function that panicked is told %v", err)
		}
		<-a.Done()
		if caught == nil || caught.Value != "broken rule" || len(caught.Stack) == 0 {
			t.Fatalf("caught %+v", caught)
		}
		if a.Post(func() {}) {
			t.Fatal("post after a panic")
		}
		a.Close()
	})
}
