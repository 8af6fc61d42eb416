// Command link measures Pion clients on thin and lossy links: sound, pictures and recovery where one of them is behind an
// emulated link (internal/netem) that is impaired in one direction, and what the others notice. It needs root, and is to be
// run in a network namespace of its own:
//
//	unshare --net bench-link -netem .build/netem -cell 'down: 500'
//
// Kenji is behind the link, with a camera and a microphone. Maya is at its other end with the server, with the same, and so
// is Ana, who only watches Maya. The senders adapt by pion/interceptor's congestion control, the receivers send
// transport-wide feedback and ask for lost packets again as Pion does by itself.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// The times of a cell: until everything flows as it should, before the impairment, for the link to settle, measured, and
// how long recovery may take.
const (
	warmTime    = 10 * time.Second
	beforeTime  = 3 * time.Second
	settleTime  = 8 * time.Second
	measureTime = 10 * time.Second
	recoverTime = 15 * time.Second
)

func main() {
	netem := flag.String("netem", ".build/netem", "program that emulates the link")
	which := flag.String("cell", "", "regular expression that chooses cells, such as 'up: 150'")
	out := flag.String("out", "", "folder for what was recorded; none without it")
	flag.Parse()
	if err := run(*netem, *which, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(netem, which, out string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	chosen, err := regexp.Compile(which)
	if err != nil {
		return err
	}
	fmt.Println(tableHead)
	for _, direction := range []string{"up", "down"} {
		for _, i := range impairments {
			name := direction + ": " + i.name
			if !chosen.MatchString(name) {
				continue
			}
			result, err := measure(ctx, netem, direction, i)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			fmt.Println(result.row())
			if err := keep(out, name, result); err != nil {
				return err
			}
		}
	}
	return nil
}

func keep(folder, name string, result *cell) error {
	if folder == "" {
		return nil
	}
	b, err := json.Marshal(result)
	if err != nil {
		return err
	}
	file := regexp.MustCompile(`[^a-zA-Z0-9]+`).ReplaceAllString(strings.TrimSpace(name), "-") + ".json"
	return os.WriteFile(filepath.Join(folder, file), b, 0o644)
}

// measure runs one cell of the matrix.
func measure(ctx context.Context, netem, direction string, i impairment) (*cell, error) {
	m, err := newMeeting(ctx, netem)
	if err != nil {
		return nil, err
	}
	defer m.close()
	if err := wait(ctx, warmTime+beforeTime); err != nil {
		return nil, err
	}
	impaired := time.Now()
	if err := m.link.impair(ctx, direction, i); err != nil {
		return nil, err
	}
	if err := wait(ctx, settleTime+measureTime); err != nil {
		return nil, err
	}
	healed := time.Now()
	if err := m.link.heal(ctx, direction); err != nil {
		return nil, err
	}
	if err := wait(ctx, recoverTime); err != nil {
		return nil, err
	}
	sender, receiver := m.maya, m.kenji
	if direction == "up" {
		sender, receiver = m.kenji, m.maya
	}
	subject, others := receiver.watching(sender), m.ana.watching(m.maya)
	before := subject.between(impaired.Add(-beforeTime), impaired)
	return &cell{
		Direction: direction, Link: i.name, Load: load(),
		Before: before, Impaired: subject.between(impaired.Add(settleTime), healed),
		Moves: subject.recovery(healed, before, 1), FullSize: subject.recovery(healed, before, before.Width),
		OthersBefore: others.between(impaired.Add(-beforeTime), impaired), Others: others.between(impaired, healed),
		Seconds: subject.seconds(impaired.Add(-beforeTime)),
	}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
