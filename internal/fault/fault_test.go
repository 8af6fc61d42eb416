package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
)

func TestCodesTable(t *testing.T) {
	camel := regexp.MustCompile(`^[a-z][a-zA-Z]+$`)
	seen := map[Code]bool{}
	for _, c := range Codes {
		if seen[c.Code] {
			t.Errorf("%s is listed twice", c.Code)
		}
		seen[c.Code] = true
		if !camel.MatchString(string(c.Code)) {
			t.Errorf("%s is not camelCase", c.Code)
		}
		if http.StatusText(c.Status) == "" || c.Status < 400 {
			t.Errorf("%s: status %d", c.Code, c.Status)
		}
		if c.Message == "" {
			t.Errorf("%s has no message", c.Code)
		}
	}
}

func TestEveryCodeIsTranslated(t *testing.T) {
	for _, locale := range []string{"en", "zh-CN"} {
		file := filepath.Join("..", "..", "web", "src", "i18n", locale, "errors.json")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, c := range Codes {
			if texts[string(c.Code)] == "" {
				t.Errorf("%s has no text for %q", file, string(c.Code))
			}
		}
	}
}

// sqlError is an error of a database with its SQLSTATE.
type sqlError string

func (e sqlError) Error() string    { return "SQLSTATE " + string(e) }
func (e sqlError) SQLState() string { return string(e) }

func TestFrom(t *testing.T) {
	broken := errors.New("disk on fire")
	cases := []struct {
		name  string
		err   error
		code  Code
		cause error
	}{
		{"code", NotFound, NotFound, nil},
		{"wrapped code", fmt.Errorf("load: %w", MeetingNotFound), MeetingNotFound, nil},
		{"fault", fmt.Errorf("load: %w", Conflict.Wrap(broken)), Conflict, broken},
		{"stranger", broken, Internal, broken},
		{"deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), Unavailable, context.DeadlineExceeded},
		{"no connection", fmt.Errorf("query: %w", &net.OpError{Op: "dial", Err: broken}), Unavailable, broken},
		{"disk full", &os.PathError{Op: "write", Err: syscall.ENOSPC}, Unavailable, syscall.ENOSPC},
		{"database stops", fmt.Errorf("query: %w", sqlError("57P01")), Unavailable, sqlError("57P01")},
		{"database has no room", fmt.Errorf("query: %w", sqlError("53100")), Unavailable, nil},
		{"database refuses", fmt.Errorf("query: %w", sqlError("23505")), Internal, nil},
		{"body too large", fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 1}), TooLarge, nil},
		{"code that is not in the table", New("nonsense"), Internal, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := From(c.err)
			if f.Code != c.code || f.Status != c.code.Info().Status {
				t.Fatalf("got %s %d, want %s", f.Code, f.Status, c.code)
			}
			if !errors.Is(f, c.code) {
				t.Error("errors.Is does not find the code")
			}
			if c.cause != nil && !errors.Is(f, c.cause) {
				t.Error("the cause is lost")
			}
		})
	}
	if From(nil) != nil {
		t.Error("nil became a fault")
	}
}
