package names

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/internal/fault"

	"golang.org/x/text/unicode/norm"
)

func TestClean(t *testing.T) {
	good := map[string]string{
		"  张 伟 ":           "张 伟",
		"Alice\t \nWang":   "Alice Wang",
		"Zoe\u0308":        "Zoë",
		"R&D (Berlin)":     "R&D (Berlin)",
		"👩\u200d💻 Team":    "👩\u200d💻 Team",
		"3":                "3",
		"O'Brien-Müller 3": "O'Brien-Müller 3",
	}
	for in, want := range good {
		if got, err := Clean(in); err != nil || got != want {
			t.Errorf("Clean(%q) = %q, %v", in, got, err)
		}
	}
	bad := map[string]string{
		"empty":          "",
		"spaces":         " \u3000 ",
		"control":        "a\x00b",
		"direction":      "evil\u202egnp.exe",
		"zero width":     "a\u200bb",
		"only joiners":   "\u200d\u200d",
		"hangul filler":  "\u3164",
		"private use":    "\ue000",
		"not UTF-8":      "\xff",
		"too long":       strings.Repeat("张", MaxRunes+1),
		"much too long":  strings.Repeat("a", 1<<20),
		"only combining": "\u0301",
	}
	for name, in := range bad {
		t.Run(name, func(t *testing.T) {
			if got, err := Clean(in); !errors.Is(err, fault.NameInvalid) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"张伟", " a  b ", "e\u0301", "\u200d", "ﬁ", "\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Clean(s)
		if err != nil {
			return
		}
		if again, err := Clean(got); err != nil || again != got {
			t.Errorf("%q → %q → %q, %v", s, got, again, err)
		}
		if !norm.NFC.IsNormalString(got) || utf8.RuneCountInString(got) > MaxRunes || strings.TrimSpace(got) != got {
			t.Errorf("%q → %q", s, got)
		}
	})
}
