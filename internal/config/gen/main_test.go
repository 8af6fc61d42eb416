package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"parley/internal/config"
)

func TestDocumentsAreUpToDate(t *testing.T) {
	docs, err := documents("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range docs {
		have, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != want {
			t.Errorf("docs/%s is old: run go generate ./internal/config", name)
		}
	}
}

func TestSampleLoadsWithEveryLineActive(t *testing.T) {
	docs, err := documents("..")
	if err != nil {
		t.Fatal(err)
	}
	active := regexp.MustCompile(`(?m)^#(\s*[a-zA-Z0-9-]+:|\s+- )`).ReplaceAllString(docs[sampleFile], "$1")
	file := filepath.Join(t.TempDir(), "parley.yaml")
	if err := os.WriteFile(file, []byte(active), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, active)
	}
	if cfg.S3.Endpoint == "" || len(cfg.ICEServers) != 2 || len(cfg.TrustedProxies) != 1 {
		t.Errorf("not every line was active: %+v", cfg)
	}
	if _, err := config.Load(filepath.Join("..", "..", "..", "docs", sampleFile), nil); err != nil {
		t.Errorf("the sample as it is: %v", err)
	}
}
