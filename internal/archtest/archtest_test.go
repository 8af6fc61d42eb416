package archtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "parley/"

// layers say what a folder of the tree may import from the module. The first that fits counts; its own folder is
// always allowed. "api/*" stands for each domain by itself.
var layers = []struct {
	folder string
	may    []string
}{
	{"cmd", []string{"sfu", "signaling", "whiteboard", "recording", "api", "internal", "web"}},
	{"sfu", nil},
	{"whiteboard/bench", []string{"whiteboard", "internal"}},
	{"whiteboard", nil},
	{"signaling/wire", []string{"internal"}},
	{"signaling/room", []string{"signaling/wire", "internal"}},
	{"signaling", []string{"signaling", "sfu", "internal"}},
	{"recording", []string{"sfu", "signaling", "internal"}},
	{"api/boards", []string{"api", "internal", "whiteboard/scene", "whiteboard/ydoc"}},
	{"api/*", []string{"api", "internal"}},
	{"api", []string{"internal"}},
	{"internal", nil},
	{"web", nil},
}

// banned are imports that would put a folder's code where it does not belong.
var banned = []struct {
	folder  string
	imports []string
	why     string
}{
	{"sfu", []string{"encoding/json", "net/http", "database/sql", "github.com/jackc", "github.com/gorilla"}, "the media plane knows tracks, never JSON, HTTP or SQL"},
	{"signaling", []string{"database/sql", "github.com/jackc", "github.com/pion"}, "signaling speaks to the SFU through package sfu and keeps nothing"},
	{"signaling/room", []string{"net/http", "github.com/gorilla"}, "the rules of a meeting are tested without a network"},
	{"api", []string{"github.com/pion", "github.com/nats-io"}, "domains know neither media nor how events travel"},
	{"internal/fault", []string{"database/sql", "github.com"}, "error codes are values"},
	{"whiteboard/ydoc", []string{"net", "net/http", "database/sql", "github.com", "golang.org", "context", "time", "sync"}, "a document is a value: it does no I/O, has no clock and starts nothing"},
}

// programs are for development alone and bring what the folder they lie in must not have.
var programs = []string{"sfu/bench", "sfu/bench/link"}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,Deps", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func inside(folder, p string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

// layerOf answers the folder that a package belongs to and what it may import.
func layerOf(p string) (own string, may []string, err error) {
	for _, l := range layers {
		if base, each := strings.CutSuffix(l.folder, "/*"); each {
			if rest, below := strings.CutPrefix(p, base+"/"); below {
				domain, _, _ := strings.Cut(rest, "/")
				return path.Join(base, domain), l.may, nil
			}
			continue
		}
		if inside(l.folder, p) {
			return l.folder, l.may, nil
		}
	}
	return "", nil, fmt.Errorf("package %s is in no layer", p)
}

// mayImport tells whether package p may import package q of the module.
func mayImport(p, q string) error {
	own, may, err := layerOf(p)
	if err != nil {
		return err
	}
	layer, _, err := layerOf(q)
	if err != nil {
		return err
	}
	if layer == own {
		return nil
	}
	for _, m := range may {
		// A domain of the API is a layer of its own: to allow "api" does not allow them.
		if m == "api" && layer != "api" && own != "cmd" {
			continue
		}
		if inside(m, q) {
			return nil
		}
	}
	return fmt.Errorf("%s must not import %s", p, q)
}

func TestImportsPointOneWay(t *testing.T) {
	all := list(t)
	if len(all) < 10 {
		t.Fatalf("go list finds only %d packages", len(all))
	}
	for _, p := range all {
		from := strings.TrimPrefix(p.ImportPath, module)
		if _, _, err := layerOf(from); err != nil {
			t.Error(err)
		}
		for _, q := range p.Imports {
			if to, ours := strings.CutPrefix(q, module); ours {
				if err := mayImport(from, to); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

func TestBannedImports(t *testing.T) {
	for _, p := range list(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, b := range banned {
			if !inside(b.folder, from) || slices.Contains(programs, from) {
				continue
			}
			for _, q := range p.Imports {
				for _, no := range b.imports {
					if inside(no, q) {
						t.Errorf("%s must not import %s: %s", p.ImportPath, q, b.why)
					}
				}
			}
		}
	}
}

// TestPinnedPionStays keeps a module out of the binary whose newer versions the pinned Pion does not fit.
func TestPinnedPionStays(t *testing.T) {
	for _, p := range list(t) {
		for _, q := range p.Deps {
			if inside("github.com/pion/transport/v5", q) {
				t.Errorf("%s uses %s", p.ImportPath, q)
			}
		}
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"cmd/parley", "api/chat", true},
		{"sfu", "sfu/packet", true},
		{"sfu", "internal/fault", false},
		{"sfu/packet", "signaling/wire", false},
		{"signaling", "sfu", true},
		{"signaling/session", "signaling/room", true},
		{"signaling/room", "sfu", false},
		{"signaling/room", "signaling/session", false},
		{"signaling", "api/meetings", false},
		{"recording", "signaling/room", true},
		{"signaling", "recording", false},
		{"api/chat", "api/chat/chatdb", true},
		{"api/chat", "api", true},
		{"api/chat", "api/meetings", false},
		{"api/chat", "signaling", false},
		{"api/chat", "whiteboard/ydoc", false},
		{"api/boards", "whiteboard/scene", true},
		{"api/boards/boardsdb", "internal/fault", true},
		{"api/boards", "whiteboard", false},
		{"api/boards", "api/chat", false},
		{"api", "api/chat", false},
		{"internal/server", "internal/obs", true},
		{"internal/server", "api", false},
		{"internal/server", "web", false},
		{"web", "internal/fault", false},
		{"whiteboard/bench", "internal/postgres", true},
		{"whiteboard/store", "internal/postgres", false},
		{"misc", "internal/fault", false},
	} {
		if err := mayImport(c.from, c.to); (err == nil) != c.ok {
			t.Errorf("%s imports %s: %v", c.from, c.to, err)
		}
	}
}
