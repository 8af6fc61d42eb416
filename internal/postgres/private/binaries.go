package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// minMajor is the oldest PostgreSQL that the queries are written for.
const minMajor = 15

// ErrNoBinaries says that no fitting PostgreSQL server programs are installed.
var ErrNoBinaries = errors.New("no PostgreSQL server programs found")

var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/lib/postgresql*/bin",
	"/usr/libexec/postgresql*",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/usr/local/pgsql/bin",
}

// findBinaries answers the folder of the newest installed server programs, or of the given major version: a data
// directory can be opened only by the major version that made it.
func findBinaries(ctx context.Context, major int) (string, error) {
	best, bestMajor := "", 0
	for _, dir := range candidates() {
		found, err := majorOf(ctx, dir)
		if err != nil || found < minMajor || (major != 0 && found != major) {
			continue
		}
		if found > bestMajor {
			best, bestMajor = dir, found
		}
	}
	if best != "" {
		return best, nil
	}
	want := fmt.Sprintf("version %d or newer", minMajor)
	if major != 0 {
		want = fmt.Sprintf("version %d, which made the data directory", major)
	}
	return "", fmt.Errorf("%w (%s): install them (Debian, Ubuntu: apt-get install postgresql) or set PARLEY_DATABASE_URL", ErrNoBinaries, want)
}

func candidates() []string {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range usualPlaces {
		found, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		dirs = append(dirs, found...)
	}
	return dirs
}

// majorOf reads "postgres (PostgreSQL) 15.13 (Debian ...)".
func majorOf(ctx context.Context, dir string) (int, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "-V").Output()
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(out))
	if len(fields) < 3 {
		return 0, fmt.Errorf("cannot read version %q", out)
	}
	return leadingInt(fields[2])
}

func leadingInt(s string) (int, error) {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(s)
	}
	return strconv.Atoi(s[:end])
}
