package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// table is printed in Markdown.
type table struct {
	title string
	rows  [][]string
	notes []string
}

func newTable(title string, columns ...string) *table {
	return &table{title: title, rows: [][]string{columns}}
}

func (t *table) row(cells ...string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", t.title, strings.Join(cells, " | "))
	t.rows = append(t.rows, cells)
}

func (t *table) note(text string) { t.notes = append(t.notes, text) }

func (t *table) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n\n", t.title)
	for i, cells := range t.rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
		if i == 0 {
			fmt.Fprintf(w, "|%s\n", strings.Repeat(" --- |", len(cells)))
		}
	}
	for _, note := range t.notes {
		fmt.Fprintf(w, "\n%s\n", note)
	}
}

func ms(us int32) string { return fmt.Sprintf("%.1f", float64(us)/1000) }

func percent(cores float64) string { return fmt.Sprintf("%.1f", 100*cores) }

func megabytes(n int64) string { return fmt.Sprintf("%.1f", float64(n)/1e6) }

func kilobytes[T int | int64](n T) string { return fmt.Sprintf("%.1f", float64(n)/1e3) }

func ratio[T int | int64](a, b T) string { return fmt.Sprintf("%.2f", float64(a)/float64(max(b, 1))) }

// printMachine tells where and with what is measured.
func printMachine(h *hall, o *options) error {
	load, err := readLoad()
	if err != nil {
		return err
	}
	fmt.Printf("%d cores, load average %.1f, %s", runtime.NumCPU(), load, runtime.Version())
	if o.has(serverYWebsocket) || o.has(serverHocuspocus) {
		node, err := exec.Command(h.node(), "--version").Output()
		if err != nil {
			return fmt.Errorf("%w (make bench-board installs it)", err)
		}
		fmt.Printf(", Node.js %s", strings.TrimSpace(string(node)))
		for _, name := range []string{"@y/websocket-server", "@hocuspocus/server", "yjs", "ws"} {
			version, err := packageVersion(h.peers, name)
			if err != nil {
				return err
			}
			fmt.Printf(", %s %s", name, version)
		}
	}
	fmt.Println()
	return nil
}

func packageVersion(dir, name string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, "node_modules", name, "package.json"))
	if err != nil {
		return "", err
	}
	var p struct{ Version string }
	err = json.Unmarshal(b, &p)
	return p.Version, err
}
