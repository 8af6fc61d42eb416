package main

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFirstSignalStopsSecondExits(t *testing.T) {
	exited := make(chan int, 1)
	ctx, stop := untilSignal(context.Background(), func(code int) { exited <- code })
	defer stop()
	raise := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	raise()
	select {
	case <-ctx.Done():
	case <-time.After(patience):
		t.Fatal("the first signal does nothing")
	}
	if cause := context.Cause(ctx).Error(); !strings.Contains(cause, "terminated") {
		t.Errorf("cause %s", cause)
	}
	select {
	case <-exited:
		t.Fatal("the first signal exits at once")
	default:
	}
	raise()
	select {
	case code := <-exited:
		if code == 0 {
			t.Error("a forced end is a success")
		}
	case <-time.After(patience):
		t.Fatal("the second signal does nothing")
	}
}
