package store

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/postgres"
	"parley/internal/postgres/pgtest"
	"parley/whiteboard"
	"parley/whiteboard/ydoc"

	"github.com/google/uuid"
)

// The test binary runs itself with these, to be killed.
const (
	crashURL   = "PARLEY_TEST_CRASH_URL"
	crashBoard = "PARLEY_TEST_CRASH_BOARD"
	crashLife  = "PARLEY_TEST_CRASH_LIFE"
)

// drawUntilKilled appends changes to a board, the nth of them the entry "<life>-<n>", and says on its output what it appended
// ("appended n µs", time of the process) and what it knows to be committed ("saved n µs").
func drawUntilKilled(url string) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pool, err := postgres.Open(context.Background(), url)
	if err != nil {
		fail(err)
	}
	s, err := New(Config{Pool: pool, Node: "killed", Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		fail(err)
	}
	opened, err := s.Open(context.Background(), uuid.MustParse(os.Getenv(crashBoard)))
	if err != nil {
		fail(err)
	}
	l := opened.(*boardLog)
	life := must(strconv.Atoi(os.Getenv(crashLife)))
	began := time.Now()
	first, known := l.last, l.saved
	for n, w := 1, newWriter(uint64(life)); ; n++ {
		l.Append(whiteboard.Entry{Update: w.set(fmt.Sprintf("%d-%d", life, n), n), Author: "user:1", At: time.Now()})
		fmt.Println("appended", n, time.Since(began).Microseconds())
		l.mu.Lock()
		saved := l.saved
		l.mu.Unlock()
		if saved > known {
			fmt.Println("saved", saved-first, time.Since(began).Microseconds())
			known = saved
		}
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
	}
}

// witness is what a killed process said.
type witness struct {
	appended map[int]int64 // number → µs
	newest   int
	saved    int
	last     int64 // µs of the last word
}

// kill starts a process that draws, kills it at a random moment and answers what it said.
func kill(t *testing.T, url string, board uuid.UUID, life int) witness {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashURL+"="+url, crashBoard+"="+board.String(), crashLife+"="+strconv.Itoa(life))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w := witness{appended: map[int]int64{}}
	var fuse <-chan time.Time
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	for open := true; open; {
		var line string
		select {
		case line, open = <-lines:
			w.note(line)
			if fuse == nil {
				fuse = time.After(time.Duration(100+rand.IntN(1200)) * time.Millisecond)
			}
		case <-fuse:
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	_ = cmd.Wait()
	if len(w.appended) == 0 {
		t.Fatalf("the process did nothing: %s", complaints.String())
	}
	return w
}

func (w *witness) note(line string) {
	var what string
	var n int
	var at int64
	if count, _ := fmt.Sscan(line, &what, &n, &at); count != 3 {
		return // cut off
	}
	w.last = at
	switch what {
	case "appended":
		w.appended[n], w.newest = at, n
	case "saved":
		w.saved = n
	}
}

// TestKilled: a process that draws is killed ten times, at any moment, also in the middle of compactions. What it knew to
// be saved is there, and of the rest everything up to some change: there is never a gap.
func TestKilled(t *testing.T) {
	const lives = 10
	pool := pgtest.Pool(t)
	url, board := pool.Config().ConnString(), uuid.New()
	kept := map[int]int{}
	worst := int64(0)
	for life := 1; life <= lives; life++ {
		w := kill(t, url, board, life)
		s := newStore(t, pool, "killed")
		l := open(t, s, board)
		doc, err := ydoc.Load(unbounded, load(t, l)...)
		if err != nil {
			t.Fatalf("life %d: %v", life, err)
		}
		if doc.Pending() {
			t.Fatalf("life %d: changes are missing", life)
		}
		elements := doc.Root("elements").Map()
		newest := 0
		for key := range elements {
			var of, n int
			if _, err := fmt.Sscanf(key, "%d-%d", &of, &n); err != nil {
				t.Fatal(err)
			}
			if of == life {
				newest = max(newest, n)
			}
		}
		kept[life] = newest
		for of, n := range kept {
			for i := 1; i <= n; i++ {
				if _, ok := elements[fmt.Sprintf("%d-%d", of, i)]; !ok {
					t.Fatalf("life %d: change %d of life %d is missing", life, i, of)
				}
			}
		}
		if newest < w.saved {
			t.Errorf("life %d: %d is there, %d was saved", life, newest, w.saved)
		}
		if at, lost := w.appended[newest+1]; lost {
			worst = max(worst, w.last-at)
		}
		// Opened again it goes on, now and then without a sweep before.
		if life%2 == 0 {
			closeLog(t, l)
		} else {
			s.stop()
			s.running.Wait()
		}
	}
	t.Logf("at most %.1f ms of changes were lost", float64(worst)/1000)
}
